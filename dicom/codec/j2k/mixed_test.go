package j2k

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
)

// mixedStream codes m in blocks of 8 × 8, some of them HT, with the style that lets
// both kinds stand in one tile-component (T.814 Table A.4).
//
// Code-blocks of Part 1 have a segment for each pass when termAll says so.
func mixedStream(t *testing.T, m *codec.Image, high func(block int) bool, termAll bool) []byte {
	t.Helper()
	e := Encoder{HighThroughput: true}
	levels := levelsFor(m.Width, m.Height)
	src := e.appendHeader(nil, m, levels, false)
	cod := bytes.Index(src, []byte{mCOD >> 8, mCOD & 0xFF})
	copy(src[cod+10:], []byte{1, 1, styleHT | styleHTMixed})
	if termAll { // in blocks of 4 × 4, so that no length needs more than three bits
		copy(src[cod+10:], []byte{0, 0, styleHT | styleHTMixed | styleTermAll})
	}
	sot := len(src)
	src = appendSOT(src, 0, 0, 1)
	d := &e.shape
	if err := d.mainHeader(src); err != nil {
		t.Fatal(err)
	}
	d.style.inherit(&d.main)
	if err := d.layout(0); err != nil {
		t.Fatal(err)
	}
	e.load(m, false)
	comp := &d.comps[0]
	e.analyze(comp)
	e.coded = make([]coded, len(d.blocks))
	segments := map[int32][]int{}
	src = binary.BigEndian.AppendUint16(src, mSOD)
	for r := range comp.levels + 1 {
		res := &comp.resolutions[r]
		pr := &d.precincts[res.precincts]
		for i := range res.n {
			for j := range pr.bands[i].w * pr.bands[i].h {
				at := pr.bands[i].block + j
				e.HighThroughput = high(int(at))
				var planes int
				if e.coded[at], planes = e.encodeBlock(comp, &res.bands[i], &d.blocks[at]); planes > res.bands[i].planes {
					t.Fatalf("block %d has %d planes", at, planes)
				}
				if !e.HighThroughput && termAll && planes > 0 {
					segments[at] = encodeTerminated(&e, res.bands[i].orient, &e.coded[at])
				}
			}
		}
		var b headerWriter
		b.start(src)
		b.bit(1)
		for i := range res.n {
			writeMixedBand(&b, &e, &res.bands[i], &pr.bands[i], high, segments)
		}
		src = b.end()
		for i := range res.n {
			for j := range pr.bands[i].w * pr.bands[i].h {
				c := &e.coded[pr.bands[i].block+j]
				src = append(src, e.body[c.offset:c.offset+c.length]...)
			}
		}
	}
	binary.BigEndian.PutUint32(src[sot+6:], uint32(len(src)-sot))
	return append(src, mEOC>>8, mEOC&0xFF)
}

// encodeTerminated codes the block that e has taken out of its plane once more, a segment
// for each pass (§D.4.2), and gives their lengths.
func encodeTerminated(e *Encoder, orient int, c *coded) (lengths []int) {
	b := &e.blocks
	b.resetFlags()
	e.body = e.body[:c.offset]
	pass := func(code func()) {
		before := len(e.body)
		b.out.start(e.body)
		code()
		e.body = b.out.flush()
		lengths = append(lengths, len(e.body)-before)
	}
	for plane := int(c.planes) - 1; plane >= 0; plane-- {
		if plane != int(c.planes)-1 {
			pass(func() { b.encodeSignificance(e.data, orient, uint(plane)) })
			pass(func() { b.encodeRefinement(e.data, uint(plane)) })
		}
		pass(func() { b.encodeCleanup(e.data, orient, uint(plane)) })
	}
	c.length = int32(len(e.body)) - c.offset
	return lengths
}

