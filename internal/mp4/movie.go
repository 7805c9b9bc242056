package mp4

import (
	"errors"
	"io"
	"time"
)

// maxTimescale bounds units of a second, so that every duration fits 32 bits.
const maxTimescale = 10_000_000

// Movie is what of a file is kept. It reads the file again when it is written.
type Movie struct {
	Width, Height int           // pixels as shown: turned and with square pixels
	Length        time.Duration // of what is shown
	Codec         string        // of the pictures: avc1, hvc1, hev1, av01 or vp09
	Sound         bool

	file      io.ReaderAt
	timescale uint32 // of the movie
	tracks    []track
	size      int64 // of the samples as written
}

// track is one of pictures or sound.
type track struct {
	coding
	handler   string   // vide or soun
	turn      [4]int32 // the matrix a b c d, each -1, 0 or 1
	timescale uint32
	samples   []sample
	edit      edit

	fragmented bool
	start      uint64 // when the first sample is decoded, where it is in a fragment
}

// edit says what of the track is shown, after which pause (ISO/IEC 14496-12 8.6.6).
type edit struct {
	listed        bool
	pause, length uint32 // in the movie's timescale
	start         int32  // in the track's
}

// Open reads the index of a file of size bytes that may play for at most limit, and
// every sample once. r is read again by WriteTo.
func Open(r io.ReaderAt, size int64, limit time.Duration) (*Movie, error) {
	l, err := layOut(r, size)
	if err != nil {
		return nil, err
	}
	moov := make([]byte, l.index.to-l.index.from)
	if err := readAt(r, moov, l.index.from); err != nil {
		return nil, err
	}
	m := &Movie{file: r}
	head := fields{b: child(moov, "mvhd")}
	_, _, times := head.full()
	head.take(2 * times)
	if m.timescale = head.u32(); head.short || m.timescale == 0 || m.timescale > maxTimescale {
		return nil, ErrDamaged
	}
	mvex := child(moov, "mvex")
	if mvex == nil && len(l.fragments) > 0 {
		return nil, ErrDamaged
	}
	for _, b := range boxes(moov) {
		if b.kind != "trak" {
			continue
		}
		handler, enabled := kindOf(b.body)
		if !enabled || handler != "vide" && handler != "soun" || m.has(handler) {
			continue
		}
		t, err := m.track(b.body, handler, mvex, &l, limit)
		if err != nil {
			return nil, err
		}
		m.tracks = append(m.tracks, t)
	}
	if !m.has("vide") {
		return nil, ErrFormat
	}
	m.Sound = m.has("soun")
	if err := m.align(limit.Seconds()); err != nil {
		return nil, err
	}
	for i := range m.tracks {
		m.Length = max(m.Length, m.shown(&m.tracks[i]))
	}
	if m.Length > limit {
		return nil, ErrLong
	}
	return m, m.weigh(size)
}

func readAt(r io.ReaderAt, b []byte, at int64) error {
	n, err := r.ReadAt(b, at)
	switch {
	case n == len(b):
		return nil
	case errors.Is(err, io.EOF):
		return ErrDamaged
	}
	return err
}

func (m *Movie) has(handler string) bool {
	for _, t := range m.tracks {
		if t.handler == handler {
			return true
		}
	}
	return false
}

// kindOf is what a track holds, and whether it is to be shown (8.3.2, 8.4.3).
func kindOf(trak []byte) (handler string, enabled bool) {
	f := fields{b: child(trak, "mdia", "hdlr")}
	f.take(8)
	handler = string(f.take(4))
	_, flags, _ := (&fields{b: child(trak, "tkhd")}).full()
	return handler, flags&1 == 1
}

func (m *Movie) track(trak []byte, handler string, mvex []byte, l *layout, limit time.Duration) (t track, err error) {
	t.handler = handler
	head := fields{b: child(trak, "mdia", "mdhd")}
	_, _, times := head.full()
	head.take(2 * times)
	if t.timescale = head.u32(); head.short || t.timescale == 0 || t.timescale > maxTimescale {
		return t, ErrDamaged
	}
	stbl := child(trak, "mdia", "minf", "stbl")
	entries := fields{b: child(stbl, "stsd")}
	entries.full()
	n := entries.u32()
	list := boxes(entries.b)
	switch {
	case len(list) == 0:
		return t, ErrDamaged
	case n != 1:
		return t, ErrCodec
	case handler == "vide":
		t.coding, err = pictures(list[0])
	default:
		t.coding, err = sound(list[0])
	}
	if err != nil {
		return t, err
	}
	if t.samples, err = samples(stbl); err != nil {
		return t, err
	}
	id := trackID(trak)
	d, fragmented := extended(mvex, id)
	if t.fragmented = fragmented; fragmented {
		th := thread{defaults: d, id: id, samples: t.samples, end: t.length()}
		if err := th.read(m, l.fragments); err != nil {
			return t, err
		}
		t.samples, t.start = th.samples, th.start
	}
	if !within(t.samples, l.media) {
		return t, ErrDamaged
	}
	if seconds(t.length(), t.timescale) > limit {
		return t, ErrLong
	}
	if t.edit, err = edits(child(trak, "edts", "elst")); err != nil {
		return t, err
	}
	if handler == "vide" {
		m.frame(&t, child(trak, "tkhd"))
	}
	return t, nil
}

