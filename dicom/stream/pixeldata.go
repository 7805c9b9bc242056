package stream

import (
	"encoding/binary"
	"io"
	"strconv"

	"github.com/dokuei/dokuei/dicom/tag"
)

// PixelData is the top-level Pixel Data of a data set, to be read once from front to
// back (PS3.5 §8, §A.4).
type PixelData struct {
	Tag          tag.Tag
	VR           VR
	Offset       int64 // of the value, or of the first item, in the stream
	Encapsulated bool
	Length       int64 // of native Pixel Data; 0 when encapsulated
	BigEndian    bool  // the words of native Pixel Data are as stored

	s        *Scanner
	offsets  []uint32
	native   bool // the native reader was given out
	finished bool // the delimiter of encapsulated Pixel Data was read
}

// PixelData takes over s at e, which must be an element for which e.PixelData()
// holds, and reads the Basic Offset Table when there is one.
func (s *Scanner) PixelData(e Element) (*PixelData, error) {
	p := &PixelData{Tag: e.Tag, VR: e.VR, Offset: e.ValueOffset, BigEndian: e.BigEndian, s: s}
	if e.Kind != KindFragments {
		p.Length = int64(e.Length)
		return p, nil
	}
	p.Encapsulated = true
	// PS3.5 §A.4: the first item is the table, which may be empty.
	f, err := s.Next()
	switch {
	case err != nil:
		return nil, err
	case f.Kind == KindFragmentsEnd:
		p.finished = true
		return p, nil
	case f.Length%4 != 0:
		return nil, s.fail(nil, "Basic Offset Table of "+strconv.FormatUint(uint64(f.Length), 10)+" bytes")
	}
	b, err := s.Value()
	if err != nil {
		return nil, err
	}
	if len(b) > 0 {
		p.offsets = make([]uint32, len(b)/4)
		for i := range p.offsets {
			p.offsets[i] = binary.LittleEndian.Uint32(b[4*i:])
		}
	}
	return p, nil
}

// BasicOffsetTable returns the table of encapsulated Pixel Data, often empty: the
// offset of each frame's first item from the first item after the table.
func (p *PixelData) BasicOffsetTable() []uint32 { return p.offsets }

// NextFragment returns the next fragment after the Basic Offset Table: where its
// bytes start in the stream, how many they are, and a reader of them that is good
// until the next call. It returns io.EOF at the delimiter, and for native Pixel Data.
func (p *PixelData) NextFragment() (offset, length int64, r io.Reader, err error) {
	if !p.Encapsulated || p.finished {
		return 0, 0, nil, io.EOF
	}
	e, err := p.s.Next()
	if err != nil {
		return 0, 0, nil, err
	}
	if e.Kind != KindFragment {
		p.finished = true
		return 0, 0, nil, io.EOF
	}
	return e.ValueOffset, int64(e.Length), p.s.ValueReader(), nil
}

// Reader returns the pixel bytes in order: the native value, or the fragments after
// the Basic Offset Table one behind the other.
func (p *PixelData) Reader() io.Reader {
	if p.Encapsulated {
		return &fragmentReader{p: p}
	}
	if p.native {
		return eofReader{}
	}
	p.native = true
	return p.s.ValueReader()
}

// Finish reads on to the end of the data set and reports whether it was whole. What
// has not been read of the pixels is skipped.
func (p *PixelData) Finish() error { return p.s.Finish() }

// Finish skips everything up to the end of the data set and reports whether it was
// whole.
func (s *Scanner) Finish() error {
	for {
		if _, err := s.Next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

type fragmentReader struct {
	p   *PixelData
	cur io.Reader
}

func (f *fragmentReader) Read(b []byte) (int, error) {
	for {
		if f.cur == nil {
			_, _, r, err := f.p.NextFragment()
			if err != nil {
				return 0, err
			}
			f.cur = r
		}
		n, err := f.cur.Read(b)
		if err == io.EOF {
			f.cur = nil
			if n == 0 {
				continue
			}
			err = nil
		}
		return n, err
	}
}

type eofReader struct{}

func (eofReader) Read([]byte) (int, error) { return 0, io.EOF }
