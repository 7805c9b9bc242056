// Package ultest is a scripted peer for tests: it speaks upper layer PDUs on
// one end of a connection, right or wrong as the script says, and says what
// came back. Listener is an in-memory network for it, fit for testing/synctest.
//
// Left out: judgement. The peer keeps no state and sends what it is told.
package ultest
