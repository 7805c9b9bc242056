package mp4

import (
	"math"
	"slices"
	"sort"
)

// maxSamples of a track: a minute at 240 pictures a second, four times over.
const maxSamples = 1 << 16

// sample is a picture or a piece of sound.
type sample struct {
	at       int64  // in the file
	size     uint32 // in the file
	kept     uint32 // of it what is written
	duration uint32 // in the track's timescale
	shift    int32  // from decoding to showing
	sync     bool   // decoding can begin here
}

// samples reads the tables of a stbl box (ISO/IEC 14496-12 8.6.1, 8.7). They are empty
// where all samples are in fragments.
func samples(stbl []byte) ([]sample, error) {
	sz := fields{b: child(stbl, "stsz")}
	sz.full()
	common, n := sz.u32(), sz.u32()
	if n == 0 && !sz.short {
		return nil, nil
	}
	if sz.short || n > maxSamples {
		return nil, ErrDamaged
	}
	out := make([]sample, n)
	sync := fields{b: child(stbl, "stss")}
	every := sync.b == nil
	for i := range out {
		if out[i].size, out[i].sync = common, every; common == 0 {
			out[i].size = sz.u32()
		}
	}
	if sz.short {
		return nil, ErrDamaged
	}
	if !every {
		sync.full()
		for range sync.u32() {
			k := sync.u32()
			if k == 0 || k > n {
				return nil, ErrDamaged
			}
			out[k-1].sync = true
		}
	}
	if err := runs(child(stbl, "stts"), out, func(s *sample, v uint32) { s.duration = v }); err != nil {
		return nil, err
	}
	if shifts := child(stbl, "ctts"); shifts != nil {
		// Version 0 is unsigned, and yet cameras write negative numbers in it.
		if err := runs(shifts, out, func(s *sample, v uint32) { s.shift = int32(v) }); err != nil {
			return nil, err
		}
	}
	return out, place(stbl, out)
}

// runs reads a table of runs of equal values, one value for each sample.
func runs(table []byte, out []sample, set func(*sample, uint32)) error {
	f := fields{b: table}
	f.full()
	for range f.u32() {
		n, v := f.u32(), f.u32()
		if f.short || uint64(n) > uint64(len(out)) {
			return ErrDamaged
		}
		for i := range out[:n] {
			set(&out[i], v)
		}
		out = out[n:]
	}
	if f.short || len(out) > 0 {
		return ErrDamaged
	}
	return nil
}

// place finds where the samples lie: so many of them in each chunk (8.7.4), chunks
// where stco or co64 says (8.7.5).
func place(stbl []byte, out []sample) error {
	size := 4
	offsets := fields{b: child(stbl, "stco")}
	if offsets.b == nil {
		offsets.b, size = child(stbl, "co64"), 8
	}
	offsets.full()
	chunks := offsets.u32()
	perChunk := fields{b: child(stbl, "stsc")}
	perChunk.full()
	entries := perChunk.u32()
	first, per, description := perChunk.u32(), perChunk.u32(), perChunk.u32()
	if entries == 0 || first != 1 {
		return ErrDamaged
	}
	// The entry in force, and the one after it with the chunk from which it holds.
	next, nextPer, nextDescription := uint32(0), uint32(0), uint32(0)
	read := func() {
		if entries--; entries > 0 {
			next, nextPer, nextDescription = perChunk.u32(), perChunk.u32(), perChunk.u32()
		}
	}
	read()
	for chunk := uint32(1); len(out) > 0; chunk++ {
		if entries > 0 && chunk == next {
			per, description = nextPer, nextDescription
			read()
		}
		at := offsets.number(size)
		if chunk > chunks || offsets.short || perChunk.short || at > math.MaxInt64/2 || description != 1 || per == 0 || uint64(per) > uint64(len(out)) {
			return ErrDamaged
		}
		end := int64(at)
		for i := range out[:per] {
			out[i].at = end
			end += int64(out[i].size)
		}
		out = out[per:]
	}
	return nil
}

// within reports whether there are samples, and every one lies in the media data, which
// is in the order of the file.
func within(list []sample, media []span) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(s sample) bool {
		after := sort.Search(len(media), func(i int) bool { return media[i].from > s.at })
		return s.size == 0 || s.size > MaxSample || after == 0 || s.at+int64(s.size) > media[after-1].to
	})
}
