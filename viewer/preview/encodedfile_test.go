package preview_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/jpegls"
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/viewer/preview"
)

// TestEncodedFile: a frame that lies in a file, in several fragments, is read from there; one
// that is masked or lies elsewhere is not.
func TestEncodedFile(t *testing.T) {
	t.Parallel()
	header, pixels := headerOf(t, headSlice())
	m := codec.Image{Config: codec.Config{Width: 512, Height: 512, Samples: 1, Precision: 16}, Pix: pixels}
	src, err := jpegls.Encode(nil, &m, jpegls.EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	header.SetFragments(tag.PixelData, nil, src[:100], src[100:300], src[300:])
	var file bytes.Buffer
	ts, _ := uid.LookupTransferSyntax(uid.JPEGLSLossless)
	if err := dataset.WriteFile(&file, header, ts); err != nil {
		t.Fatal(err)
	}
	raw := file.Bytes()
	objects, err := fsobject.Open(t.TempDir(), fsobject.Options{Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer objects.Close()
	w, err := objects.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(t.Context(), "minami/one"); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]preview.Options{
		"file":   {Objects: objects},
		"memory": {Objects: &originals{files: map[string][]byte{"minami/one": raw}}},
		"masked": {Objects: objects, Masks: func(context.Context, string, *dataset.Dataset) ([]deident.Area, error) {
			return []deident.Area{{Width: 10, Height: 10}}, nil
		}},
	} {
		p := preview.New(o)
		defer p.Close()
		one, err := p.Open(t.Context(), "minami/one")
		if err != nil {
			t.Fatal(err)
		}
		defer one.Close()
		f := one.EncodedFile(0)
		if name != "file" {
			if f != nil {
				t.Errorf("%s: given as a file", name)
			}
			continue
		}
		if f == nil {
			t.Fatal("no file")
		}
		for range 2 {
			var got connection
			if n, err := f.WriteTo(&got); err != nil || n != f.Length() || !bytes.Equal(got.Bytes(), src) {
				t.Errorf("other bytes than the frame, %v", err)
			}
			if got.files != 3 {
				t.Errorf("%d fragments came as parts of a file, want 3", got.files)
			}
		}
		if one.EncodedFile(1) != nil {
			t.Error("a frame that is not there")
		}
	}
}

// connection counts what it can have the system copy: net.TCPConn asks for the same.
type connection struct {
	bytes.Buffer
	files int
}

func (c *connection) ReadFrom(r io.Reader) (int64, error) {
	if limited, ok := r.(*io.LimitedReader); ok {
		if _, ok := limited.R.(*os.File); ok {
			c.files++
		}
	}
	return c.Buffer.ReadFrom(r)
}
