package dataset

import (
	"bufio"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/dokuei/dokuei/dicom/charset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// ErrOmitted is wrapped when a data set cannot be written because a value of it was
// too long to be kept when it was read.
var ErrOmitted = errors.New("value was left out when the data set was read")

// Encode writes d in transfer syntax ts: elements in order of tag, even lengths,
// sequences and items of defined length (PS3.5 §7.1, §7.5.1), text in d's Specific
// Character Set. Characters that the set does not have become marks; see
// charset.Encode. Encapsulated values are written in explicit syntaxes only.
func (d *Dataset) Encode(w io.Writer, ts uid.TransferSyntax) error {
	p, err := d.prepare(nil)
	if err != nil {
		return err
	}
	e := encoder{explicit: ts.ExplicitVR, order: binary.LittleEndian}
	if ts.BigEndian {
		e.order = binary.BigEndian
	}
	if _, err := e.size(p); err != nil {
		return err
	}
	if !ts.Deflated {
		e.w = bufio.NewWriter(w)
		return e.all(p)
	}
	c := &countWriter{w: w}
	f, err := flate.NewWriter(c, flate.DefaultCompression)
	if err != nil {
		return err
	}
	e.w = bufio.NewWriter(f)
	if err := e.all(p); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	// PS3.5 §A.5: an odd stream is padded with a NUL.
	if c.n%2 == 1 {
		_, err = w.Write([]byte{0})
	}
	return err
}

func (e *encoder) all(p *prepared) error {
	if err := e.dataset(p); err != nil {
		return err
	}
	return e.w.Flush()
}

type countWriter struct {
	w io.Writer
	n int64
}

func (c *countWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// prepared is a data set with its text encoded and, after size, its lengths known.
type prepared struct {
	elements []preparedElement
	size     int64
}

type preparedElement struct {
	*element
	value []byte
	items []*prepared
	size  int64 // of the value field
}

// prepare encodes the text of d in the character set in force.
func (d *Dataset) prepare(sets []string) (*prepared, error) {
	if e := d.find(tag.SpecificCharacterSet); e != nil {
		sets = splitPlain(string(e.value))
	}
	p := &prepared{elements: make([]preparedElement, 0, len(d.elements))}
	for i := range d.elements {
		e := &d.elements[i]
		if e.tag.Group() <= 0x0002 || e.tag.Group() == 0xFFFE {
			continue // belongs to the command or the file, not to the data set
		}
		if e.omitted > 0 {
			return nil, fmt.Errorf("dataset: %s: %w", e.tag, ErrOmitted)
		}
		q := preparedElement{element: e, value: e.value}
		if e.unicode && extended(e.vr) {
			q.value, _ = charset.Encode(sets, e.vr.String(), string(e.value))
		}
		for _, it := range e.items {
			n, err := it.prepare(sets)
			if err != nil {
				return nil, err
			}
			q.items = append(q.items, n)
		}
		p.elements = append(p.elements, q)
	}
	return p, nil
}

// extended reports whether Specific Character Set applies (PS3.5 §6.1.2.2).
func extended(vr stream.VR) bool {
	switch vr {
	case stream.LO, stream.LT, stream.PN, stream.SH, stream.ST, stream.UC, stream.UT:
		return true
	}
	return false
}

type encoder struct {
	w        *bufio.Writer
	explicit bool
	order    binary.ByteOrder
}

// size sets the lengths in p and returns its own.
func (e *encoder) size(p *prepared) (int64, error) {
	p.size = 0
	for i := range p.elements {
		q := &p.elements[i]
		q.size = int64(len(q.value)+1) &^ 1
		switch {
		case q.vr() == stream.SQ:
			q.size = 0
			for _, it := range q.items {
				n, err := e.size(it)
				if err != nil {
					return 0, err
				}
				q.size += 8 + n
			}
		case q.fragments != nil:
			if !e.explicit {
				return 0, fmt.Errorf("dataset: %s: encapsulated value in an implicit VR syntax", q.tag)
			}
			q.size = 8
			for _, f := range q.fragments {
				q.size += 8 + int64(len(f)+1)&^1
			}
		}
		if q.size >= stream.Undefined {
			return 0, fmt.Errorf("dataset: %s: value of %d bytes does not fit a length field", q.tag, q.size)
		}
		p.size += int64(e.headerSize(q)) + q.size
	}
	if p.size >= stream.Undefined {
		return 0, fmt.Errorf("dataset: item of %d bytes does not fit a length field", p.size)
	}
	return p.size, nil
}

func (e *encoder) headerSize(q *preparedElement) int {
	if e.explicit && e.vr(q).Long() {
		return 12
	}
	return 8
}

// vr is the VR to write: a text too long for the short form goes as UN (PS3.5 §6.2.2
// note 2), and so does a VR that is no two capitals.
func (e *encoder) vr(q *preparedElement) stream.VR {
	if !q.element.vr.Long() && q.size > 0xfffe || q.element.vr.String() == "??" {
		return stream.UN
	}
	return q.element.vr
}

func (e *encoder) dataset(p *prepared) error {
	for i := range p.elements {
		if err := e.element(&p.elements[i]); err != nil {
			return err
		}
	}
	return nil
}

func (e *encoder) element(q *preparedElement) error {
	length := uint32(q.size)
	if q.fragments != nil {
		length = stream.Undefined
	}
	e.header(q.tag, e.vr(q), length)
	switch {
	case q.vr() == stream.SQ:
		for _, it := range q.items {
			e.item(tag.Item, uint32(it.size))
			if err := e.dataset(it); err != nil {
				return err
			}
		}
		return nil
	case q.fragments != nil:
		for _, f := range q.fragments {
			e.item(tag.Item, uint32(len(f)+1)&^1)
			if err := e.bytes(f, 0); err != nil {
				return err
			}
		}
		e.item(tag.SequenceDelimitationItem, 0)
		return nil
	}
	v := q.value
	if unit := q.vr().Unit(); unit > 1 && e.order == binary.BigEndian {
		v = append([]byte(nil), v...)
		stream.SwapBytes(v, unit)
	}
	// PS3.5 §6.2: text is padded with a space, UI and bytes with NUL.
	pad := byte(0)
	if q.vr().Text() && q.vr() != stream.UI {
		pad = ' '
	}
	return e.bytes(v, pad)
}

func (q *preparedElement) vr() stream.VR { return q.element.vr }

func (e *encoder) bytes(b []byte, pad byte) error {
	if _, err := e.w.Write(b); err != nil {
		return err
	}
	if len(b)%2 == 1 {
		return e.w.WriteByte(pad)
	}
	return nil
}

// header writes tag, VR and length (PS3.5 §7.1.2, §7.1.3). The error of the buffered
// writer shows at the next bytes or at Flush.
func (e *encoder) header(t tag.Tag, vr stream.VR, length uint32) {
	var b [12]byte
	n := 8
	e.order.PutUint16(b[0:], t.Group())
	e.order.PutUint16(b[2:], t.Element())
	switch {
	case !e.explicit:
		e.order.PutUint32(b[4:], length)
	case vr.Long():
		b[4], b[5] = byte(vr>>8), byte(vr)
		e.order.PutUint32(b[8:], length)
		n = 12
	default:
		b[4], b[5] = byte(vr>>8), byte(vr)
		e.order.PutUint16(b[6:], uint16(length))
	}
	_, _ = e.w.Write(b[:n])
}

// item writes an item header or a delimiter, which never have a VR (PS3.5 §7.5).
func (e *encoder) item(t tag.Tag, length uint32) {
	var b [8]byte
	e.order.PutUint16(b[0:], t.Group())
	e.order.PutUint16(b[2:], t.Element())
	e.order.PutUint32(b[4:], length)
	_, _ = e.w.Write(b[:])
}
