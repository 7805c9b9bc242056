package sealed

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"github.com/dokuei/dokuei/storage/object"
)

// ErrDamaged: the bytes are not those that were stored under the name, or not
// sealed at all.
var ErrDamaged = fmt.Errorf("%w: changed, cut short, another's, or not sealed", object.ErrDamaged)

const (
	chunkSize = 64 << 10
	tagSize   = 16
	keySize   = 32
	idSize    = 16
	nonceSize = 12

	magic       = "DOKUSEAL"
	version     = 1
	boundSize   = len(magic) + 1 + idSize + 8 // the trailer before the nonce
	trailerSize = boundSize + nonceSize + keySize + tagSize
)

// chunks is how many a plain length needs; an empty object has one.
func chunks(plain int64) int64 { return max(1, (plain+chunkSize-1)/chunkSize) }

// plainSize is the length of what is sealed in an object of the given size.
func plainSize(size int64) (int64, error) { return plainBody(size - int64(trailerSize)) }

// plainBody is the length of what is sealed in so many bytes of chunks.
func plainBody(body int64) (int64, error) {
	n := (body + chunkSize + tagSize - 1) / (chunkSize + tagSize)
	plain := body - n*tagSize
	if body < tagSize || plain < 0 || chunks(plain) != n {
		return 0, fmt.Errorf("%w: %d bytes of chunks", ErrDamaged, body)
	}
	return plain, nil
}

// aead is AES-256-GCM.
func aead(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // keys have one length here
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return gcm
}

// nonceOf is that of chunk n.
func nonceOf(n int64, last bool) (nonce [nonceSize]byte) {
	binary.BigEndian.PutUint64(nonce[:8], uint64(n))
	if last {
		nonce[8] = 1
	}
	return nonce
}

// wrap seals a key under another, bound to the given data: nonce, key, tag.
func wrap(by cipher.AEAD, key, bound []byte) []byte {
	nonce := make([]byte, nonceSize, nonceSize+keySize+tagSize)
	rand.Read(nonce) //nolint:errcheck // never fails (crypto/rand)
	return by.Seal(nonce, nonce, key, bound)
}

func unwrap(by cipher.AEAD, wrapped, bound []byte) ([]byte, error) {
	if len(wrapped) != nonceSize+keySize+tagSize {
		return nil, ErrDamaged
	}
	key, err := by.Open(nil, wrapped[:nonceSize], wrapped[nonceSize:], bound)
	if err != nil {
		return nil, ErrDamaged
	}
	return key, nil
}

// trailer of an object of that name whose data key is key.
func trailer(id keyID, by cipher.AEAD, key []byte, plain int64, name string) []byte {
	t := make([]byte, 0, trailerSize)
	t = append(t, magic...)
	t = append(t, version)
	t = append(t, id[:]...)
	t = binary.BigEndian.AppendUint64(t, uint64(plain))
	return append(t, wrap(by, key, append(t, name...))...)
}

// readTrailer gives the store key's ID, and a function that opens the data key with
// it.
func readTrailer(t []byte, plain int64, name string) (id keyID, open func(by cipher.AEAD) ([]byte, error), err error) {
	if len(t) != trailerSize || string(t[:len(magic)]) != magic {
		return id, nil, fmt.Errorf("%w: it does not end as a sealed object does", ErrDamaged)
	}
	if v := t[len(magic)]; v != version {
		return id, nil, fmt.Errorf("sealed: the object is of version %d; it needs a newer program", v)
	}
	copy(id[:], t[len(magic)+1:])
	if binary.BigEndian.Uint64(t[boundSize-8:boundSize]) != uint64(plain) {
		return id, nil, fmt.Errorf("%w: its length is not what it says", ErrDamaged)
	}
	return id, func(by cipher.AEAD) ([]byte, error) {
		return unwrap(by, t[boundSize:], append(t[:boundSize:boundSize], name...))
	}, nil
}
