package mp4

import (
	"bytes"
	"io"
)

// interleave is how much of a track lies together, in seconds: who plays the file
// reads it from its beginning to its end.
const interleave = 0.5

// WriteTo writes the movie, its index first. It implements io.WriterTo.
func (m *Movie) WriteTo(w io.Writer) (n int64, err error) {
	order := m.order()
	kind := put("ftyp", []byte("isom\x00\x00\x02\x00isomiso2mp41"))
	// The index is as long whatever the offsets in it say.
	begin := int64(len(kind)+len(m.index(order, 0))) + 8
	head := append(kind, m.index(order, begin)...)
	head = append(head, be32(uint32(m.size+8))...)
	head = append(head, "mdat"...)
	k, err := w.Write(head)
	if n = int64(k); err != nil {
		return n, err
	}
	var b buffers
	for _, c := range order {
		t := &m.tracks[c.track]
		for _, s := range t.samples[c.from:c.to] {
			kept, err := b.sample(m.file, t, s)
			if err != nil {
				return n, err
			}
			if len(kept) != int(s.kept) {
				return n, ErrDamaged // the file has changed
			}
			k, err := w.Write(kept)
			if n += int64(k); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// chunk is samples of a track that lie together.
type chunk struct{ track, from, to int }

// order is that in which the samples are written: by the time at which they are
// decoded.
func (m *Movie) order() (out []chunk) {
	at := make([]int, len(m.tracks))
	now := make([]uint64, len(m.tracks))
	for until, left := interleave, true; left; until += interleave {
		left = false
		for i := range m.tracks {
			t := &m.tracks[i]
			c := chunk{i, at[i], at[i]}
			for c.to < len(t.samples) && float64(now[i]) < until*float64(t.timescale) {
				now[i] += uint64(t.samples[c.to].duration)
				c.to++
			}
			if at[i] = c.to; c.to > c.from {
				out = append(out, c)
			}
			left = left || c.to < len(t.samples)
		}
	}
	return out
}

// identity is the matrix of a movie, and of a track that is not turned.
var identity = be32(1<<16, 0, 0, 0, 1<<16, 0, 0, 0, 1<<30)

// index is the moov box (ISO/IEC 14496-12 8.2); the samples begin at begin.
func (m *Movie) index(order []chunk, begin int64) []byte {
	length := uint32(0)
	traks := make([][]byte, len(m.tracks))
	for i := range m.tracks {
		shown := m.span(&m.tracks[i])
		length = max(length, shown)
		traks[i] = m.trak(i, order, begin, shown)
	}
	head := put("mvhd", be32(0, 0, 0, m.timescale, length, 1<<16), be16(0x0100), make([]byte, 10), identity, make([]byte, 24), be32(uint32(len(m.tracks)+1)))
	return put("moov", head, bytes.Join(traks, nil))
}

// span is until when a track is shown, in the movie's timescale.
func (m *Movie) span(t *track) uint32 {
	if t.edit.listed {
		return t.edit.pause + t.edit.length
	}
	return m.units(t.length(), t.timescale)
}

// units are n of a timescale in that of the movie.
func (m *Movie) units(n uint64, timescale uint32) uint32 {
	return uint32(n * uint64(m.timescale) / uint64(timescale))
}

func (m *Movie) trak(i int, order []chunk, begin int64, shown uint32) []byte {
	t := &m.tracks[i]
	const enabledAndInMovie = 3
	volume, matrix, media := uint16(0x0100), identity, put("smhd", make([]byte, 8))
	if t.handler == "vide" {
		volume, matrix, media = 0, t.matrix(), put("vmhd", be32(1, 0, 0))
	}
	head := put("tkhd", be32(enabledAndInMovie, 0, 0, uint32(i+1), 0, shown, 0, 0), be16(0, 0, volume, 0), matrix, be32(uint32(t.width)<<16, uint32(t.height)<<16))
	var edits []byte
	if t.edit.listed {
		list := be32(t.edit.length, uint32(t.edit.start), 1<<16)
		n := uint32(1)
		if t.edit.pause > 0 {
			list, n = append(be32(t.edit.pause, 1<<32-1, 1<<16), list...), 2
		}
		edits = put("edts", put("elst", be32(0, n), list))
	}
	const undetermined = 0x55C4 // the language, ISO 639-2/T und
	mdhd := put("mdhd", be32(0, 0, 0, t.timescale, uint32(t.length())), be16(undetermined, 0))
	hdlr := put("hdlr", be32(0, 0), []byte(t.handler), make([]byte, 13))
	here := put("dinf", put("dref", be32(0, 1), put("url ", be32(1))))
	return put("trak", head, edits, put("mdia", mdhd, hdlr, put("minf", media, here, m.stbl(i, order, begin))))
}

// matrix turns the pictures, and moves them back to where they are seen.
func (t *track) matrix() []byte {
	a, b, c, d := t.turn[0], t.turn[1], t.turn[2], t.turn[3]
	x := max(0, -a)*int32(t.width) + max(0, -c)*int32(t.height)
	y := max(0, -b)*int32(t.width) + max(0, -d)*int32(t.height)
	return be32(uint32(a<<16), uint32(b<<16), 0, uint32(c<<16), uint32(d<<16), 0, uint32(x<<16), uint32(y<<16), 1<<30)
}

// stbl writes the tables of a track (8.5 to 8.7).
func (m *Movie) stbl(i int, order []chunk, begin int64) []byte {
	t := &m.tracks[i]
	var sync, sizes []byte
	shifted, back := false, false
	for k, s := range t.samples {
		sizes = append(sizes, be32(s.kept)...)
		if s.sync {
			sync = append(sync, be32(uint32(k+1))...)
		}
		shifted, back = shifted || s.shift != 0, back || s.shift < 0
	}
	var chunks, offsets []byte
	at, n, before := begin, uint32(0), 0
	for _, c := range order {
		if c.track == i {
			n++
			offsets = append(offsets, be32(uint32(at))...)
			if size := c.to - c.from; size != before {
				chunks = append(chunks, be32(n, uint32(size), 1)...)
				before = size
			}
		}
		for _, s := range m.tracks[c.track].samples[c.from:c.to] {
			at += int64(s.kept)
		}
	}
	out := append(put("stsd", be32(0, 1), t.entry), table("stts", 0, 8, t.runs(func(s sample) uint32 { return s.duration }))...)
	if shifted {
		version := uint32(0)
		if back {
			version = 1
		}
		out = append(out, table("ctts", version, 8, t.runs(func(s sample) uint32 { return uint32(s.shift) }))...)
	}
	if len(sync) < len(sizes) {
		out = append(out, table("stss", 0, 4, sync)...)
	}
	out = append(out, table("stsc", 0, 12, chunks)...)
	out = append(out, put("stsz", be32(0, 0, uint32(len(t.samples))), sizes)...)
	return put("stbl", append(out, table("stco", 0, 4, offsets)...))
}

// table is a box of entries of size bytes, and how many they are.
func table(kind string, version uint32, size int, entries []byte) []byte {
	return put(kind, be32(version<<24, uint32(len(entries)/size)), entries)
}

// runs are how many samples one after the other have the same value, and it.
func (t *track) runs(value func(sample) uint32) (out []byte) {
	for k := 0; k < len(t.samples); {
		v, from := value(t.samples[k]), k
		for k < len(t.samples) && value(t.samples[k]) == v {
			k++
		}
		out = append(out, be32(uint32(k-from), v)...)
	}
	return out
}