// trackID is that by which fragments name a track (8.3.2).
func trackID(trak []byte) uint32 {
	f := fields{b: child(trak, "tkhd")}
	_, _, times := f.full()
	f.take(2 * times)
	return f.u32()
}

// length of all samples, in the track's timescale.
func (t *track) length() (sum uint64) {
	for _, s := range t.samples {
		sum += uint64(s.duration)
	}
	return sum
}

func seconds(n uint64, timescale uint32) time.Duration {
	return time.Duration(float64(n) / float64(timescale) * float64(time.Second))
}

// shown is until when a track is shown.
func (m *Movie) shown(t *track) time.Duration {
	if t.edit.listed {
		return seconds(uint64(t.edit.pause)+uint64(t.edit.length), m.timescale)
	}
	return seconds(t.length(), t.timescale)
}

// edits reads an elst box: nothing, one edit, or a pause and one edit.
func edits(elst []byte) (e edit, err error) {
	if elst == nil {
		return e, nil
	}
	f := fields{b: elst}
	_, _, size := f.full()
	for n := f.u32(); n > 0; n-- {
		length := f.number(size)
		start := int64(int32(f.u32()))
		if size == 8 {
			start = start<<32 | int64(f.u32())
		}
		rate := f.u32()
		switch {
		case f.short || length > 1<<31 || start > 1<<31-1 || start < -1:
			return e, ErrDamaged
		case start == -1 && e.pause == 0 && !e.listed:
			e.pause = uint32(length)
		case start >= 0 && !e.listed && rate == 1<<16:
			e.listed, e.start, e.length = true, int32(start), uint32(length)
		default:
			return e, ErrEdited
		}
	}
	if e.pause > 0 && !e.listed {
		return e, ErrEdited
	}
	return e, nil
}

// frame takes from a tkhd box how the pictures are turned (8.3.2); one that does more
// than that is not turned.
func (m *Movie) frame(t *track, tkhd []byte) {
	t.turn = [4]int32{1, 0, 0, 1}
	f := fields{b: tkhd}
	_, _, times := f.full()
	f.take(2*times + 8 + times + 16)
	var matrix [4]int32
	for i := range matrix {
		matrix[i] = int32(f.u32())
		if i == 1 {
			f.u32()
		}
	}
	one := func(a, b int32) bool { return a == 0 && (b == 1<<16 || b == -1<<16) }
	if !f.short && (one(matrix[0], matrix[1]) && one(matrix[3], matrix[2]) || one(matrix[1], matrix[0]) && one(matrix[2], matrix[3])) {
		for i := range matrix {
			t.turn[i] = matrix[i] >> 16
		}
	}
	m.Codec, m.Width, m.Height = t.kind, t.width, t.height
	if aspect := (fields{b: child(t.entry[8+78:], "pasp")}); aspect.b != nil {
		h, v := aspect.u32(), aspect.u32()
		m.Width = max(1, int(uint64(m.Width)*uint64(h)/uint64(v)))
	}
	if t.turn[0] == 0 {
		m.Width, m.Height = m.Height, m.Width
	}
}

// weigh finds how much is kept of every sample. Samples may name the same bytes, and
// yet what is written is never longer than the file.
func (m *Movie) weigh(size int64) error {
	var named int64
	for i := range m.tracks {
		for _, s := range m.tracks[i].samples {
			if named += int64(s.size); named > size {
				return ErrDamaged
			}
		}
	}
	var b buffers
	for i := range m.tracks {
		t := &m.tracks[i]
		for k := range t.samples {
			kept, err := b.sample(m.file, t, t.samples[k])
			if err != nil {
				return err
			}
			t.samples[k].kept = uint32(len(kept))
			m.size += int64(len(kept))
		}
	}
	return nil
}

// buffers are used again for every sample.
type buffers struct{ in, out []byte }

// sample gives what is kept of one, until the next is asked for.
func (b *buffers) sample(r io.ReaderAt, t *track, s sample) ([]byte, error) {
	if t.cut == nil && s.kept == 0 {
		return b.take(int(s.size)), nil // it is read when it is written
	}
	in := b.take(int(s.size))
	if err := readAt(r, in, s.at); err != nil {
		return nil, err
	}
	if t.cut == nil {
		return in, nil
	}
	out, err := t.cut(b.out[:0], in)
	b.out = out
	return out, err
}

func (b *buffers) take(n int) []byte {
	if cap(b.in) < n {
		b.in = make([]byte, n)
	}
	return b.in[:n]
}
