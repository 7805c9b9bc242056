package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/phantom"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// slice is an image of a study as a file, its header read.
type slice struct {
	file   string
	header *dataset.Dataset
	sop    string
}

// slicesOf writes the images of a study to files, in the order of their places.
func slicesOf(t *testing.T, st phantom.Study) (out []slice) {
	t.Helper()
	dir := t.TempDir()
	for n, i := range st.Instances {
		var b bytes.Buffer
		if _, err := stream.WriteMeta(&b, stream.Meta{MediaStorageSOPClassUID: i.SOPClassUID, MediaStorageSOPInstanceUID: i.SOPInstanceUID, TransferSyntaxUID: i.TransferSyntaxUID}); err != nil {
			t.Fatal(err)
		}
		if _, err := i.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, fmt.Sprintf("%04d.dcm", n))
		if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		_, header, _, err := dataset.ReadFile(bytes.NewReader(b.Bytes()), stream.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, slice{name, header, i.SOPInstanceUID})
	}
	at := func(i int) float64 { return out[i].header.Floats(tag.ImagePositionPatient)[2] }
	sort.Slice(out, func(i, j int) bool { return at(i) < at(j) })
	return out
}

func item(f func(*dataset.Dataset)) *dataset.Dataset {
	d := dataset.New()
	f(d)
	return d
}

// softcopyOf begins a presentation state of one image: as the file shows it, all of it.
func softcopyOf(n int, label string, of slice, change func(*dataset.Dataset)) *dataset.Dataset {
	return item(func(d *dataset.Dataset) {
		d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
		d.SetString(tag.SOPClassUID, "UI", uid.GrayscaleSoftcopyPresentation)
		d.SetString(tag.SOPInstanceUID, "UI", fmt.Sprintf("2.25.98%04d", n))
		for _, t := range []tag.Tag{tag.StudyInstanceUID, tag.PatientName, tag.PatientID, tag.PatientBirthDate, tag.PatientSex, tag.StudyDate, tag.StudyTime, tag.AccessionNumber, tag.StudyID, tag.ReferringPhysicianName} {
			d.Set(t, of.header)
		}
		d.SetString(tag.SeriesInstanceUID, "UI", "2.25.980")
		d.SetString(tag.Modality, "CS", "PR")
		d.SetInt(tag.SeriesNumber, "IS", 80)
		d.SetInt(tag.InstanceNumber, "IS", n)
		d.SetString(tag.ContentLabel, "CS", label)
		d.SetString(tag.ContentDescription, "LO", "")
		d.SetString(tag.ContentCreatorName, "PN", "Okada^Mari=岡田^真理")
		d.SetString(tag.PresentationCreationDate, "DA", "20260401")
		d.SetString(tag.PresentationCreationTime, "TM", "101500")
		d.SetString(tag.Manufacturer, "LO", "")
		d.SetString(tag.PresentationLUTShape, "CS", "IDENTITY")
		d.SetFloat(tag.RescaleSlope, "DS", 1)
		d.SetFloat(tag.RescaleIntercept, "DS", of.header.Floats(tag.RescaleIntercept)...)
		d.SetString(tag.RescaleType, "LO", "HU")
		image := item(func(i *dataset.Dataset) {
			i.SetString(tag.ReferencedSOPClassUID, "UI", of.header.String(tag.SOPClassUID))
			i.SetString(tag.ReferencedSOPInstanceUID, "UI", of.sop)
		})
		d.SetItems(tag.ReferencedSeriesSequence, item(func(s *dataset.Dataset) {
			s.SetString(tag.SeriesInstanceUID, "UI", of.header.String(tag.SeriesInstanceUID))
			s.SetItems(tag.ReferencedImageSequence, image)
		}))
		window(d, 40, 400)
		area(d, 1, 1, 512, 512)
		change(d)
	})
}

func window(d *dataset.Dataset, center, width float64) {
	d.SetItems(tag.SoftcopyVOILUTSequence, item(func(v *dataset.Dataset) {
		v.SetFloat(tag.WindowCenter, "DS", center)
		v.SetFloat(tag.WindowWidth, "DS", width)
	}))
}

func area(d *dataset.Dataset, left, top, right, bottom int) {
	d.SetItems(tag.DisplayedAreaSelectionSequence, item(func(a *dataset.Dataset) {
		a.SetInt(tag.DisplayedAreaTopLeftHandCorner, "SL", left, top)
		a.SetInt(tag.DisplayedAreaBottomRightHandCorner, "SL", right, bottom)
		a.SetString(tag.PresentationSizeMode, "CS", "SCALE TO FIT")
		a.SetInt(tag.PresentationPixelAspectRatio, "IS", 1, 1)
	}))
}

