package mp4

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
)

// Bounds of what is held in memory.
const (
	MaxIndex  = 4 << 20 // bytes of the moov box, and of each moof box
	MaxSample = 8 << 20 // bytes of one picture as coded
)

// maxBoxes of a file, those within others not counted: as many as samples.
const maxBoxes = maxSamples

// Errors of Open. They are stable: callers map them to answers.
var (
	// ErrFormat: no MP4 or MOV.
	ErrFormat = errors.New("mp4: not an MP4 or MOV file")
	// ErrDamaged: the file does not hold what its index says.
	ErrDamaged = errors.New("mp4: damaged or cut off")
	// ErrCodec: pictures or sound are coded in a way that is not taken.
	ErrCodec = errors.New("mp4: pictures or sound of a kind that is not taken")
	// ErrEdited: the edit list does more than cut off the beginning and the end.
	ErrEdited = errors.New("mp4: put together from several pieces")
	// ErrLong: it plays for longer than may be.
	ErrLong = errors.New("mp4: too long")
)

// span is part of a file.
type span struct{ from, to int64 }

// layout is what of the boxes of a file is looked at, in the order of the file.
type layout struct {
	index     span
	media     []span
	fragments []fragment
}

// layOut finds index, media data and fragments among the boxes of a file (ISO/IEC
// 14496-12 4.2, 8.1, 8.8.4).
func layOut(r io.ReaderAt, size int64) (l layout, err error) {
	for at, n := int64(0), 0; at < size; n++ {
		var head [16]byte
		got, err := r.ReadAt(head[:min(16, size-at)], at)
		if err != nil && !errors.Is(err, io.EOF) {
			return l, err
		}
		if got < 8 {
			break // what is left is no box
		}
		kind := string(head[4:8])
		if at == 0 && kind != "ftyp" {
			return l, ErrFormat
		}
		length, header := int64(binary.BigEndian.Uint32(head[:])), int64(8)
		switch {
		case length == 0:
			length = size - at
		case length == 1 && got == 16:
			large := binary.BigEndian.Uint64(head[8:])
			if large > math.MaxInt64 {
				return l, ErrDamaged
			}
			length, header = int64(large), 16
		}
		if length < header || length > size-at || n == maxBoxes {
			return l, ErrDamaged
		}
		body := span{at + header, at + length}
		switch kind {
		case "mdat":
			l.media = append(l.media, body)
		case "moof":
			if length > MaxIndex {
				return l, ErrDamaged
			}
			l.fragments = append(l.fragments, fragment{at, body})
		case "moov":
			if l.index.to != 0 {
				return l, ErrDamaged
			}
			l.index = body
		}
		at += length
	}
	switch {
	case l.index.to == 0 && len(l.media) == 0:
		return l, ErrFormat
	case l.index.to == 0:
		return l, ErrDamaged // cut off before its end, where cameras write it
	case l.index.to-l.index.from > MaxIndex:
		return l, ErrDamaged
	}
	return l, nil
}

// box is one in memory.
type box struct {
	kind string
	body []byte
}

// boxes are those that body holds. What does not fit stops the list: QuickTime ends
// some with four zero bytes.
func boxes(body []byte) (list []box) {
	for len(body) >= 8 {
		n := binary.BigEndian.Uint32(body)
		if n < 8 || uint64(n) > uint64(len(body)) {
			return list
		}
		list = append(list, box{string(body[4:8]), body[8:n]})
		body = body[n:]
	}
	return list
}

// child is the first box of a kind at the end of a path, or nil.
func child(body []byte, path ...string) []byte {
	for _, kind := range path {
		var found []byte
		for _, b := range boxes(body) {
			if b.kind == kind {
				found = b.body
				break
			}
		}
		if found == nil {
			return nil
		}
		body = found
	}
	return body
}

// fields reads numbers from a box, one after the other; past its end they are 0 and
// short says so.
type fields struct {
	b     []byte
	short bool
}

func (f *fields) take(n int) []byte {
	if n < 0 || n > len(f.b) {
		f.short, f.b = true, nil
		return nil
	}
	out := f.b[:n:n]
	f.b = f.b[n:]
	return out
}

func (f *fields) number(n int) (v uint64) {
	for _, b := range f.take(n) {
		v = v<<8 | uint64(b)
	}
	return v
}

func (f *fields) u8() uint8   { return uint8(f.number(1)) }
func (f *fields) u16() uint16 { return uint16(f.number(2)) }
func (f *fields) u32() uint32 { return uint32(f.number(4)) }

// full reads version and flags (4.2). Times and durations have size bytes.
func (f *fields) full() (version uint8, flags uint32, size int) {
	version = f.u8()
	size = 4
	if version == 1 {
		size = 8
	}
	return version, uint32(f.number(3)), size
}

// put makes a box of parts.
func put(kind string, parts ...[]byte) []byte {
	n := 8
	for _, p := range parts {
		n += len(p)
	}
	out := append(binary.BigEndian.AppendUint32(make([]byte, 0, n), uint32(n)), kind...)
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func be16(v ...uint16) (out []byte) {
	for _, n := range v {
		out = binary.BigEndian.AppendUint16(out, n)
	}
	return out
}

func be32(v ...uint32) (out []byte) {
	for _, n := range v {
		out = binary.BigEndian.AppendUint32(out, n)
	}
	return out
}
