package pdf

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
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
		d := reports.Drawn{KeyImage: reports.KeyImage{Number: i + 1, Text: "右被殻の血腫 𠮷"}, JPEG: picture(t, grey), Part: image.Rect(0, 0, 512, 384)}
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

// A mark is where the reader saw it, however the picture lies on the page and whatever
// part of the frame it shows; what lies outside of the part is not drawn.
func TestMarksLieAsSeen(t *testing.T) {
	t.Parallel()
	grey := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range grey.Pix {
		grey.Pix[i] = 150
	}
	jpeg := picture(t, grey)
	whole, quarter := image.Rect(0, 0, 64, 64), image.Rect(32, 0, 64, 32)
	for _, c := range []struct {
		view reports.KeyView
		part image.Rectangle
		// Tip and tail of the arrow in 64ths of the picture; its tip is at (56, 8) of the
		// frame, its tail at (40, 8).
		tip, tail [2]float64
	}{
		{reports.KeyView{}, whole, [2]float64{56, 8}, [2]float64{40, 8}},
		{reports.KeyView{Turns: 1}, whole, [2]float64{56, 56}, [2]float64{56, 40}},
		{reports.KeyView{FlipH: true}, whole, [2]float64{8, 8}, [2]float64{24, 8}},
		{reports.KeyView{FlipV: true, Turns: 2}, whole, [2]float64{8, 8}, [2]float64{24, 8}},
		{reports.KeyView{Turns: 3, FlipH: true}, whole, [2]float64{8, 56}, [2]float64{8, 40}},
		{reports.KeyView{}, quarter, [2]float64{48, 16}, [2]float64{16, 16}},
		{reports.KeyView{Turns: 1}, quarter, [2]float64{48, 48}, [2]float64{48, 16}},
	} {
		d := reports.Drawn{KeyImage: reports.KeyImage{Number: 1, View: c.view}, JPEG: jpeg, Part: c.part, Marks: []reports.Mark{
			{Kind: "arrow", Points: [][2]float64{{56, 8}, {40, 8}}},
			{Kind: "length", Points: [][2]float64{{-40, 100}, {100, 100}}}, // below the frame
		}}
		b, err := Render(reportstest.Sample(), org, d)
		if err != nil {
			t.Fatal(err)
		}
		page := tool(t, b, "pdftoppm", "-r", "144", "-gray", "FILE")
		if page == "" {
			return
		}
		box, at := figureOn(t, page)
		for _, p := range [][2]float64{c.tip, {(c.tip[0] + c.tail[0]) / 2, (c.tip[1] + c.tail[1]) / 2}} {
			if got := at(p); got < 210 {
				t.Errorf("%+v of %v: %d at %v, no line", c.view, c.part, got, p)
			}
		}
		// Beside the tail there is nothing, beside the tip its head.
		across := [2]float64{(c.tip[1] - c.tail[1]) / 16, (c.tip[0] - c.tail[0]) / 16}
		if got := at([2]float64{c.tail[0] + 2*across[0], c.tail[1] + 2*across[1]}); got < 145 || got > 155 {
			t.Errorf("%+v of %v: %d beside the tail", c.view, c.part, got)
		}
		if box.Dx() != box.Dy() {
			t.Errorf("%+v: the figure is %v", c.view, box)
		}
	}
}

// figureOn finds the figure, which is of one grey, on the last of the pages pdftoppm has
// drawn that has one, and says how bright it is at a place in 64ths of it.
func figureOn(t *testing.T, pages string) (image.Rectangle, func([2]float64) int) {
	t.Helper()
	for pages != "" {
		var w, h, most int
		if n, err := fmt.Sscanf(pages, "P5\n%d %d\n%d\n", &w, &h, &most); n != 3 {
			t.Fatal(err)
		}
		head := len(fmt.Sprintf("P5\n%d %d\n%d\n", w, h, most))
		pix := pages[head : head+w*h]
		pages = pages[head+w*h:]
		var box image.Rectangle
		for i := range len(pix) {
			// A run of it, not the edge of a letter.
			if i >= 24 && pix[i] >= 148 && pix[i] <= 152 && strings.Count(pix[i-24:i+1], pix[i:i+1]) == 25 {
				box = box.Union(image.Rect(i%w-24, i/w, i%w+1, i/w+1))
			}
		}
		if box.Dx() < 100 {
			continue
		}
		return box, func(p [2]float64) int {
			x, y := box.Min.X+int(p[0]/64*float64(box.Dx())), box.Min.Y+int(p[1]/64*float64(box.Dy()))
			brightest := byte(0)
			for i := range 9 {
				brightest = max(brightest, pix[(y+i/3-1)*w+x+i%3-1])
			}
			return int(brightest)
		}
	}
	t.Fatal("there is no figure on the pages")
	return image.Rectangle{}, nil
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
