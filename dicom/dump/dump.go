package dump

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/dokuei/dokuei/dicom/charset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// Options are how to print. The zero value is good.
type Options struct {
	// Width is the most characters of a value (64); negative for all.
	Width int
	// Indent stands before every line.
	Indent string
	// Mask says which values are not to be shown; nil shows all. It gets the value as
	// far as it is printed.
	Mask func(e stream.Element, value []byte) bool
	// Limits bound the reading.
	Limits stream.Limits
}

// File prints the file r to w: the file meta information, then the data set. What is
// written before an error is complete.
func File(w io.Writer, r io.Reader, opt Options) error {
	if opt.Width == 0 {
		opt.Width = 64
	}
	out := bufio.NewWriter(w)
	err := file(out, r, opt)
	return errors.Join(err, out.Flush())
}

// DataSet prints the data set r to w, up to where it stops making sense. Into a
// *bufio.Writer it prints as r comes in and leaves the flushing to the caller.
func DataSet(w io.Writer, r io.Reader, ts uid.TransferSyntax, opt Options) error {
	if opt.Width == 0 {
		opt.Width = 64
	}
	out, theirs := w.(*bufio.Writer)
	if theirs {
		return newPrinter(out, opt).scan(r, ts, 0)
	}
	out = bufio.NewWriter(w)
	err := newPrinter(out, opt).scan(r, ts, 0)
	return errors.Join(err, out.Flush())
}

func file(w *bufio.Writer, r io.Reader, opt Options) error {
	// The bytes ReadMeta takes are kept to print the group in full; it takes no more
	// than a mebibyte.
	var head headBuffer
	br := bufio.NewReader(io.TeeReader(r, &head))
	m, n, err := stream.ReadMeta(br)
	head.done = true
	if err != nil {
		return err
	}
	if start := bytes.Index(head.b[:n], []byte("DICM")); start >= 0 {
		fmt.Fprintf(w, "# File meta information, %d bytes\n", n)
		p := newPrinter(w, opt)
		meta := stream.SyntaxFor(uid.ExplicitVRLittleEndian)
		if err := p.scan(bytes.NewReader(head.b[start+4:n]), meta, int64(start)+4); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(w, "# No file meta information")
	}
	fmt.Fprintf(w, "# Data set, %s\n", uid.Name(m.TransferSyntaxUID))
	ts := stream.SyntaxFor(m.TransferSyntaxUID)
	if ts.Deflated {
		n = 0
	}
	return newPrinter(w, opt).scan(br, ts, n)
}

// headBuffer keeps what is read until done.
type headBuffer struct {
	b    []byte
	done bool
}

func (h *headBuffer) Write(p []byte) (int, error) {
	if !h.done {
		h.b = append(h.b, p...)
	}
	return len(p), nil
}

type printer struct {
	w    *bufio.Writer
	opt  Options
	sets []*charset.Decoder // in force at each depth
}

func newPrinter(w *bufio.Writer, opt Options) *printer {
	return &printer{w: w, opt: opt, sets: []*charset.Decoder{charset.NewDecoder(nil)}}
}

func (p *printer) scan(r io.Reader, ts uid.TransferSyntax, at int64) error {
	s := stream.NewScanner(r, ts, p.opt.Limits)
	s.StartAt(at)
	item := 0
	for {
		e, err := s.Next()
		if err == io.EOF {
			if s.Unclosed() {
				fmt.Fprintf(p.w, "%s# Pixel Data ends without its delimiter\n", p.opt.Indent)
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch e.Kind {
		case stream.KindValue:
			v, err := p.value(s, e)
			if err != nil {
				return err
			}
			p.line(e, v)
		case stream.KindSequence:
			p.line(e, "")
		case stream.KindItem:
			p.sets = append(p.sets, p.sets[len(p.sets)-1])
			p.indent(e.Depth - 1)
			fmt.Fprintf(p.w, "  Item, %s at %d\n", size(e.Length), e.Offset)
		case stream.KindItemEnd:
			p.sets = p.sets[:len(p.sets)-1]
		case stream.KindFragments:
			item = 0
			p.line(e, "")
		case stream.KindFragment:
			p.indent(e.Depth)
			name := "Basic Offset Table"
			if item > 0 {
				name = fmt.Sprintf("Fragment %d", item)
			}
			fmt.Fprintf(p.w, "  %s, %s at %d\n", name, size(e.Length), e.ValueOffset)
			item++
		}
	}
}

func (p *printer) indent(depth int) {
	_, _ = p.w.WriteString(p.opt.Indent)
	_, _ = p.w.WriteString(strings.Repeat("    ", depth))
}

func size(n uint32) string {
	if n == stream.Undefined {
		return "undefined length"
	}
	return fmt.Sprintf("%d bytes", n)
}

// line prints one element.
func (p *printer) line(e stream.Element, value string) {
	p.indent(e.Depth)
	name := "Unknown"
	if d, ok := tag.Lookup(e.Tag); ok {
		name = d.Name
	} else if e.Tag.Private() {
		name = "Private"
	}
	if value != "" {
		value = " " + value
	}
	fmt.Fprintf(p.w, "%s %s%s  # %s, %s\n", e.Tag, e.VR, value, size(e.Length), name)
}
