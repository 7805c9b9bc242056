package mp4

import (
	"math"
	"slices"
)

// fragment is a moof box: what browsers and recorders write while they record, so that
// the samples before it are not lost (ISO/IEC 14496-12 8.8.4).
type fragment struct {
	at   int64 // its first byte in the file
	body span
}

// defaults are what holds for the samples of a track in fragments that say nothing
// else: a trex box (8.8.3), and in one fragment its tfhd (8.8.7).
type defaults struct{ description, duration, size, flags uint32 }

// notSync is sample_is_non_sync_sample (8.8.3.1).
const notSync = 1 << 16

// extended finds the defaults of a track; without them it has no fragments.
func extended(mvex []byte, id uint32) (d defaults, ok bool) {
	for _, b := range boxes(mvex) {
		f := fields{b: b.body}
		f.full()
		if b.kind != "trex" || f.u32() != id {
			continue
		}
		d.description, d.duration, d.size, d.flags = f.u32(), f.u32(), f.u32(), f.u32()
		return d, !f.short
	}
	return d, false
}

// thread reads the samples of one track out of the fragments.
type thread struct {
	defaults
	id      uint32 // of the track
	samples []sample
	start   uint64 // when the first sample is decoded, in the track's timescale
	end     uint64 // when the last one is over
}

// read goes through the fragments in their order; one is in memory at a time.
func (t *thread) read(m *Movie, list []fragment) error {
	var b []byte
	for _, frag := range list {
		n := int(frag.body.to - frag.body.from)
		if cap(b) < n {
			b = make([]byte, n)
		}
		b = b[:n]
		if err := readAt(m.file, b, frag.body.from); err != nil {
			return err
		}
		first := true
		for _, traf := range boxes(b) {
			if traf.kind != "traf" {
				continue
			}
			if err := t.traf(traf.body, frag.at, first); err != nil {
				return err
			}
			first = false
		}
	}
	return nil
}

// traf reads what a fragment that begins at at has of the track (8.8.6, 8.8.7).
func (t *thread) traf(body []byte, at int64, first bool) error {
	const (
		baseDataOffset = 1 << iota
		description
		_
		duration
		size
		flags
		baseIsMoof = 1 << 17
	)
	head := fields{b: child(body, "tfhd")}
	_, has, _ := head.full()
	if head.u32() != t.id {
		return nil
	}
	base := uint64(at)
	switch {
	case has&baseDataOffset != 0:
		base = head.number(8)
	case has&baseIsMoof == 0 && !first:
		return ErrFormat // behind what another track has: as nobody writes any more
	}
	d := t.defaults
	for _, set := range []struct {
		flag uint32
		to   *uint32
	}{{description, &d.description}, {duration, &d.duration}, {size, &d.size}, {flags, &d.flags}} {
		if has&set.flag != 0 {
			*set.to = head.u32()
		}
	}
	if head.short || d.description != 1 || base > math.MaxInt64/2 {
		return ErrDamaged
	}
	if err := t.resume(child(body, "tfdt")); err != nil {
		return err
	}
	end := int64(base)
	for _, b := range boxes(body) {
		if b.kind != "trun" {
			continue
		}
		var err error
		if end, err = t.trun(b.body, int64(base), end, d); err != nil {
			return err
		}
	}
	return nil
}

// resume takes from a tfdt box when the next sample is decoded (8.8.12). The one before
// lasts until then, which bridges a pause in a recording.
func (t *thread) resume(tfdt []byte) error {
	if tfdt == nil {
		return nil
	}
	f := fields{b: tfdt}
	_, _, size := f.full()
	at := f.number(size)
	switch n := len(t.samples); {
	case f.short || at > math.MaxInt64/2:
		return ErrDamaged
	case n == 0:
		t.start = at
	default:
		last := &t.samples[n-1]
		begun := t.end - uint64(last.duration)
		if at < begun {
			return ErrDamaged
		}
		if at-begun > math.MaxUint32 {
			return ErrLong
		}
		last.duration = uint32(at - begun)
	}
	t.end = at
	return nil
}

// trun reads a run of samples that lie one behind the other (8.8.8): from end, where the
// run before ended, or where it says itself, counted from base. It gives where it ends.
func (t *thread) trun(body []byte, base, end int64, d defaults) (int64, error) {
	const (
		dataOffset = 1
		firstFlags = 1 << 2
		duration   = 1 << 8
		size       = 1 << 9
		flags      = 1 << 10
		shift      = 1 << 11 // composition time offset
	)
	f := fields{b: body}
	_, has, _ := f.full()
	n := f.u32()
	if has&dataOffset != 0 {
		end = base + int64(int32(f.u32()))
	}
	how := d.flags
	if has&firstFlags != 0 {
		how = f.u32()
	}
	if uint64(n) > uint64(maxSamples-len(t.samples)) {
		return end, ErrDamaged
	}
	for range n {
		s := sample{at: end, size: d.size, duration: d.duration}
		if has&duration != 0 {
			s.duration = f.u32()
		}
		if has&size != 0 {
			s.size = f.u32()
		}
		if has&flags != 0 {
			how = f.u32()
		}
		if has&shift != 0 {
			s.shift = int32(f.u32()) // unsigned in version 0, and yet negative in some
		}
		s.sync = how&notSync == 0
		how = d.flags
		end += int64(s.size)
		t.end += uint64(s.duration)
		t.samples = append(t.samples, s)
	}
	if f.short {
		return end, ErrDamaged
	}
	return end, nil
}

// align makes the track that begins first begin at once, and the others as long after
// it as they did: samples are written as if the first of a track were decoded at 0.
func (m *Movie) align(limit float64) error {
	late := make([]float64, len(m.tracks)) // s
	for i := range m.tracks {
		t := &m.tracks[i]
		hidden := min(t.start, uint64(t.edit.start))
		late[i] = float64(t.start-hidden) / float64(t.timescale)
		t.edit.start -= int32(hidden)
	}
	for i := range m.tracks {
		t := &m.tracks[i]
		after := late[i] - slices.Min(late)
		if after > limit {
			return ErrLong
		}
		pause := uint32(math.Round(after * float64(m.timescale)))
		switch {
		case t.edit.listed && t.edit.length == 0 && t.fragmented: // to the end, which nobody knew yet (8.6.6.1)
			t.edit.length = m.units(t.length()-min(t.length(), uint64(t.edit.start)), t.timescale)
		case !t.edit.listed && pause > 0:
			t.edit.listed, t.edit.length = true, m.units(t.length(), t.timescale)
		}
		t.edit.pause += pause
	}
	return nil
}
