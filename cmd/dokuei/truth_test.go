package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/phantom"
	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/internal/shareddata"
)

// A browser paints what the files say. Every series of shared/data/series and
// enhanced multi-frame objects (without them: the phantoms) are decoded and painted
// by the page's own modules in Chromium and compared with what package pixel makes
// of the files: all greys, in the window of the file and in 40/400, the window found
// where the file has none, values under the pointer, and lengths against the
// distance of the points in the patient.
func TestTruthInBrowser(t *testing.T) {
	t.Parallel()
	web := browser(t)
	if _, err := os.Stat(filepath.Join(web, "node_modules", "vite")); err != nil {
		t.Skip("viewer/web/node_modules/vite is missing: what the browser paints is not compared")
	}
	s := serve(t, newData(t, network))
	files := map[string]*pixel.Reader{}
	add := func(raw []byte) {
		r, err := pixel.Open(bytes.NewReader(raw), int64(len(raw)))
		if err != nil || r.Displayable() != nil {
			return // a paper, or nothing that anybody decodes
		}
		files[r.Header().String(tag.SOPInstanceUID)] = r
	}
	want := 0
	odd := spacings(t)
	for _, name := range odd {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		add(raw)
	}
	s.send(t, "MINAMI_CT", odd...)
	if data := shareddata.Dir(t); data != "" {
		var folders []string
		series, err := os.ReadDir(filepath.Join(data, "series"))
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range series {
			folders = append(folders, filepath.Join(data, "series", one.Name()))
		}
		for _, dir := range append(folders, filepath.Join(data, "enhanced")) {
			for _, name := range regular(t, dir) {
				raw, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				add(raw)
			}
			s.send(t, "MINAMI_CT", regular(t, dir)...)
		}
	} else {
		for _, st := range []phantom.Study{phantom.ThinChestCT(phantom.Order{PatientID: "T1", Seed: 3}, 8), phantom.BrainMR(phantom.Order{PatientID: "T2", Seed: 4})} {
			e := examination{"minami", "MINAMI_CT", st}
			if err := e.send(t.Context(), s.DICOM, "DOKUEI"); err != nil {
				t.Fatal(err)
			}
			for _, i := range st.Instances {
				var b bytes.Buffer
				if _, err := stream.WriteMeta(&b, stream.Meta{MediaStorageSOPClassUID: i.SOPClassUID, MediaStorageSOPInstanceUID: i.SOPInstanceUID, TransferSyntaxUID: i.TransferSyntaxUID}); err != nil {
					t.Fatal(err)
				}
				if _, err := i.WriteTo(&b); err != nil {
					t.Fatal(err)
				}
				add(b.Bytes())
			}
		}
	}
	for _, r := range files {
		want += max(r.Format().Frames, 1)
	}
	reader := s.signIn(t, "sato", password)
	eventually(t, "every study is complete", func() bool {
		got := 0
		for _, item := range reader.worklist("open") {
			got += item.Study.Instances
		}
		return got >= len(files)
	})
	seen := map[string]bool{}
	for line := range strings.Lines(browse(t, s, "truth.mjs", "READER=sato:"+password)) {
		var p painted
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatalf("%v in %.200q", err, line)
		}
		r := files[p.SOP]
		if r == nil {
			t.Errorf("the page shows %s, which is none of the files", p.SOP)
			continue
		}
		if err := p.compare(t.Context(), r); err != nil {
			t.Errorf("%s frame %d by %s: %v", p.SOP, p.Frame, p.Way, err)
		}
		seen[fmt.Sprint(p.SOP, p.Frame)] = true
	}
	t.Logf("%d frames of %d files painted alike", len(seen), len(files))
	if len(seen) != want {
		t.Errorf("%d frames were compared, want %d", len(seen), want)
	}
}

// painted is what the page says of a frame.
type painted struct {
	Way       string
	SOP       string
	Frame     int
	Own, Wide string
	Auto      []float64
	Points    [][2]int
	Values    [][]float64
	Unit      string
	Lengths   []float64
	Said      string // beside the first length, in the language of the page
	Marks     map[string]struct {
		Points [][2]float64
		Values map[string]float64
		Unit   string
	}
}

func (p painted) compare(ctx context.Context, r *pixel.Reader) error {
	var f pixel.Frame
	if err := r.Frame(ctx, p.Frame-1, &f); err != nil {
		return err
	}
	how := r.Presentation(p.Frame - 1)
	if f.Samples != 1 {
		var m image.RGBA
		pixel.RenderRGB(&m, &f)
		if got := digest(rgb(&m)); got != p.Own {
			return fmt.Errorf("the page paints other colours")
		}
		return nil
	}
	var m image.Gray
	if p.Own != "" {
		pixel.Render(&m, &f, how.Transform(&f), &pixel.Table{})
		if digest(m.Pix) != p.Own {
			return fmt.Errorf("the page paints other greys in the window of the file")
		}
	} else if len(how.Windows)+len(how.LUTs) > 0 {
		return fmt.Errorf("the page does not know the window of the file")
	}
	wide := how
	wide.Windows, wide.LUTs = []pixel.Window{{Center: 40, Width: 400}}, nil
	pixel.Render(&m, &f, wide.Transform(&f), &pixel.Table{})
	if digest(m.Pix) != p.Wide {
		return fmt.Errorf("the page paints other greys in 40/400")
	}
	if w := pixel.AutoWindow(&f, how.Modality, how.Padding); len(p.Auto) != 2 || math.Abs(w.Center-p.Auto[0]) > 1e-6 || math.Abs(w.Width-p.Auto[1]) > 1e-6 {
		return fmt.Errorf("the page finds the window %v, the server %g/%g", p.Auto, w.Center, w.Width)
	}
	for i, at := range p.Points {
		if want := how.Modality.At(f.Value(at[1], at[0], 0)); math.Abs(p.Values[i][0]-want) > 1e-6 {
			return fmt.Errorf("the page reads %g at %v, the file has %g", p.Values[i][0], at, want)
		}
	}
	if err := p.marks(&f, how); err != nil {
		return err
	}
	return p.distances(how.Plane)
}

// distances compares lengths with those of the points in the patient (PS3.3
// C.7.6.2.1.1), which are the same however the gantry was tilted.
func (p painted) distances(plane pixel.Plane) error {
	if !plane.Located || plane.Imager {
		return nil
	}
	if p.Unit != "mm" {
		return fmt.Errorf("the page measures in %s", p.Unit)
	}
	place := func(at [2]int) (v [3]float64) {
		for k := range 3 {
			v[k] = plane.Position[k] + plane.Orientation[k]*plane.Spacing[1]*float64(at[0]) + plane.Orientation[3+k]*plane.Spacing[0]*float64(at[1])
		}
		return v
	}
	for i, pair := range [][2]int{{0, 3}, {1, 2}} {
		a, b := place(p.Points[pair[0]]), place(p.Points[pair[1]])
		want := math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
		if math.Abs(want-p.Lengths[i]) > 0.1 {
			return fmt.Errorf("the page measures %.3f mm, in the patient it is %.3f", p.Lengths[i], want)
		}
	}
	return nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func rgb(m *image.RGBA) []byte {
	out := make([]byte, 0, len(m.Pix)/4*3)
	for i := 0; i < len(m.Pix); i += 4 {
		out = append(out, m.Pix[i:i+3]...)
	}
	return out
}

// regular are the files of a folder, without those of folders in it.
func regular(t testing.TB, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range list {
		if one.Type().IsRegular() {
			names = append(names, filepath.Join(dir, one.Name()))
		}
	}
	return names
}
