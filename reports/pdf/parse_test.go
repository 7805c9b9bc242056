package pdf

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// Objects of ISO 32000-1 §7.3: float64, bool, nil and these.
type (
	name    string
	text    string // of a string: UTF-16 with its mark is decoded
	keyword string
	ref     int
	dict    map[name]any
	packed  struct {
		dict dict
		data []byte
	}
)

// pdfFile is a file taken apart by its cross-reference table.
type pdfFile struct {
	t       testing.TB
	raw     []byte
	objects map[ref]any
	trailer dict
}

func readFile(t testing.TB, raw []byte) *pdfFile {
	t.Helper()
	f := &pdfFile{t: t, raw: raw, objects: map[ref]any{}}
	m := regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`).FindSubmatch(raw)
	if m == nil {
		t.Fatal("no startxref")
	}
	at, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	s := &scanner{t: t, b: raw, at: at}
	s.want(keyword("xref"), 0.0)
	count, _ := s.one().(float64)
	for n := range int(count) {
		offset, _ := s.one().(float64)
		s.one()
		if kind := s.one(); (kind == keyword("n")) != (n > 0) {
			t.Fatalf("entry %d is %v", n, kind)
		}
		if n > 0 {
			o := &scanner{t: t, b: raw, at: int(offset)}
			o.want(float64(n), 0.0, keyword("obj"))
			f.objects[ref(n)] = o.object()
		}
	}
	s.want(keyword("trailer"))
	f.trailer, _ = s.one().(dict)
	return f
}

func (f *pdfFile) resolve(v any) any {
	if r, ok := v.(ref); ok {
		return f.objects[r]
	}
	return v
}

func (f *pdfFile) dict(v any) dict {
	d, _ := f.resolve(v).(dict)
	return d
}

func (f *pdfFile) list(v any) []any {
	l, _ := f.resolve(v).([]any)
	return l
}

func (f *pdfFile) stream(v any) packed {
	s, _ := f.resolve(v).(packed)
	return s
}

// walk calls fn for every dictionary in an object.
func walk(v any, fn func(dict)) {
	switch v := v.(type) {
	case dict:
		fn(v)
		for _, x := range v {
			walk(x, fn)
		}
	case []any:
		for _, x := range v {
			walk(x, fn)
		}
	case packed:
		walk(v.dict, fn)
	}
}

// scanner reads objects and operators one after the other.
type scanner struct {
	t  testing.TB
	b  []byte
	at int
}

func (s *scanner) want(values ...any) {
	s.t.Helper()
	for _, w := range values {
		if got := s.one(); got != w {
			s.t.Fatalf("%v instead of %v before byte %d", got, w, s.at)
		}
	}
}

func (s *scanner) one() any {
	v, ok := s.next()
	if !ok {
		s.t.Fatal("the file ends early")
	}
	return v
}

// object is a value and the stream that it may be the dictionary of.
func (s *scanner) object() any {
	v := s.one()
	end := s.one()
	if end != keyword("stream") {
		if end != keyword("endobj") {
			s.t.Fatalf("%v after an object", end)
		}
		return v
	}
	d, _ := v.(dict)
	size, _ := d["Length"].(float64)
	data := s.b[s.at+1 : s.at+1+int(size)] // after the line feed
	s.at += 1 + int(size)
	s.want(keyword("endstream"), keyword("endobj"))
	if d["Filter"] == name("FlateDecode") {
		r, err := zlib.NewReader(bytes.NewReader(data))
		if err != nil {
			s.t.Fatal(err)
		}
		if data, err = io.ReadAll(r); err != nil {
			s.t.Fatal(err)
		}
	}
	return packed{d, data}
}

const delimiters = "()<>[]{}/% \t\r\n\f\x00"

// next is the next value, with a reference as one.
func (s *scanner) next() (v any, ok bool) {
	for s.at < len(s.b) && strings.IndexByte(" \t\r\n\f\x00", s.b[s.at]) >= 0 {
		s.at++
	}
	if s.at >= len(s.b) {
		return nil, false
	}
	switch rest := s.b[s.at:]; {
	case bytes.HasPrefix(rest, []byte("<<")):
		s.at += 2
		d := dict{}
		for {
			key := s.one()
			if key == keyword(">>") {
				return d, true
			}
			d[key.(name)] = s.one()
		}
	case bytes.HasPrefix(rest, []byte(">>")):
		s.at += 2
		return keyword(">>"), true
	case rest[0] == '[':
		s.at++
		l := []any{}
		for {
			one := s.one()
			if one == keyword("]") {
				return l, true
			}
			l = append(l, one)
		}
	case rest[0] == ']':
		s.at++
		return keyword("]"), true
	case rest[0] == '<':
		n := bytes.IndexByte(rest, '>')
		s.at += n + 1
		b, err := hex.DecodeString(string(rest[1:n]))
		if err != nil {
			s.t.Fatal(err)
		}
		return decoded(b), true
	case rest[0] == '(':
		n := bytes.IndexByte(rest, ')') // none of ours has brackets or escapes
		s.at += n + 1
		return text(rest[1:n]), true
	case rest[0] == '/':
		n := s.token(1)
		return name(rest[1:n]), true
	}
	rest := s.b[s.at:]
	n := s.token(0)
	word := string(rest[:n])
	if m := regexp.MustCompile(`^(\d+) 0 R\b`).FindSubmatch(rest[:min(len(rest), 24)]); m != nil {
		s.at += len(m[0]) - n
		number, _ := strconv.Atoi(string(m[1])) //nolint:errcheck // digits
		return ref(number), true
	}
	if number, err := strconv.ParseFloat(word, 64); err == nil {
		return number, true
	}
	switch word {
	case "true", "false":
		return word == "true", true
	}
	return keyword(word), true
}

// token moves behind a token and gives its length, of which from bytes are known.
func (s *scanner) token(from int) int {
	n := from
	for s.at+n < len(s.b) && strings.IndexByte(delimiters, s.b[s.at+n]) < 0 {
		n++
	}
	s.at += n
	return n
}

// decoded is a text string (§7.9.2.2), or the bytes of another.
func decoded(b []byte) text {
	if !bytes.HasPrefix(b, []byte{0xFE, 0xFF}) {
		return text(b)
	}
	var units []uint16
	for i := 2; i+1 < len(b); i += 2 {
		units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
	}
	return text(utf16.Decode(units))
}
