package t81

import (
	"bytes"
	"encoding/binary"

	"github.com/dokuei/dokuei/dicom/codec"
)

// MaxComponents is the most a frame may have here. T.81 allows 255 in a frame
// and 4 in a scan; no DICOM photometric interpretation has more than 4.
const MaxComponents = 4

// Component is a component of the frame header (T.81 Table B.2).
type Component struct {
	ID   byte
	H, V int // sampling factors
	Tq   byte
}

// Frame is the frame header of T.81 §B.2.2. Height 0 means that a DNL segment
// follows the first scan.
type Frame struct {
	Marker        byte
	Precision     int
	Width, Height int
	N             int
	Components    [MaxComponents]Component
	HMax, VMax    int
}

// Subsampled tells whether the components have several sizes.
func (f *Frame) Subsampled() bool {
	for _, c := range f.Components[:f.N] {
		if c.H != f.HMax || c.V != f.VMax {
			return true
		}
	}
	return false
}

// ParseFrame decodes an SOF segment.
func ParseFrame(s Segment) (Frame, error) {
	p := s.Payload
	f := Frame{Marker: s.Marker, HMax: 1, VMax: 1}
	if len(p) < 6 {
		return f, codec.Errorf(codec.ErrCorrupt, int64(s.Offset), "frame header of %d bytes", len(p))
	}
	f.Precision = int(p[0])
	f.Height = int(binary.BigEndian.Uint16(p[1:]))
	f.Width = int(binary.BigEndian.Uint16(p[3:]))
	f.N = int(p[5])
	if f.N == 0 || f.N > MaxComponents {
		return f, codec.Errorf(codec.ErrUnsupported, int64(s.Offset+5), "%d components", f.N)
	}
	if len(p) < 6+3*f.N {
		return f, codec.Errorf(codec.ErrCorrupt, int64(s.Offset), "frame header of %d bytes for %d components", len(p), f.N)
	}
	for i := range f.N {
		q := p[6+3*i:]
		c := Component{ID: q[0], H: int(q[1] >> 4), V: int(q[1] & 15), Tq: q[2]}
		if c.H < 1 || c.H > 4 || c.V < 1 || c.V > 4 {
			return f, codec.Errorf(codec.ErrCorrupt, int64(s.Offset+7+3*i), "sampling factors %d × %d", c.H, c.V)
		}
		for _, other := range f.Components[:i] {
			if other.ID == c.ID {
				return f, codec.Errorf(codec.ErrCorrupt, int64(s.Offset+6+3*i), "component identifier %d twice", c.ID)
			}
		}
		f.Components[i] = c
		f.HMax, f.VMax = max(f.HMax, c.H), max(f.VMax, c.V)
	}
	return f, nil
}

// ScanComponent is a component of the scan header (T.81 Table B.3): which of the
// frame's components it is and its tables (T.87 §C.2.3 has a mapping table Tm).
type ScanComponent struct {
	Index  int
	Td, Ta byte
}

// Scan is the scan header of T.81 §B.2.3.
type Scan struct {
	N              int
	Components     [MaxComponents]ScanComponent
	Ss, Se, Ah, Al int
}

// ParseScan decodes an SOS segment.
func ParseScan(s Segment, f *Frame) (Scan, error) {
	var sc Scan
	p := s.Payload
	if len(p) < 1 {
		return sc, codec.Errorf(codec.ErrCorrupt, int64(s.Offset), "empty scan header")
	}
	sc.N = int(p[0])
	if sc.N < 1 || sc.N > f.N || len(p) < 4+2*sc.N {
		return sc, codec.Errorf(codec.ErrCorrupt, int64(s.Offset), "scan header of %d bytes for %d components", len(p), sc.N)
	}
	for i := range sc.N {
		id, tables := p[1+2*i], p[2+2*i]
		index := -1
		for j, c := range f.Components[:f.N] {
			if c.ID == id {
				index = j
			}
		}
		if index < 0 {
			return sc, codec.Errorf(codec.ErrCorrupt, int64(s.Offset+1+2*i), "scan of unknown component %d", id)
		}
		for _, other := range sc.Components[:i] {
			if other.Index == index {
				return sc, codec.Errorf(codec.ErrCorrupt, int64(s.Offset+1+2*i), "component %d twice in a scan", id)
			}
		}
		sc.Components[i] = ScanComponent{Index: index, Td: tables >> 4, Ta: tables & 15}
	}
	q := p[1+2*sc.N:]
	sc.Ss, sc.Se, sc.Ah, sc.Al = int(q[0]), int(q[1]), int(q[2]>>4), int(q[2]&15)
	return sc, nil
}

// ParseDRI gives the restart interval of §B.2.4.4.
func ParseDRI(s Segment) (int, error) {
	if len(s.Payload) < 2 {
		return 0, codec.Errorf(codec.ErrCorrupt, int64(s.Offset), "restart interval of %d bytes", len(s.Payload))
	}
	return int(binary.BigEndian.Uint16(s.Payload)), nil
}

// FindDNL looks for the DNL segment (§B.2.5) that ends the first scan at pos.
func FindDNL(src []byte, pos int) (height int, ok bool) {
	for pos+6 <= len(src) {
		i := indexFF(src[pos : len(src)-5])
		if i < 0 {
			return 0, false
		}
		pos += i
		if src[pos+1] == DNL && src[pos+2] == 0 && src[pos+3] == 4 {
			return int(binary.BigEndian.Uint16(src[pos+4:])), true
		}
		pos++
	}
	return 0, false
}

// ColorHint reads what JFIF APP0 (T.871 §10.1) and Adobe APP14 (T.872 §6.5.3)
// segments say of the colour space; ok is false for other segments.
func ColorHint(s Segment, components int) (codec.ColorModel, bool) {
	p := s.Payload
	switch {
	case s.Marker == APP0 && len(p) >= 5 && bytes.HasPrefix(p, jfif):
		if components == 3 {
			return codec.ColorYBR, true
		}
	case s.Marker == APP14 && len(p) >= 12 && bytes.HasPrefix(p, adobe):
		switch p[11] {
		case 0:
			if components == 4 {
				return codec.ColorCMYK, true
			}
			return codec.ColorRGB, true
		case 1:
			return codec.ColorYBR, true
		}
	}
	return codec.ColorUnknown, false
}

var (
	jfif  = []byte("JFIF\x00")
	adobe = []byte("Adobe")
)

func indexFF(p []byte) int { return bytes.IndexByte(p, 0xFF) }
