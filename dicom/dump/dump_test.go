package dump_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dump"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

func sample(t testing.TB) []byte {
	t.Helper()
	d := dataset.New()
	d.SetString(tag.SpecificCharacterSet, "CS", "", "ISO 2022 IR 87")
	d.SetString(tag.SOPClassUID, "UI", uid.CTImageStorage)
	d.SetString(tag.SOPInstanceUID, "UI", "1.2.3")
	d.SetString(tag.PatientName, "PN", "Yamada^Tarou=山田^太郎=やまだ^たろう")
	d.SetString(tag.ImageComments, "LT", "one\atwo "+strings.Repeat("long ", 40))
	d.SetInt(tag.Rows, "US", 512)
	it := dataset.New()
	it.SetString(tag.ReferencedSOPInstanceUID, "UI", "1.2.4")
	d.SetItems(tag.ReferencedImageSequence, it)
	d.SetBytes(tag.PixelData, "OW", make([]byte, 100))
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	var b bytes.Buffer
	if err := dataset.WriteFile(&b, d, ts); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFile(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := dump.File(&out, bytes.NewReader(sample(t)), dump.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"(0002,0010) UI [1.2.840.10008.1.2.1] =Explicit VR Little Endian  # 20 bytes, Transfer Syntax UID\n",
		"(0010,0010) PN [Yamada^Tarou=山田^太郎=やまだ^たろう]  #",
		"(0028,0010) US 512  # 2 bytes, Rows\n",
		"\n  Item, ",
		"\n    (0008,1155) UI [1.2.4]  # 6 bytes, Referenced SOP Instance UID\n",
		"(7FE0,0010) OW  # 100 bytes, Pixel Data\n",
		`one\atwo`,
		"…]",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if strings.ContainsRune(out.String(), 0x1b) {
		t.Error("an escape reaches the terminal")
	}
}

// TestCut prints a file cut off at every length up to where it stops.
func TestCut(t *testing.T) {
	t.Parallel()
	b := sample(t)
	var whole strings.Builder
	if err := dump.File(&whole, bytes.NewReader(b), dump.Options{}); err != nil {
		t.Fatal(err)
	}
	for n := range len(b) {
		var out strings.Builder
		err := dump.File(&out, bytes.NewReader(b[:n]), dump.Options{})
		var f *stream.FormatError
		if err != nil && !errors.As(err, &f) {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if err != nil && f.Offset > int64(n) {
			t.Fatalf("cut at %d: offset %d", n, f.Offset)
		}
	}
}

func TestNoDICOM(t *testing.T) {
	t.Parallel()
	f, err := os.Open("dump.go")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if err := dump.File(new(strings.Builder), f, dump.Options{}); !errors.Is(err, stream.ErrNotDICOM) {
		t.Fatal(err)
	}
}

// TestUnclosed: a data set on its own, indented, with a value masked and the warning
// about the delimiter that is missing.
func TestUnclosed(t *testing.T) {
	t.Parallel()
	in := "\x10\x00\x20\x00LO\x04\x00ABCD" +
		"\xe0\x7f\x10\x00OB\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\x00\x00\x00\x00\xfe\xff\x00\xe0\x02\x00\x00\x00ab"
	ts, _ := uid.LookupTransferSyntax(uid.RLELossless)
	var out strings.Builder
	err := dump.DataSet(&out, strings.NewReader(in), ts, dump.Options{
		Indent: "> ", Mask: func(e stream.Element, _ []byte) bool { return e.Tag == tag.PatientID },
	})
	const want = `> (0010,0020) LO (masked)  # 4 bytes, Patient ID
> (7FE0,0010) OB  # undefined length, Pixel Data
>   Basic Offset Table, 0 bytes at 32
>   Fragment 1, 2 bytes at 40
> # Pixel Data ends without its delimiter
`
	if err != nil || out.String() != want {
		t.Errorf("%v\n%s", err, out.String())
	}
}
