package bundle

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/dokuei/dokuei/storage/object/sealed"
)

// A sealed bundle is a mark of four letters, 16 random bytes, and the bundle in
// chunks as package sealed has them, under the HMAC-SHA-256 of the random bytes and
// the file's name by the key of the shelf. The chunks with head and index are held in
// memory and written last, when the index is known: none is sealed twice.
const (
	sealedMagic = "DKS1"
	saltSize    = 16
	veilHead    = int64(len(sealedMagic) + saltSize)
)

// draft is the file of a bundle that is being made. One writes, any number read.
type draft interface {
	io.Writer   // after what is there
	io.WriterAt // over what the first Write wrote
	io.ReaderAt
	io.Closer
	Name() string
	complete() error // puts everything on the disk, and then that it is whole
}

// open is a draft as everybody may read it.
type open struct{ *os.File }

func (o open) complete() error {
	err := o.Sync()
	if err == nil {
		_, err = o.WriteAt([]byte(magic), 0)
	}
	return err
}

// veiled is a draft whose plain bytes never reach the disk.
type veiled struct {
	*os.File
	chunks sealed.Chunks
	body   io.WriterAt
	read   io.ReaderAt

	mu    sync.Mutex
	held  int    // length of the chunks that the first Write begins; 0 before it
	first []byte // what there is of them
	done  int64  // chunks that are held or in the file
	tail  []byte // those after; not empty once there was any
	buf   *[sealed.ChunkSize]byte
	at    int64 // number of the chunk in buf, 0: none
}

func veil(f *os.File, key []byte) (*veiled, error) {
	head := append(make([]byte, 0, veilHead), unfinished...)
	head = append(head, make([]byte, saltSize)...)
	rand.Read(head[len(unfinished):]) //nolint:errcheck // never fails (crypto/rand)
	if _, err := f.WriteAt(head, 0); err != nil {
		return nil, err
	}
	return &veiled{
		File: f, chunks: chunksOf(key, f, head[len(unfinished):]),
		body: io.NewOffsetWriter(f, veilHead), read: io.NewSectionReader(f, veilHead, 1<<62),
	}, nil
}

// chunksOf are those of a file with the random bytes.
func chunksOf(key []byte, f *os.File, salt []byte) sealed.Chunks {
	mac := hmac.New(sha256.New, key)
	mac.Write(salt)
	mac.Write([]byte(filepath.Base(f.Name())))
	return sealed.NewChunks(mac.Sum(nil))
}

func (v *veiled) Write(p []byte) (n int, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.held == 0 {
		v.done = int64(len(p)+sealed.ChunkSize-1) / sealed.ChunkSize
		v.held = int(v.done) * sealed.ChunkSize
	}
	n = min(v.held-len(v.first), len(p))
	v.first = append(v.first, p[:n]...)
	for n < len(p) {
		if len(v.tail) == sealed.ChunkSize {
			if err := v.chunks.Seal(v.body, v.done, v.tail, false); err != nil {
				return n, err
			}
			v.done++
			v.tail = v.tail[:0]
		}
		m := min(sealed.ChunkSize-len(v.tail), len(p)-n)
		v.tail = append(v.tail, p[n:n+m]...)
		n += m
	}
	return n, nil
}

func (v *veiled) WriteAt(p []byte, off int64) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if off < 0 || off+int64(len(p)) > int64(len(v.first)) {
		return 0, fmt.Errorf("bundle: %d bytes at %d are sealed already", len(p), off)
	}
	return copy(v.first[off:], p), nil
}

func (v *veiled) ReadAt(p []byte, off int64) (n int, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for n < len(p) {
		at := off + int64(n)
		k := at / sealed.ChunkSize
		var from []byte
		switch {
		case at < int64(v.held):
			from = v.first[min(at, int64(len(v.first))):]
		case k < v.done:
			if err := v.load(k); err != nil {
				return n, err
			}
			from = v.buf[at%sealed.ChunkSize:]
		case k == v.done:
			from = v.tail[min(at%sealed.ChunkSize, int64(len(v.tail))):]
		}
		if len(from) == 0 {
			return n, io.EOF
		}
		n += copy(p[n:], from)
	}
	return n, nil
}

// load makes chunk k the one in buf. mu is held.
func (v *veiled) load(k int64) error {
	if v.at == k {
		return nil
	}
	if v.buf == nil {
		v.buf = new([sealed.ChunkSize]byte)
	}
	v.at = 0
	if err := v.chunks.Open(v.read, k, v.buf); err != nil {
		return err
	}
	v.at = k
	return nil
}

func (v *veiled) complete() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	copy(v.first, magic)
	for at := 0; at < len(v.first); at += sealed.ChunkSize {
		end := min(at+sealed.ChunkSize, len(v.first))
		last := len(v.tail) == 0 && end == len(v.first)
		if err := v.chunks.Seal(v.body, int64(at/sealed.ChunkSize), v.first[at:end], last); err != nil {
			return err
		}
	}
	if len(v.tail) > 0 {
		if err := v.chunks.Seal(v.body, v.done, v.tail, true); err != nil {
			return err
		}
	}
	err := v.File.Sync()
	if err == nil {
		_, err = v.File.WriteAt([]byte(sealedMagic), 0)
	}
	return err
}

// volume is a finished bundle that is open.
type volume struct {
	io.ReadSeeker
	io.ReaderAt
	size  int64
	close func() error
}

// mark is what the file of a finished bundle begins with.
func (s *shelf) mark() string {
	if s.key != nil {
		return sealedMagic
	}
	return magic
}

// volume opens what is in the file of a finished bundle. One that cannot be what was
// put there is dropped, and fs.ErrNotExist.
func (s *shelf) volume(f *os.File) (v *volume, err error) {
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if s.key == nil {
		return &volume{f, f, info.Size(), f.Close}, nil
	}
	var head [veilHead]byte
	_, err = f.ReadAt(head[:], 0)
	if err == nil && string(head[:len(sealedMagic)]) != sealedMagic {
		err = sealed.ErrDamaged
	}
	if err == nil {
		body := body{io.NewSectionReader(f, veilHead, info.Size()-veilHead), f}
		o, oerr := chunksOf(s.key, f, head[len(sealedMagic):]).View(body)
		if err = oerr; err == nil {
			at := watched{o, func() { s.discard(filepath.Base(f.Name())) }}
			return &volume{io.NewSectionReader(at, 0, o.Size()), at, o.Size(), o.Close}, nil
		}
	}
	err = errors.Join(fs.ErrNotExist, err, f.Close())
	s.discard(filepath.Base(f.Name()))
	return nil, err
}

// body is the part of a file that is chunks.
type body struct {
	*io.SectionReader
	io.Closer
}

// watched tells when what is read is not what was put there.
type watched struct {
	io.ReaderAt
	damaged func()
}

func (w watched) ReadAt(p []byte, off int64) (int, error) {
	n, err := w.ReaderAt.ReadAt(p, off)
	if errors.Is(err, sealed.ErrDamaged) || errors.Is(err, io.ErrUnexpectedEOF) {
		w.damaged()
	}
	return n, err
}
