package identity

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Cost of a password hash (RFC 9106 §4): 32 MiB, three passes, one lane.
const (
	argonTime    = 3
	argonMemory  = 32 * 1024 // KiB
	argonThreads = 1
	argonKey     = 32
	argonSalt    = 16
)

// Bounds on the cost read back from a stored hash.
const (
	argonTimeMax   = 16
	argonMemoryMax = 256 * 1024
)

// passwordMax bounds the work of hashing what a stranger sends.
const passwordMax = 1024

// Lengths asked of passwords that people choose (field guideline: thirteen
// characters, or eight beside a second factor).
const (
	MinPasswordLength       = 13
	MinPasswordBesideFactor = 8
)

// What CheckPassword finds wrong.
var (
	ErrWeakPassword   = errors.New("identity: password too short, too long or equal to the login")
	ErrCommonPassword = errors.New("identity: password is one that guessers try first")
)

// hashing bounds the memory of concurrent argon2id computations.
var hashing = make(chan struct{}, 4)

// CheckPassword reports whether a person may choose password; secondFactor says
// whether the account has one beside it.
func CheckPassword(login, password string, secondFactor bool) error {
	shortest := MinPasswordLength
	if secondFactor {
		shortest = MinPasswordBesideFactor
	}
	if utf8.RuneCountInString(password) < shortest || len(password) > passwordMax || strings.EqualFold(login, password) {
		return ErrWeakPassword
	}
	if isCommon(password) {
		return ErrCommonPassword
	}
	return nil
}

// HashPassword gives the argon2id hash of password in PHC string format.
func HashPassword(password string) (string, error) {
	if password == "" || len(password) > passwordMax {
		return "", ErrWeakPassword
	}
	salt := make([]byte, argonSalt)
	rand.Read(salt) // never fails (crypto/rand)
	key := derive(password, salt, argonTime, argonMemory, argonThreads, argonKey)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key)), nil
}

// VerifyPassword reports whether hash, made by HashPassword, is that of password.
// A hash it cannot read is a mismatch.
func VerifyPassword(hash, password string) bool {
	var version int
	var memory, time uint32
	var threads uint8
	part := strings.Split(hash, "$")
	if len(password) > passwordMax || len(part) != 6 || part[0] != "" || part[1] != "argon2id" {
		return false
	}
	if _, err := fmt.Sscanf(part[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false
	}
	if _, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &memory, &time, &threads); err != nil {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(part[4])
	key, err2 := base64.RawStdEncoding.DecodeString(part[5])
	if err1 != nil || err2 != nil || len(key) < 16 || len(key) > 64 ||
		time == 0 || time > argonTimeMax || memory > argonMemoryMax || threads == 0 {
		return false
	}
	return subtle.ConstantTimeCompare(key, derive(password, salt, time, memory, threads, uint32(len(key)))) == 1
}

func derive(password string, salt []byte, time, memory uint32, threads uint8, n uint32) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), salt, time, memory, threads, n)
}

// RandomPassword makes an initial password of about 100 bits that is easy to
// type: four groups of five letters and digits without look-alikes.
func RandomPassword() string {
	const alphabet = "abcdefghjkmnpqrstuvwxyz23456789" // 31
	var out []byte
	var b [1]byte
	for len(out) < 23 {
		if len(out)%6 == 5 {
			out = append(out, '-')
			continue
		}
		rand.Read(b[:])
		if int(b[0]) < 256/len(alphabet)*len(alphabet) { // no bias
			out = append(out, alphabet[int(b[0])%len(alphabet)])
		}
	}
	return string(out)
}
