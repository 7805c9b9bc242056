package byrow

import (
	"errors"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
)

// TestHead: headers come in pieces, but not in any number of them, nor without end.
func TestHead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		piece, most int // bytes of a piece, pieces that are taken
	}{
		"many": {1, mostPieces - 1}, "long": {mostHead / 4, 3},
	} {
		var s State
		for range 2 {
			s.Begin(codec.Options{})
			n, reads := 0, 0
			start := func(head []byte) (codec.Config, int, error) {
				reads++
				return codec.Config{}, 0, codec.Errorf(codec.ErrTruncated, int64(len(head)), "no end of headers")
			}
			more := func([]byte) error { t.Error("went on without headers"); return nil }
			for s.Write(make([]byte, c.piece), start, more) == nil {
				n++
			}
			if n != c.most {
				t.Errorf("%s: %d pieces were taken, want %d", name, n, c.most)
			}
			if err := s.Write([]byte{1}, start, more); !errors.Is(err, codec.ErrTruncated) || reads != n+1 {
				t.Errorf("%s: after an error: %v, %d readings", name, err, reads)
			}
		}
	}
}

// TestRest: what comes behind the headers in one piece with them goes on.
func TestRest(t *testing.T) {
	t.Parallel()
	var s State
	s.Begin(codec.Options{})
	var got []byte
	start := func(head []byte) (codec.Config, int, error) {
		if len(head) < 3 {
			return codec.Config{}, 0, codec.Errorf(codec.ErrTruncated, 0, "short")
		}
		return codec.Config{Height: 2}, 3, nil
	}
	more := func(p []byte) error {
		got = append(got, p...)
		s.Y = min(len(got), 2)
		return nil
	}
	for _, p := range []string{"ab", "cd", "e", "f"} {
		if err := s.Write([]byte(p), start, more); err != nil {
			t.Fatal(err)
		}
	}
	if string(got) != "de" || !s.Done() || s.Config().Height != 2 {
		t.Errorf("%q, done %v", got, s.Done())
	}
}
