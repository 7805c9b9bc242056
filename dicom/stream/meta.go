package stream

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// Meta is the file meta information (PS3.10 Table 7.1-1).
type Meta struct {
	MediaStorageSOPClassUID    string // (0002,0002)
	MediaStorageSOPInstanceUID string // (0002,0003)
	TransferSyntaxUID          string // (0002,0010); guessed when the file has none
	ImplementationClassUID     string // (0002,0012)
	ImplementationVersionName  string // (0002,0013)
	SourceAE                   string // (0002,0016)
}

const (
	preamble    = 128
	maxMeta     = 1 << 20 // bytes of group 0002
	maxMetaText = 64      // of one value that is kept
)

// ReadMeta reads preamble, prefix and group 0002 from r and returns how many bytes
// they took; the data set follows. r needs a buffer of at least 256 bytes.
//
// A file without preamble, without prefix or without the group is read too; its
// transfer syntax is guessed from the first element of the data set. The group
// length (0002,0000), often wrong, is not relied on: the group ends where another
// begins. Bytes that are no DICOM in any of these ways give a *FormatError that wraps
// ErrNotDICOM.
func ReadMeta(r *bufio.Reader) (Meta, int64, error) {
	m := metaReader{r: r}
	err := m.read()
	return m.meta, m.n, err
}

type metaReader struct {
	r    *bufio.Reader
	n    int64
	meta Meta
}

func (m *metaReader) read() error {
	b, err := m.r.Peek(preamble + 4)
	switch {
	case err == nil && string(b[preamble:]) == "DICM":
		if err := m.discard(preamble + 4); err != nil {
			return err
		}
	case len(b) >= 4 && string(b[:4]) == "DICM":
		if err := m.discard(4); err != nil {
			return err
		}
	case err != nil && err != io.EOF:
		return err
	}
	for {
		ok, err := m.element()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
	}
	return m.guess()
}

// element reads one element of group 0002 and reports whether there was one.
func (m *metaReader) element() (bool, error) {
	b, err := m.r.Peek(8)
	if err != nil && err != io.EOF {
		return false, err
	}
	if len(b) < 8 || binary.LittleEndian.Uint16(b) != 0x0002 {
		return false, nil
	}
	t := tag.New(0x0002, binary.LittleEndian.Uint16(b[2:]))
	vr := VR(b[4])<<8 | VR(b[5])
	var length uint32
	switch {
	case !vr.Known():
		// The group written with implicit VR, against PS3.10 §7.1 but met.
		length = binary.LittleEndian.Uint32(b[4:])
	case !vr.long():
		length = uint32(binary.LittleEndian.Uint16(b[6:]))
	default:
		if b, err = m.r.Peek(12); err != nil {
			return false, m.cut(err, t)
		}
		length = binary.LittleEndian.Uint32(b[8:])
		if err := m.discard(4); err != nil {
			return false, err
		}
	}
	if err := m.discard(8); err != nil {
		return false, err
	}
	if length > maxMeta || m.n+int64(length) > maxMeta {
		return false, &FormatError{Offset: m.n, Path: t.String(), Reason: "file meta information is longer than a mebibyte", Err: ErrLimit}
	}
	return true, m.value(t, length)
}

func (m *metaReader) value(t tag.Tag, length uint32) error {
	var to *string
	switch t {
	case tag.MediaStorageSOPClassUID:
		to = &m.meta.MediaStorageSOPClassUID
	case tag.MediaStorageSOPInstanceUID:
		to = &m.meta.MediaStorageSOPInstanceUID
	case tag.TransferSyntaxUID:
		to = &m.meta.TransferSyntaxUID
	case tag.ImplementationClassUID:
		to = &m.meta.ImplementationClassUID
	case tag.ImplementationVersionName:
		to = &m.meta.ImplementationVersionName
	case tag.SourceApplicationEntityTitle:
		to = &m.meta.SourceAE
	}
	if to != nil {
		// A UID longer than the standard allows is kept one byte too long, so that
		// uid.Valid refuses it instead of taking its beginning for it.
		b, err := m.r.Peek(int(min(length, maxMetaText+2)))
		if err != nil {
			return m.cut(err, t)
		}
		*to = strings.Trim(string(b), " \x00")
	}
	if err := m.discard(int(length)); err != nil {
		return m.cut(err, t)
	}
	return nil
}

// guess settles the transfer syntax when the group did not, from what follows.
func (m *metaReader) guess() error {
	b, err := m.r.Peek(12)
	if err != nil && err != io.EOF {
		return err
	}
	found := m.n > 0 // a prefix or a part of the group
	if m.meta.TransferSyntaxUID != "" {
		return nil
	}
	if ts, ok := GuessSyntax(b); ok && (found || m.headlike(b)) {
		m.meta.TransferSyntaxUID = ts.UID
		return nil
	}
	if found && len(b) < 8 {
		return &FormatError{Offset: m.n, Reason: "file ends before its data set", Err: io.ErrUnexpectedEOF}
	}
	if found {
		// An odd first element and no syntax: letters where the VR would be decide.
		m.meta.TransferSyntaxUID = uid.ImplicitVRLittleEndian
		if (VR(b[4])<<8 | VR(b[5])).Known() {
			m.meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
		}
		return nil
	}
	return &FormatError{Offset: m.n, Reason: "no DICM prefix and no data set", Err: ErrNotDICOM}
}

// headlike is the stricter look at a file without prefix: a data set begins with group
// 0008 (or 0004 in a DICOMDIR), and its second element makes sense too. Text and
// pictures do not pass.
func (m *metaReader) headlike(b []byte) bool {
	enc, ok := guess(b)
	if !ok {
		return false
	}
	g := byteOrder(enc.big).Uint16(b)
	if g != 0x0008 && g != 0x0004 && g != 0x0010 {
		return false
	}
	length := int64(byteOrder(enc.big).Uint32(b[4:]))
	head := 8
	if !enc.implicit {
		length = int64(byteOrder(enc.big).Uint16(b[6:]))
		if (VR(b[4])<<8 | VR(b[5])).long() {
			if len(b) < 12 {
				return false
			}
			length, head = int64(byteOrder(enc.big).Uint32(b[8:])), 12
		}
	}
	next := int64(head) + length
	if length == Undefined || next+8 > int64(m.r.Size()) {
		return true
	}
	more, err := m.r.Peek(int(next) + 8)
	if err != nil {
		return errors.Is(err, io.EOF) && int64(len(more)) == next
	}
	g2 := byteOrder(enc.big).Uint16(more[next:])
	return g2 >= g && g2 <= 0x7FE0 && (enc.implicit || looksExplicit(more[next:], enc.big)) && !bytes.Equal(more[:4], more[next:next+4])
}

func (m *metaReader) discard(n int) error {
	k, err := m.r.Discard(n)
	m.n += int64(k)
	return err
}

func (m *metaReader) cut(err error, t tag.Tag) error {
	if err != io.EOF {
		return err
	}
	return &FormatError{Offset: m.n, Path: t.String(), Reason: "file meta information is cut off", Err: io.ErrUnexpectedEOF}
}
