package codec_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"pgregory.net/rapid"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	frame := codec.Config{Width: 512, Height: 256, Samples: 1, Precision: 16}
	huge := codec.Config{Width: math.MaxInt32, Height: math.MaxInt32, Samples: 4, Precision: 16}
	for name, c := range map[string]struct {
		config  codec.Config
		options codec.Options
		want    error
	}{
		"defaults":        {frame, codec.Options{}, nil},
		"as declared":     {frame, codec.Options{Width: 512, Height: 256, Samples: 1}, nil},
		"other width":     {frame, codec.Options{Width: 511}, codec.ErrMismatch},
		"other height":    {frame, codec.Options{Height: 255}, codec.ErrMismatch},
		"other samples":   {frame, codec.Options{Samples: 3}, codec.ErrMismatch},
		"pixels at limit": {frame, codec.Options{MaxPixels: 512 * 256}, nil},
		"pixels above":    {frame, codec.Options{MaxPixels: 512*256 - 1}, codec.ErrLimit},
		"bytes at limit":  {frame, codec.Options{MaxBytes: 2 * 512 * 256}, nil},
		"bytes above":     {frame, codec.Options{MaxBytes: 2*512*256 - 1}, codec.ErrLimit},
		"huge":            {huge, codec.Options{}, codec.ErrLimit},
		"huge, no limit":  {huge, codec.Options{MaxPixels: math.MaxInt64, MaxBytes: math.MaxInt64}, codec.ErrLimit},
		"empty":           {codec.Config{Width: 0, Height: 1, Samples: 1, Precision: 8}, codec.Options{}, codec.ErrCorrupt},
	} {
		err := c.options.Check(c.config, 7)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		var e *codec.Error
		if err != nil && (!errors.As(err, &e) || e.Offset != 7 || !strings.Contains(err.Error(), "byte 7")) {
			t.Errorf("%s: error %v does not carry the offset", name, err)
		}
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	var m codec.Image
	m.Reset(codec.Config{Width: 3, Height: 2, Samples: 3, Precision: 12})
	if len(m.Pix) != 36 {
		t.Errorf("%d bytes, want 36", len(m.Pix))
	}
	first := &m.Pix[0]
	m.Reset(codec.Config{Width: 2, Height: 2, Samples: 1, Precision: 8})
	if len(m.Pix) != 4 || &m.Pix[0] != first {
		t.Error("memory that suffices was not used again")
	}
}

// TestYBRToRGB compares with ITU-T T.871 §7 in floating point.
func TestYBRToRGB(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Byte(), 3, 3).Draw(t, "pixel")
		y, cb, cr := float64(p[0]), float64(p[1])-128, float64(p[2])-128
		want := [3]float64{y + 1.402*cr, y - 0.344136*cb - 0.714136*cr, y + 1.772*cb}
		codec.YBRToRGB(p)
		for i, w := range want {
			if w = min(max(w, 0), 255); math.Abs(float64(p[i])-w) > 0.51 {
				t.Fatalf("sample %d: got %d, want %g", i, p[i], w)
			}
		}
	})
}
