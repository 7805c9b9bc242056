package j2k

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/internal/ht"
)

// contributed is what a packet says of the one code-block of a frame: how many
// passes, and the segments (T.814 Annex B) as the number of passes that the
// width of their length counts, and their bytes.
type contributed struct {
	passes   int
	segments []passSegment
}

type passSegment struct {
	passes int
	data   []byte
}

// htFrame builds the code-stream of an 8 × 8 frame of 8 bits with one code-block,
// a layer for each contribution. zero is the number of zero bit-planes signalled.
func htFrame(t *testing.T, zero int, layers []contributed) []byte {
	t.Helper()
	m := codec.Image{Config: codec.Config{Width: 8, Height: 8, Samples: 1, Precision: 8}, Pix: make([]byte, 64)}
	e := Encoder{HighThroughput: true}
	src := e.appendHeader(nil, &m, 0, false)
	cod := bytes.Index(src, []byte{mCOD >> 8, mCOD & 0xFF})
	binary.BigEndian.PutUint16(src[cod+6:], uint16(len(layers)))
	sot := len(src)
	src = appendSOT(src, 0, 0, 1)
	src = binary.BigEndian.AppendUint16(src, mSOD)
	for i, l := range layers {
		var b headerWriter
		b.start(src)
		b.bit(1)
		if i == 0 {
			b.bit(1) // included, a tree of one node
			for range zero {
				b.bit(0)
			}
			b.bit(1)
		} else {
			b.bit(1)
		}
		writePasses(&b, l.passes)
		const lblock = 10
		if i == 0 {
			for range lblock - 3 {
				b.bit(1)
			}
		}
		b.bit(0)
		for _, s := range l.segments {
			width := uint(lblock)
			for n := s.passes; n > 1; n /= 2 {
				width++
			}
			b.bits(uint32(len(s.data)), width)
		}
		src = b.end()
		for _, s := range l.segments {
			src = append(src, s.data...)
		}
	}
	binary.BigEndian.PutUint32(src[sot+6:], uint32(len(src)-sot))
	return append(src, mEOC>>8, mEOC&0xFF)
}

// TestHTSets: placeholder passes, and sets of passes each of which replaces the
// ones before, give the frame of the last set.
func TestHTSets(t *testing.T) {
	t.Parallel()
	const planes = usualGuard + 8 - 1
	fine, coarse := make([]uint32, 8*9), make([]uint32, 8*9)
	want := make([]byte, 64)
	for i := range want {
		v := int32(i*37%256) - 128
		want[i] = byte(v + 128)
		s := uint32(v >> 31)
		mag := (uint32(v) ^ s) - s
		fine[i], coarse[i] = mag|s<<31, mag>>1
		if mag>>1 != 0 {
			coarse[i] |= s << 31
		}
		if mag == 0 {
			fine[i] = 0
		}
	}
	var enc ht.Encoder
	first, last := enc.Encode(nil, coarse, 8, 8), enc.Encode(nil, fine, 8, 8)
	one := func(passes int, data []byte) passSegment { return passSegment{passes, data} }
	for name, c := range map[string]struct {
		zero   int
		layers []contributed
	}{
		"one set":              {planes - 1, []contributed{{1, []passSegment{one(1, last)}}}},
		"placeholders":         {planes - 3, []contributed{{7, []passSegment{one(7, last)}}}},
		"placeholder packet":   {planes - 2, []contributed{{3, []passSegment{one(3, nil)}}, {1, []passSegment{one(1, last)}}}},
		"two sets":             {planes - 2, []contributed{{1, []passSegment{one(1, first)}}, {3, []passSegment{one(2, nil), one(1, last)}}}},
		"set after refinement": {planes - 2, []contributed{{3, []passSegment{one(1, first), one(2, []byte{0, 0})}}, {1, []passSegment{one(1, last)}}}},
	} {
		var m codec.Image
		if err := new(Decoder).Decode(&m, htFrame(t, c.zero, c.layers), codec.Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !bytes.Equal(m.Pix, want) {
			t.Errorf("%s: other samples", name)
		}
	}
	// A set that begins below the last bit-plane has nothing to code.
	var m codec.Image
	src := htFrame(t, planes-1, []contributed{{4, []passSegment{one(4, last)}}})
	if err := new(Decoder).Decode(&m, src, codec.Options{}); !errors.Is(err, codec.ErrCorrupt) {
		t.Errorf("beyond the last bit-plane: %v", err)
	}
}
