package preview_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/phantom"
	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/pack"
	"github.com/dokuei/dokuei/viewer/preview"
)

// originals is an object store of byte slices that counts.
type originals struct {
	files  map[string][]byte
	opened atomic.Int64
	gate   chan struct{} // when set, Open waits for it to be closed
}

type file struct{ *bytes.Reader }

func (file) Close() error { return nil }

func (o *originals) Open(ctx context.Context, key string) (object.Object, error) {
	o.opened.Add(1)
	if o.gate != nil {
		select {
		case <-o.gate:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	b, ok := o.files[key]
	if !ok {
		return nil, object.ErrNotFound
	}
	return file{bytes.NewReader(b)}, nil
}

// After makes originals a Backlog too: keys are instance IDs.
func (o *originals) After(_ context.Context, after string, limit int) ([]preview.Ref, error) {
	var out []preview.Ref
	for i := range 1000 {
		id := fmt.Sprintf("i%03d", i)
		if _, ok := o.files[id]; ok && id > after && len(out) < limit {
			out = append(out, ref(id))
		}
	}
	return out, nil
}

// series is the one all images of these tests belong to.
const series = "series-1"

func ref(id string) preview.Ref {
	return preview.Ref{InstanceID: id, SeriesID: series, ObjectKey: id}
}

func derived(t testing.TB) *pack.Store {
	t.Helper()
	s, err := pack.Open(t.TempDir(), pack.Options{Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func part10(t testing.TB, class, syntax string, d *dataset.Dataset) []byte {
	t.Helper()
	var b bytes.Buffer
	_, err := stream.WriteMeta(&b, stream.Meta{
		MediaStorageSOPClassUID: class, MediaStorageSOPInstanceUID: "2.25.1",
		TransferSyntaxUID: syntax, ImplementationClassUID: uid.ImplementationClassUID,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Encode(&b, stream.SyntaxFor(syntax)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var headSlice = sync.OnceValue(func() []byte {
	in := phantom.HeadCT(phantom.Order{Seed: 3, StudyTime: time.Unix(1e9, 0)}).Instances[50]
	var b bytes.Buffer
	_, err := stream.WriteMeta(&b, stream.Meta{
		MediaStorageSOPClassUID: in.SOPClassUID, MediaStorageSOPInstanceUID: in.SOPInstanceUID,
		TransferSyntaxUID: in.TransferSyntaxUID, ImplementationClassUID: uid.ImplementationClassUID,
	})
	if err == nil {
		_, err = in.WriteTo(&b)
	}
	if err != nil {
		panic(err)
	}
	return b.Bytes()
})

// frames is a small multi-frame image; frame n is n×10 all over.
func frames(n, rows, columns int) *dataset.Dataset {
	d := dataset.New()
	d.SetInt(tag.SamplesPerPixel, "US", 1)
	d.SetString(tag.PhotometricInterpretation, "CS", "MONOCHROME2")
	d.SetInt(tag.NumberOfFrames, "IS", n)
	d.SetInt(tag.Rows, "US", rows)
	d.SetInt(tag.Columns, "US", columns)
	d.SetInt(tag.BitsAllocated, "US", 8)
	d.SetInt(tag.BitsStored, "US", 8)
	d.SetInt(tag.HighBit, "US", 7)
	d.SetInt(tag.PixelRepresentation, "US", 0)
	d.SetFloat(tag.WindowCenter, "DS", 128)
	d.SetFloat(tag.WindowWidth, "DS", 256)
	raw := make([]byte, 0, n*rows*columns)
	for i := range n {
		raw = append(raw, bytes.Repeat([]byte{byte(i * 10)}, rows*columns)...)
	}
	d.SetBytes(tag.PixelData, "OB", raw)
	return d
}

func get(t *testing.T, p *preview.Pipeline, id string, s preview.Size) preview.Picture {
	t.Helper()
	pic, err := p.Get(t.Context(), ref(id), s)
	if err != nil {
		t.Fatalf("%s: %v", id, err)
	}
	return pic
}

func decoded(t *testing.T, pic preview.Picture) image.Image {
	t.Helper()
	m, err := jpeg.Decode(bytes.NewReader(pic.Data))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func grey(m image.Image, x, y int) int {
	r, _, _, _ := m.At(x, y).RGBA()
	return int(r >> 8)
}

func TestPicturesOfACT(t *testing.T) {
	t.Parallel()
	o := &originals{files: map[string][]byte{"i001": headSlice()}}
	p := preview.New(preview.Options{Objects: o, Derived: derived(t), Metrics: prometheus.NewRegistry()})
	defer p.Close()
	for _, s := range []preview.Size{preview.Preview, preview.Thumbnail, preview.Scroll, preview.Preview} {
		pic := get(t, p, "i001", s)
		m := decoded(t, pic)
		n := s.Pixels()
		if m.Bounds().Dx() != n || m.Bounds().Dy() != n || pic.Placeholder != "" || pic.ContentType != "image/jpeg" {
			t.Fatalf("size %v, placeholder %q, type %q", m.Bounds(), pic.Placeholder, pic.ContentType)
		}
		// Air is black, the haemorrhage brighter than the brain beside it (HU 65 and
		// about 30 in the window 40/80).
		air, blood, brain := grey(m, 3, 3), grey(m, n/2+28*n/240, n/2-5*n/240), grey(m, n/2-24*n/240, n/2-42*n/240)
		if air > 8 || blood < 170 || brain < 60 || brain > 140 {
			t.Errorf("%d pixels: air %d, blood %d, brain %d", n, air, blood, brain)
		}
	}
	if n := o.opened.Load(); n != 1 {
		t.Errorf("original was opened %d times, want once", n)
	}
}

func TestConcurrentRequestsShareOneFlight(t *testing.T) {
	t.Parallel()
	o := &originals{files: map[string][]byte{"i001": headSlice()}, gate: make(chan struct{})}
	p := preview.New(preview.Options{Objects: o, Derived: derived(t)})
	defer p.Close()
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := p.Get(gone, ref("i001"), preview.Thumbnail); err == nil {
		t.Fatal("a request that was given up got a picture")
	}
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			if _, err := p.Get(context.Background(), ref("i001"), preview.Size(i%2)); err != nil {
				t.Error(err)
			}
		})
	}
	close(o.gate)
	all.Wait()
	if n := o.opened.Load(); n != 1 {
		t.Errorf("original was opened %d times, want once", n)
	}
}

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	report := dataset.New()
	report.SetString(tag.Modality, "CS", "SR")
	mpeg := frames(1, 8, 8)
	mpeg.SetFragments(tag.PixelData, nil, []byte{0, 0, 1, 0xB3})
	short := frames(2, 8, 8)
	short.SetInt(tag.NumberOfFrames, "IS", 200)
	huge := frames(1, 8, 8)
	huge.SetInt(tag.Rows, "US", 65500)
	huge.SetInt(tag.Columns, "US", 65500)
	const mpeg2, ct = "1.2.840.10008.1.2.4.100", uid.CTImageStorage
	o := &originals{files: map[string][]byte{
		"document":  part10(t, uid.BasicTextSRStorage, uid.ExplicitVRLittleEndian, report),
		"pdf":       part10(t, uid.EncapsulatedPDFStorage, uid.ExplicitVRLittleEndian, report),
		"no-pixels": part10(t, ct, uid.ExplicitVRLittleEndian, report),
		"mpeg":      part10(t, ct, mpeg2, mpeg),
		"short":     part10(t, ct, uid.ExplicitVRLittleEndian, short),
		"huge":      part10(t, ct, uid.ExplicitVRLittleEndian, huge),
		"cut":       headSlice()[:200000],
		"garbage":   bytes.Repeat([]byte("no image at all "), 100),
	}}
	var mu sync.Mutex
	heard := map[string]preview.Placeholder{}
	p := preview.New(preview.Options{
		Objects: o, Derived: derived(t),
		OnPlaceholder: func(_ context.Context, r preview.Ref, why preview.Placeholder, _ string) {
			mu.Lock()
			defer mu.Unlock()
			heard[r.InstanceID] = why
		},
	})
	defer p.Close()
	for id, want := range map[string]preview.Placeholder{
		"document": preview.Document, "pdf": preview.Document, "no-pixels": preview.NoPixels, "mpeg": preview.NoDecoder,
		"short": preview.Broken, "huge": preview.Broken, "cut": preview.Broken, "garbage": preview.Broken,
	} {
		for range 2 { // made, then remembered
			pic := get(t, p, id, preview.Preview)
			if pic.Placeholder != want {
				t.Errorf("%s: placeholder %q, want %q", id, pic.Placeholder, want)
			}
			if m := decoded(t, pic); m.Bounds().Dx() != 512 {
				t.Errorf("%s: sign of %d pixels", id, m.Bounds().Dx())
			}
		}
		if heard[id] != want {
			t.Errorf("%s: OnPlaceholder heard %q", id, heard[id])
		}
	}
	if n := o.opened.Load(); n != int64(len(o.files)) {
		t.Errorf("%d originals were opened %d times", len(o.files), n)
	}
	if _, err := p.Get(t.Context(), ref("missing"), preview.Preview); err == nil {
		t.Error("an original that is not there is no fault of the object")
	}
	if _, err := p.Get(t.Context(), ref("../../etc"), preview.Preview); err == nil {
		t.Error("an ID that leaves the store was taken")
	}
}

// TestNewDecoder: what could not be decoded is tried again once it can be.
func TestNewDecoder(t *testing.T) {
	t.Parallel()
	store := derived(t)
	note := "no-decoder\n" + uid.RLELossless
	was := fmt.Sprintf("DKP3\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00%c%s", len(note), note)
	if err := store.Put(t.Context(), series, "i001", []byte(was)); err != nil {
		t.Fatal(err)
	}
	p := preview.New(preview.Options{Objects: &originals{files: map[string][]byte{"i001": headSlice()}}, Derived: store})
	defer p.Close()
	if pic := get(t, p, "i001", preview.Thumbnail); pic.Placeholder != "" {
		t.Errorf("placeholder %q outlived its reason", pic.Placeholder)
	}
}

func TestMiddleFrameAndAspect(t *testing.T) {
	t.Parallel()
	d := frames(5, 40, 80)
	d.SetFloat(tag.PixelSpacing, "DS", 2, 1) // pixels twice as high as wide
	o := &originals{files: map[string][]byte{"i001": part10(t, uid.SecondaryCaptureImageStorage, uid.ExplicitVRLittleEndian, d)}}
	p := preview.New(preview.Options{Objects: o, Derived: derived(t)})
	defer p.Close()
	m := decoded(t, get(t, p, "i001", preview.Preview))
	if g := grey(m, 10, 10); g < 18 || g > 22 {
		t.Errorf("grey %d, want 20, that of the third of five frames", g)
	}
	if b := m.Bounds(); b.Dx() != b.Dy() {
		t.Errorf("80 × 40 pixels of 1 × 2 mm make a picture of %v", b)
	}
	err := p.Frame(t.Context(), "i001", 4, func(f *pixel.Frame) error {
		if f.Columns != 80 || f.Pix[0] != 40 {
			t.Errorf("frame of %d columns begins with %d", f.Columns, f.Pix[0])
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := p.Frame(t.Context(), "i001", 5, func(*pixel.Frame) error { return nil }); err == nil {
		t.Error("a sixth frame of five was given")
	}
}

// TestRun: arrivals, the backlog of an earlier run, and arrivals that did not fit
// into the queue all get their pictures.
func TestRun(t *testing.T) {
	t.Parallel()
	small := part10(t, uid.SecondaryCaptureImageStorage, uid.ExplicitVRLittleEndian, frames(1, 16, 16))
	for name, c := range map[string]struct{ queue, notify, first int }{
		"arrivals": {queue: 100, notify: 20, first: 500},
		"backlog":  {queue: 100, notify: 0, first: 0},
		"overflow": {queue: 3, notify: 20, first: 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := derived(t)
			synctest.Test(t, func(t *testing.T) {
				o := &originals{files: map[string][]byte{}}
				for i := range 20 {
					o.files[fmt.Sprintf("i%03d", c.first+i)] = small
				}
				opt := preview.Options{Objects: o, Derived: store, Backlog: o, Queue: c.queue, Workers: 3}
				if name == "arrivals" {
					opt.Backlog = nil
				}
				p := preview.New(opt)
				ctx, stop := context.WithCancel(t.Context())
				ended := make(chan error)
				go func() { ended <- p.Run(ctx) }()
				for i := range c.notify {
					p.Notify(ref(fmt.Sprintf("i%03d", c.first+i)))
				}
				synctest.Wait()
				for id := range o.files {
					if ok, err := store.Has(ctx, series, id); !ok || err != nil {
						t.Errorf("%s has no thumbnail: %v", id, err)
					}
				}
				if n := o.opened.Load(); n != 20 {
					t.Errorf("20 originals were opened %d times", n)
				}
				stop()
				if err := <-ended; err != nil {
					t.Error(err)
				}
				p.Close()
				if _, err := p.Get(t.Context(), ref("i999"), preview.Thumbnail); err == nil {
					t.Error("a closed pipeline made a picture")
				}
			})
		})
	}
}

// TestGivesWay: while others need the processors one picture is made at a time,
// and none is forgotten.
func TestGivesWay(t *testing.T) {
	t.Parallel()
	small := part10(t, uid.SecondaryCaptureImageStorage, uid.ExplicitVRLittleEndian, frames(1, 16, 16))
	store := derived(t)
	synctest.Test(t, func(t *testing.T) {
		o := &originals{files: map[string][]byte{}, gate: make(chan struct{})}
		for i := range 20 {
			o.files[fmt.Sprintf("i%03d", i)] = small
		}
		var busy atomic.Bool
		busy.Store(true)
		p := preview.New(preview.Options{Objects: o, Derived: store, Workers: 4, Busy: busy.Load})
		defer p.Close()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- p.Run(ctx) }()
		for id := range o.files {
			p.Notify(ref(id))
		}
		<-time.After(time.Minute) // of the bubble's own clock
		if n := o.opened.Load(); n != 1 {
			t.Errorf("%d pictures are made at a time while others are busy", n)
		}
		busy.Store(false)
		<-time.After(time.Minute)
		if n := o.opened.Load(); n != 4 {
			t.Errorf("%d pictures are made at a time by four workers", n)
		}
		close(o.gate)
		<-time.After(time.Minute)
		if n := o.opened.Load(); n != 20 {
			t.Errorf("%d of 20 were made", n)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// TestNoRoom: pictures that cannot be kept are shown all the same.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	store, err := pack.Open(t.TempDir(), pack.Options{Reserve: 1 << 62})
	if err != nil {
		t.Fatal(err)
	}
	o := &originals{files: map[string][]byte{"i001": headSlice()}}
	p := preview.New(preview.Options{Objects: o, Derived: store})
	defer p.Close()
	for _, s := range []preview.Size{preview.Thumbnail, preview.Preview} {
		if m := decoded(t, get(t, p, "i001", s)); m.Bounds().Dx() != s.Pixels() {
			t.Errorf("picture of %d pixels", m.Bounds().Dx())
		}
	}
}

// TestForeignContent: a derived object that is not one of ours is made anew.
func TestForeignContent(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"empty": "", "short": "DKP3", "text": "no pictures, nor ever were", "lengths": "DKP3\x00\x00\x00\x09\x00\x00\x00\x00\x00\x00\x00\x00eight..",
		"huge": "DKP3\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "reason": "DKP3\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05other",
	} {
		store := derived(t)
		if err := store.Put(t.Context(), series, "i001", []byte(content)); err != nil {
			t.Fatal(err)
		}
		p := preview.New(preview.Options{Objects: &originals{files: map[string][]byte{"i001": headSlice()}}, Derived: store})
		pic := get(t, p, "i001", preview.Thumbnail)
		if pic.Placeholder != "" || decoded(t, pic).Bounds().Dx() != 128 {
			t.Errorf("%s: placeholder %q", name, pic.Placeholder)
		}
		p.Close()
	}
}

// TestBudget lets many requests through a budget that has room for one frame.
func TestBudget(t *testing.T) {
	t.Parallel()
	big := part10(t, uid.SecondaryCaptureImageStorage, uid.ExplicitVRLittleEndian, frames(1, 600, 700))
	o := &originals{files: map[string][]byte{}}
	for i := range 12 {
		o.files[fmt.Sprintf("i%03d", i)] = big
	}
	p := preview.New(preview.Options{Objects: o, Derived: derived(t), MaxBytes: 1 << 20, MaxServing: 600 * 700})
	defer p.Close()
	// A client that takes for ever over its frame holds up no picture.
	err := p.Frame(t.Context(), "i000", 0, func(*pixel.Frame) error {
		_, err := p.Get(t.Context(), ref("i011"), preview.Preview)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	var inside, most atomic.Int64
	var all sync.WaitGroup
	for id := range o.files {
		all.Go(func() {
			err := p.Frame(context.Background(), id, 0, func(*pixel.Frame) error {
				most.Store(max(most.Load(), inside.Add(1)))
				inside.Add(-1)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			if _, err := p.Get(context.Background(), ref(id), preview.Thumbnail); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if most.Load() != 1 {
		t.Errorf("%d frames were held at one time in a budget for one", most.Load())
	}
}

func BenchmarkPictures(b *testing.B) {
	o := &originals{files: map[string][]byte{"i001": headSlice()}}
	store := derived(b)
	p := preview.New(preview.Options{Objects: o, Derived: store})
	defer p.Close()
	b.ReportAllocs()
	b.SetBytes(512 * 512 * 2)
	for b.Loop() {
		if err := p.Remake(b.Context(), ref("i001")); err != nil {
			b.Fatal(err)
		}
	}
}
