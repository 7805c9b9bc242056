package dimse

import (
	"fmt"
	"io"

	"github.com/dokuei/dokuei/dicom/ul"
)

// DataReader reads the data set of a message from the association, fragment by
// fragment. io.EOF means that the last fragment has come and nothing else does.
type DataReader struct {
	a     *ul.Association
	id    byte
	in    bool // inside a fragment
	last  bool // the current fragment is the last
	empty int
	n     int64
	told  int64 // bytes of all fragments so far
	err   error
}

// Read implements io.Reader.
func (d *DataReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, d.err
	}
	for {
		if err := d.enter(); err != nil {
			return 0, err
		}
		n, err := d.a.Read(p)
		d.n += int64(n)
		switch {
		case err == io.EOF:
			d.in = false
		case err != nil:
			d.err = midMessage(err)
			return n, d.err
		default:
			return n, nil
		}
	}
}

// WriteTo implements io.WriterTo: bytes go from the association's buffer to w
// without a copy in between.
func (d *DataReader) WriteTo(w io.Writer) (int64, error) {
	start := d.n
	for {
		if err := d.enter(); err != nil {
			if err == io.EOF {
				err = nil
			}
			return d.n - start, err
		}
		b, err := d.a.Peek()
		switch {
		case err == io.EOF:
			d.in = false
			continue
		case err != nil:
			d.err = midMessage(err)
			return d.n - start, d.err
		}
		n, err := w.Write(b)
		d.a.Skip(n)
		d.n += int64(n)
		if err != nil {
			return d.n - start, err
		}
		if n < len(b) {
			return d.n - start, io.ErrShortWrite
		}
	}
}

// enter makes a fragment current.
func (d *DataReader) enter() error {
	if d.err != nil || d.in {
		return d.err
	}
	if d.last {
		d.err = io.EOF
		return d.err
	}
	h, err := d.a.NextPDV()
	if err == nil {
		switch {
		case h.Command:
			err = &ProtocolError{"command fragment inside a data set"}
		case h.ContextID != d.id:
			err = &ProtocolError{fmt.Sprintf("data set on context %d, command on %d", h.ContextID, d.id)}
		default:
			if d.told += int64(h.Length); d.told > d.a.MaxMessageBytes() {
				err = ul.ErrTooLarge
				break
			}
			d.empty, err = countEmpty(d.empty, h.Length)
		}
	}
	if err != nil {
		d.err = midMessage(err)
		return d.err
	}
	d.in, d.last = true, h.Last
	return nil
}

// Bytes is how much has been read.
func (d *DataReader) Bytes() int64 { return d.n }

// Drain reads and drops the rest.
func (d *DataReader) Drain() error {
	for {
		if err := d.enter(); err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
		b, err := d.a.Peek()
		switch {
		case err == io.EOF:
			d.in = false
		case err != nil:
			d.err = midMessage(err)
			return d.err
		default:
			d.a.Skip(len(b))
			d.n += int64(len(b))
		}
	}
}