func greyTable(sequence tag.Tag, entries, first int, at func(int) int) func(*dataset.Dataset) {
	return func(d *dataset.Dataset) {
		raw := make([]byte, 0, 2*entries)
		for i := range entries {
			raw = append(raw, byte(at(i)), byte(at(i)>>8))
		}
		lut := item(func(l *dataset.Dataset) {
			l.SetInt(tag.LUTDescriptor, "SS", entries, first, 12)
			l.SetBytes(tag.LUTData, "OW", raw)
		})
		if sequence == tag.VOILUTSequence {
			d.SetItems(tag.SoftcopyVOILUTSequence, item(func(v *dataset.Dataset) { v.SetItems(sequence, lut) }))
			return
		}
		d.Delete(tag.PresentationLUTShape)
		lut.SetInt(tag.LUTDescriptor, "US", entries, first, 12)
		d.SetItems(sequence, lut)
	}
}

func graphic(kind string, at ...float64) *dataset.Dataset {
	return item(func(g *dataset.Dataset) {
		g.SetString(tag.GraphicAnnotationUnits, "CS", "PIXEL")
		g.SetInt(tag.GraphicDimensions, "US", 2)
		g.SetInt(tag.NumberOfGraphicPoints, "US", len(at)/2)
		g.SetFloat(tag.GraphicData, "FL", at...)
		g.SetString(tag.GraphicType, "CS", kind)
		g.SetString(tag.GraphicFilled, "CS", "N")
	})
}

// annotated puts graphics on layers, and shutters around them.
func annotated(d *dataset.Dataset) {
	window(d, 60, 120)
	layer := func(name string, order int) *dataset.Dataset {
		return item(func(l *dataset.Dataset) {
			l.SetString(tag.GraphicLayer, "CS", name)
			l.SetInt(tag.GraphicLayerOrder, "IS", order)
		})
	}
	d.SetItems(tag.GraphicLayerSequence, layer("LESION", 1), layer("NOTES", 2))
	d.SetItems(tag.GraphicAnnotationSequence, item(func(a *dataset.Dataset) {
		a.SetString(tag.GraphicLayer, "CS", "LESION")
		a.SetItems(tag.GraphicObjectSequence, graphic("CIRCLE", 200, 200, 230, 200), graphic("ELLIPSE", 250, 300, 350, 300, 300, 280, 300, 320),
			graphic("POLYLINE", 150, 150, 180, 170, 150, 190), graphic("INTERPOLATED", 320, 200, 350, 180, 380, 210, 350, 240, 320, 200), graphic("POINT", 256, 256))
	}), item(func(a *dataset.Dataset) {
		a.SetString(tag.GraphicLayer, "CS", "NOTES")
		a.SetItems(tag.TextObjectSequence, item(func(x *dataset.Dataset) {
			x.SetString(tag.UnformattedTextValue, "ST", "血腫の縁")
			x.SetString(tag.BoundingBoxAnnotationUnits, "CS", "DISPLAY")
			x.SetFloat(tag.BoundingBoxTopLeftHandCorner, "FL", 0.55, 0.2)
			x.SetFloat(tag.BoundingBoxBottomRightHandCorner, "FL", 0.8, 0.25)
			x.SetString(tag.BoundingBoxTextHorizontalJustification, "CS", "LEFT")
			x.SetString(tag.AnchorPointAnnotationUnits, "CS", "PIXEL")
			x.SetFloat(tag.AnchorPoint, "FL", 230, 200)
			x.SetString(tag.AnchorPointVisibility, "CS", "Y")
		}))
	}))
	d.SetString(tag.ShutterShape, "CS", "RECTANGULAR", "CIRCULAR", "POLYGONAL")
	for t, v := range map[tag.Tag]int{tag.ShutterLeftVerticalEdge: 60, tag.ShutterRightVerticalEdge: 450, tag.ShutterUpperHorizontalEdge: 60, tag.ShutterLowerHorizontalEdge: 450, tag.RadiusOfCircularShutter: 230} {
		d.SetInt(t, "IS", v)
	}
	d.SetInt(tag.CenterOfCircularShutter, "IS", 256, 256)
	d.SetInt(tag.VerticesOfThePolygonalShutter, "IS", 40, 256, 256, 480, 480, 256, 256, 40)
	d.SetInt(tag.ShutterPresentationValue, "US", 0x2000)
}

