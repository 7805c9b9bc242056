package bundle_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/object/sealed"
	"github.com/dokuei/dokuei/viewer/bundle"
)

var bundleKey = bytes.Repeat([]byte{7}, 32)

// noise is a series of n slices that do not get smaller.
func (h *house) noise(t *testing.T, n int) bundle.Series {
	rnd := rand.NewChaCha8([32]byte{1})
	s := bundle.Series{ID: "s1"}
	for i := range n {
		d := image(200, 200, i)
		raw := make([]byte, 2*200*200)
		_, _ = rnd.Read(raw)
		for k := 1; k < len(raw); k += 2 {
			raw[k] &= 0x0F
		}
		d.SetBytes(tag.PixelData, "OW", raw)
		s.Instances = append(s.Instances, h.add(t, fmt.Sprintf("i%03d", i), i, uid.ExplicitVRLittleEndian, d))
	}
	return s
}

// onDisk is every file of the folder, one after another, and the name of the last.
func (h *house) onDisk(t *testing.T) (raw []byte, name string) {
	t.Helper()
	list, err := os.ReadDir(h.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		name = filepath.Join(h.dir, e.Name())
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		raw = append(raw, b...)
	}
	return raw, name
}

// shows tells whether any piece of what is plain stands in raw.
func shows(raw, plain []byte) bool {
	for at := 0; at+24 <= len(plain); at += 997 {
		if piece := plain[at : at+24]; len(bytes.Trim(piece, "\x00")) > 12 && bytes.Contains(raw, piece) {
			return true
		}
	}
	return false
}

// TestSealed: the bytes are those of a bundle that is not sealed, whole, by ranges and
// after a start anew, and none of them is on the disk.
func TestSealed(t *testing.T) {
	t.Parallel()
	plainly := newHouse(t, bundle.Options{})
	want := plainly.finished(t, plainly.noise(t, 6))
	if raw, _ := plainly.onDisk(t); !shows(raw, want) {
		t.Fatal("a plain bundle is not found on the disk: the test is blind")
	}
	h := newHouse(t, bundle.Options{Key: bundleKey})
	s := h.noise(t, 6)
	if got := h.finished(t, s); !bytes.Equal(got, want) {
		t.Fatal("the bytes of a sealed bundle are others")
	}
	if raw, _ := h.onDisk(t); len(raw) < len(want) || shows(raw, want) || bytes.Contains(raw, []byte("head")) {
		t.Errorf("of %d bytes on the disk some are plain", len(raw))
	}
	m, err := bundle.New(bundle.Options{Pictures: h.pictures, Dir: h.dir, Key: bundleKey})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	b, err := m.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if b.File == nil || b.Size != int64(len(want)) {
		t.Fatalf("not kept, or of %d bytes, want %d", b.Size, len(want))
	}
	const c = sealed.ChunkSize
	if len(want) < 3*c {
		t.Fatalf("only %d bytes: no chunk in the middle", len(want))
	}
	for _, r := range [][2]int{{0, 1}, {c - 1, c}, {c, c + 1}, {c - 1, c + 1}, {c, 2 * c}, {c - 5, 2*c + 5}, {len(want) - 1, len(want)}, {3, 4}} {
		got := make([]byte, r[1]-r[0])
		if _, err := b.File.Seek(int64(r[0]), io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(b.File, got); err != nil || !bytes.Equal(got, want[r[0]:r[1]]) {
			t.Errorf("bytes %v are others: %v", r, err)
		}
	}
}

// TestSealedWhileGrowing: many read along, and what is plain is in memory only.
func TestSealedWhileGrowing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, bundle.Options{Key: bundleKey})
	s := h.noise(t, 6)
	looked := make(chan struct{})
	var once sync.Once
	var during []byte
	h.originals.gate = func(key string) {
		// Slices are coded from the middle outwards: of the last, all else is written.
		if key == "i005" && h.originals.opened.Load() > 6 {
			once.Do(func() {
				during, _ = h.onDisk(t)
				close(looked)
			})
		}
	}
	var all sync.WaitGroup
	got := make([][]byte, 5)
	for i := range got {
		b, err := h.Open(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			defer b.Close()
			var in io.Reader = b.Stream
			if b.File != nil {
				in = b.File
			}
			var err error
			if got[i], err = io.ReadAll(in); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	<-looked
	want := h.finished(t, s)
	if len(during) == 0 || shows(during, want) {
		t.Errorf("of %d bytes on the disk while it was made some are plain", len(during))
	}
	for i := range got {
		p, q := parse(t, got[i]), parse(t, want)
		if len(got[i]) != len(want) || len(p.frame) != len(q.frame) {
			t.Fatalf("reader %d: %d bytes, want %d", i, len(got[i]), len(want))
		}
		for n := range q.frame {
			if !bytes.Equal(p.frame[n].Payload, q.frame[n].Payload) {
				t.Errorf("reader %d: frame %d is another", i, n)
			}
		}
	}
}

// TestSealedDamaged: a bundle that is not what was put there gives an error or is made
// anew, never other bytes, and the one after is whole again.
func TestSealedDamaged(t *testing.T) {
	t.Parallel()
	h := newHouse(t, bundle.Options{Key: bundleKey})
	s := h.noise(t, 3)
	want := h.finished(t, s)
	raw, name := h.onDisk(t)
	refused := 0
	try := func(what string, damaged []byte, key []byte) {
		if err := os.WriteFile(name, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := bundle.New(bundle.Options{Pictures: h.pictures, Dir: h.dir, Key: key})
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		b, err := m.Open(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if b.File != nil { // the damage is in a chunk that opening does not look at
			got, err := io.ReadAll(b.File)
			if !errors.Is(err, sealed.ErrDamaged) || !bytes.HasPrefix(want, got) {
				t.Errorf("%s: %d bytes and %v", what, len(got), err)
			}
			refused++
		}
		_ = b.Close()
		again := &house{Maker: m}
		if got := again.finished(t, s); !bytes.Equal(got, want) {
			t.Errorf("%s: made anew it is another", what)
		}
	}
	at := []int{0, 1, 3, 4, 12, 19, 20, 21, len(raw) - 1, len(raw) - 16, len(raw) - 17}
	for i := 20; i < len(raw); i += 9973 {
		at = append(at, i)
	}
	for _, i := range at {
		b := bytes.Clone(raw)
		b[i] ^= 0x10
		try(fmt.Sprintf("byte %d", i), b, bundleKey)
	}
	const c = sealed.ChunkSize + 16
	for _, n := range []int{0, 3, 4, 19, 20, 21, 36, 20 + c - 1, 20 + c, 20 + c + 16, 20 + 2*c, len(raw) - 1} {
		try(fmt.Sprintf("cut to %d", n), raw[:n], bundleKey)
	}
	swapped := bytes.Clone(raw)
	copy(swapped[20:], raw[20+c:20+2*c])
	copy(swapped[20+c:], raw[20:20+c])
	try("chunks in another order", swapped, bundleKey)
	try("longer", append(bytes.Clone(raw), 0), bundleKey)
	try("plain", want, bundleKey)
	try("another key", raw, bytes.Repeat([]byte{8}, 32))
	if refused == 0 {
		t.Error("no chunk in the middle was damaged")
	}
}
