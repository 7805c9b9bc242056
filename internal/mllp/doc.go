// Package mllp carries HL7 v2 messages over TCP: the Minimal Lower Layer Protocol
// (HL7 v2.5 Implementation Guide, Appendix C; IHE ITI TF-2 C.2.1).
//
//	0B  message  1C 0D
//
// A connection carries one message at a time in each direction: the next is sent
// when the last was answered. Messages are read whole, up to a limit; a peer that
// is slow, silent or sends no frame is cut off after a time.
//
// [Server] owns the connections it has accepted and closes them when its context
// ends. A [Conn] belongs to one goroutine.
//
// Left out: the acknowledgements of release 2 (06, 15).
package mllp