// writeMixedBand tells the kinds apart by their lengths: that of an HT block has a
// leading zero, that of another has not or stays within Lblock 3.
func writeMixedBand(b *headerWriter, e *Encoder, bd *band, pb *precinctBand, high func(block int) bool, segments map[int32][]int) {
	w, h := int(pb.w), int(pb.h)
	n := tagNodes(w, h)
	inclusion, zero := make([]tagWriterNode, n), make([]tagWriterNode, n)
	for i, c := range e.coded[pb.block:][:w*h] {
		zero[i].value = int32(bd.planes) - int32(c.planes)
		if c.passes == 0 {
			inclusion[i].value = 1
		}
	}
	tagBuild(inclusion, w, h)
	tagBuild(zero, w, h)
	for i, c := range e.coded[pb.block:][:w*h] {
		tagWrite(inclusion, w, h, i%w, i/w, 1, b)
		if c.passes == 0 {
			continue
		}
		tagWrite(zero, w, h, i%w, i/w, zero[i].value+1, b)
		writePasses(b, int(c.passes))
		if lengths := segments[pb.block+int32(i)]; lengths != nil {
			lblock := 3
			for _, n := range lengths {
				lblock = max(lblock, bits.Len(uint(n)))
			}
			if lblock > 3 {
				panic("a first length that begins with a zero would be that of an HT block")
			}
			b.bit(0)
			for _, n := range lengths {
				b.bits(uint32(n), uint(lblock))
			}
			continue
		}
		length := bits.Len32(uint32(c.length))
		extra := bits.Len8(c.passes) - 1
		lblock := max(3, length-extra)
		if high(int(pb.block) + i) {
			lblock = max(4, length+1)
		}
		for range lblock - 3 {
			b.bit(1)
		}
		b.bit(0)
		b.bits(uint32(c.length), uint(lblock+extra))
	}
}

// TestMixedBlocks: code-blocks of both kinds in one code-stream give the frame.
func TestMixedBlocks(t *testing.T) {
	t.Parallel()
	for name, high := range map[string]func(int) bool{
		"alternating": func(i int) bool { return i%2 == 0 },
		"thirds":      func(i int) bool { return i%3 == 0 },
		"HT":          func(int) bool { return true },
		"Part 1":      func(int) bool { return false },
	} {
		for i, precision := range []int{8, 12, 16} {
			for _, termAll := range []bool{false, true} {
				m := codectest.Image(uint64(i), 61, 43, 1, precision)
				var got codec.Image
				if err := new(Decoder).Decode(&got, mixedStream(t, &m, high, termAll), codec.Options{}); err != nil {
					t.Errorf("%s, %d bits, a segment for each pass %v: %v", name, precision, termAll, err)
				} else if !bytes.Equal(got.Pix, m.Pix) {
					t.Errorf("%s, %d bits, a segment for each pass %v: other samples", name, precision, termAll)
				}
			}
		}
	}
}

// TestManyComponents: as many as there may be, whose numbers have two bytes.
func TestManyComponents(t *testing.T) {
	t.Parallel()
	for _, n := range []int{17, 256, 257, maxComponents} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			m := codectest.Image(1, 3, 2, n, 8)
			if n == 257 {
				m = codectest.Image(1, 1, 1, n, 8)
			}
			src, err := new(Encoder).Encode(nil, &m)
			if err != nil {
				t.Fatal(err)
			}
			if n == 257 { // like a code-stream of ISO 15444-4, of one resolution
				src = withManyMarkers(src)
			}
			var got codec.Image
			if err := new(Decoder).Decode(&got, src, codec.Options{Samples: n}); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Pix, m.Pix) {
				t.Error("other samples")
			}
			planes, err := new(Decoder).DecodePlanes(src, codec.Options{})
			if err != nil || len(planes) != n {
				t.Fatalf("%d planes, %v", len(planes), err)
			}
		})
	}
}

// withManyMarkers adds to a stream of 257 components what names some of them: COC,
// QCC, RGN without a shift and POC in two ranges, which keep the order of the packets.
func withManyMarkers(src []byte) []byte {
	cod := bytes.Index(src, []byte{mCOD >> 8, mCOD & 0xFF})
	qcd := bytes.Index(src, []byte{mQCD >> 8, mQCD & 0xFF})
	sot := bytes.Index(src, []byte{mSOT >> 8, mSOT & 0xFF})
	out := bytes.Clone(src[:sot])
	out = append(out, segmentOf(mCOC, append([]byte{1, 0, 0}, src[cod+9:qcd]...))...)
	out = append(out, segmentOf(mQCC, append([]byte{1, 0}, src[qcd+4:sot]...))...)
	out = append(out, segmentOf(mRGN, []byte{0, 3, 0, 0})...)
	out = append(out, segmentOf(mPOC, []byte{
		0, 0, 0, 0, 1, 33, 0, 128, 0,
		0, 0, 128, 0, 1, 33, 1, 1, 0,
	})...)
	return append(out, src[sot:]...)
}
