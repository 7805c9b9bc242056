package codectest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// File is what the tests need of an encapsulated Part 10 file. It is read by a
// walker of its own, so that the codecs are tested without the packages above
// them; only explicit VR little endian (PS3.5 §A.4) is understood.
type File struct {
	TransferSyntaxUID                                      string
	Rows, Columns, Samples, Frames                         int
	BitsAllocated, BitsStored, PixelRepresentation, Planar int
	Photometric                                            string
	Native                                                 []byte // uncompressed pixel data, explicit VR little endian
	fragments                                              [][]byte
	offsets                                                []uint32
}

var errPart10 = errors.New("not an encapsulated Part 10 file")

// ParseFile reads the attributes of Table C.7-11a and the fragments.
func ParseFile(b []byte) (*File, error) {
	if len(b) < 132 || string(b[128:132]) != "DICM" {
		return nil, errPart10
	}
	f := &File{Samples: 1, Frames: 1}
	p := b[132:]
	for len(p) >= 8 {
		group, element := binary.LittleEndian.Uint16(p), binary.LittleEndian.Uint16(p[2:])
		if group == 0x7FE0 && element == 0x0010 {
			if n := binary.LittleEndian.Uint32(p[8:]); n != 0xFFFFFFFF {
				if uint64(n) > uint64(len(p)-12) {
					return nil, errPart10
				}
				f.Native = p[12 : 12+n]
				return f, nil
			}
			return f, f.readFragments(p[12:])
		}
		head, n, err := length(p)
		if err != nil {
			return nil, err
		}
		if n == 0xFFFFFFFF {
			if p, err = skipSequence(p[head:]); err != nil {
				return nil, err
			}
			continue
		}
		if uint64(n) > uint64(len(p)-head) {
			return nil, errPart10
		}
		f.set(uint32(group)<<16|uint32(element), p[head:head+int(n)])
		p = p[head+int(n):]
	}
	return nil, errPart10
}

func (f *File) set(tag uint32, v []byte) {
	text := strings.TrimRight(string(v), " \x00")
	number := 0
	if len(v) >= 2 {
		number = int(binary.LittleEndian.Uint16(v))
	}
	switch tag {
	case 0x00020010:
		f.TransferSyntaxUID = text
	case 0x00280002:
		f.Samples = number
	case 0x00280004:
		f.Photometric = text
	case 0x00280006:
		f.Planar = number
	case 0x00280008:
		f.Frames, _ = strconv.Atoi(strings.TrimSpace(text))
	case 0x00280010:
		f.Rows = number
	case 0x00280011:
		f.Columns = number
	case 0x00280100:
		f.BitsAllocated = number
	case 0x00280101:
		f.BitsStored = number
	case 0x00280103:
		f.PixelRepresentation = number
	}
}

// length is the header of PS3.5 Tables 7.1-1 and 7.1-2.
func length(p []byte) (head int, n uint32, err error) {
	if p[0] == 0xFE && p[1] == 0xFF {
		return 8, binary.LittleEndian.Uint32(p[4:]), nil
	}
	switch string(p[4:6]) {
	case "OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UR", "UT", "UN", "UV":
		if len(p) < 12 {
			return 0, 0, errPart10
		}
		return 12, binary.LittleEndian.Uint32(p[8:]), nil
	}
	return 8, uint32(binary.LittleEndian.Uint16(p[6:])), nil
}

// skipSequence passes the items of a sequence of undefined length.
func skipSequence(p []byte) ([]byte, error) {
	depth := 1
	for depth > 0 {
		if len(p) < 8 {
			return nil, errPart10
		}
		head, n, err := length(p)
		if err != nil {
			return nil, err
		}
		tag := binary.LittleEndian.Uint32(p)
		switch {
		case tag == 0xE0DDFFFE || tag == 0xE00DFFFE:
			depth--
		case n == 0xFFFFFFFF:
			depth++
		case tag == 0xE000FFFE:
			if uint64(n) > uint64(len(p)-head) {
				return nil, errPart10
			}
			head += int(n)
		default:
			if uint64(n) > uint64(len(p)-head) {
				return nil, errPart10
			}
			head += int(n)
		}
		p = p[head:]
	}
	return p, nil
}

// readFragments reads the items of PS3.5 §A.4; a missing delimiter at the end
// of the file is let pass.
func (f *File) readFragments(p []byte) error {
	for first := true; len(p) >= 8; first = false {
		tag, n := binary.LittleEndian.Uint32(p), binary.LittleEndian.Uint32(p[4:])
		if tag != 0xE000FFFE {
			break
		}
		if uint64(n) > uint64(len(p)-8) {
			return fmt.Errorf("fragment of %d bytes, %d left", n, len(p)-8)
		}
		item := p[8 : 8+n]
		p = p[8+n:]
		if first {
			for i := 0; i+4 <= len(item); i += 4 {
				f.offsets = append(f.offsets, binary.LittleEndian.Uint32(item[i:]))
			}
			continue
		}
		f.fragments = append(f.fragments, item)
	}
	if len(f.fragments) == 0 {
		return errPart10
	}
	return nil
}

// Stream joins the fragments of frame n (PS3.5 §A.4: by the Basic Offset Table,
// one fragment a frame, or by the start marker of each JPEG frame).
func (f *File) Stream(n int) ([]byte, error) {
	if n < 0 || n >= f.Frames {
		return nil, fmt.Errorf("frame %d of %d", n, f.Frames)
	}
	var starts []int
	switch {
	case f.Frames == 1:
		starts = []int{0}
	case len(f.fragments) == f.Frames:
		return f.fragments[n], nil
	case len(f.offsets) == f.Frames:
		at := uint32(0)
		for i, fragment := range f.fragments {
			if len(starts) < len(f.offsets) && at == f.offsets[len(starts)] {
				starts = append(starts, i)
			}
			at += 8 + uint32(len(fragment))
		}
	default:
		for i, fragment := range f.fragments {
			if bytes.HasPrefix(fragment, []byte{0xFF, 0xD8}) || bytes.HasPrefix(fragment, []byte{0xFF, 0x4F, 0xFF, 0x51}) {
				starts = append(starts, i)
			}
		}
	}
	if len(starts) != f.Frames {
		return nil, fmt.Errorf("%d frames found of %d", len(starts), f.Frames)
	}
	end := len(f.fragments)
	if n+1 < len(starts) {
		end = starts[n+1]
	}
	return bytes.Join(f.fragments[starts[n]:end], nil), nil
}
