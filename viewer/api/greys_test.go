package api

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"image"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/viewer/bundle"
)

// greys are the cases that pages and previews must agree on: viewer/web reads the
// same file. DOKUEI_WRITE_GREYS=1 writes it anew.
const greys = "../web/src/viewport/testdata/greys.json"

type greyCase struct {
	Name         string           `json:"name"`
	Bits         int              `json:"bits"`
	Signed       bool             `json:"signed"`
	Samples      []byte           `json:"samples"` // as /frames answers
	Presentation presentationView `json:"presentation"`
	Greys        []byte           `json:"greys"`
}

// What the server draws for its previews is what the file says.
func TestGreys(t *testing.T) {
	t.Parallel()
	var cases []greyCase
	for _, c := range greyCases() {
		var dst image.Gray
		pixel.Render(&dst, &c.frame, c.how.Transform(&c.frame), &pixel.Table{})
		cases = append(cases, greyCase{c.name, c.frame.BitsAllocated, c.frame.Signed, c.frame.Pix, presentationView{Presentation: bundle.PresentationOf(c.how)}, dst.Pix})
	}
	got, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	got = append(bytes.ReplaceAll(got, []byte("},{\"name\""), []byte("},\n{\"name\"")), '\n')
	if os.Getenv("DOKUEI_WRITE_GREYS") != "" {
		if err := os.MkdirAll(filepath.Dir(greys), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(greys, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(greys)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the server draws other greys than %s has", greys)
	}
}

type drawn struct {
	name  string
	frame pixel.Frame
	how   pixel.Presentation
}

func greyCases() []drawn {
	line := func(slope, intercept float64) pixel.Modality {
		return pixel.Modality{Slope: slope, Intercept: intercept, Type: "HU"}
	}
	windows := func(c, w float64, function string) []pixel.Window {
		return []pixel.Window{{Center: c, Width: w, Function: function}}
	}
	film := pixel.Modality{Type: "OD", LUT: &pixel.LUT{First: -8, Bits: 12, Data: []uint16{0, 3, 40, 500, 900, 1200, 3000, 4095}}}
	voi := []*pixel.LUT{{First: -20, Bits: 10, Data: []uint16{0, 1, 5, 30, 100, 300, 500, 700, 1000, 1023}, Explanation: "NORMAL"}}
	around := func(v ...int) []int {
		r := rand.New(rand.NewPCG(1, uint64(len(v))))
		for len(v) < 48 {
			v = append(v, v[0]+r.IntN(v[1]-v[0]+1))
		}
		return v
	}
	hu := around(-1100, 1400, 0, 1, 40, 79, 80, 1064)
	return []drawn{
		{"LINEAR in Hounsfield units", frameOf(16, 16, true, hu), pixel.Presentation{Modality: line(1, -24), Windows: windows(40, 80, "LINEAR")}},
		{"SIGMOID", frameOf(16, 12, false, around(0, 4095)), pixel.Presentation{Modality: line(1, 0), Windows: windows(2000, 900, "SIGMOID")}},
		{"LINEAR_EXACT, inverted", frameOf(16, 12, false, around(0, 4095)), pixel.Presentation{Modality: line(0.5, 3.25), Windows: windows(700.5, 333.3, "LINEAR_EXACT"), Invert: true}},
		{"a slope that falls", frameOf(16, 16, false, around(0, 5000)), pixel.Presentation{Modality: line(-0.75, 2000), Windows: windows(40, 1500, "")}},
		{"a range of padding, inverted", frameOf(16, 16, true, around(-2010, -1980, -2000, -1990, -1995, 0)), pixel.Presentation{
			Modality: line(1, 0), Windows: windows(-1995, 20, ""), Invert: true, Padding: pixel.Padding{Present: true, Value: -2000, Last: -1990},
		}},
		{"a table of values", frameOf(16, 16, true, around(-12, 6)), pixel.Presentation{Modality: film, Windows: windows(2000, 3000, "")}},
		{"a table of values and one of greys", frameOf(16, 16, true, around(-40, 40)), pixel.Presentation{Modality: line(0.5, 0), LUTs: voi}},
		{"bytes with a sign", frameOf(8, 8, true, around(-128, 127)), pixel.Presentation{Modality: line(1, 0), LUTs: voi, Invert: true}},
		{"no window", frameOf(16, 12, false, around(200, 3800, 0, 0, 0, 0, 0, 0, 0, 0)), pixel.Presentation{Modality: line(2, -100)}},
		{"no window, padding", frameOf(16, 16, false, around(200, 3800, 60000, 60001, 60002, 60002)), pixel.Presentation{
			Modality: line(1, 0), Padding: pixel.Padding{Present: true, Value: 60000, Last: 60002},
		}},
		{"32 bits with a sign, no window", frameOf(32, 32, true, around(-3_000_000, 5_000_000)), pixel.Presentation{Modality: line(0.001, 0)}},
		{"32 bits, padding", frameOf(32, 32, false, around(70_000, 90_000, 4_000_000_000)), pixel.Presentation{
			Modality: line(1, -70_000), Windows: windows(10_000, 20_000, ""), Padding: pixel.Padding{Present: true, Value: 4_000_000_000, Last: 4_000_000_000},
		}},
		{"16 bits in 32", frameOf(32, 16, true, hu), pixel.Presentation{Modality: line(1, -24), Windows: windows(40, 80, "")}},
	}
}

func frameOf(allocated, stored int, signed bool, values []int) pixel.Frame {
	f := pixel.Frame{Rows: 1, Columns: len(values), Samples: 1, BitsAllocated: allocated, BitsStored: stored, Signed: signed, Photometric: pixel.Monochrome2}
	for _, v := range values {
		switch allocated {
		case 8:
			f.Pix = append(f.Pix, uint8(v))
		case 16:
			f.Pix = binary.LittleEndian.AppendUint16(f.Pix, uint16(v))
		default:
			f.Pix = binary.LittleEndian.AppendUint32(f.Pix, uint32(v))
		}
	}
	return f
}
