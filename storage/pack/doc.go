// Package pack keeps small values that are made of something else and can be made
// again: many in one file, so that a file system that would make a file for each
// makes one for a group of them, a series of images for its pictures.
//
// # Format
//
//	ROOT/<first six letters of the group>/<group>.pack
//
//	header, 24 bytes   "DKPACK1\n" | 16 random bytes
//	records            "DKPR" | length of value 4 | length of ID 4 | CRC of value 4 | CRC of what is before and the ID 4 | ID | value
//
// Numbers are big-endian, a CRC is CRC-32C. The last record of an ID counts.
//
// # Whole or not there
//
// Nothing is synced. A record that is not whole, because a process was killed or the
// machine lost power, is found by its length and its checks: what stands there is
// not there, and the next Put goes on before it. So a value is what was put, or
// ErrNotFound.
//
// # Encryption
//
// With Options.Secret a value is a nonce of 12 bytes and the AES-256-GCM of the value
// with its ID as additional data, under the HMAC-SHA-256 of the file's random bytes by
// the secret. IDs stay readable. Key derives other
// keys from the secret.
//
// # Memory and concurrency
//
// A Store remembers where the values of the latest groups are, at most
// rememberedMost of them. It may be used by any number of goroutines, and the same
// folder by several processes: who appends holds a lock on the file.
package pack
