package phantom_test

import (
	"bytes"
	"crypto/sha256"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/phantom"
	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

func order() phantom.Order {
	at := time.Date(2026, 11, 22, 9, 30, 0, 0, time.FixedZone("JST", 9*3600))
	return phantom.Order{
		PatientID: "K000123", PatientName: "Yamada^Taro=山田^太郎=やまだ^たろう", Sex: "M",
		BirthDate: time.Date(1948, 12, 2, 0, 0, 0, 0, time.UTC), AccessionNumber: "A001", StudyTime: at,
		Institution: "海部病院", ReferringPhysician: "Tanaka^Ichiro=田中^一郎",
		Request: "突然の右片麻痺", Procedure: "頭部CT 単純", Seed: 7,
	}
}

func write(t testing.TB, i phantom.Instance) []byte {
	t.Helper()
	var b bytes.Buffer
	m := stream.Meta{
		MediaStorageSOPClassUID: i.SOPClassUID, MediaStorageSOPInstanceUID: i.SOPInstanceUID,
		TransferSyntaxUID: i.TransferSyntaxUID, ImplementationClassUID: uid.ImplementationClassUID,
	}
	if _, err := stream.WriteMeta(&b, m); err != nil {
		t.Fatal(err)
	}
	head := b.Len()
	n, err := i.WriteTo(&b)
	if err != nil {
		t.Fatal(err)
	}
	if int(n) != b.Len()-head {
		t.Fatalf("WriteTo says %d bytes, wrote %d", n, b.Len()-head)
	}
	return b.Bytes()
}

func TestSameOrderSameBytes(t *testing.T) {
	t.Parallel()
	for _, make := range []func(phantom.Order) phantom.Study{phantom.HeadCT, phantom.ChestCT, phantom.BrainMR} {
		a, b := make(order()), make(order())
		other := order()
		other.Seed++
		c := make(other)
		x, y, z := write(t, a.Instances[40]), write(t, b.Instances[40]), write(t, c.Instances[40])
		if sha256.Sum256(x) != sha256.Sum256(y) {
			t.Errorf("%s: two runs differ", a.Description)
		}
		if bytes.Equal(x, z) || a.StudyInstanceUID == c.StudyInstanceUID {
			t.Errorf("%s: another seed gives the same study", a.Description)
		}
	}
}

func TestStudiesAreWhole(t *testing.T) {
	t.Parallel()
	for i, st := range phantom.Studies(order(), order(), order()) {
		if want := []int{124, 97, 100}[i]; len(st.Instances) != want {
			t.Errorf("study %d has %d instances, want %d", i, len(st.Instances), want)
		}
		seen := map[string]bool{}
		for _, in := range st.Instances {
			if !uid.Valid(in.SOPInstanceUID) || !uid.Valid(in.SeriesInstanceUID) || seen[in.SOPInstanceUID] {
				t.Fatalf("study %d: bad or repeated UID %q", i, in.SOPInstanceUID)
			}
			seen[in.SOPInstanceUID] = true
		}
	}
}

// TestGeometry walks one series: positions rise by the spacing it declares.
func TestGeometry(t *testing.T) {
	t.Parallel()
	st := phantom.BrainMR(order())
	var last *pixel.Plane
	for _, in := range st.Instances[:20] {
		b := write(t, in)
		r, err := pixel.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		p := r.Presentation(0).Plane
		if !p.Located || p.Aspect != 1 || p.Normal() != [3]float64{0, 0, 1} {
			t.Fatalf("plane %+v", p)
		}
		if last != nil {
			if d := p.Distance() - last.Distance(); math.Abs(d-6.5) > 1e-6 {
				t.Errorf("instance %d lies %v mm above the one before", in.InstanceNumber, d)
			}
		}
		last = &p
	}
}

// TestHounsfield measures tissues where a reader would put a region: the
// numbers are those of the textbook.
func TestHounsfield(t *testing.T) {
	t.Parallel()
	st := phantom.HeadCT(order())
	b := write(t, st.Instances[50]) // z = 8.5 mm
	r, err := pixel.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var f pixel.Frame
	if err := r.Frame(t.Context(), 0, &f); err != nil {
		t.Fatal(err)
	}
	p := r.Presentation(0)
	mean := func(x, y float64, radius int) float64 { // of a square around a place in mm
		cx := int((x - p.Plane.Position[0]) / p.Plane.Spacing[1])
		cy := int((y - p.Plane.Position[1]) / p.Plane.Spacing[0])
		sum, n := 0.0, 0
		for dy := -radius; dy <= radius; dy++ {
			for dx := -radius; dx <= radius; dx++ {
				sum += p.Modality.At(f.Value(cy+dy, cx+dx, 0))
				n++
			}
		}
		return sum / float64(n)
	}
	for _, c := range []struct {
		tissue string
		x, y   float64
		lo, hi float64
	}{
		{"air", -110, -100, -1001, -990},
		{"blood", 28, -3, 58, 72},
		{"white matter", -24, -40, 22, 38},
	} {
		if got := mean(c.x, c.y, 3); got < c.lo || got > c.hi {
			t.Errorf("%s measures %.0f HU, want %.0f to %.0f", c.tissue, got, c.lo, c.hi)
		}
	}
	if w := p.Windows; len(w) != 2 || w[0].Center != 40 || w[0].Width != 80 || w[0].Explanation != "BRAIN" {
		t.Errorf("windows %+v", w)
	}
}

func TestHeaderKeepsText(t *testing.T) {
	t.Parallel()
	for _, set := range [][]string{nil, {"", "ISO 2022 IR 87"}} {
		o := order()
		o.CharacterSet = set
		b := write(t, phantom.ChestCT(o).Instances[0])
		_, d, _, err := dataset.ReadFile(bytes.NewReader(b), stream.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for at, want := range map[tag.Tag]string{
			tag.PatientName: o.PatientName, tag.InstitutionName: o.Institution,
			tag.ReasonForTheRequestedProcedure: o.Request, tag.RequestedProcedureDescription: o.Procedure,
			tag.PatientAge: "077Y", tag.TimezoneOffsetFromUTC: "+0900",
		} {
			if got := d.String(at); got != want {
				t.Errorf("%v %s is %q, want %q", set, at, got, want)
			}
		}
	}
}

// TestIOD lets dciodvfy judge one image of each series.
func TestIOD(t *testing.T) {
	t.Parallel()
	judge, err := exec.LookPath("dciodvfy")
	if err != nil {
		t.Skip("dciodvfy (Debian: dicom3tools) is not installed: objects are not checked against their IODs")
	}
	for i, st := range phantom.Studies(order(), order(), order()) {
		series := 0
		for _, in := range st.Instances {
			if in.SeriesNumber == series {
				continue
			}
			series = in.SeriesNumber
			name := filepath.Join(t.TempDir(), "image.dcm")
			if err := os.WriteFile(name, write(t, in), 0o600); err != nil {
				t.Fatal(err)
			}
			out, _ := exec.CommandContext(t.Context(), judge, name).CombinedOutput()
			for line := range strings.Lines(string(out)) {
				if strings.HasPrefix(line, "Error") {
					t.Errorf("study %d series %d: %s", i, series, line)
				}
			}
		}
	}
}

func BenchmarkHeadSlice(b *testing.B) {
	in := phantom.HeadCT(order()).Instances[60]
	b.ReportAllocs()
	b.SetBytes(512 * 512 * 2)
	for b.Loop() {
		if _, err := in.WriteTo(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkChestSlice(b *testing.B) {
	in := phantom.ChestCT(order()).Instances[45]
	b.ReportAllocs()
	b.SetBytes(512 * 512 * 2)
	for b.Loop() {
		if _, err := in.WriteTo(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
