package deident_test

import (
	"bufio"
	"bytes"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
)

func readMeta(b []byte) (stream.Meta, int64, error) {
	return stream.ReadMeta(bufio.NewReader(bytes.NewReader(b)))
}

// Whatever comes in: nothing panics, and what is written without an error can be read
// and has nothing private and no name in it.
func FuzzFile(f *testing.F) {
	f.Add(image(f, nil))
	f.Add(image(f, func(d *dataset.Dataset) {
		it := dataset.New()
		put(it, tag.PatientBirthDate)
		d.SetItems(tag.ContentSequence, it)
		d.SetFragments(tag.PixelData, nil, []byte{1, 2, 3})
	}))
	mask := []deident.MaskRule{{Areas: []deident.Area{{X: 1, Y: 1, Width: 2, Height: 2}}}}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, c := range []deident.Config{{Key: key}, {Key: key, Options: []deident.Option{deident.CleanDescriptors, deident.CleanStructuredContent, deident.RetainModifiedDates, deident.RetainSafePrivate}, Masks: mask}} {
			p, err := deident.New(c)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if _, err := p.File(&out, bytes.NewReader(b)); err != nil {
				continue
			}
			_, d, _, err := dataset.ReadFile(bytes.NewReader(out.Bytes()), stream.Limits{})
			if err != nil {
				t.Fatalf("what was written cannot be read: %v", err)
			}
			if d.String(tag.PatientIdentityRemoved) != "YES" {
				t.Fatal("not said to be de-identified")
			}
			named(t, d, true)
		}
	})
}

func named(t *testing.T, d *dataset.Dataset, root bool) {
	for _, at := range d.Tags() {
		vr, _ := d.VR(at)
		if vr == stream.PN && !(root && at == tag.PatientName) && d.String(at) != "" && d.String(at) != "REMOVED" {
			t.Fatalf("%s is %q", at, d.String(at))
		}
		if at == tag.PatientBirthDate && d.String(at) != "" {
			t.Fatalf("born %q", d.String(at))
		}
		for _, it := range d.Items(at) {
			named(t, it, false)
		}
	}
}
