package stream

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// Equal reports whether two Part 10 files hold the same data set: the same elements
// with the same values, however each writes its VRs, byte order, lengths, padding and
// fragments' offset table. The file meta information is not compared; Pixel Data is by
// bytes, so the same picture in two compressions differs. It reads both from front to
// back in bounded memory, which is why elements or items in another order make two files
// different: PS3.5 §7.1 demands ascending tags, and who breaks that is not put in order
// here.
func Equal(a, b io.Reader) (bool, error) {
	sa, err := openSide(a)
	if err != nil {
		return false, err
	}
	sb, err := openSide(b)
	if err != nil {
		return false, err
	}
	return equal(sa, sb)
}

// EqualDataSets compares two data sets without file meta information, like Equal.
func EqualDataSets(a io.Reader, tsA uid.TransferSyntax, b io.Reader, tsB uid.TransferSyntax) (bool, error) {
	return equal(&side{s: NewScanner(a, tsA, Limits{})}, &side{s: NewScanner(b, tsB, Limits{})})
}

// side is one of the two streams.
type side struct {
	s   *Scanner
	e   Element
	end bool
	buf []byte
}

func openSide(r io.Reader) (*side, error) {
	br := bufio.NewReader(r)
	m, _, err := ReadMeta(br)
	if err != nil {
		return nil, err
	}
	return &side{s: NewScanner(br, SyntaxFor(m.TransferSyntaxUID), Limits{})}, nil
}

// next moves to the next header that means something: group lengths, padding and the
// offset table of fragments do not.
func (d *side) next() error {
	for {
		prev := d.e.Kind
		e, err := d.s.Next()
		if err == io.EOF {
			d.end = true
			return nil
		}
		if err != nil {
			return err
		}
		d.e = e
		switch {
		case e.Kind == KindValue && e.Tag.GroupLength(), e.Tag == tag.DataSetTrailingPadding:
		case e.Kind == KindFragment && prev == KindFragments:
		default:
			return nil
		}
	}
}

func equal(a, b *side) (bool, error) {
	for {
		if err := errors.Join(a.next(), b.next()); err != nil {
			return false, err
		}
		if a.end || b.end {
			return a.end && b.end, nil
		}
		if a.e.Tag != b.e.Tag {
			return false, nil
		}
		if a.e.Kind != b.e.Kind {
			// A sequence that one side had to keep as UN (PS3.5 §6.2.2 note 2) is opened.
			ok, err := a.alike(b)
			if !ok || err != nil {
				return false, err
			}
		}
		if a.e.Kind == KindValue || a.e.Kind == KindFragment {
			ok, err := a.sameValue(b)
			if !ok || err != nil {
				return false, err
			}
		}
	}
}

func (d *side) alike(o *side) (bool, error) {
	switch {
	case d.e.Kind == KindSequence && o.e.Kind == KindValue:
		return o.descend()
	case o.e.Kind == KindSequence && d.e.Kind == KindValue:
		return d.descend()
	}
	return false, nil
}

// descend reads the UN value in hand as the sequence it is.
func (d *side) descend() (bool, error) {
	if d.e.VR != UN {
		return false, nil
	}
	err := d.s.Descend()
	d.e.Kind = KindSequence
	return err == nil, err
}

// Descend makes the value that Next returned last, a UN or private value that is known
// to hold items, be read as a sequence in Implicit VR Little Endian (PS3.5 §6.2.2
// note 2), or in explicit VR when it shows one.
func (s *Scanner) Descend() error {
	if s.err != nil {
		return s.err
	}
	length := s.unread
	s.unread = 0
	inner := encoding{implicit: true}
	if !s.enc.implicit && s.explicitInside() {
		inner = s.enc
	}
	return s.open(KindSequence, s.cur, UN, uint32(length), inner)
}

// swapUnit is the size of the numbers that have to be reversed to have the value in hand
// as a little endian file holds it. Only the side that is big endian knows: its bytes
// were put in that order by its own VR, so an OB stands as it is whatever the other side,
// which may have its VR from the dictionary, calls it.
func (d *side) swapUnit() int {
	if d.e.BigEndian {
		return d.e.VR.Unit()
	}
	return 1
}

// sameValue compares the values in hand, both as little endian.
func (d *side) sameValue(o *side) (bool, error) {
	du, ou := d.swapUnit(), o.swapUnit()
	if du == ou {
		du, ou = 1, 1 // both alike: as they are
	}
	if d.buf == nil {
		d.buf, o.buf = make([]byte, bufferSize), make([]byte, bufferSize)
	}
	ra, rb := d.s.ValueReader(), o.s.ValueReader()
	for {
		na, err := io.ReadFull(ra, d.buf)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return false, err
		}
		nb, err := io.ReadFull(rb, o.buf)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return false, err
		}
		va, vb := d.buf[:na], o.buf[:nb]
		SwapBytes(va, du)
		SwapBytes(vb, ou)
		if na < bufferSize || nb < bufferSize {
			return sameEnd(va, vb, d.e.VR.Text() || o.e.VR.Text()), nil
		}
		if !bytes.Equal(va, vb) {
			return false, nil
		}
	}
}

// sameEnd compares the last pieces of two values. Spaces and NULs at the end of text
// carry nothing (PS3.5 §6.2); at the end of anything else the one NUL that makes an odd
// length even does not.
func sameEnd(a, b []byte, text bool) bool {
	if text {
		return bytes.Equal(bytes.TrimRight(a, " \x00"), bytes.TrimRight(b, " \x00"))
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b) == len(a)+1 && len(b)%2 == 0 && b[len(a)] == 0 {
		b = b[:len(a)]
	}
	return bytes.Equal(a, b)
}
