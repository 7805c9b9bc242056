package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// tokenPrefix lets a secret scanner and a reader of a configuration file see
// what a string is.
const tokenPrefix = "dk_"

// newSecret makes 256 random bits as text.
func newSecret(prefix string) string {
	var b [32]byte
	rand.Read(b[:])
	return prefix + base64.RawURLEncoding.EncodeToString(b[:])
}

// secretHash is what the database keeps. The secret is random and long, so a fast
// hash is enough.
func secretHash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// IsToken reports whether a secret has the form of a bearer token.
func IsToken(secret string) bool { return strings.HasPrefix(secret, tokenPrefix) }

// NewSecret makes 256 random bits as text.
func NewSecret() string { return newSecret("") }
