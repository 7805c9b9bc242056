package trace

import (
	"bytes"
	"encoding/binary"
	"io"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// gather collects the fragments of a command set, PS3.7 §6.3, and prints it when it is
// whole.
func (s *Side) gather(r io.Reader, v pdu.PDVHeader) {
	if v.Length > dimse.MaxCommandLength || len(s.command)+int(v.Length) > dimse.MaxCommandLength {
		s.line("command set of more than %d bytes: skipped", dimse.MaxCommandLength)
		s.command = nil
		_ = s.skip(r, int64(v.Length)) // the end is met again by the next read
		return
	}
	at := len(s.command)
	s.command = append(s.command, make([]byte, v.Length)...)
	if err := s.full(r, s.command[at:]); err != nil {
		s.command = nil
		return
	}
	if v.Last {
		s.message()
		s.command = nil
	}
}

// broken says that a command set has been left unfinished.
func (s *Side) broken() {
	if s.command != nil {
		s.line("command set broken off after %d bytes", len(s.command))
		s.command = nil
	}
}

// message prints a command set in words, an element a line.
func (s *Side) message() {
	if _, _, err := dimse.Decode(s.command); err != nil {
		s.line("%v", err)
	}
	ts, _ := uid.LookupTransferSyntax(uid.ImplicitVRLittleEndian)
	sc := stream.NewScanner(bytes.NewReader(s.command), ts, stream.Limits{})
	for {
		e, err := sc.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			s.line("%v", err)
			return
		}
		if e.Kind != stream.KindValue || e.Tag.GroupLength() {
			continue
		}
		b, err := sc.Value()
		if err != nil {
			s.line("%v", err)
			return
		}
		name := e.Tag.String()
		if d, ok := tag.Lookup(e.Tag); ok {
			name = d.Name
		}
		s.line("  %s: %s", name, words(e, b))
	}
}

// words says what the value of a command element means, PS3.7 Table E.1-1.
func words(e stream.Element, b []byte) string {
	if e.Tag == tag.ErrorComment || e.Tag.Group() != 0 {
		return strconv.Itoa(len(b)) + " bytes (masked)" // a comment may quote the data
	}
	switch e.VR {
	case stream.UI:
		return named(string(bytes.TrimRight(b, "\x00 ")))
	case stream.AE:
		return text(string(bytes.Trim(b, "\x00 ")))
	case stream.US:
		if len(b) == 2 {
			return number(e.Tag, binary.LittleEndian.Uint16(b))
		}
	case stream.AT:
		out := ""
		for ; len(b) >= 4 && len(out) < 64*len("(0010,0010) "); b = b[4:] {
			out += tag.New(binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[2:])).String() + " "
		}
		return strings.TrimSuffix(out, " ")
	}
	return strconv.Itoa(len(b)) + " bytes"
}

func number(t tag.Tag, v uint16) string {
	switch t {
	case tag.CommandField:
		return dimse.CommandField(v).String()
	case tag.Status:
		return dimse.Status(v).String()
	case tag.CommandDataSetType:
		if v == 0x0101 { // PS3.7 Table E.1-1
			return "no data set"
		}
		return "data set follows"
	case tag.Priority:
		switch v {
		case dimse.PriorityMedium:
			return "medium"
		case dimse.PriorityHigh:
			return "high"
		case dimse.PriorityLow:
			return "low"
		}
	}
	return strconv.Itoa(int(v))
}
