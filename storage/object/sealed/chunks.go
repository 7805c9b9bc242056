package sealed

import (
	"crypto/cipher"
	"io"

	"github.com/dokuei/dokuei/storage/object"
)

// ChunkSize is how many bytes are sealed at a time.
const ChunkSize = chunkSize

// Chunks is the body of a sealed object by itself, for a file whose key is found
// elsewhere than in a trailer. A key is for one file, and each chunk of it is sealed
// once: the nonce is the chunk's number.
type Chunks struct{ gcm cipher.AEAD }

// NewChunks seals and opens under a key of 32 bytes.
func NewChunks(key []byte) Chunks { return Chunks{aead(key)} }

// Seal writes chunk n, from 0, where it belongs in w. All but the last have ChunkSize
// bytes.
func (c Chunks) Seal(w io.WriterAt, n int64, plain []byte, last bool) error {
	nonce := nonceOf(n, last)
	out := buffers.Get().(*[chunkSize + tagSize]byte)
	defer buffers.Put(out)
	_, err := w.WriteAt(c.gcm.Seal(out[:0], nonce[:], plain, nil), n*(chunkSize+tagSize))
	return err
}

// Open reads chunk n, which is not the last, into buf, which it fills.
func (c Chunks) Open(r io.ReaderAt, n int64, buf *[ChunkSize]byte) error {
	room := buffers.Get().(*[chunkSize + tagSize]byte)
	defer buffers.Put(room)
	plain, err := openChunk(c.gcm, r, room[:], n, (n+2)*chunkSize)
	copy(buf[:], plain)
	return err
}

// View gives the plain view of a whole body, which it closes with itself. The last
// chunk is opened at once: a body that is cut is ErrDamaged here, a changed chunk is
// when it is read.
func (c Chunks) View(body object.Object) (object.Object, error) {
	plain, err := plainBody(body.Size())
	if err != nil {
		return nil, err
	}
	o := &opened{inner: body, gcm: c.gcm, size: plain, at: -1}
	if err := o.load(chunks(plain) - 1); err != nil {
		return nil, err
	}
	return o, nil
}
