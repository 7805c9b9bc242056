package object

import (
	"errors"
	"fmt"
	"strings"
)

// ErrKey is wrapped by every error of CheckKey.
var ErrKey = errors.New("object: invalid key")

const (
	keyMax      = 512
	segmentMax  = 128
	segmentsMax = 16
)

// CheckKey reports why key is outside the grammar of the package comment.
func CheckKey(key string) error {
	if key == "" || len(key) > keyMax {
		return fmt.Errorf("%w: %d bytes", ErrKey, len(key))
	}
	n := 0
	for seg := range strings.SplitSeq(key, "/") {
		if n++; n > segmentsMax {
			return fmt.Errorf("%w: more than %d segments", ErrKey, segmentsMax)
		}
		if err := checkSegment(seg); err != nil {
			return err
		}
	}
	return nil
}

func checkSegment(s string) error {
	if s == "" || len(s) > segmentMax {
		return fmt.Errorf("%w: segment of %d bytes", ErrKey, len(s))
	}
	if s[0] == '.' || s[0] == '-' || s[len(s)-1] == '.' {
		return fmt.Errorf("%w: segment begins or ends with a sign", ErrKey)
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return fmt.Errorf("%w: byte 0x%02x at %d of a segment", ErrKey, c, i)
		}
	}
	if device(s) {
		return fmt.Errorf("%w: name of a Windows device", ErrKey)
	}
	return nil
}

// device: these names open a device in every folder of Windows, whatever their
// extension (Naming Files, Paths, and Namespaces).
func device(s string) bool {
	base, _, _ := strings.Cut(s, ".")
	switch base {
	case "con", "prn", "aux", "nul":
		return true
	}
	return len(base) == 4 && (base[:3] == "com" || base[:3] == "lpt") && base[3] >= '0' && base[3] <= '9'
}
