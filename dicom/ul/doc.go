// Package ul is the DICOM upper layer of PS3.8: associations over TCP (or any
// net.Conn), accepted by an Acceptor or opened by Dial.
//
// The protocol machine is data: states Sta1 to Sta13, events Evt1 to Evt19 and
// the actions AE-1 to AA-8 are in table.go as PS3.8 Table 9-10 prints them, and
// every PDU and primitive of an Association goes through it.
//
// A peer is never trusted. ARTIM bounds the wait for A-ASSOCIATE-RQ as a
// whole, Idle the silence between messages, and inside a message a peer must
// keep above MinBytesPerSecond on average or be cut off after Stall; a
// P-DATA-TF longer than negotiated, or whose items disagree with it, ends in
// A-ABORT with the reason of Table 9-26. Associations are limited in total and
// per address, refused with A-ASSOCIATE-RJ 2/3/2.
//
// Memory: message bytes are not collected. A reader sees each fragment through
// one pooled buffer of 64 KiB; a sender frames into one pooled buffer of at
// most MaxSendLength. An idle association holds the read buffer and nothing else.
//
// Concurrency: one goroutine reads an Association; sends are serialised and
// may come from any goroutine. One goroutine per connection, owned by Serve,
// which returns when all have ended. A panic of a handler ends its own
// association with A-ABORT.
//
// The asynchronous operations window (PS3.7 D.3.3.3) is negotiated here and kept by
// whoever exchanges messages.
//
// Left out: Kerberos,
// SAML and JWT identities are handed to the Policy undecoded. In Sta13 what still
// arrives is dropped unread (AA-6), so the second A-ABORT of AA-7 is never sent,
// and ARTIM is cut short there.
package ul
