package uid

import (
	"crypto/rand"
	"crypto/sha256"
	"math/big"
)

// MaxLength is the most characters a UID may have (PS3.5 §9.1).
const MaxLength = 64

// Identification of this implementation (PS3.7 §D.3.3.2, PS3.10 §7.1). The class
// UID is fixed: it names the family of versions, not one of them.
const (
	ImplementationClassUID    = "2.25.101107936078856086882315627094223938999"
	ImplementationVersionName = "DOKUEI_1"
)

// ApplicationContextName is the only one there is (PS3.7 Annex A.2.1).
const ApplicationContextName = "1.2.840.10008.3.1.1.1"

// Valid reports whether s follows the grammar of PS3.5 §9.1: one to 64
// characters, components of digits separated by single dots, at least two
// components. Leading zeros in a component, which the standard forbids and real
// equipment writes, are let through. A valid UID holds no character that means
// anything to a file system, a shell or a URL.
func Valid(s string) bool {
	if len(s) == 0 || len(s) > MaxLength {
		return false
	}
	dots, digits := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '.' && digits > 0:
			dots++
			digits = 0
		default:
			return false
		}
	}
	return dots > 0 && digits > 0
}

// New returns a fresh UID under 2.25 made from a random UUID (PS3.5 §B.2).
func New() string {
	var u [16]byte
	// crypto/rand.Read never fails: it ends the program when the system has no entropy.
	_, _ = rand.Read(u[:])
	return fromUUID(u, 4)
}

// FromName returns the UID that name always has within the namespace ns: a UUID of
// version 8 over SHA-256, under 2.25. Equal inputs give equal UIDs on every machine.
func FromName(ns, name string) string {
	h := sha256.New()
	// The zero byte keeps ("a","bc") and ("ab","c") apart.
	_, _ = h.Write([]byte(ns))
	_, _ = h.Write([]byte{0})
	_, _ = h.Write([]byte(name))
	var u [16]byte
	copy(u[:], h.Sum(nil))
	return fromUUID(u, 8)
}

// fromUUID stamps version and variant (RFC 9562 §4) and writes the 128 bit number
// as one decimal component, at most 39 digits.
func fromUUID(u [16]byte, version byte) string {
	u[6] = u[6]&0x0f | version<<4
	u[8] = u[8]&0x3f | 0x80
	return "2.25." + new(big.Int).SetBytes(u[:]).String()
}
