package pdf

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/reportstest"
)

var org = reports.Organization{
	Name: "特定非営利活動法人 遠隔読影ネット", NameEn: "Teleradiology Network",
	Address: "徳島市新町 1-2-3", Phone: "088-000-0000",
}

func render(t testing.TB, r *reports.Report) []byte {
	t.Helper()
	b, err := Render(r, org)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRenderIsDeterministic(t *testing.T) {
	t.Parallel()
	if !bytes.Equal(render(t, reportstest.Sample()), render(t, reportstest.Sample())) {
		t.Error("the same report gave other bytes")
	}
}

func TestRenderSize(t *testing.T) {
	t.Parallel()
	if b := render(t, reportstest.Sample()); len(b) > 128<<10 {
		t.Errorf("a one-page report has %d bytes: the typefaces are not cut down", len(b))
	}
}

// tool runs a poppler tool on a PDF; it returns "" and says so when the tool is
// not on this machine.
func tool(t testing.TB, pdf []byte, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Logf("%s is not installed: what it would say is not checked", name)
		return ""
	}
	file := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	for i, a := range args {
		args[i] = strings.ReplaceAll(a, "FILE", file)
	}
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		t.Errorf("%s: %v: %s", name, err, stderr.String())
	}
	return string(out)
}

// Another program reads back every character of the report, names beyond the
// Basic Multilingual Plane among them.
func TestTextIsReadBack(t *testing.T) {
	t.Parallel()
	r := reportstest.Sample()
	text := tool(t, render(t, r), "pdftotext", "-layout", "FILE", "-")
	if text == "" {
		return
	}
	flat := strings.Join(strings.Fields(text), "")
	for _, want := range []string{
		"𠮷田", "太郎", "ヨシダ", "髙橋", "山﨑医院", "①", "海部病院御中", "KF-00123", "A20261122001", "78歳",
		"頭部CT検査報告書", "佐藤", "123456", "2026-11-2209:15:42JST", r.ContentHash, "1/1ページ",
		strings.Join(strings.Fields(r.Sections[0].Text), ""),
		strings.Join(strings.Fields(r.Sections[1].Text), ""),
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("%q is not in the text of the file:\n%s", want, text)
		}
	}
	if strings.Contains(flat, "〓") {
		t.Error("a character of the sample has no glyph")
	}
}

func TestFontsAreEmbedded(t *testing.T) {
	t.Parallel()
	fonts := tool(t, render(t, reportstest.Sample()), "pdffonts", "FILE")
	if fonts == "" {
		return
	}
	for _, name := range []string{"IPAexGothic", "VL-PGothic-Regular"} {
		if !regexp.MustCompile(`[A-Z]{6}\+` + name + `\s+CID TrueType\s+Identity-H\s+yes yes yes`).MatchString(fonts) {
			t.Errorf("%s is not an embedded subset with a Unicode map:\n%s", name, fonts)
		}
	}
}

func TestLongReportsRunOverPages(t *testing.T) {
	t.Parallel()
	text := tool(t, render(t, reportstest.Long()), "pdftotext", "FILE", "-")
	if text == "" {
		return
	}
	pages := strings.Split(strings.TrimSuffix(text, "\f"), "\f")
	if len(pages) < 3 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, p := range pages {
		if !strings.Contains(p, "𠮷田") || !strings.Contains(p, "ページ") {
			t.Errorf("page %d does not name its patient and number", i+1)
		}
		for _, line := range strings.Split(p, "\n") {
			if strings.HasPrefix(line, "、") || strings.HasPrefix(line, "。") || strings.HasPrefix(line, "）") {
				t.Errorf("page %d: line begins with a closing mark: %s", i+1, line)
			}
		}
	}
}

// A character without a glyph is seen and named, never dropped.
func TestMissingCharactersAreNamed(t *testing.T) {
	t.Parallel()
	r := reportstest.Sample()
	r.Patient.Name = "X^Y=𫝆村^一"
	text := tool(t, render(t, r), "pdftotext", "-layout", "FILE", "-")
	if text != "" && (!strings.Contains(text, "〓村") || !strings.Contains(text, "U+2B746")) {
		t.Errorf("the missing character is not shown:\n%s", text)
	}
}

func TestHostileTextStaysText(t *testing.T) {
	t.Parallel()
	r := reportstest.Sample()
	r.Sections[0].Text = ") Tj ET /Evil << /JS (app.alert(1)) >> \\( endstream <script>"
	b := render(t, r)
	if bytes.Contains(b, []byte("/JS")) || bytes.Contains(b, []byte("<script>")) {
		t.Error("text of the report became structure of the file")
	}
}

func BenchmarkRender(b *testing.B) {
	r := reportstest.Sample()
	b.ReportAllocs()
	for b.Loop() {
		out := render(b, r)
		b.SetBytes(int64(len(out)))
	}
}
