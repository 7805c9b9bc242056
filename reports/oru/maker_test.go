package oru_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/text/encoding/japanese"

	"github.com/dokuei/dokuei/internal/hl7"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/oru"
)

// readByMaker reads messages, each [charset, base64], with the parser hl7-standard, as
// a receiver does: decoded as MSH-18 says, parsed, texts unescaped (HL7 v2.5 2.7).
const readByMaker = `
const HL7 = require('hl7-standard');
const marks = { F: '|', S: '^', T: '&', R: '~', E: '\\', '.br': '\n' };
const plain = (s) => s.replace(/\\(F|S|T|R|E|\.br)\\/g, (_, c) => marks[c]);
const messages = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(messages.map(([charset, body]) => {
  const text = new TextDecoder(charset, { fatal: true }).decode(Buffer.from(body, 'base64'));
  const m = new HL7(text);
  m.transform();
  const out = { control: m.get('MSH.10'), status: m.get('OBR.25'), patient: m.get('PID.3.1'), sections: [], codes: [], pdf: '' };
  let last = '';
  const lines = {};
  for (const s of m.getSegments('OBX')) {
    const sub = s.get('OBX.4'), code = s.get('OBX.3.1');
    if (s.get('OBX.2') === 'FT') {
      const text = plain(s.get('OBX.5')), section = code + ' ' + sub.split('.')[0];
      if (section === last) out.sections.at(-1).Text += '\n' + text;
      else out.sections.push({ Code: code, Heading: plain(s.get('OBX.3.2')), Text: text });
      [last, lines[sub]] = [section, text.trim()];
    }
    if (code === '121071') out.codes.push({ Line: lines[sub] ?? lines[sub.replace(/\.\d+$/, '')], Value: s.get('OBX.5.1') });
    if (s.get('OBX.2') === 'ED') out.pdf = s.get('OBX.5.5');
  }
  return out;
})));
`

// The parser of another maker, npm's hl7-standard, reads every kind of report in both
// character sets of the field as it was written.
func TestReadByAnotherMaker(t *testing.T) {
	t.Parallel()
	web, err := filepath.Abs(filepath.Join("..", "..", "viewer", "web"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(web, "node_modules", "hl7-standard")); err != nil {
		t.Skip("viewer/web/node_modules/hl7-standard is missing (make deps): its reading is not asked for")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed: hl7-standard's reading is not asked for")
	}
	type sent struct {
		name    string
		report  *reports.Report
		charset hl7.Charset
	}
	var all []sent
	var messages [][2]string
	pdf := []byte("%PDF-1.7 \x00\xff")
	for name, r := range samples() {
		for charset, label := range map[hl7.Charset]string{hl7.UTF8: "utf-8", hl7.JIS: "iso-2022-jp"} {
			raw, _ := oru.Build(r, oru.Options{Charset: charset, PDF: pdf}).Encode()
			all = append(all, sent{name + " in " + label, r, charset})
			messages = append(messages, [2]string{label, base64.StdEncoding.EncodeToString(raw)})
		}
	}
	in, err := json.Marshal(messages)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, "-e", readByMaker)
	cmd.Dir = web
	cmd.Stdin = bytes.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.Bytes())
	}
	var read []struct {
		Control, Status, Patient, PDF string
		Sections                      []reports.Section
		Codes                         []struct{ Line, Value string }
	}
	if err := json.Unmarshal(out, &read); err != nil || len(read) != len(all) {
		t.Fatalf("%d of %d messages: %v", len(read), len(all), err)
	}
	for i, s := range all {
		r, got := s.report, read[i]
		if got.Control != oru.ControlID(r) || got.Status != r.Kind.Status() || got.Patient != r.Patient.PatientID {
			t.Errorf("%s: control ID %q, status %q, patient %q", s.name, got.Control, got.Status, got.Patient)
		}
		if got.PDF != base64.StdEncoding.EncodeToString(pdf) {
			t.Errorf("%s: PDF %q", s.name, got.PDF)
		}
		codes := r.Codes()
		if len(got.Codes) != len(codes) {
			t.Errorf("%s: %d codes, want %d", s.name, len(got.Codes), len(codes))
			continue
		}
		for k, c := range got.Codes {
			if c.Value != codes[k].Finding.Value || !saidIn(s.charset, c.Line, codes[k].Line) {
				t.Errorf("%s: code %q, want %+v", s.name, c, codes[k])
			}
		}
		want := r.Sections
		if r.Study.Request != "" {
			want = append([]reports.Section{{Code: reports.CodeRequest, Heading: reports.Heading(reports.CodeRequest, r.Language, ""), Text: r.Study.Request}}, want...)
		}
		if len(got.Sections) != len(want) {
			t.Errorf("%s: %d sections, want %d", s.name, len(got.Sections), len(want))
			continue
		}
		for k := range want {
			if got.Sections[k].Code != want[k].Code || got.Sections[k].Heading != want[k].Heading || !saidIn(s.charset, got.Sections[k].Text, want[k].Text) {
				t.Errorf("%s:\n%q\nwant\n%q", s.name, got.Sections[k], want[k])
			}
		}
	}
}

// saidIn reports whether got is want; JIS X 0208 has no 𠮷, for which a geta stands.
func saidIn(charset hl7.Charset, got, want string) bool {
	g, w := []rune(got), []rune(want)
	if charset != hl7.JIS || len(g) != len(w) {
		return got == want
	}
	for i := range w {
		if g[i] == w[i] {
			continue
		}
		if _, err := japanese.ISO2022JP.NewEncoder().String(string(w[i])); err == nil || g[i] != '〓' {
			return false
		}
	}
	return true
}
