package trace

import (
	"errors"
	"io"

	"github.com/dokuei/dokuei/dicom/dump"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/uid"
)

// dataSet prints the data set that begins with v, as it comes.
func (s *Side) dataSet(r io.Reader, v pdu.PDVHeader) {
	f := &fragments{s: s, r: r, v: v, left: v.Length}
	c := s.a.contexts[v.ContextID]
	if ts, ok := uid.LookupTransferSyntax(c.transfer); ok {
		err := dump.DataSet(s.a.out, f, ts, dump.Options{Indent: indent + "  ", Mask: Mask})
		if err != nil && (f.err == nil || f.err == io.EOF) {
			s.line("%v; the rest of the data set is skipped", err)
		}
	} else {
		s.line("transfer syntax %s: not decoded", text(c.transfer))
	}
	_, _ = io.Copy(io.Discard, f)
	if f.err != nil && f.err != io.EOF {
		s.line("data set broken off")
	}
}

// errInterrupted: something else came where the data set should go on.
var errInterrupted = errors.New("trace: data set interrupted")

// fragments reads a data set across its presentation data values.
type fragments struct {
	s    *Side
	r    io.Reader
	v    pdu.PDVHeader
	left uint32
	err  error // sticky; io.EOF after the last fragment
}

func (f *fragments) Read(p []byte) (int, error) {
	for f.left == 0 {
		if f.err == nil {
			f.err = f.next()
		}
		if f.err != nil {
			return 0, f.err
		}
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := f.r.Read(p[:min(uint64(len(p)), uint64(f.left))])
	f.left -= uint32(n)
	if err != nil {
		f.left, f.err = 0, io.ErrUnexpectedEOF
		return n, f.err
	}
	return n, nil
}

// next goes to the following fragment.
func (f *fragments) next() error {
	if f.v.Last {
		return io.EOF
	}
	v, err := f.s.nextPDV(f.r)
	if err != nil {
		return errInterrupted
	}
	if v.Command || v.ContextID != f.v.ContextID {
		f.s.again = &v
		return errInterrupted
	}
	f.v, f.left = v, v.Length
	return nil
}
