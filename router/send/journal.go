package send

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// journal remembers what a peer has acknowledged: one line for each instance,
// the digest of whom it was sent to as whom, its SOP Instance UID, and the
// file's size and time, so that a changed file counts as new. Digests, because
// the list of a hospital's instances is nobody's business.
//
// A line is appended in one write after the acknowledgement. A process that is
// killed in between sends that instance once more, which a receiver takes as
// the same; a torn last line is cut off when the journal is opened next.
type journal struct {
	mu   sync.Mutex
	file *os.File
	done map[[keyLength]byte]struct{}
}

const (
	keyLength  = 16
	lineLength = 2*keyLength + 1
)

func openJournal(path string) (*journal, error) {
	j := &journal{done: map[[keyLength]byte]struct{}{}}
	if path == "" {
		return j, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := j.load(f); err != nil {
		return nil, errors.Join(fmt.Errorf("journal %s: %w", path, err), f.Close())
	}
	j.file = f
	return j, nil
}

// load reads whole lines and leaves the file at the end of the last.
func (j *journal) load(f *os.File) error {
	r := bufio.NewReader(f)
	end := int64(0)
	for {
		line, err := r.ReadSlice('\n')
		if err == io.EOF {
			break
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		end += int64(len(line))
		var key [keyLength]byte
		if len(line) != lineLength {
			continue
		}
		if _, err := hex.Decode(key[:], line[:lineLength-1]); err == nil {
			j.done[key] = struct{}{}
		}
	}
	if err := f.Truncate(end); err != nil {
		return err
	}
	_, err := f.Seek(end, io.SeekStart)
	return err
}

func journalKey(o Options, f *file) (key [keyLength]byte) {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %q %d %d", o.Addr, o.CalledAE, o.CallingAE, f.instance, f.size, f.modified.UnixNano())
	copy(key[:], h.Sum(nil))
	return key
}

func (j *journal) has(key [keyLength]byte) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	_, ok := j.done[key]
	return ok
}

func (j *journal) add(key [keyLength]byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.done[key] = struct{}{}
	if j.file == nil {
		return nil
	}
	_, err := j.file.Write(append(hex.AppendEncode(make([]byte, 0, lineLength), key[:]), '\n'))
	return err
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	return errors.Join(j.file.Sync(), j.file.Close())
}
