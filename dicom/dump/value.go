package dump

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/dokuei/dokuei/dicom/charset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// shown is how much of a value is read to be printed.
const shown = 64 << 10

// value reads the value in hand as far as it is printed.
func (p *printer) value(s *stream.Scanner, e stream.Element) (string, error) {
	b := make([]byte, min(int64(e.Length), shown))
	n, err := io.ReadFull(s.ValueReader(), b)
	if err != nil && err != io.EOF {
		p.line(e, "")
		return "", err
	}
	b = b[:n]
	if e.Tag == tag.SpecificCharacterSet {
		p.sets[len(p.sets)-1] = charset.NewDecoder(strings.Split(strings.Trim(string(b), " \x00"), `\`))
	}
	switch {
	case p.opt.Mask != nil && len(b) > 0 && p.opt.Mask(e, b):
		return "(masked)", nil
	case e.VR.Text():
		return p.text(e, b), nil
	case e.VR == stream.UN || e.VR.Bulk() || !e.VR.Known():
		return p.bytes(e, b), nil
	}
	return p.numbers(e, b), nil
}

func (p *printer) text(e stream.Element, b []byte) string {
	t, q := p.sets[len(p.sets)-1].Decode(e.VR.String(), b)
	t = strings.TrimRight(t, " \x00")
	if e.VR == stream.UI {
		if name := uid.Name(t); name != t {
			return "[" + t + "] =" + name
		}
	}
	t = p.cut(clean(t))
	if q != charset.Exact {
		return "[" + t + "] (" + q.String() + ")"
	}
	return "[" + t + "]"
}

// clean writes what could steer a terminal as an escape.
func clean(s string) string {
	var out strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) {
			out.WriteRune(r)
			continue
		}
		q := strconv.QuoteRuneToASCII(r)
		out.WriteString(q[1 : len(q)-1])
	}
	return out.String()
}

func (p *printer) cut(s string) string {
	if p.opt.Width < 0 {
		return s
	}
	r := []rune(s)
	if len(r) <= p.opt.Width {
		return s
	}
	return string(r[:p.opt.Width]) + "…"
}

// bytes prints text as text and anything else as hexadecimal.
func (p *printer) bytes(e stream.Element, b []byte) string {
	if pixels(e.Tag) {
		return ""
	}
	if e.VR == stream.UN && readable(b) {
		return "[" + p.cut(clean(string(bytes.TrimRight(b, " \x00")))) + "]"
	}
	n := len(b)
	if p.opt.Width > 0 {
		n = min(n, p.opt.Width/3)
	}
	h := fmt.Sprintf("% x", b[:n])
	if n < int(e.Length) {
		h += "…"
	}
	return h
}

func pixels(t tag.Tag) bool {
	return t == tag.PixelData || t == tag.FloatPixelData || t == tag.DoubleFloatPixelData
}

func readable(b []byte) bool {
	for _, c := range bytes.TrimRight(b, "\x00") {
		if c < 0x20 || c > 0x7e {
			return false
		}
	}
	return len(b) > 0
}

func (p *printer) numbers(e stream.Element, b []byte) string {
	var order binary.ByteOrder = binary.LittleEndian
	if e.BigEndian {
		order = binary.BigEndian
	}
	unit := e.VR.Unit()
	if e.VR == stream.AT {
		unit = 4
	}
	var out []string
	length := 0
	for ; len(b) >= unit && (p.opt.Width < 0 || length <= p.opt.Width); b = b[unit:] {
		v := number(e.VR, order, b)
		length += len(v) + 1
		out = append(out, v)
	}
	return p.cut(strings.Join(out, `\`))
}

func number(vr stream.VR, order binary.ByteOrder, b []byte) string {
	switch vr {
	case stream.AT:
		return tag.New(order.Uint16(b), order.Uint16(b[2:])).String()
	case stream.US:
		return strconv.FormatUint(uint64(order.Uint16(b)), 10)
	case stream.SS:
		return strconv.FormatInt(int64(int16(order.Uint16(b))), 10)
	case stream.UL:
		return strconv.FormatUint(uint64(order.Uint32(b)), 10)
	case stream.SL:
		return strconv.FormatInt(int64(int32(order.Uint32(b))), 10)
	case stream.FL:
		return strconv.FormatFloat(float64(math.Float32frombits(order.Uint32(b))), 'g', -1, 32)
	case stream.FD:
		return strconv.FormatFloat(math.Float64frombits(order.Uint64(b)), 'g', -1, 64)
	case stream.SV:
		return strconv.FormatInt(int64(order.Uint64(b)), 10)
	}
	return strconv.FormatUint(order.Uint64(b), 10)
}
