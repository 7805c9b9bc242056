// Package ca is a private certificate authority in a folder (RFC 5280): certificates
// for our own doors and for those who call them, lists of the ones taken back, and
// the change from one authority to the next.
//
// The folder holds
//
//	ca.pem          the authorities to be believed, the newest first
//	crl.pem         a revocation list of each
//	private/ID.key  their keys, by the serial number of the authority
//	issued/ID.pem   every certificate made, by serial number
//	NAME.pem .key   the newest pair for a name, to be copied to where it is used
//
// and nothing else: what was issued and what was revoked is read from the
// certificates and lists themselves. Files are replaced by renaming, so that who reads
// them again when they change never sees a half of one.
//
// A certificate of a hospital says which hospital by a URI (RFC 5280 4.2.1.6),
// urn:dokuei:facility:ID: a renewed one needs no new entry anywhere.
//
// One process at a time may change a folder. Keys lie readable to their owner only
// and are not encrypted: keep the folder off the network.
//
// Left out: intermediate authorities, OCSP, PKCS #12.
package ca
