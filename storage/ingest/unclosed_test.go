package ingest_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/ingest"
)

// TestPixelDataWithoutDelimiter: the message says where the data set ends, so the
// delimiter that some senders forget is not missed; a fragment that is, is.
func TestPixelDataWithoutDelimiter(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	m, head := encode(t, ct(1, without(tag.PixelData)), uid.RLELossless)
	const (
		open     = "\xe0\x7f\x10\x00OB\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\x00\x00\x00\x00"
		fragment = "\xfe\xff\x00\xe0\x04\x00\x00\x00abcd"
		end      = "\xfe\xff\xdd\xe0\x00\x00\x00\x00"
	)
	store := func(pixels string) (ingest.Result, error) {
		return s.in.Store(t.Context(), kaifu, m, io.MultiReader(bytes.NewReader(head), bytes.NewReader([]byte(pixels))))
	}
	for _, pixels := range []string{open, open + fragment[:10], open + fragment + end[:4]} {
		if _, err := store(pixels); ingest.Status(err) != ingest.StatusCannotUnderstand {
			t.Errorf("%d bytes of Pixel Data: %v", len(pixels), err)
		}
	}
	first, err := store(open + fragment)
	s.must(err)
	again, err := store(open + fragment + end)
	s.must(err)
	if first.Duplicate || first.Conflict || !again.Duplicate {
		t.Errorf("first %+v, with the delimiter %+v", first, again)
	}
}
