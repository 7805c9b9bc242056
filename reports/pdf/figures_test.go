package pdf

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"regexp"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/reportstest"
)

func picture(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func figures(t testing.TB, n int) []reports.Drawn {
	t.Helper()
	grey := image.NewGray(image.Rect(0, 0, 256, 192))
	for i := range grey.Pix {
		grey.Pix[i] = byte(i)
	}
	colour := image.NewRGBA(image.Rect(0, 0, 64, 128))
	colour.Set(3, 3, color.RGBA{200, 10, 10, 255})
	var out []reports.Drawn
	for i := range n {
		d := reports.Drawn{KeyImage: reports.KeyImage{Number: i + 1, Text: "右被殻の血腫 𠮷"}, JPEG: picture(t, grey), Rows: 384, Columns: 512}
		if i%3 == 2 {
			d.JPEG = picture(t, colour)
		}
		for kind, points := range map[string][][2]float64{
			"length": {{10, 10}, {100, 90}}, "angle": {{1, 1}, {50, 50}, {90, 1}}, "bidirectional": {{1, 1}, {9, 9}, {1, 9}, {9, 1}},
			"ellipse": {{30, 30}, {80, 60}}, "rectangle": {{1, 2}, {3, 4}}, "freehand": {{1, 1}, {5, 9}, {9, 1}}, "arrow": {{300, 300}, {350, 350}},
			"text": {{400, 100}}, "point": {{20, 200}},
		} {
			d.Marks = append(d.Marks, reports.Mark{
				Kind: kind, Points: points, Text: map[bool]string{true: "血腫"}[kind == "text"],
				Values: []reports.Value{{Name: "length", Value: 32.14, Unit: "mm"}},
			})
		}
		out = append(out, d)
	}
	return out
}

// Key images stand in the printed report as they came, numbered as the text calls
// them, with what was drawn on them.
func TestFigures(t *testing.T) {
	t.Parallel()
	b, err := Render(reportstest.Sample(), org, figures(t, 5)...)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(tool(t, b, "pdftotext", "-layout", "FILE", "-")), "")
	for _, want := range []string{"キー画像", "図1右被殻の血腫𠮷", "図5", "32.1mm"} {
		if text != "" && !strings.Contains(text, want) {
			t.Errorf("%q is not in the file", want)
		}
	}
	images := tool(t, b, "pdfimages", "-list", "FILE")
	if n := strings.Count(images, " jpeg "); images != "" && n != 5 {
		t.Errorf("%d pictures, want 5:\n%s", n, images)
	}
	if images != "" && (!strings.Contains(images, "gray") || !strings.Contains(images, "rgb")) {
		t.Errorf("grey and colour are not told apart:\n%s", images)
	}
	if _, err := Render(reportstest.Sample(), org, reports.Drawn{JPEG: []byte("no picture")}); err == nil {
		t.Error("what is no picture was taken for one")
	}
}

// What a version is stands below its title, in both languages and on every kind.
func TestKindsOfVersion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind   reports.Kind
		ja, en string
	}{
		{reports.Final, "", ""},
		{reports.Preliminary, "暫定報告（未確定）", "PRELIMINARY"},
		{reports.Correction, "訂正版", "CORRECTED"},
		{reports.Retraction, "撤回", "RETRACTED"},
		{reports.Addendum, "補遺", "Addendum"},
	} {
		for language, want := range map[string]string{"ja": c.ja, "en": c.en} {
			r := reportstest.Amended()
			if c.kind == reports.Final || c.kind == reports.Preliminary {
				r = reportstest.Sample()
			}
			r.Kind, r.Language = c.kind, language
			if c.kind == reports.Correction || c.kind == reports.Retraction {
				r.Sections = append([]reports.Section{{Code: reports.CodeReason, Heading: reports.Heading(reports.CodeReason, language, ""), Text: "左右の誤り。"}}, r.Sections...)
			}
			b := render(t, r)
			text := tool(t, b, "pdftotext", "-layout", "FILE", "-")
			if text == "" {
				return
			}
			flat := strings.Join(strings.Fields(text), "")
			if !strings.Contains(flat, want) {
				t.Errorf("%s in %s does not say %q:\n%s", c.kind, language, want, text)
			}
			if c.kind == reports.Final && (strings.Contains(flat, "暫定") || strings.Contains(flat, "PRELIMINARY")) {
				t.Errorf("a final report is called preliminary")
			}
			if len(r.Earlier) > 0 && language == "ja" && !strings.Contains(flat, "鈴木一郎") {
				t.Errorf("%s does not name who signed before", c.kind)
			}
			if strings.Contains(flat, "〓") {
				t.Errorf("%s in %s has a character without a glyph", c.kind, language)
			}
		}
	}
}

// What ISO 19005-2 (PDF/A-2, level B) asks of a file that can be seen in its bytes.
func TestArchivalForm(t *testing.T) {
	t.Parallel()
	b, err := Render(reportstest.Sample(), org, figures(t, 3)...)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>", "/S /GTS_PDFA1", "/DestOutputProfile", "/Metadata", "/ID [<"} {
		if !bytes.Contains(b, []byte(want)) {
			t.Errorf("%s is not in the file", want)
		}
	}
	for _, bad := range []string{"/Encrypt", "/DeviceCMYK", "/JavaScript", "/LZWDecode", "/Interpolate true", "/EmbeddedFiles", "/SMask"} {
		if bytes.Contains(b, []byte(bad)) {
			t.Errorf("%s is in the file", bad)
		}
	}
	// Every font program is embedded: as many as there are descriptors.
	if d, f := bytes.Count(b, []byte("/FontDescriptor /FontName")), bytes.Count(b, []byte("/FontFile2")); d == 0 || d != f {
		t.Errorf("%d descriptors, %d programs", d, f)
	}
	// The dates of the information dictionary and of XMP are the same moment.
	info := regexp.MustCompile(`/CreationDate \(D:(\d{14})Z\)`).FindSubmatch(b)
	xmp := regexp.MustCompile(`<xmp:CreateDate>([0-9T:-]+)Z`).FindSubmatch(b)
	if info == nil || xmp == nil || string(info[1]) != strings.NewReplacer("-", "", ":", "", "T", "").Replace(string(xmp[1])) {
		t.Errorf("CreationDate %q, CreateDate %q", info, xmp)
	}
}
