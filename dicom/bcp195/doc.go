// Package bcp195 is the Secure Transport Connection Profile of PS3.15 B.12,
// "BCP 195 RFC 8996, 9325 TLS", for both ends of an association: TLS 1.3 and
// 1.2, nothing older and no way down to it, and of the suites of TLS 1.2 only
// those with ephemeral keys (ECDHE) and authenticated encryption (AEAD), which
// RFC 9325 4.2 recommends and PS3.15 B.12 requires to be supported.
//
// A provider authenticates itself; with ClientCAs it requires the user to do
// the same. Without, a user may still show a certificate: possession of its
// key is proven, who vouches for it is not, and whoever decides may compare
// the fingerprint with one they know.
//
// Nothing is kept and nothing is read from disk: certificates come from
// functions that are asked at each handshake, so that they may change while
// associations are open.
//
// What is true of an association is true of HTTP, whose port uses the same
// configuration. Whose certificate has been revoked (RFC 5280 5) is asked of whoever
// reads the lists.
//
// Left out: OCSP, pre-shared keys, renegotiation (refused by
// crypto/tls) and the retired profiles of PS3.15 B.1 to B.11.
package bcp195
