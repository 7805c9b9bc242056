package stream_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/internal/shareddata"
)

// finish reads to the end and reports the warning.
func finish(r io.Reader) (unclosed bool, err error) {
	s := stream.NewScanner(r, syntax(uid.RLELossless), stream.Limits{})
	err = s.Finish()
	return s.Unclosed(), err
}

// TestUnclosed cuts Pixel Data of two frames at every byte: only with all fragments
// there is it accepted without the delimiter.
func TestUnclosed(t *testing.T) {
	t.Parallel()
	head := explicit().elem(tag.NumberOfFrames, "IS", "2 ")
	b := fragments(head, nil, "abcd", "efgh").b
	for n := 0; n <= len(b); n++ {
		for name, r := range map[string]io.Reader{
			"whole": bytes.NewReader(b[:n]),
			"bytes": iotest.OneByteReader(bytes.NewReader(b[:n])),
		} {
			unclosed, err := finish(r)
			const element = 10 // Number of Frames alone is a data set too
			whole := n == 0 || n == element || n == len(b) || n == len(b)-8
			if (err == nil) != whole || unclosed != (n == len(b)-8) {
				t.Errorf("%s: cut at %d of %d: unclosed %t, %v", name, n, len(b), unclosed, err)
			}
			if err != nil && !stream.Truncated(err) {
				t.Errorf("%s: cut at %d: %v", name, n, err)
			}
		}
	}
	// Who knows that the data are not whole says so.
	broken := io.MultiReader(bytes.NewReader(b[:len(b)-8]), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := finish(broken); !stream.Truncated(err) {
		t.Errorf("connection broken at the delimiter: %v", err)
	}
	// In an item, and in an element that is no Pixel Data, there is no such licence.
	for name, d := range map[string]*data{
		"in an item":    explicit().header(tag.IconImageSequence, "SQ", und).item(tag.Item, und).header(tag.PixelData, "OB", und).item(tag.Item, 0).item(tag.Item, 0),
		"private":       explicit().header(tag.New(9, 0x1001), "OB", und).item(tag.Item, 0).item(tag.Item, 0),
		"no fragments":  explicit().header(tag.PixelData, "OB", und).item(tag.Item, 0),
		"no table even": explicit().header(tag.PixelData, "OB", und),
	} {
		if _, err := finish(bytes.NewReader(d.b)); !stream.Truncated(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestUnclosedFiles reads real files that lack their delimiter.
func TestUnclosedFiles(t *testing.T) {
	t.Parallel()
	dir := shareddata.Dir(t)
	if dir == "" {
		return
	}
	files, err := filepath.Glob(filepath.Join(dir, "derived", "malformed", "*-no-seqdelim.dcm"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		x, err := stream.IndexFrames(bytes.NewReader(b), int64(len(b)))
		if err != nil || x.Frames() < 1 {
			t.Errorf("%s: %v", filepath.Base(file), err)
			continue
		}
		if _, err := x.ReadFrame(bytes.NewReader(b), int64(len(b)), 0, nil); err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
		}
		// The delimiter is all that was missing.
		closed := append(bytes.Clone(b), "\xfe\xff\xdd\xe0\x00\x00\x00\x00"...)
		if same, err := stream.Equal(bytes.NewReader(b), bytes.NewReader(closed)); err != nil || !same {
			t.Errorf("%s: with delimiter: %t, %v", filepath.Base(file), same, err)
		}
	}
}
