// Package sealed encrypts objects before another object.Store gets them: what a
// stolen disk or the operator of a bucket sees is the names and the lengths.
//
// # Keys
//
//	key-encryption key   of the hospital: a file, a variable, a KMS behind a command (KEK)
//	  └▶ store key       made here, kept in the store under _sealed/, wrapped by the KEK
//	       └▶ data key   one for each object, in the object's trailer, wrapped by the store key
//	            └▶ chunks of 64 KiB, AES-256-GCM (NIST SP 800-38D)
//
// The step in the middle is what lets a KEK be changed at all: objects never change
// and may lie under object lock, store keys are a few hundred bytes beside them.
// Rotate wraps every store key by another KEK; what was wrapped before stays, so
// servers that still have the old one go on, until Retire. Renew makes a new store
// key for what comes from then on.
//
// # Format
//
//	chunk 0 … chunk n-1   each 65536 bytes, the last 0 to 65536, and a tag of 16
//	trailer, 93 bytes     "DOKUSEAL" 1 | store key's ID 16 | length 8 | nonce 12 | data key 32, tag 16
//
// A chunk's nonce is its number and whether it is the last (the STREAM construction
// of Hoang, Reyhanitabar, Rogaway and Vizár, 2015); a data key is never used again.
// The additional data of the wrapped data key is the trailer before it and the
// object's name. So a changed byte, chunks in another order, an object cut short
// or made longer, and an object put in the place of another are all ErrDamaged;
// never other bytes. Numbers are big-endian.
//
// Chunks is the part before the trailer by itself, for files whose key is derived.
//
// # What stays visible
//
// Names (hospital, day, SHA-256 of the plain file), lengths and times.
// docs/adr/0060 says why. The catalog is not encrypted by this package.
//
// # Memory and concurrency
//
// Two chunks for an object being written, one for an object that is open. A Store is
// safe for concurrent use, an Object too, a Pending belongs to one goroutine.
package sealed
