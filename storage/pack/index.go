package pack

import (
	"container/list"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"sync"
)

// index is what is known of the file of a group.
type index struct {
	group string

	mu   sync.Mutex // held while the file is looked at or written
	salt [saltSize]byte
	aead cipher.AEAD // nil: not encrypted, or nothing read yet
	end  int64       // of the last whole record; 0: nothing read yet
	at   map[string]span

	counted int // values, as the memory counts them; guarded by its mutex
}

// refresh reads what has been added to f since it was last looked at, by whoever. It
// gives the length of the file; what is beyond end is not a whole record.
func (x *index) refresh(f *os.File, secret []byte) (size int64, err error) {
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	size = st.Size()
	var head [fileHeader]byte
	n, err := f.ReadAt(head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	if n < fileHeader || string(head[:len(fileMagic)]) != fileMagic {
		x.end, x.at = 0, nil
		return size, nil
	}
	if salt := [saltSize]byte(head[len(fileMagic):]); x.end == 0 || salt != x.salt || size < x.end {
		x.begin(salt, secret)
	}
	for x.end < size {
		id, s, ok, err := readHeader(f, x.end, size)
		if err != nil {
			return 0, err
		}
		if !ok {
			break
		}
		x.at[id], x.end = s, s.end()
	}
	return size, nil
}

// begin forgets everything but the header of a file.
func (x *index) begin(salt [saltSize]byte, secret []byte) {
	x.salt, x.end, x.at = salt, int64(fileHeader), map[string]span{}
	x.aead = nil
	if secret == nil {
		return
	}
	block, err := aes.NewCipher(derive(secret, salt[:]))
	if err == nil {
		x.aead, err = cipher.NewGCM(block)
	}
	if err != nil {
		panic(err) // a key of 32 bytes is one of AES
	}
}

// derive makes a key of the secret.
func derive(secret, of []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write(of)
	return mac.Sum(nil)
}

// memory holds the indexes of the latest groups.
type memory struct {
	most int // values

	mu     sync.Mutex
	values int
	groups map[string]*list.Element
	order  *list.List // of *index, the latest first
}

func newMemory(most int) *memory {
	return &memory{most: most, groups: map[string]*list.Element{}, order: list.New()}
}

// get gives the index of a group, an empty one when it is not remembered.
func (m *memory) get(group string) *index {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.groups[group]; ok {
		m.order.MoveToFront(e)
		return e.Value.(*index)
	}
	x := &index{group: group, counted: 1} // a group costs something, too
	m.values++
	m.groups[group] = m.order.PushFront(x)
	return x
}

// count tells how many values an index holds now, and makes room for them.
func (m *memory) count(x *index, values int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.groups[x.group]
	if !ok || e.Value != x {
		return // forgotten meanwhile
	}
	m.values += values + 1 - x.counted
	x.counted = values + 1
	for m.values > m.most && m.order.Len() > 1 {
		m.removeLocked(m.order.Back())
	}
}

func (m *memory) drop(group string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.groups[group]; ok {
		m.removeLocked(e)
	}
}

func (m *memory) removeLocked(e *list.Element) {
	x := m.order.Remove(e).(*index)
	delete(m.groups, x.group)
	m.values -= x.counted
}