func turned(d *dataset.Dataset) {
	d.SetInt(tag.ImageRotation, "US", 90)
	d.SetString(tag.ImageHorizontalFlip, "CS", "Y")
	area(d, 257, 129, 384, 256)
	d.SetItems(tag.GraphicAnnotationSequence, item(func(a *dataset.Dataset) {
		a.SetString(tag.GraphicLayer, "CS", "L")
		a.SetItems(tag.GraphicObjectSequence, graphic("POINT", 320, 192))
	}))
}

// fileOf writes a data set to a file.
func fileOf(t *testing.T, dir string, d *dataset.Dataset) string {
	t.Helper()
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	var b bytes.Buffer
	if err := dataset.WriteFile(&b, d, ts); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, d.String(tag.SOPInstanceUID)+".dcm")
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func thin(id string, n int) phantom.Study {
	return phantom.ThinChestCT(phantom.Order{PatientID: id, PatientName: "Hayase^Toru=早瀬^徹=はやせ^とおる", StudyTime: time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC), Seed: 5}, n)
}

// A study with a presentation state and with measurements that DCMTK wrote (xml2dsr),
// in a browser. The script is foreign.mjs.
func TestForeignInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	images := slicesOf(t, thin("VIEW1", 8))
	s := serve(t, newData(t, network))
	dir := t.TempDir()
	files := []string{
		fileOf(t, dir, softcopyOf(1, "REVIEW", images[2], annotated)), fileOf(t, dir, softcopyOf(2, "TURNED", images[3], turned)),
		measuredByOthers(t, dir, images[1], images[4], images[6], images[7]),
	}
	for _, i := range images {
		files = append(files, i.file)
	}
	s.send(t, "MINAMI_CT", files...)
	reader := s.signIn(t, "sato", password)
	eventually(t, "the study is complete", func() bool {
		open := reader.worklist("open")
		return len(open) == 1 && open[0].Study.Instances == len(files)
	})
	log := browse(t, s, "foreign.mjs", append(pictures(t), "READER=sato:"+password)...)
	if steps := strings.Count(log, "ok "); steps != 7 {
		t.Errorf("%d steps:\n%s", steps, log)
	}
}

// measuredByOthers is a Comprehensive 3D SR document of TID 1500 that DCMTK makes of
// testdata/tid1500.xml: a length on one slice, an outline in the patient on another, an
// ellipsoid that reaches over the slices on both sides of a third.
func measuredByOthers(t *testing.T, dir string, length, outline, middle, above slice) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "tid1500.xml"))
	if err != nil {
		t.Fatal(err)
	}
	at := outline.header.Floats(tag.ImagePositionPatient)
	var polygon []string
	for _, p := range [][2]float64{{100, 100}, {120, 100}, {120, 120}, {100, 120}, {100, 100}} {
		polygon = append(polygon, fmt.Sprintf("%g/%g/%g", at[0]+p[0], at[1]+p[1], at[2]))
	}
	from := middle.header.Floats(tag.ImagePositionPatient)
	tall := 1.6 * (above.header.Floats(tag.ImagePositionPatient)[2] - from[2])
	var ellipsoid []string
	for _, p := range [][3]float64{{-10, 0, 0}, {10, 0, 0}, {0, -10, 0}, {0, 10, 0}, {0, 0, -tall}, {0, 0, tall}} {
		ellipsoid = append(ellipsoid, fmt.Sprintf("%g/%g/%g", from[0]+150+p[0], from[1]+150+p[1], from[2]+p[2]))
	}
	var xml bytes.Buffer
	err = template.Must(template.New("").Parse(string(raw))).Execute(&xml, map[string]string{
		"Study": length.header.String(tag.StudyInstanceUID), "Series": length.header.String(tag.SeriesInstanceUID), "Instance": length.sop,
		"FrameOfReference": outline.header.String(tag.FrameOfReferenceUID), "Polygon": strings.Join(polygon, ","), "Ellipsoid": strings.Join(ellipsoid, ","),
	})
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "measured.dcm")
	if said, err := exec.CommandContext(t.Context(), tool(t, "xml2dsr"), writeFile(t, filepath.Join(dir, "measured.xml"), xml.String()), out).CombinedOutput(); err != nil {
		t.Fatalf("xml2dsr: %v\n%s", err, said)
	}
	return out
}

