package document_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/reports/pdf/document"
	"github.com/dokuei/dokuei/reports/pdf/font"
	"github.com/dokuei/dokuei/reports/pdf/truetype"
)

func faces(t testing.TB) []document.Face {
	t.Helper()
	var out []document.Face
	for name, data := range map[string][]byte{"IPAexGothic": font.IPAexGothic} {
		f, err := truetype.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, document.Face{Name: name, Font: f})
	}
	return out
}

func write(t testing.TB, title string, lines ...string) []byte {
	t.Helper()
	d := document.New(document.Info{
		Title: title, Author: "佐藤 花子", Language: "ja", Created: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), ID: [16]byte{1, 2, 3},
	}, faces(t)...)
	for i, l := range lines {
		p := d.AddPage()
		p.Text(50, float64(50+10*i), l, document.Style{Size: 10})
		p.Line(0, 0, 10, 10, 1, 0)
		p.Fill(0, 0, 10, 10, 0.5)
	}
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Every entry of the cross-reference table points at its object, and every
// stream is as long as it says (ISO 32000-1 §7.5.4, §7.3.8).
func TestStructure(t *testing.T) {
	t.Parallel()
	b := write(t, "題", "一頁", "二頁", "三頁")
	start, err := strconv.Atoi(string(regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`).FindSubmatch(b)[1]))
	if err != nil || !bytes.HasPrefix(b[start:], []byte("xref\n0 ")) {
		t.Fatal("startxref does not point at the table")
	}
	table := strings.Split(string(b[start:]), "\n")
	var count int
	if _, err := fmt.Sscanf(table[1], "0 %d", &count); err != nil {
		t.Fatal(err)
	}
	for n := 1; n < count; n++ {
		entry := table[2+n]
		if len(entry) != 19 {
			t.Errorf("entry %d has %d bytes", n, len(entry)+1)
		}
		at, err := strconv.Atoi(entry[:10])
		if err != nil || !bytes.HasPrefix(b[at:], fmt.Appendf(nil, "%d 0 obj\n", n)) {
			t.Errorf("object %d is not at %d", n, at)
		}
	}
	for _, m := range regexp.MustCompile(`/Length (\d+) >>\nstream\n`).FindAllSubmatchIndex(b, -1) {
		n, err := strconv.Atoi(string(b[m[2]:m[3]]))
		if err != nil || !bytes.HasPrefix(b[m[1]+n:], []byte("\nendstream")) {
			t.Errorf("the stream at %d is not %d bytes long", m[1], n)
		}
	}
	if !bytes.Contains(b, []byte("/Count 3")) {
		t.Error("not three pages")
	}
}

// The metadata packet stays XML whatever the title is.
func TestMetadata(t *testing.T) {
	t.Parallel()
	b := write(t, `<a> & "b" ]]> 題`, "x")
	from, to := bytes.Index(b, []byte("<x:xmpmeta")), bytes.Index(b, []byte("<?xpacket end"))
	if from < 0 || to < from {
		t.Fatal("no packet")
	}
	dec := xml.NewDecoder(bytes.NewReader(b[from:to]))
	var text strings.Builder
	for {
		tok, err := dec.Token()
		if err != nil {
			if err.Error() != "EOF" {
				t.Error(err)
			}
			break
		}
		if c, ok := tok.(xml.CharData); ok {
			text.Write(c)
		}
	}
	if !strings.Contains(text.String(), `<a> & "b" ]]> 題`) {
		t.Errorf("the title reads %q", text.String())
	}
}

func TestLost(t *testing.T) {
	t.Parallel()
	d := document.New(document.Info{}, faces(t)...)
	p := d.AddPage()
	p.Text(0, 0, "𠮷田𠮷\uFE00葛\U000E0100", document.Style{Size: 10}) // selectors have no mark of their own
	if lost := d.Lost(); len(lost) != 1 || lost[0] != '𠮷' {
		t.Errorf("lost %q", lost)
	}
}
