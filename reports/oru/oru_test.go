package oru_test

import (
	"bytes"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/internal/hl7"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/oru"
	"github.com/dokuei/dokuei/reports/reportstest"
)

func samples() map[string]*reports.Report {
	hostile := reportstest.Sample()
	hostile.Sections = []reports.Section{
		{Code: reports.CodeFindings, Heading: "所見", Text: "MSH|^~\\&|\n\\.br\\ \\F\\ & ~ ^ | \\\n十分な｜表示\n行末"},
		{Code: reports.CodeImpression, Heading: "診断", Text: "ソ能表\\予|～"},
	}
	prelim := reportstest.Sample()
	prelim.Kind = reports.Preliminary
	gone := reportstest.Sample()
	gone.Kind, gone.Sections = reports.Retraction, []reports.Section{{Code: reports.CodeReason, Heading: "訂正・撤回の理由", Text: "別の患者"}}
	return map[string]*reports.Report{
		"ja": reportstest.Sample(), "en": reportstest.English(), "amended": reportstest.Amended(), "long": reportstest.Long(), "hostile": hostile,
		"preliminary": prelim, "retraction": gone, "coded": reportstest.Coded(),
	}
}

// What is written is read back, in both character sets of the field.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for name, r := range samples() {
		for _, charset := range []hl7.Charset{hl7.UTF8, hl7.JIS} {
			t.Run(name+" "+string(charset), func(t *testing.T) {
				t.Parallel()
				raw, lossless := oru.Build(r, oru.Options{Charset: charset, PDF: []byte("%PDF-1.7 \x00\xff")}).Encode()
				m, err := hl7.Parse(raw)
				if err != nil {
					t.Fatal(err)
				}
				if m.ControlID() != oru.ControlID(r) || m.Charset != charset {
					t.Errorf("control ID %q charset %q", m.ControlID(), m.Charset)
				}
				if got := m.Segment("OBR").Text(25); got != r.Kind.Status() {
					t.Errorf("OBR-25 is %q of a %s report", got, r.Kind)
				}
				back, pdf, err := oru.Parse(m)
				if err != nil {
					t.Fatal(err)
				}
				if back.ID != r.ID || back.Version != r.Version || back.Kind != r.Kind || back.ContentHash != r.ContentHash || !back.SignedAt.Equal(r.SignedAt.Truncate(1e9)) {
					t.Errorf("read back %+v", back)
				}
				if string(pdf) != "%PDF-1.7 \x00\xff" || back.Patient.PatientID != r.Patient.PatientID || back.Author.License != r.Author.License {
					t.Errorf("read back %+v, PDF %q", back, pdf)
				}
				if charset == hl7.JIS && !lossless {
					return // ISO-2022-JP has no 𠮷: it is replaced, and that is told
				}
				if !slices.Equal(back.Sections, r.Sections) || back.Study.Request != r.Study.Request || back.Patient.Name != r.Patient.Name {
					t.Errorf("text\n%q\nwant\n%q", back.Sections, r.Sections)
				}
				if got, want := back.Codes(), r.Codes(); !reflect.DeepEqual(got, want) {
					t.Errorf("codes %+v, want %+v", got, want)
				}
			})
		}
	}
}

// The header says in which sets a message is and how they are switched (HL7 v2.5
// 2.15.9.18 and 2.15.9.20).
func TestHeaderNamesItsSets(t *testing.T) {
	t.Parallel()
	for charset, want := range map[hl7.Charset]string{hl7.JIS: "|JPN|ASCII~ISO IR87||ISO 2022-1994", hl7.UTF8: "|JPN|UNICODE UTF-8"} {
		raw, _ := oru.Build(reportstest.Sample(), oru.Options{Charset: charset}).Encode()
		if header, _, _ := bytes.Cut(raw, []byte("\r")); !bytes.HasSuffix(header, []byte(want)) {
			t.Errorf("%s: %q", charset, header)
		}
	}
}

// The parser of another maker reads it: python3-hl7apy or python3-hl7, when
// there is one.
func TestOtherParser(t *testing.T) {
	t.Parallel()
	if exec.Command("python3", "-c", "import hl7").Run() != nil {
		t.Skip("python3 has no module hl7: its reading is not asked for")
	}
	r := reportstest.Sample()
	raw, _ := oru.Build(r, oru.Options{Charset: hl7.UTF8}).Encode()
	cmd := exec.CommandContext(t.Context(), "python3", "-c", `
import sys, hl7
m = hl7.parse(sys.stdin.buffer.read().decode("utf-8"))
print(m.segment("OBR")[25])
for s in m.segments("OBX"):
    if str(s[2]) == "FT": print(m.unescape(str(s[5])))
`)
	cmd.Stdin = bytes.NewReader(raw)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "F\n") || !strings.Contains(string(out), "右被殻出血") {
		t.Errorf("%v: %s", err, out)
	}
}
