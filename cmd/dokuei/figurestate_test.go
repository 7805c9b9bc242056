package main

import (
	"bytes"
	"fmt"
	"image"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// The printed report shows a key image under the presentation state that its reader saw
// it under: with the greys that DCMTK gives it (dcmp2pgm), shut and annotated.
func TestKeyImageUnderState(t *testing.T) {
	t.Parallel()
	peer, pdfimages, pdftotext := tool(t, "dcmp2pgm"), tool(t, "pdfimages"), tool(t, "pdftotext")
	images := slicesOf(t, thin("VIEW3", 3))
	of := images[1]
	cases := []struct {
		label  string
		change func(*dataset.Dataset)
		view   map[string]any // besides what is so of all
	}{
		{"WINDOW", func(d *dataset.Dataset) { window(d, 60.5, 333) }, nil},
		{"INVERSE", func(d *dataset.Dataset) { d.SetString(tag.PresentationLUTShape, "CS", "INVERSE") }, map[string]any{"invert": true}},
		{"VOILUT", greyTable(tag.VOILUTSequence, 500, -200, func(i int) int { return i * i * 4095 / (499 * 499) }), nil},
		{"PLUT", greyTable(tag.PresentationLUTSequence, 4096, 0, func(i int) int { return 4095 - (4095-i)*(4095-i)/4095 }), nil},
		{"RESCALED", func(d *dataset.Dataset) {
			intercept := of.header.Floats(tag.RescaleIntercept)[0]
			d.SetFloat(tag.RescaleSlope, "DS", 2)
			d.SetFloat(tag.RescaleIntercept, "DS", 10)
			window(d, 2*(40-intercept)+10, 800)
		}, nil},
		// A page flips first and turns then.
		{"TURNED", turned, map[string]any{"turns": 3, "flipH": true}},
		{"SHUT", annotated, nil},
	}
	s := serve(t, newData(t, network))
	dir := t.TempDir()
	files := []string{images[0].file, of.file, images[2].file}
	var keys []any
	want := make([][]byte, len(cases))
	for n, c := range cases {
		d := softcopyOf(30+n, c.label, of, func(d *dataset.Dataset) {
			d.SetInt(tag.ImageRotation, "US", 0)
			d.SetString(tag.ImageHorizontalFlip, "CS", "N")
			c.change(d)
			area(d, 1, 1, 512, 512) // the peer paints no part
		})
		name := fileOf(t, dir, d)
		files = append(files, name)
		if c.label != "SHUT" {
			pgm := filepath.Join(dir, c.label+".pgm")
			if said, err := exec.CommandContext(t.Context(), peer, "-p", name, of.file, pgm).CombinedOutput(); err != nil {
				t.Fatalf("dcmp2pgm %s: %v\n%s", c.label, err, said)
			}
			want[n] = greysOf(t, pgm)
		}
		view := map[string]any{"zoom": 1, "panX": 0, "panY": 0, "turns": 0, "flipH": false, "flipV": false, "invert": false, "width": 512, "height": 512}
		for k, v := range c.view {
			view[k] = v
		}
		keys = append(keys, map[string]any{"id": fmt.Sprint("k", n), "number": n + 1, "instance": of.sop, "frame": 1, "text": "", "window": nil, "view": view, "state": d.String(tag.SOPInstanceUID)})
	}
	hidden := map[string]any{"id": "k-hidden", "number": len(cases) + 1, "hidden": []string{"NOTES"}}
	for k, v := range keys[len(cases)-1].(map[string]any) {
		if hidden[k] == nil {
			hidden[k] = v
		}
	}
	s.send(t, "MINAMI_CT", files...)
	reader := s.signIn(t, "sato", password)
	eventually(t, "the study is complete", func() bool {
		open := reader.worklist("open")
		return len(open) == 1 && open[0].Study.Instances == len(files)
	})
	base := "/workitems/" + reader.worklist("open")[0].ID
	reader.must("POST", base+"/claim", map[string]any{}, nil)
	reader.must("PUT", base+"/annotations", map[string]any{"revision": 0, "marks": []any{}, "keys": append(keys, hidden), "savedAt": nil}, nil)
	reader.must("PUT", base+"/draft", map[string]any{"revision": 0, "language": "ja", "sections": map[string]string{"findings": "図1。", "impression": "異常なし。", "recommendation": ""}}, nil)
	var signed struct{ ID string }
	reader.must("POST", base+"/sign", map[string]any{"revision": 1}, &signed)
	status, file, _ := reader.raw("GET", "/reports/"+signed.ID+"/pdf", nil)
	if status != 200 {
		t.Fatalf("%d %s", status, file)
	}
	path := writeFile(t, filepath.Join(dir, "report.pdf"), string(file))
	mustOutput(t, pdfimages, "-j", path, filepath.Join(dir, "image"))
	for n, c := range cases {
		m := picture(t, filepath.Join(dir, fmt.Sprintf("image-%03d.jpg", n)))
		if size := m.Bounds().Size(); size.X != 512 || size.Y != 512 {
			t.Errorf("%s: %v", c.label, size)
			continue
		}
		at := func(x, y int) int { return greyAt(m, image.Pt(x, y)) }
		if c.label == "SHUT" {
			for _, p := range [][2]int{{5, 5}, {506, 256}, {256, 470}, {75, 75}} {
				if g := at(p[0], p[1]); g < 0x20-6 || g > 0x20+6 {
					t.Errorf("outside of the shutters %v is %d", p, g)
				}
			}
			continue
		}
		off := 0
		for i, g := range want[n] {
			d := int(g) - at(i%512, i/512)
			off += max(d, -d)
		}
		// What a JPEG of this quality leaves.
		if mean := float64(off) / float64(len(want[n])); mean > 3 {
			t.Errorf("%s: on average %.1f greys off", c.label, mean)
		}
	}
	// Over DICOMweb the state itself is such a picture, turned as it says.
	for n, c := range cases {
		if c.label == "SHUT" {
			continue
		}
		d := keys[n].(map[string]any)["state"].(string)
		status, raw, h := reader.raw("GET", s.HTTP+"/dicom-web/studies/"+of.header.String(tag.StudyInstanceUID)+"/series/2.25.980/instances/"+d+"/rendered", nil)
		if status != 200 {
			t.Errorf("%s: %d %s", c.label, status, raw)
			continue
		}
		m, _, err := image.Decode(bytes.NewReader(raw))
		if err != nil || h.Get("Content-Type") != "image/jpeg" || m.Bounds().Size() != image.Pt(512, 512) {
			t.Errorf("%s: %v %v", c.label, err, h)
			continue
		}
		off := 0
		for i, g := range want[n] {
			d := int(g) - greyAt(m, image.Pt(i%512, i/512))
			off += max(d, -d)
		}
		if mean := float64(off) / float64(len(want[n])); mean > 3 {
			t.Errorf("%s over DICOMweb: on average %.1f greys off", c.label, mean)
		}
	}
	// The texts of the state stand on the picture, but those of a layer that was hidden.
	text := mustOutput(t, pdftotext, path, "-")
	if n := strings.Count(text, "血腫の縁"); n != 1 {
		t.Errorf("its words are there %d times", n)
	}
}
