package bundle_test

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/htj2k"
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/pack"
	"github.com/dokuei/dokuei/viewer/bundle"
	"github.com/dokuei/dokuei/viewer/preview"
)

// originals is an object store of byte slices that counts and can be held up.
type originals struct {
	mu     sync.Mutex
	files  map[string][]byte
	opened atomic.Int64
	gate   func(key string) // called by Open when set
}

type file struct{ *bytes.Reader }

func (file) Close() error { return nil }

func (o *originals) Open(_ context.Context, key string) (object.Object, error) {
	o.opened.Add(1)
	if o.gate != nil {
		o.gate(key)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	b, ok := o.files[key]
	if !ok {
		return nil, object.ErrNotFound
	}
	return file{bytes.NewReader(b)}, nil
}

// house is a maker over originals.
type house struct {
	*bundle.Maker
	originals *originals
	pictures  *preview.Pipeline
	dir       string
}

func newHouse(t *testing.T, o bundle.Options) *house {
	t.Helper()
	derived, err := pack.Open(t.TempDir(), pack.Options{Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{originals: &originals{files: map[string][]byte{}}, dir: filepath.Join(t.TempDir(), "bundles")}
	h.pictures = preview.New(preview.Options{Objects: h.originals, Derived: derived})
	o.Pictures, o.Dir = h.pictures, h.dir
	if h.Maker, err = bundle.New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.Maker.Close()
		h.pictures.Close()
	})
	return h
}

// image describes rows × columns pixels of 16 bits that differ from slice to slice.
func image(rows, columns, seed int) *dataset.Dataset {
	d := dataset.New()
	d.SetInt(tag.SamplesPerPixel, "US", 1)
	d.SetString(tag.PhotometricInterpretation, "CS", "MONOCHROME2")
	d.SetInt(tag.Rows, "US", rows)
	d.SetInt(tag.Columns, "US", columns)
	d.SetInt(tag.BitsAllocated, "US", 16)
	d.SetInt(tag.BitsStored, "US", 12)
	d.SetInt(tag.HighBit, "US", 11)
	d.SetInt(tag.PixelRepresentation, "US", 0)
	raw := make([]byte, 2*rows*columns)
	for i := range rows * columns {
		v := (i*7 + seed*131) & 0xFFF
		raw[2*i], raw[2*i+1] = byte(v), byte(v>>8)
	}
	d.SetBytes(tag.PixelData, "OW", raw)
	return d
}

// add stores an instance and gives the row the catalog would have.
func (h *house) add(t *testing.T, id string, number int, syntax string, d *dataset.Dataset) catalog.Instance {
	t.Helper()
	var b bytes.Buffer
	_, err := stream.WriteMeta(&b, stream.Meta{
		MediaStorageSOPClassUID: uid.CTImageStorage, MediaStorageSOPInstanceUID: "2.25.1",
		TransferSyntaxUID: syntax, ImplementationClassUID: uid.ImplementationClassUID,
	})
	if err == nil {
		err = d.Encode(&b, stream.SyntaxFor(syntax))
	}
	if err != nil {
		t.Fatal(err)
	}
	h.originals.mu.Lock()
	h.originals.files[id] = b.Bytes()
	h.originals.mu.Unlock()
	at := func(g tag.Tag) int { v, _ := d.Int(g); return v }
	slope, intercept := 1.0, -1024.0
	return catalog.Instance{
		ID: id, SOPInstanceUID: "2.25." + fmt.Sprint(number), TransferSyntaxUID: syntax, InstanceNumber: number, ObjectKey: id, SHA256: id,
		Rows: at(tag.Rows), Columns: at(tag.Columns), Frames: max(at(tag.NumberOfFrames), 1),
		Header: catalog.Header{
			HasPixels: true, Samples: at(tag.SamplesPerPixel), Photometric: d.String(tag.PhotometricInterpretation), BitsAllocated: at(tag.BitsAllocated),
			BitsStored: at(tag.BitsStored), Signed: at(tag.PixelRepresentation) == 1, Slope: &slope, Intercept: &intercept, RescaleType: "HU",
			Windows: []catalog.Window{{Center: 40, Width: 400}}, Position: []float64{0, 0, float64(number)}, Orientation: []float64{1, 0, 0, 0, 1, 0},
		},
	}
}

func (h *house) stack(t *testing.T, n int) bundle.Series {
	s := bundle.Series{ID: "s1"}
	for i := range n {
		s.Instances = append(s.Instances, h.add(t, fmt.Sprintf("i%03d", i), i, uid.ExplicitVRLittleEndian, image(40, 30, i)))
	}
	return s
}

// read opens and reads a bundle, and tells whether it was a finished one.
func (h *house) read(t *testing.T, s bundle.Series) ([]byte, bool) {
	t.Helper()
	b, err := h.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var in io.Reader = b.Stream
	if b.File != nil {
		in = b.File
	}
	raw, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return raw, b.File != nil
}

// finished reads the bundle once it is on the shelf.
func (h *house) finished(t *testing.T, s bundle.Series) []byte {
	t.Helper()
	for {
		if raw, done := h.read(t, s); done {
			return raw
		}
	}
}

type parsed struct {
	head  *bundle.Head
	index []byte
	prev  map[int][]byte
	frame map[int]bundle.Record
	order []int
}

func parse(t *testing.T, raw []byte) parsed {
	t.Helper()
	p := parsed{prev: map[int][]byte{}, frame: map[int]bundle.Record{}}
	in := bundle.NewReader(bytes.NewReader(raw))
	for {
		r, err := in.Next()
		if errors.Is(err, io.EOF) {
			return p
		}
		if err != nil {
			t.Fatal(err)
		}
		payload := bytes.Clone(r.Payload)
		switch r.Kind {
		case bundle.KindHead:
			if p.head, err = bundle.ParseHead(payload); err != nil {
				t.Fatal(err)
			}
		case bundle.KindIndex:
			p.index = payload
		case bundle.KindPreview:
			p.prev[r.Frame] = payload
		default:
			p.frame[r.Frame] = bundle.Record{Kind: r.Kind, Frame: r.Frame, Payload: payload}
			p.order = append(p.order, r.Frame)
		}
	}
}

// samples decodes a frame record.
func samples(t *testing.T, r bundle.Record) codec.Image {
	t.Helper()
	var m codec.Image
	switch r.Kind {
	case bundle.KindHTJ2K:
		if err := new(htj2k.Decoder).Decode(&m, r.Payload, codec.Options{}); err != nil {
			t.Fatal(err)
		}
	case bundle.KindDeflate:
		pix, err := io.ReadAll(flate.NewReader(bytes.NewReader(r.Payload)))
		if err != nil {
			t.Fatal(err)
		}
		m.Pix = pix
	default:
		t.Fatalf("frame %d is %s", r.Frame, r.Kind[:])
	}
	return m
}

// same compares a frame record with what the original decodes to.
func (h *house) same(t *testing.T, r bundle.Record, key string, n int) {
	t.Helper()
	m := samples(t, r)
	err := h.pictures.Frame(t.Context(), key, n, func(f *pixel.Frame) error {
		if !bytes.Equal(f.Pix, m.Pix) {
			return fmt.Errorf("samples of %s frame %d differ: %d and %d bytes", key, n, len(f.Pix), len(m.Pix))
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestStack(t *testing.T) {
	t.Parallel()
	h := newHouse(t, bundle.Options{})
	s := h.stack(t, 5)
	grown, _ := h.read(t, s)
	p := parse(t, grown)
	if p.head.Series != "s1" || p.head.Revision != s.Revision() || len(p.head.Instances) != 5 || len(p.prev) != 5 {
		t.Errorf("head of %q, %d instances, %d previews", p.head.Series, len(p.head.Instances), len(p.prev))
	}
	if want := []int{2, 3, 1, 4, 0}; !slices.Equal(p.order, want) || !slices.Equal(p.head.Order, want) {
		t.Errorf("order %v, said to be %v, want %v", p.order, p.head.Order, want)
	}
	for n := range 5 {
		h.same(t, p.frame[n], s.Instances[n].ObjectKey, 0)
		m, err := jpeg.Decode(bytes.NewReader(p.prev[n]))
		if err != nil || m.Bounds().Dx() != 30 {
			t.Errorf("preview %d: %v", n, err)
		}
		f, err := p.head.Frame(n)
		if err != nil {
			t.Fatal(err)
		}
		if f.Instance != n || f.Number != 1 || f.Rows != 40 || f.BitsStored != 12 || f.Intercept != -1024 || f.Type != "HU" || f.Position[2] != float64(n) || f.Windows[0].Width != 400 {
			t.Errorf("frame %d is said to be %+v", n, f)
		}
	}
	if _, same := p.head.Common["rows"]; !same || p.head.Frames[1]["rows"] != nil || p.head.Frames[1]["position"] == nil {
		t.Errorf("common: %v", p.head.Common)
	}
	if !bytes.Equal(p.index, make([]byte, 5*12)) {
		t.Error("an index was known before the frames were")
	}
	// On the shelf only the index differs.
	whole := h.finished(t, s)
	q := parse(t, whole)
	if bytes.Equal(q.index, p.index) || len(whole) != len(grown) {
		t.Error("the finished bundle has no index")
	}
	at := bytes.Index(whole, q.index)
	copy(whole[at:], make([]byte, len(q.index)))
	if !bytes.Equal(whole, grown) {
		t.Error("the finished bundle differs from the stream by more than its index")
	}
}

// TestIndex: the lengths lead to each record, and half of a frame decodes.
func TestIndex(t *testing.T) {
	t.Parallel()
	h := newHouse(t, bundle.Options{})
	s := bundle.Series{ID: "s1"}
	for i := range 4 {
		s.Instances = append(s.Instances, h.add(t, fmt.Sprintf("i%03d", i), i, uid.ExplicitVRLittleEndian, image(256, 200, i)))
	}
	raw := h.finished(t, s)
	p := parse(t, raw)
	number := func(frame, field int) int {
		b := p.index[12*frame+4*field:]
		return int(b[0])<<24 | int(b[1])<<16 | int(b[2])<<8 | int(b[3])
	}
	at := bytes.Index(raw, p.index) + len(p.index)
	for n := range 4 {
		if string(raw[at:at+4]) != "prev" || int(raw[at+7]) != n {
			t.Fatalf("preview %d does not begin at %d", n, at)
		}
		at += number(n, 0)
	}
	for _, n := range p.head.Order {
		if string(raw[at:at+4]) != "htj2" || int(raw[at+7]) != n {
			t.Fatalf("frame %d does not begin at %d", n, at)
		}
		var m codec.Image
		if err := new(htj2k.Decoder).Decode(&m, raw[at+12:at+number(n, 2)], codec.Options{Reduce: 1}); err != nil || m.Width != 100 || m.Height != 128 {
			t.Errorf("half of frame %d: %d × %d, %v", n, m.Width, m.Height, err)
		}
		at += number(n, 1)
	}
	if string(raw[at:at+4]) != "done" || at+12 != len(raw) {
		t.Errorf("ends with %q at %d of %d", raw[at:], at, len(raw))
	}
}

// TestKinds: every kind of frame has a record, whatever it is.
func TestKinds(t *testing.T) {
	t.Parallel()
	h := newHouse(t, bundle.Options{})
	multi := image(8, 8, 1)
	multi.SetInt(tag.NumberOfFrames, "IS", 3)
	multi.SetBytes(tag.PixelData, "OW", bytes.Repeat([]byte{1, 2, 3, 4}, 8*8*3*2/4))
	deep := image(8, 8, 2)
	deep.SetInt(tag.BitsAllocated, "US", 32)
	deep.SetInt(tag.BitsStored, "US", 32)
	deep.SetInt(tag.HighBit, "US", 31)
	deep.SetBytes(tag.PixelData, "OW", bytes.Repeat([]byte{1, 2, 3, 4}, 8*8))
	bits := image(8, 8, 3)
	bits.SetInt(tag.BitsAllocated, "US", 1)
	bits.SetInt(tag.BitsStored, "US", 1)
	bits.SetInt(tag.HighBit, "US", 0)
	bits.SetBytes(tag.PixelData, "OB", []byte{0xF0, 0x0F, 1, 2, 3, 4, 5, 6})
	rgb := image(8, 8, 4)
	rgb.SetInt(tag.SamplesPerPixel, "US", 3)
	rgb.SetInt(tag.PlanarConfiguration, "US", 0)
	rgb.SetString(tag.PhotometricInterpretation, "CS", "RGB")
	rgb.SetInt(tag.BitsAllocated, "US", 8)
	rgb.SetInt(tag.BitsStored, "US", 8)
	rgb.SetInt(tag.HighBit, "US", 7)
	rgb.SetBytes(tag.PixelData, "OB", bytes.Repeat([]byte{200, 100, 50, 1, 2, 3}, 8*4))
	signed := image(8, 8, 5)
	signed.SetInt(tag.PixelRepresentation, "US", 1)
	few := image(8, 8, 6) // 6 of 16 bits
	few.SetInt(tag.BitsStored, "US", 6)
	few.SetInt(tag.HighBit, "US", 5)
	cut := image(8, 8, 7)
	cut.SetInt(tag.Rows, "US", 4000)
	lost := image(8, 8, 8)
	lost.SetFragments(tag.PixelData, nil, []byte{0, 0, 1, 0xB3})

	s := bundle.Series{ID: "s2"}
	for i, d := range []*dataset.Dataset{multi, deep, bits, rgb, signed, few, cut} {
		s.Instances = append(s.Instances, h.add(t, fmt.Sprintf("k%d", i), i, uid.ExplicitVRLittleEndian, d))
	}
	s.Instances = append(s.Instances, h.add(t, "k7", 7, "1.2.840.10008.1.2.4.100", lost))
	p := parse(t, h.finished(t, s))
	want := []string{"htj2", "htj2", "htj2", "defl", "htj2", "htj2", "htj2", "htj2", "none", "none"}
	for n, kind := range want {
		f, err := p.head.Frame(n)
		if err != nil {
			t.Fatal(err)
		}
		r := p.frame[n]
		if got := string(r.Kind[:]); got != kind {
			t.Errorf("frame %d is %s, want %s", n, got, kind)
			continue
		}
		if _, err := jpeg.Decode(bytes.NewReader(p.prev[n])); err != nil {
			t.Errorf("preview %d: %v", n, err)
		}
		if kind != "none" {
			h.same(t, r, p.head.Instances[f.Instance].ID, f.Number-1)
		}
	}
	for n, why := range map[int]preview.Placeholder{8: preview.Broken, 9: preview.NoDecoder} {
		if got := string(p.frame[n].Payload); got != string(why) {
			t.Errorf("frame %d has no picture because of %q, want %q", n, got, why)
		}
	}
}

// TestLateInstance: the next revision takes over what is coded.
func TestLateInstance(t *testing.T) {
	t.Parallel()
	h := newHouse(t, bundle.Options{})
	s := h.stack(t, 6)
	early := s
	early.Instances = slices.Concat(s.Instances[:2], s.Instances[3:])
	before := parse(t, h.finished(t, early))
	for _, i := range s.Instances { // the previews, which open the originals too
		if _, err := h.pictures.Get(t.Context(), preview.Ref{InstanceID: i.ID, SeriesID: s.ID, ObjectKey: i.ObjectKey}, preview.Scroll); err != nil {
			t.Fatal(err)
		}
	}
	opened := h.originals.opened.Load()
	after := parse(t, h.finished(t, s))
	if n := h.originals.opened.Load() - opened; n != 1 {
		t.Errorf("%d originals were opened for one late instance", n)
	}
	if !bytes.Equal(before.frame[2].Payload, after.frame[3].Payload) {
		t.Error("frame of i003 changed")
	}
	for n := range 6 {
		h.same(t, after.frame[n], s.Instances[n].ObjectKey, 0)
	}
	list, err := os.ReadDir(h.dir)
	if err != nil || len(list) != 1 {
		t.Errorf("%d bundles of one series are kept: %v", len(list), err)
	}
}

// TestReadAlong: many read a bundle while it is made once, and see it grow.
func TestReadAlong(t *testing.T) {
	t.Parallel()
	h := newHouse(t, bundle.Options{})
	s := h.stack(t, 5)
	for _, i := range s.Instances {
		if _, err := h.pictures.Get(t.Context(), preview.Ref{InstanceID: i.ID, SeriesID: s.ID, ObjectKey: i.ObjectKey}, preview.Scroll); err != nil {
			t.Fatal(err)
		}
	}
	open := make(chan struct{})
	h.originals.gate = func(string) { <-open }
	before := h.originals.opened.Load()
	b, err := h.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	in := bundle.NewReader(b.Stream)
	for range 2 + 5 { // head, index and previews are there before any frame is coded
		if _, err := in.Next(); err != nil {
			t.Fatal(err)
		}
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			raw, _ := h.read(t, s)
			if p := parse(t, raw); len(p.frame) != 5 {
				t.Errorf("%d frames", len(p.frame))
			}
		})
	}
	ctx, leave := context.WithCancel(t.Context())
	gone, err := h.Open(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	leave()
	if _, err := io.Copy(io.Discard, gone.Stream); !errors.Is(err, context.Canceled) {
		t.Errorf("a reader that has gone: %v", err)
	}
	if err := gone.Close(); err != nil {
		t.Error(err)
	}
	close(open)
	all.Wait()
	if n := h.originals.opened.Load() - before; n != 5 {
		t.Errorf("originals were opened %d times, want once each", n)
	}
}

// TestShelf: finished bundles outlive the process; unfinished ones do not, and the
// folder keeps to its size.
func TestShelf(t *testing.T) {
	t.Parallel()
	h := newHouse(t, bundle.Options{})
	s := h.stack(t, 3)
	size := int64(len(h.finished(t, s)))
	torn := filepath.Join(h.dir, "s9.00.dkb")
	if err := os.WriteFile(torn, []byte("DKB0 and so on"), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := bundle.New(bundle.Options{Pictures: h.pictures, Dir: h.dir, MaxBytes: 2*size + size/2})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if _, err := os.Stat(torn); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a torn bundle is still there: %v", err)
	}
	again := &house{Maker: m}
	if _, done := again.read(t, s); !done {
		t.Error("a finished bundle was made again")
	}
	for _, id := range []string{"s2", "s3"} { // three do not fit: the one not used for longest goes
		one := s
		one.ID = id
		again.finished(t, one)
	}
	list, err := os.ReadDir(h.dir)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d bundles are kept: %v", len(list), err)
	}
	if _, done := again.read(t, s); done {
		t.Error("the oldest was kept")
	}
}

// TestNoRoom: what cannot be kept is given all the same.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	h := newHouse(t, bundle.Options{Room: func() bool { return false }})
	s := h.stack(t, 3)
	for range 2 {
		raw, done := h.read(t, s)
		if p := parse(t, raw); done || len(p.frame) != 3 {
			t.Errorf("%d frames, finished %v", len(p.frame), done)
		}
	}
}

// TestLostOriginal: a machine's failure ends the stream with an error, and is not
// kept.
func TestLostOriginal(t *testing.T) {
	t.Parallel()
	h := newHouse(t, bundle.Options{})
	s := h.stack(t, 3)
	s.Instances[1].ObjectKey = "elsewhere"
	b, err := h.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := io.Copy(io.Discard, b.Stream); !errors.Is(err, object.ErrNotFound) {
		t.Errorf("%v, want that the original is not there", err)
	}
	h.Close()
	if _, err := h.Open(t.Context(), s); !errors.Is(err, bundle.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	if list, err := os.ReadDir(h.dir); err != nil || len(list) != 0 {
		t.Errorf("%d files are left: %v", len(list), err)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("DKB1done\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Add([]byte("DKB1prev\x00\x00\x00\x01\x00\x00\x00\x02ab"))
	f.Add([]byte("DKB1head\x00\x00\x00\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		in := bundle.NewReader(bytes.NewReader(raw))
		for {
			r, err := in.Next()
			if err != nil {
				return
			}
			if r.Kind == bundle.KindHead {
				if h, err := bundle.ParseHead(r.Payload); err == nil {
					for n := range h.Frames {
						_, _ = h.Frame(n) // must not panic
					}
				}
			}
		}
	})
}
