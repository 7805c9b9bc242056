package preview_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/internal/shareddata"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/viewer/preview"
)

// slow gives a few bytes at a time, as a network does.
type slow struct{ r io.Reader }

func (s slow) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), 1000+len(p)/3)]) }

// TestTakenIsWhatIsReadBack: pictures of pixels seen while they came are, to the byte,
// those of the object read back.
func TestTakenIsWhatIsReadBack(t *testing.T) {
	t.Parallel()
	files := comingImages(t)
	var named []string
	for name := range files {
		named = append(named, name)
	}
	if dir := shareddata.Dir(t); dir != "" {
		for _, part := range []string{"series", "syntax", "derived"} {
			inFolder := map[string]int{}
			err := filepath.WalkDir(filepath.Join(dir, part), func(path string, e os.DirEntry, err error) error {
				if err != nil || e.IsDir() {
					return err
				}
				if inFolder[filepath.Dir(path)]++; inFolder[filepath.Dir(path)] > 3 && part == "series" {
					return nil
				}
				files[path], err = os.ReadFile(path)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	objects, err := fsobject.Open(t.TempDir(), fsobject.Options{Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer objects.Close()
	store := derived(t)
	p := preview.New(preview.Options{Objects: objects, Derived: store})
	defer p.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go p.Run(ctx) //nolint:errcheck // it ends with the test
	taken, refs := 0, map[string]preview.Ref{}
	var now string
	in := ingest.New(objects, dbtest.Open(t, filepath.Join(t.TempDir(), "dokuei.db")), ingest.Options{
		Watch: func(b ingest.Begun) ingest.Watcher {
			if one := p.Take(b.Header, b.TransferSyntaxUID, b.Length); one != nil {
				taken++
				return one
			}
			return nil
		},
		OnStored: func(s ingest.Stored) {
			one, _ := s.Watcher.(*preview.Taken)
			r := preview.Ref{InstanceID: s.InstanceID, SeriesID: s.SeriesID, ObjectKey: s.ObjectKey}
			if one != nil {
				refs[now] = r
			}
			p.Stored(r, one)
		},
	})
	for name, raw := range files {
		now = name
		br := bufio.NewReader(bytes.NewReader(raw))
		m, _, err := stream.ReadMeta(br)
		if err != nil {
			continue // no Part 10 file
		}
		_, err = in.Store(t.Context(), ingest.Source{FacilityID: "minami", CallingAE: "CT"}, ingest.Meta{
			SOPClassUID: m.MediaStorageSOPClassUID, SOPInstanceUID: m.MediaStorageSOPInstanceUID, TransferSyntaxUID: m.TransferSyntaxUID,
		}, slow{br})
		if err != nil && slices.Contains(named, name) {
			t.Fatalf("%s: %v", name, err)
		}
	}
	for name, r := range refs {
		var kept []byte
		eventually(t, "pictures of "+name, func() bool {
			kept, err = store.Get(t.Context(), r.SeriesID, r.InstanceID)
			return err == nil
		})
		if err := p.Remake(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if again, err := store.Get(t.Context(), r.SeriesID, r.InstanceID); err != nil || !bytes.Equal(kept, again) {
			t.Errorf("%s: other pictures while it came (%d bytes) than read back (%d bytes, %v)", name, len(kept), len(again), err)
		}
	}
	t.Logf("of %d files, the pixels of %d were seen coming", len(files), len(refs))
	for _, name := range named {
		if refs[name].InstanceID == "" {
			t.Errorf("%s was not seen coming", name)
		}
	}
}

func headerOf(t *testing.T, raw []byte) (*dataset.Dataset, []byte) {
	t.Helper()
	_, header, pixels, err := dataset.ReadFile(bytes.NewReader(raw), stream.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return header, raw[pixels.Offset : pixels.Offset+pixels.Length]
}

// TestTake: what is not taken, and what is not whole, is left to be read back.
func TestTake(t *testing.T) {
	t.Parallel()
	o := &originals{files: map[string][]byte{"i001": headSlice()}}
	store := derived(t)
	p := preview.New(preview.Options{Objects: o, Derived: store, MaxTaken: 300 << 10})
	defer p.Close()
	header, pixels := headerOf(t, headSlice())
	length := int64(len(pixels))
	with := func(edit func(*dataset.Dataset)) *dataset.Dataset {
		d, _ := headerOf(t, headSlice())
		edit(d)
		return d
	}
	for name, d := range map[string]*dataset.Dataset{
		"frames with groups of which not all are there": with(func(d *dataset.Dataset) {
			d.SetInt(tag.NumberOfFrames, "IS", 2)
			d.SetItems(tag.PerFrameFunctionalGroupsSequence, dataset.New())
		}),
		"a VOI table": with(func(d *dataset.Dataset) {
			d.Delete(tag.WindowCenter)
			d.SetItems(tag.VOILUTSequence, dataset.New())
		}),
		"a table":    with(func(d *dataset.Dataset) { d.SetItems(tag.ModalityLUTSequence, dataset.New()) }),
		"no rows":    with(func(d *dataset.Dataset) { d.Delete(tag.Rows) }),
		"32 bits":    with(func(d *dataset.Dataset) { d.SetInt(tag.BitsAllocated, "US", 32) }),
		"no palette": with(func(d *dataset.Dataset) { d.SetString(tag.PhotometricInterpretation, "CS", "PALETTE COLOR") }),
	} {
		if p.Take(d, uid.ExplicitVRLittleEndian, 2*length) != nil {
			t.Errorf("%s: taken", name)
		}
	}
	if p.Take(header, uid.ExplicitVRLittleEndian, length-1) != nil {
		t.Error("taken of too few bytes")
	}
	twice := with(func(d *dataset.Dataset) { d.SetInt(tag.NumberOfFrames, "IS", 2) })
	if p.Take(twice, uid.RLELossless, -1) != nil || p.Take(twice, uid.ExplicitVRLittleEndian, 2*length-1) != nil {
		t.Error("taken of several frames in a code, or of too few bytes for them")
	}
	var all []*preview.Taken
	for range 3 { // for which there is no room
		if one := p.Take(header, uid.ExplicitVRLittleEndian, length); one != nil {
			all = append(all, one)
		}
	}
	if len(all) != 2 {
		t.Fatalf("%d are taken in a budget for two", len(all))
	}
	all[0].See(pixels[:length-2])
	p.Stored(ref("i001"), all[0]) // cut short
	all[1].Close()
	if o.opened.Load() != 0 {
		t.Error("read back at once")
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go p.Run(ctx) //nolint:errcheck // it ends with the test
	eventually(t, "pictures of what was not seen whole", func() bool { ok, err := store.Has(t.Context(), series, "i001"); return ok && err == nil })
	if one := p.Take(header, uid.ExplicitVRLittleEndian, length); one == nil {
		t.Error("room was not given back")
	} else {
		one.Close()
	}
}

// TestSenderWaits: who sends waits for pictures of what came before, and not for ever.
func TestSenderWaits(t *testing.T) {
	t.Parallel()
	header, pixels := headerOf(t, headSlice())
	store := derived(t)
	synctest.Test(t, func(t *testing.T) {
		o := &originals{files: map[string][]byte{"i003": headSlice(), "i004": headSlice()}}
		p := preview.New(preview.Options{Objects: o, Derived: store, MaxAhead: 2, Workers: 2})
		defer p.Close()
		var stored atomic.Int64
		done := make(chan struct{})
		go func() {
			defer close(done)
			for _, id := range []string{"i001", "i002", "i003", "i004"} {
				one := p.Take(header, uid.ExplicitVRLittleEndian, int64(len(pixels)))
				one.See(pixels)
				p.Stored(ref(id), one)
				stored.Add(1)
			}
		}()
		synctest.Wait()
		if n := stored.Load(); n != 2 {
			t.Errorf("%d stored; two may be ahead of the pictures", n)
		}
		<-done // nothing makes pictures, and the sender has gone on
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- p.Run(ctx) }()
		synctest.Wait()
		for _, id := range []string{"i001", "i002", "i003", "i004"} {
			if ok, err := store.Has(ctx, series, id); !ok || err != nil {
				t.Errorf("%s has no pictures: %v", id, err)
			}
		}
		if n := o.opened.Load(); n != 2 {
			t.Errorf("%d objects were read back, want the two for which the sender did not wait", n)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// BenchmarkTaken is all that pictures cost of a CT that is seen coming.
func BenchmarkTaken(b *testing.B) {
	raw := headSlice()
	_, header, px, err := dataset.ReadFile(bytes.NewReader(raw), stream.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	pixels := raw[px.Offset:]
	p := preview.New(preview.Options{Objects: &originals{}, Derived: derived(b), MaxAhead: 1, Workers: 1})
	defer p.Close()
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	go p.Run(ctx) //nolint:errcheck // it ends with the benchmark
	b.SetBytes(int64(len(pixels)))
	b.ReportAllocs()
	for b.Loop() {
		one := p.Take(header, uid.ExplicitVRLittleEndian, int64(len(pixels)))
		for rest := pixels; len(rest) > 0; rest = rest[min(16<<10, len(rest)):] {
			one.See(rest[:min(16<<10, len(rest))])
		}
		p.Stored(ref("i001"), one)
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(time.Minute); !ok(); {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("did not happen: %s", what)
		}
	}
}
