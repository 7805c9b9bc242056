package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	_ "image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// squares is a CT of 8 by 8 squares of 8 by 8 pixels; the one in column c and row r
// has the value 100 c + 10 r.
func squares(d *dataset.Dataset, _ int) {
	pixels := make([]byte, 0, 64*64*2)
	for y := range 64 {
		for x := range 64 {
			pixels = binary.LittleEndian.AppendUint16(pixels, uint16(100*(x/8)+10*(y/8)))
		}
	}
	d.SetBytes(tag.PixelData, "OW", pixels)
}

// The printed report shows a key image as its reader saw it: through its window, with
// the part that was on the screen, flipped and turned.
func TestKeyImageAsSeen(t *testing.T) {
	t.Parallel()
	pdfimages := tool(t, "pdfimages")
	s := serve(t, newData(t, network))
	dir, _ := slices(t, 1, squares)
	s.send(t, "MINAMI_CT", dir)
	reader := s.signIn(t, "sato", password)
	task := reader.firstTask()
	base := "/workitems/" + task.ID
	reader.must("POST", base+"/claim", map[string]any{}, nil)
	var full struct {
		SeriesList []struct {
			Instances []struct{ SopInstanceUID string }
		}
	}
	reader.must("GET", "/studies/"+task.Study.ID, nil, &full)
	instance := full.SeriesList[0].Instances[0].SopInstanceUID

	// A window that shows each value v as v*255/1000 or so.
	window := map[string]any{"center": 400.5, "width": 801, "function": "LINEAR"}
	view := func(zoom, panX, panY float64, turns int, flipH, flipV, invert bool) map[string]any {
		return map[string]any{"zoom": zoom, "panX": panX, "panY": panY, "turns": turns, "flipH": flipH, "flipV": flipV, "invert": invert, "width": 640, "height": 640}
	}
	cases := []struct {
		view map[string]any
		// Squares in the upper left, upper right and lower left corner, and how many stand
		// in a row and a column.
		corners [3][2]int
		size    [2]int
		invert  bool
	}{
		{view(1, 0, 0, 0, false, false, false), [3][2]int{{0, 0}, {7, 0}, {0, 7}}, [2]int{8, 8}, false},
		{view(1, 0, 0, 1, false, false, false), [3][2]int{{0, 7}, {0, 0}, {7, 7}}, [2]int{8, 8}, false},
		{view(1, 0, 0, 0, true, false, true), [3][2]int{{7, 0}, {0, 0}, {7, 7}}, [2]int{8, 8}, true},
		{view(1, 0, 0, 3, false, true, false), [3][2]int{{7, 7}, {7, 0}, {0, 7}}, [2]int{8, 8}, false},
		// Twice as large: half of it in each direction, moved so that its lower right quarter shows.
		{view(2, -320, -320, 0, false, false, false), [3][2]int{{4, 4}, {7, 4}, {4, 7}}, [2]int{4, 4}, false},
		// The same screen with the image turned: what lies there is its upper right quarter.
		{view(2, -320, -320, 1, false, false, false), [3][2]int{{4, 3}, {4, 0}, {7, 3}}, [2]int{4, 4}, false},
	}
	var keys []any
	for n, c := range cases {
		keys = append(keys, map[string]any{"id": fmt.Sprint("k", n), "number": n + 1, "instance": instance, "frame": 1, "text": "", "window": window, "view": c.view})
	}
	reader.must("PUT", base+"/annotations", map[string]any{"revision": 0, "marks": []any{}, "keys": keys, "savedAt": nil}, nil)
	reader.must("PUT", base+"/draft", map[string]any{"revision": 0, "language": "ja", "sections": map[string]string{"findings": "図1。", "impression": "異常なし。", "recommendation": ""}}, nil)
	var signed struct{ ID string }
	reader.must("POST", base+"/sign", map[string]any{"revision": 1}, &signed)
	status, file, _ := reader.raw("GET", "/reports/"+signed.ID+"/pdf", nil)
	if status != 200 {
		t.Fatalf("%d %s", status, file)
	}
	at := t.TempDir()
	path := writeFile(t, filepath.Join(at, "report.pdf"), string(file))
	mustOutput(t, pdfimages, "-j", path, filepath.Join(at, "image"))
	for n, c := range cases {
		m := picture(t, filepath.Join(at, fmt.Sprintf("image-%03d.jpg", n)))
		if got := m.Bounds().Size(); got != image.Pt(8*c.size[0], 8*c.size[1]) {
			t.Errorf("figure %d is %v", n+1, got)
			continue
		}
		for i, middle := range []image.Point{{4, 4}, {8*c.size[0] - 4, 4}, {4, 8*c.size[1] - 4}} {
			want := (100*c.corners[i][0] + 10*c.corners[i][1]) * 255 / 800
			if c.invert {
				want = 255 - want
			}
			if got := greyAt(m, middle); got < want-3 || got > want+3 {
				t.Errorf("figure %d: %d at %v, want %d", n+1, got, middle, want)
			}
		}
	}
}

func picture(t *testing.T, path string) image.Image {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func greyAt(m image.Image, p image.Point) int {
	r, _, _, _ := m.At(m.Bounds().Min.X+p.X, m.Bounds().Min.Y+p.Y).RGBA()
	return int(r >> 8)
}
