package api_test

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"os/exec"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/reports"
)

// drawing stands in for the drawing of key images, which the program wires.
func drawing(_ context.Context, _, _ string, key reports.KeyImage) (reports.Drawn, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 16, 16)), nil)
	return reports.Drawn{KeyImage: key, JPEG: b.Bytes(), Part: image.Rect(0, 0, 16, 16)}, err
}

// The printed report of a reader who must not know the patient has its key images, as
// they may be shown, and no word at them that names somebody; the hospital's has both.
func TestPseudonymisedFigures(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("pdfimages"); err != nil {
		t.Skip("pdfimages is not installed (make deps): key images in the PDF are not compared")
	}
	h := open(t, pages)
	h.veiled(t)
	s := h.secretStudy(t)
	sato, kaifu := h.as(t, "sato"), h.as(t, "kaifu")
	base := "/api/v1/workitems/" + s.WorkitemID
	sato.do("POST", base+"/claim", map[string]any{}).want(200, "")
	key := map[string]any{
		"id": "k1", "number": 1, "instance": "2.25.773", "frame": 1, "text": "山田太郎様の出血", "window": nil,
		"view": map[string]any{"zoom": 1, "panX": 0, "panY": 0, "turns": 0, "flipH": false, "flipV": false, "invert": false},
	}
	sato.do("PUT", base+"/annotations", map[string]any{"revision": 0, "marks": []any{}, "keys": []any{key}, "savedAt": nil}).want(200, "")
	sato.do("PUT", base+"/draft", map[string]any{"revision": 0, "language": "ja", "template": "", "sections": map[string]string{"findings": "図1 に出血。", "impression": "出血。", "recommendation": ""}}).want(200, "")
	id, _ := sato.do("POST", base+"/sign", map[string]any{"revision": 1}).want(200, "")["id"].(string)
	// The reader reads on: the study is theirs as long as something is open.
	sato.do("POST", "/api/v1/studies/"+s.StudyID+"/addendum", map[string]any{}).want(201, "")
	printed := func(v *visitor) (text string, images int) {
		t.Helper()
		a := v.do("GET", "/api/v1/reports/"+id+"/pdf", nil)
		if a.Status != 200 {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		run := func(name string, args ...string) string {
			cmd := exec.CommandContext(t.Context(), name, args...)
			cmd.Stdin = bytes.NewReader(a.Body)
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return string(out)
		}
		return run("pdftotext", "-", "-"), strings.Count(run("pdfimages", "-list", "-"), " image ")
	}
	text, images := printed(sato)
	if images != 1 || !strings.Contains(text, "の出血") {
		t.Errorf("the reader's has %d pictures: %s", images, text)
	}
	for _, one := range identifiers {
		if strings.Contains(text, one) {
			t.Errorf("the reader's says %q", one)
		}
	}
	if text, images := printed(kaifu); images != 1 || !strings.Contains(text, "山田") {
		t.Errorf("the hospital's has %d pictures: %s", images, text)
	}
}
