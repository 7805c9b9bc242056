package bundle

import (
	"encoding/binary"
	"fmt"
	"io"
)

// magic begins a bundle; the digit is the version of the format.
const magic = "DKB1"

// Kind is what a record holds.
type Kind [4]byte

// Kinds of records. Those of frames name the coding.
var (
	KindHead    = Kind{'h', 'e', 'a', 'd'}
	KindIndex   = Kind{'i', 'n', 'd', 'x'}
	KindPreview = Kind{'p', 'r', 'e', 'v'} // JPEG of at most 256 pixels a side
	KindHTJ2K   = Kind{'h', 't', 'j', '2'} // T.814 code-stream; colour with RCT is RGB once decoded
	KindJPEG    = Kind{'j', 'p', 'e', 'g'} // T.81 baseline as stored, to be shown as a browser does
	KindDeflate = Kind{'d', 'e', 'f', 'l'} // RFC 1951 of the samples, little endian, interleaved
	KindNone    = Kind{'n', 'o', 'n', 'e'} // no picture; the payload names the preview.Placeholder
	KindDone    = Kind{'d', 'o', 'n', 'e'}
)

// recordHead is the length of what stands before a payload.
const recordHead = 12

// maxPayload bounds what is read back.
const maxPayload = 1 << 30

// Record is one record.
type Record struct {
	Kind    Kind
	Frame   int // from 0, in slice order
	Payload []byte
}

func (r Record) length() int64 { return recordHead + int64(len(r.Payload)) }

func (r Record) writeTo(w io.Writer) error {
	if _, err := w.Write(r.head()); err != nil {
		return err
	}
	_, err := w.Write(r.Payload)
	return err
}

func (r Record) head() []byte {
	b := append(make([]byte, 0, recordHead), r.Kind[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(r.Frame))
	return binary.BigEndian.AppendUint32(b, uint32(len(r.Payload)))
}

// Reader reads the records of a bundle in turn.
type Reader struct {
	r     io.Reader
	begun bool
	buf   []byte
}

// NewReader reads a bundle from its first byte.
func NewReader(r io.Reader) *Reader { return &Reader{r: r} }

// Next gives the next record, whose payload is good until the call after. After the
// last it gives io.EOF; a bundle that ends before is io.ErrUnexpectedEOF.
func (b *Reader) Next() (Record, error) {
	var h [recordHead]byte
	if !b.begun {
		if _, err := io.ReadFull(b.r, h[:len(magic)]); err != nil {
			return Record{}, short(err)
		}
		if string(h[:len(magic)]) != magic {
			return Record{}, fmt.Errorf("bundle: begins with %q, not with %q", h[:len(magic)], magic)
		}
		b.begun = true
	}
	if _, err := io.ReadFull(b.r, h[:]); err != nil {
		return Record{}, short(err)
	}
	n := binary.BigEndian.Uint32(h[8:])
	if n > maxPayload {
		return Record{}, fmt.Errorf("bundle: record of %d bytes", n)
	}
	r := Record{Kind: Kind(h[:4]), Frame: int(binary.BigEndian.Uint32(h[4:]))}
	if r.Kind == KindDone {
		return r, io.EOF
	}
	if cap(b.buf) < int(n) {
		// Grown as bytes come, not by what the head claims.
		var err error
		if b.buf, err = io.ReadAll(io.LimitReader(b.r, int64(n))); err != nil {
			return Record{}, err
		}
		if len(b.buf) < int(n) {
			return Record{}, io.ErrUnexpectedEOF
		}
	} else if _, err := io.ReadFull(b.r, b.buf[:n]); err != nil {
		return Record{}, short(err)
	}
	r.Payload = b.buf[:n]
	return r, nil
}

// short: a bundle ends with its last record and nowhere else.
func short(err error) error {
	if err == io.EOF { //nolint:errorlint // what io.ReadFull gives
		return io.ErrUnexpectedEOF
	}
	return err
}
