package deident_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/internal/shareddata"
)

// image is a file of one frame of 8 × 4 pixels, all 200, of a patient.
func image(t testing.TB, change func(*dataset.Dataset)) []byte {
	t.Helper()
	d := dataset.New()
	d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
	d.SetString(tag.SOPClassUID, "UI", uid.CTImageStorage)
	d.SetString(tag.SOPInstanceUID, "UI", "1.2.3.4.5")
	d.SetString(tag.StudyInstanceUID, "UI", "1.2.3")
	d.SetString(tag.SeriesInstanceUID, "UI", "1.2.3.4")
	d.SetString(tag.StudyDate, "DA", "20260401")
	d.SetString(tag.PatientName, "PN", "Yamada^Taro=山田^太郎")
	d.SetString(tag.PatientID, "LO", "00123456")
	d.SetString(tag.PatientBirthDate, "DA", "19480305")
	d.SetString(tag.PatientAge, "AS", "078Y")
	d.SetString(tag.StudyDescription, "LO", "頭部CT 山田様")
	d.SetString(tag.Modality, "CS", "CT")
	d.SetString(tag.Manufacturer, "LO", "ACME")
	d.SetString(tag.PhotometricInterpretation, "CS", "MONOCHROME2")
	for at, n := range map[tag.Tag]int{
		tag.SamplesPerPixel: 1, tag.Rows: 4, tag.Columns: 8, tag.BitsAllocated: 8, tag.BitsStored: 8, tag.HighBit: 7, tag.PixelRepresentation: 0,
	} {
		d.SetInt(at, "US", n)
	}
	d.SetBytes(tag.PixelData, "OB", bytes.Repeat([]byte{200}, 32))
	if change != nil {
		change(d)
	}
	var b bytes.Buffer
	ts := stream.SyntaxFor(uid.ExplicitVRLittleEndian)
	if err := dataset.WriteFile(&b, d, ts); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func deidentified(t testing.TB, c deident.Config, file []byte) *dataset.Dataset {
	t.Helper()
	c.Key = key
	p, err := deident.New(c)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := p.File(&out, bytes.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"Yamada", "Taro", "山田", "太郎", "00123456", "19480305"} {
		if strings.Contains(out.String(), word) {
			t.Errorf("%q is still there", word)
		}
	}
	m, n, err := readMeta(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	d, err := dataset.Read(bytes.NewReader(out.Bytes()[n:]), stream.SyntaxFor(m.TransferSyntaxUID), stream.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if m.MediaStorageSOPInstanceUID != d.String(tag.SOPInstanceUID) {
		t.Errorf("meta information of %s, data set of %s", m.MediaStorageSOPInstanceUID, d.String(tag.SOPInstanceUID))
	}
	return d
}

func TestFile(t *testing.T) {
	t.Parallel()
	d := deidentified(t, deident.Config{Options: []deident.Option{deident.CleanDescriptors, deident.RetainModifiedDates, deident.RetainPatientChars}}, image(t, nil))
	if d.String(tag.PatientIdentityRemoved) != "YES" || d.String(tag.LongitudinalTemporalInformationModified) != "MODIFIED" || d.String(tag.PatientAge) != "078Y" {
		t.Errorf("%v", d.Strings(tag.PatientIdentityRemoved))
	}
	var codes []string
	for _, it := range d.Items(tag.DeidentificationMethodCodeSequence) {
		codes = append(codes, it.String(tag.CodeValue))
	}
	if strings.Join(codes, " ") != "113100 113105 113107 113108" {
		t.Errorf("codes %v", codes)
	}
	if got := d.String(tag.StudyDescription); got != "頭部CT ***様" {
		t.Errorf("description %q", got)
	}
	if day := d.String(tag.StudyDate); len(day) != 8 || day >= "20260325" || day < "20150101" {
		t.Errorf("study date %q", day)
	}
	name := d.String(tag.PatientName)
	if len(name) != 9 || name != d.String(tag.PatientID) {
		t.Errorf("called %q, %q", name, d.String(tag.PatientID))
	}
}

// One key gives one UID and one name for one thing, another key others.
func TestKeyed(t *testing.T) {
	t.Parallel()
	a, b := profile(t), profile(t, deident.CleanDescriptors)
	other, err := deident.New(deident.Config{Key: bytes.Repeat([]byte{7}, 16)})
	if err != nil {
		t.Fatal(err)
	}
	if a.UID("1.2.3") != b.UID("1.2.3 ") || a.UID("1.2.3") == a.UID("1.2.4") || a.UID("1.2.3") == other.UID("1.2.3") || !uid.Valid(a.UID("1.2.3")) {
		t.Errorf("%s %s %s", a.UID("1.2.3"), b.UID("1.2.3"), other.UID("1.2.3"))
	}
	if a.UID(uid.CTImageStorage) != uid.CTImageStorage {
		t.Error("a UID of the standard was replaced")
	}
	if a.Subject("1", "") != b.Subject("1", "") || a.Subject("1", "") == a.Subject("1", "x") || a.Subject("1", "") == other.Subject("1", "") {
		t.Error("pseudonyms")
	}
	if _, err := deident.New(deident.Config{Key: []byte("short")}); err == nil {
		t.Error("a short key is taken")
	}
	if _, err := deident.New(deident.Config{Key: key, Options: []deident.Option{deident.RetainFullDates, deident.RetainModifiedDates}}); err == nil {
		t.Error("dates are kept in two ways")
	}
}

func TestMaskedPixels(t *testing.T) {
	t.Parallel()
	rule := deident.MaskRule{Manufacturer: "acme", Modality: "CT", Areas: []deident.Area{{X: 1, Y: 1, Width: 3, Height: 2}, {X: 6, Y: 3, Width: 99, Height: 99}}}
	flag := func(d *dataset.Dataset) { d.SetString(tag.BurnedInAnnotation, "CS", "YES") }
	d := deidentified(t, deident.Config{Masks: []deident.MaskRule{rule}, Options: []deident.Option{deident.CleanDescriptors}}, image(t, flag))
	pix, _, _ := d.Raw(tag.PixelData)
	for i, v := range pix {
		x, y := i%8, i/8
		masked := x >= 1 && x < 4 && y >= 1 && y < 3 || x >= 6 && y == 3
		if (v == 0) != masked || !masked && v != 200 {
			t.Errorf("pixel %d,%d is %d", x, y, v)
		}
	}
	if d.String(tag.BurnedInAnnotation) != "NO" {
		t.Error("still said to have burned-in text")
	}
	rule.Manufacturer = "other"
	p, err := deident.New(deident.Config{Key: key, Masks: []deident.MaskRule{rule}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.File(io.Discard, bytes.NewReader(image(t, flag))); !errors.Is(err, deident.ErrBurnedIn) {
		t.Errorf("burned-in text without a mask: %v", err)
	}
}

// Real files: what was whole is whole afterwards, its pixels the same outside of
// masks and black inside, whatever the transfer syntax.
func TestRealFiles(t *testing.T) {
	t.Parallel()
	dir := shareddata.Dir(t)
	if dir == "" {
		t.Skip("no real files")
	}
	plain, masked := profile(t, deident.RetainUIDs, deident.CleanDescriptors, deident.CleanStructuredContent), func() *deident.Profile {
		p, err := deident.New(deident.Config{Key: key, Masks: []deident.MaskRule{{Areas: []deident.Area{{X: 2, Y: 1, Width: 5, Height: 3}}}}})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}()
	files, compared, again, colour := 0, map[string]int{}, map[string]int{}, map[string]int{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".dcm") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil || len(b) > 8<<20 {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		var out bytes.Buffer
		if _, err := plain.File(&out, bytes.NewReader(b)); err != nil {
			return nil //nolint:nilerr // broken on purpose, or says it has burned-in text
		}
		files++
		_, d, _, err := dataset.ReadFile(bytes.NewReader(b), stream.Limits{})
		if err != nil {
			return nil //nolint:nilerr // seen by others
		}
		for _, id := range append(d.Strings(tag.PatientID), d.Strings(tag.PatientName)...) {
			if len(id) > 7 && bytes.Contains(b, []byte(id)) && bytes.Contains(out.Bytes(), []byte(id)) {
				t.Errorf("%s: %q is still there", name, id)
			}
		}
		before, err := pixel.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return nil //nolint:nilerr // no image
		}
		compare(t, name, before, out.Bytes(), nil)
		out.Reset()
		if w, err := masked.File(&out, bytes.NewReader(b)); err == nil && before.Format().Frames <= 4 {
			if from := before.Meta().TransferSyntaxUID; w.TransferSyntaxUID != uid.ExplicitVRLittleEndian {
				again[from+" as "+w.TransferSyntaxUID]++
				if before.Format().Samples == 3 {
					colour[from+" as "+w.TransferSyntaxUID]++
				}
			}
			area := []int{2, 1, 7, 4}
			if ts, _ := uid.LookupTransferSyntax(before.Meta().TransferSyntaxUID); !ts.Encapsulated && strings.HasSuffix(before.Format().Photometric, "_422") {
				area[2] = 8 // two pixels share their colour
			}
			if compare(t, name, before, out.Bytes(), area) {
				compared[before.Meta().TransferSyntaxUID]++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 100 || len(compared) < 6 {
		t.Errorf("%d files, masked in %v", files, compared)
	}
	for _, ts := range []string{uid.RLELossless, uid.JPEGLosslessSV1, uid.JPEGLSLossless, uid.JPEG2000Lossless, uid.HTJ2KLossless} {
		if again[ts+" as "+ts] == 0 {
			t.Errorf("no masked image in %s was compressed again", uid.Name(ts))
		}
		if colour[ts+" as "+ts] == 0 {
			t.Errorf("no masked colour image in %s was compressed again", uid.Name(ts))
		}
	}
	t.Log(files, compared, again, colour)
}

// compare holds the first frame of a file against that of before: the same outside of
// area, one value inside.
func compare(t *testing.T, name string, before *pixel.Reader, file []byte, area []int) bool {
	t.Helper()
	var want, got pixel.Frame
	if before.Frame(t.Context(), 0, &want) != nil {
		return false
	}
	after, err := pixel.Open(bytes.NewReader(file), int64(len(file)))
	if err == nil {
		err = after.Frame(t.Context(), 0, &got)
	}
	if err != nil {
		t.Errorf("%s cannot be shown any more: %v", name, err)
		return false
	}
	if area == nil {
		if !bytes.Equal(want.Pix, got.Pix) {
			t.Errorf("%s shows something else", name)
		}
		return true
	}
	f := after.Format()
	size := len(got.Pix) / (f.Rows * f.Columns)
	if len(want.Pix) != len(got.Pix) || size == 0 {
		t.Errorf("%s: %d bytes of pixels became %d", name, len(want.Pix), len(got.Pix))
		return false
	}
	black, at := 0, (area[1]*f.Columns+area[0])*size
	if at+size > len(got.Pix) {
		return false
	}
	one := got.Pix[at : at+size]
	for i := range got.Pix {
		x, y := i/size%f.Columns, i/size/f.Columns
		inside := x >= area[0] && y >= area[1] && x < area[2] && y < area[3]
		if inside && got.Pix[i] != one[i%size] {
			t.Errorf("%s: pixel %d,%d inside of the mask differs from others", name, x, y)
			return false
		}
		if inside {
			black++
		}
		if !inside && got.Pix[i] != want.Pix[i] {
			t.Errorf("%s: pixel %d,%d outside of the mask differs", name, x, y)
			return false
		}
	}
	return black > 0
}
