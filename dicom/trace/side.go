package trace

import (
	"errors"
	"fmt"
	"io"

	"github.com/dokuei/dokuei/dicom/pdu"
)

// indent stands before what belongs to a PDU.
const indent = "    "

// errControl says that a PDU other than P-DATA-TF came, and was printed.
var errControl = errors.New("trace: no P-DATA-TF")

// errLost says that the framing is lost, which was printed.
var errLost = errors.New("trace: framing is lost")

// head prints the line a PDU begins with.
func (s *Side) head(format string, args ...any) {
	if s.a.opt.Label != "" {
		fmt.Fprint(s.a.out, s.a.opt.Label, " ")
	}
	fmt.Fprintf(s.a.out, "%s %s ", s.a.opt.Now().Format("15:04:05.000000"), s.arrow)
	fmt.Fprintf(s.a.out, format+"\n", args...)
}

func (s *Side) line(format string, args ...any) {
	fmt.Fprintf(s.a.out, indent+format+"\n", args...)
}

// decode reads the stream of the side to its end.
func (s *Side) decode(r io.Reader) {
	for {
		v, err := s.nextPDV(r)
		switch {
		case errors.Is(err, errControl):
			s.broken()
		case err != nil:
			s.broken()
			return
		case v.Command:
			s.gather(r, v)
		default:
			s.broken()
			s.dataSet(r, v)
		}
	}
}

// nextPDV goes to the next presentation data value, printing the headers on its way.
func (s *Side) nextPDV(r io.Reader) (pdu.PDVHeader, error) {
	if v := s.again; v != nil {
		s.again = nil
		return *v, nil
	}
	for s.left == 0 {
		h, err := s.header(r)
		if err != nil {
			return pdu.PDVHeader{}, err
		}
		if h.Type != pdu.TypeDataTF {
			if err := s.control(r, h); err != nil {
				return pdu.PDVHeader{}, err
			}
			return pdu.PDVHeader{}, errControl
		}
		s.left = h.Length
	}
	var b [pdu.PDVHeaderLength]byte
	n := min(s.left, uint32(len(b)))
	if err := s.full(r, b[:n]); err != nil {
		return pdu.PDVHeader{}, err
	}
	v, err := pdu.DecodePDVHeader(b[:n], s.left)
	if err != nil {
		s.line("%v; the rest of the PDU is skipped", err)
		left := s.left - n
		s.left = 0
		if err := s.skip(r, int64(left)); err != nil {
			return pdu.PDVHeader{}, err
		}
		return pdu.PDVHeader{}, errControl
	}
	s.left -= n + v.Length
	kind, last := "data set", ""
	if v.Command {
		kind = "command set"
	}
	if v.Last {
		last = ", last"
	}
	s.line("PDV of context %d: %s, %d bytes%s", v.ContextID, kind, v.Length, last)
	return v, nil
}

// header reads and prints the header of a PDU.
func (s *Side) header(r io.Reader) (pdu.Header, error) {
	var b [pdu.HeaderLength]byte
	if n, err := io.ReadFull(r, b[:]); err != nil {
		if n > 0 {
			s.line("ends within the header of a PDU")
		}
		return pdu.Header{}, err
	}
	h, err := pdu.DecodeHeader(b[:])
	if err != nil {
		return h, err
	}
	if _, ok := h.Type.MaxBody(); !ok {
		what := "no DICOM"
		if b[0] == 0x16 && b[1] == 3 {
			what = "TLS, which cannot be looked into" // RFC 8446 §5.1: a handshake record
		}
		s.head("% X: %s; nothing more of this side is decoded", b[:], what)
		return h, errLost
	}
	s.head("%v, %d bytes", h.Type, h.Length)
	return h, nil
}

// control reads and prints the body of a PDU that is no P-DATA-TF.
func (s *Side) control(r io.Reader, h pdu.Header) error {
	if limit, _ := h.Type.MaxBody(); h.Length > limit {
		s.line("longer than %d bytes: skipped", limit)
		return s.skip(r, int64(h.Length))
	}
	body, err := io.ReadAll(io.LimitReader(r, int64(h.Length)))
	if err == nil && len(body) < int(h.Length) {
		s.line("ends %d bytes early", int(h.Length)-len(body))
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return err
	}
	p, err := pdu.Decode(h, body)
	if err != nil {
		s.line("%v", err)
		return nil
	}
	switch p := p.(type) {
	case *pdu.AssociateRQ:
		s.request(p)
	case *pdu.AssociateAC:
		s.acceptance(p)
	case *pdu.AssociateRJ:
		s.line("%v", *p)
	case *pdu.Abort:
		s.line("%v", *p)
	}
	return nil
}

func (s *Side) full(r io.Reader, b []byte) error {
	_, err := io.ReadFull(r, b)
	if err != nil {
		s.line("ends within the PDU")
	}
	return err
}

func (s *Side) skip(r io.Reader, n int64) error {
	k, err := io.CopyN(io.Discard, r, n)
	if err != nil {
		s.line("ends %d bytes early", n-k)
	}
	return err
}
