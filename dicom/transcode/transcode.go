package transcode

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// ErrEncapsulated is pixel data that is compressed in a way that is not decoded here.
var ErrEncapsulated = errors.New("transcode: pixel data is compressed")

// Possible says whether Rewrite can go from one transfer syntax to the other.
func Possible(from, to string) bool {
	f, known := uid.LookupTransferSyntax(from)
	return known && (!f.Encapsulated || decodable(from)) && (to == uid.ImplicitVRLittleEndian || to == uid.ExplicitVRLittleEndian)
}

// Rewrite reads a data set in the transfer syntax from and writes it to w in the
// transfer syntax to.
func Rewrite(w io.Writer, r io.Reader, from, to string, lim stream.Limits) error {
	if !Possible(from, to) {
		return fmt.Errorf("%w: %s", ErrEncapsulated, uid.Name(from))
	}
	ts, _ := uid.LookupTransferSyntax(from) // known: Possible
	x := rewriter{
		s: stream.NewScanner(r, ts, lim), w: bufio.NewWriterSize(w, bufferSize),
		explicit: to == uid.ExplicitVRLittleEndian,
	}
	if ts.Encapsulated {
		x.decode = newDecoding(from)
	}
	for {
		e, err := x.s.Next()
		if err == io.EOF {
			return x.w.Flush()
		}
		if err != nil {
			return err
		}
		if err := x.element(e); err != nil {
			return err
		}
	}
}

// Reader is Rewrite as something to read from. Close it.
func Reader(r io.Reader, from, to string, lim stream.Limits) io.ReadCloser {
	pr, pw := io.Pipe()
	go func() { pw.CloseWithError(Rewrite(pw, r, from, to, lim)) }()
	return pr
}

const bufferSize = 32 << 10

type rewriter struct {
	s        *stream.Scanner
	w        *bufio.Writer
	explicit bool
	decode   *decoding // nil: pixel data is native
	header   [12]byte
	chunk    []byte
}

// Delimiters, PS3.5 Table 7.5-2.
const (
	item         tag.Tag = 0xFFFEE000
	itemEnd      tag.Tag = 0xFFFEE00D
	sequenceEnd  tag.Tag = 0xFFFEE0DD
	shortMaximum         = 0xFFFE // of a 16-bit length field
)

func (x *rewriter) element(e stream.Element) error {
	if x.decode != nil && e.Depth == 0 {
		if e.Kind == stream.KindFragments && e.Tag == tag.PixelData {
			return x.pixels(e)
		}
		if done, err := x.described(e); done || err != nil {
			return err
		}
	}
	switch e.Kind {
	case stream.KindSequence:
		return x.element8(e.Tag, stream.SQ, stream.Undefined)
	case stream.KindItem:
		return x.delimiter(item, stream.Undefined)
	case stream.KindItemEnd:
		return x.delimiter(itemEnd, 0)
	case stream.KindSequenceEnd:
		return x.delimiter(sequenceEnd, 0)
	case stream.KindValue:
		if e.Tag.Element() == 0 {
			return nil // a group length: the scanner skips the value
		}
		return x.value(e)
	}
	return ErrEncapsulated
}

func (x *rewriter) delimiter(t tag.Tag, length uint32) error {
	h := x.header[:8]
	binary.LittleEndian.PutUint16(h, t.Group())
	binary.LittleEndian.PutUint16(h[2:], t.Element())
	binary.LittleEndian.PutUint32(h[4:], length)
	_, err := x.w.Write(h)
	return err
}

// element8 writes the header of an element, PS3.5 §7.1.2 and §7.1.3.
func (x *rewriter) element8(t tag.Tag, vr stream.VR, length uint32) error {
	if !x.explicit {
		return x.delimiter(t, length)
	}
	if !vr.Known() || length > shortMaximum && !long(vr) {
		vr = stream.UN // PS3.5 §6.2.2: a length that no longer fits
	}
	h := x.header[:8]
	binary.LittleEndian.PutUint16(h, t.Group())
	binary.LittleEndian.PutUint16(h[2:], t.Element())
	h[4], h[5] = byte(vr>>8), byte(vr)
	if !long(vr) {
		binary.LittleEndian.PutUint16(h[6:], uint16(length))
	} else {
		h = x.header[:12]
		h[6], h[7] = 0, 0
		binary.LittleEndian.PutUint32(h[8:], length)
	}
	_, err := x.w.Write(h)
	return err
}

// value copies a value, little end first and of even length.
func (x *rewriter) value(e stream.Element) error {
	if err := x.element8(e.Tag, e.VR, e.Length+e.Length&1); err != nil {
		return err
	}
	n, err := x.copy(x.s.ValueReader(), e)
	if err != nil {
		return err
	}
	if n != int64(e.Length) {
		return io.ErrUnexpectedEOF
	}
	if e.Length&1 == 1 {
		return x.w.WriteByte(pad(e.VR))
	}
	return nil
}

func (x *rewriter) copy(r io.Reader, e stream.Element) (int64, error) {
	width := e.VR.Unit()
	if !e.BigEndian || width == 1 {
		return io.Copy(x.w, r)
	}
	if x.chunk == nil {
		x.chunk = make([]byte, bufferSize) // a multiple of every unit
	}
	total := int64(0)
	for {
		n, err := io.ReadFull(r, x.chunk)
		stream.SwapBytes(x.chunk[:n], width)
		if _, err := x.w.Write(x.chunk[:n]); err != nil {
			return total, err
		}
		total += int64(n)
		switch {
		case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF) && total == int64(e.Length):
			return total, nil
		case err != nil:
			return total, err
		}
	}
}

// long says whether an explicit header has a 32-bit length, PS3.5 Table 7.1-1.
func long(vr stream.VR) bool {
	switch vr {
	case stream.OB, stream.OD, stream.OF, stream.OL, stream.OV, stream.OW, stream.SQ, stream.SV, stream.UC, stream.UN, stream.UR, stream.UT, stream.UV:
		return true
	}
	return false
}

// pad is the filler for a value of odd length, PS3.5 §6.2.
func pad(vr stream.VR) byte {
	switch vr {
	case stream.UI, stream.OB, stream.UN:
		return 0
	}
	return ' '
}
