package ingest_test

import (
	"bytes"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/ingest"
)

// watcher is one that writes down what it hears.
type watcher struct {
	seen   []byte
	closed int
}

func (w *watcher) See(b []byte) { w.seen = append(w.seen, b...) }
func (w *watcher) Close()       { w.closed++ }

// TestWatch: whoever wants to sees the pixels of an instance come, to the byte, and is
// either handed on when it is stored or closed, once.
func TestWatch(t *testing.T) {
	t.Parallel()
	large := func(d *dataset.Dataset) {
		d.SetInt(tag.Rows, "US", 200)
		d.SetInt(tag.Columns, "US", 200)
		pix := make([]byte, 80000)
		for i := range pix {
			pix[i] = byte(i * i >> 5)
		}
		d.SetBytes(tag.PixelData, "OW", pix)
	}
	inSequence := func(d *dataset.Dataset) {
		icon := dataset.New()
		icon.SetBytes(tag.PixelData, "OW", []byte{1, 2, 3, 4})
		d.SetItems(tag.Tag(0x00880200), icon)
	}
	for name, c := range map[string]struct {
		edit   func(*dataset.Dataset)
		syntax string
		before func(s *site) // what is done first
		cut    int           // bytes that do not come
		unseen bool
		stored bool
	}{
		"new":               {edit: large, stored: true},
		"implicit":          {edit: large, syntax: uid.ImplicitVRLittleEndian, stored: true},
		"deflated":          {edit: large, syntax: uid.DeflatedExplicitVRLittleEndian, stored: true},
		"icon before":       {edit: inSequence, stored: true},
		"big endian":        {syntax: uid.ExplicitVRBigEndian, unseen: true, stored: true},
		"no pixels":         {edit: without(tag.PixelData, tag.SamplesPerPixel, tag.BitsAllocated), unseen: true, stored: true},
		"cut in the pixels": {edit: large, cut: 1000},
		"again":             {edit: large, before: func(s *site) { s.mustStore(kaifu, ct(1, large)) }},
		"other content":     {edit: large, before: func(s *site) { s.mustStore(kaifu, ct(1)) }},
		"not a study":       {edit: without(tag.StudyInstanceUID)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			if c.before != nil {
				c.before(s)
			}
			if c.syntax == "" {
				c.syntax = uid.ExplicitVRLittleEndian
			}
			var w *watcher
			var handed []ingest.Stored
			in := ingest.New(s.objects, s.db, ingest.Options{
				Now: s.clock, OnStored: func(x ingest.Stored) { handed = append(handed, x) },
				Watch: func(b ingest.Begun) ingest.Watcher {
					if w != nil {
						t.Error("asked twice")
					}
					if rows, _ := b.Header.Int(tag.Rows); rows == 0 || b.SOPInstanceUID != "1.2.3.1.1" {
						t.Errorf("asked with %d rows for %s", rows, b.SOPInstanceUID)
					}
					w = &watcher{}
					return w
				},
			})
			d := ct(1)
			if c.edit != nil {
				c.edit(d)
			}
			m, b := encode(t, d, c.syntax)
			_, err := in.Store(t.Context(), kaifu, m, &trickle{bytes.NewReader(b[:len(b)-c.cut])})
			if want := c.cut == 0 && d.Has(tag.StudyInstanceUID); (err == nil) != want {
				t.Fatal(err)
			}
			if c.unseen {
				if w != nil {
					t.Error("asked")
				}
				return
			}
			raw, _, _ := d.Raw(tag.PixelData)
			if w == nil || !bytes.Equal(w.seen, raw[:len(raw)-c.cut]) {
				t.Fatal("not what came")
			}
			switch {
			case c.stored && (len(handed) != 1 || handed[0].Watcher != w || w.closed != 0):
				t.Errorf("handed on %v, closed %d times", handed, w.closed)
			case !c.stored && (len(handed) != 0 || w.closed != 1):
				t.Errorf("handed on %v, closed %d times; want only that", handed, w.closed)
			}
		})
	}
}

// trickle gives few bytes at a time.
type trickle struct{ r *bytes.Reader }

func (t *trickle) Read(p []byte) (int, error) { return t.r.Read(p[:min(len(p), 777)]) }