// An image under a presentation state has the greys that DCMTK gives it (dcmp2pgm): by
// windows, tables, presentation LUTs, other rescaling, turned and flipped.
func TestStatesInBrowser(t *testing.T) {
	t.Parallel()
	web := browser(t)
	if _, err := os.Stat(filepath.Join(web, "node_modules", "vite")); err != nil {
		t.Skip("viewer/web/node_modules/vite is missing: what the browser paints is not compared")
	}
	peer := tool(t, "dcmp2pgm")
	images := slicesOf(t, thin("VIEW2", 3))
	of := images[1]
	intercept := of.header.Floats(tag.RescaleIntercept)[0]
	states := map[string]func(*dataset.Dataset){
		"WINDOW":  func(d *dataset.Dataset) { window(d, 60.5, 333) },
		"NARROW":  func(d *dataset.Dataset) { window(d, 40, 2) },
		"INVERSE": func(d *dataset.Dataset) { d.SetString(tag.PresentationLUTShape, "CS", "INVERSE") },
		"VOILUT":  greyTable(tag.VOILUTSequence, 500, -200, func(i int) int { return i * i * 4095 / (499 * 499) }),
		"PLUT":    greyTable(tag.PresentationLUTSequence, 4096, 0, func(i int) int { return 4095 - (4095-i)*(4095-i)/4095 }),
		"STORED": func(d *dataset.Dataset) {
			for _, t := range []tag.Tag{tag.RescaleSlope, tag.RescaleIntercept, tag.RescaleType} {
				d.Delete(t)
			}
			window(d, 40-intercept, 400)
		},
		"RESCALED": func(d *dataset.Dataset) {
			d.SetFloat(tag.RescaleSlope, "DS", 2)
			d.SetFloat(tag.RescaleIntercept, "DS", 10)
			window(d, 2*(40-intercept)+10, 800)
		},
		"TURNED":   turned,
		"HALFTURN": func(d *dataset.Dataset) { d.SetInt(tag.ImageRotation, "US", 180) },
		"MIRRORED": func(d *dataset.Dataset) { d.SetString(tag.ImageHorizontalFlip, "CS", "Y") },
		"LEFTTURN": func(d *dataset.Dataset) { d.SetInt(tag.ImageRotation, "US", 270) },
	}
	s := serve(t, newData(t, network))
	dir := t.TempDir()
	var files []string
	for _, i := range images {
		files = append(files, i.file)
	}
	want := map[string][]byte{}
	for label, change := range states {
		d := softcopyOf(10+len(want), label, of, func(d *dataset.Dataset) {
			d.SetInt(tag.ImageRotation, "US", 0)
			d.SetString(tag.ImageHorizontalFlip, "CS", "N")
			change(d)
			area(d, 1, 1, 512, 512) // the peer paints no part
		})
		name := fileOf(t, dir, d)
		files = append(files, name)
		pgm := filepath.Join(dir, label+".pgm")
		if said, err := exec.CommandContext(t.Context(), peer, "-p", name, of.file, pgm).CombinedOutput(); err != nil {
			t.Fatalf("dcmp2pgm %s: %v\n%s", label, err, said)
		}
		want[label] = greysOf(t, pgm)
	}
	s.send(t, "MINAMI_CT", files...)
	reader := s.signIn(t, "sato", password)
	eventually(t, "the study is complete", func() bool {
		open := reader.worklist("open")
		return len(open) == 1 && open[0].Study.Instances == len(files)
	})
	seen := 0
	for line := range strings.Lines(browse(t, s, "states.mjs", "READER=sato:"+password)) {
		var got struct {
			Label, Grey   string
			Columns, Rows int
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("%v in %.200q", err, line)
		}
		grey, err := base64.StdEncoding.DecodeString(got.Grey)
		if err != nil {
			t.Fatal(err)
		}
		seen++
		most, off := 0, 0
		for i, g := range want[got.Label] {
			d := int(g) - int(grey[i])
			if d = max(d, -d); d > 0 {
				off++
			}
			most = max(most, d)
		}
		// A peer that rounds another way is one grey off in places.
		if len(grey) != len(want[got.Label]) || most > 1 {
			t.Errorf("%s: %d of %d pixels differ, by up to %d greys", got.Label, off, len(grey), most)
		}
		t.Logf("%-8s %d pixels, %d differ by one grey", got.Label, len(grey), off)
	}
	if seen != len(states) {
		t.Errorf("%d states were painted, want %d", seen, len(states))
	}
}

// greysOf reads a binary PGM file of 8 bits.
func greysOf(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := bufio.NewReader(f)
	var head []string // kind, width, height, the greatest value
	for len(head) < 4 {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text, _, _ := strings.Cut(line, "#")
		head = append(head, strings.Fields(text)...)
	}
	var w, h int
	if _, err := fmt.Sscan(head[1]+" "+head[2], &w, &h); err != nil || head[0] != "P5" || head[3] != "255" {
		t.Fatalf("%s: %v: %q", name, err, head)
	}
	grey := make([]byte, w*h)
	if _, err := io.ReadFull(r, grey); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return grey
}
