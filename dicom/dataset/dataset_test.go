package dataset_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/charset"
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

var syntaxes = []string{
	uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian, uid.ExplicitVRBigEndian, uid.DeflatedExplicitVRLittleEndian,
}

func report() *dataset.Dataset {
	d := dataset.New()
	d.SetString(tag.SOPClassUID, "UI", uid.BasicTextSRStorage)
	d.SetString(tag.SOPInstanceUID, "UI", "2.25.1")
	d.SetString(tag.PatientName, "PN", "Yoshida^Hanako=𠮷田^花子=よしだ^はなこ")
	d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
	d.SetString(tag.ImageType, "CS", "ORIGINAL", "PRIMARY", "AXIAL")
	d.SetString(tag.PatientComments, "LT", `a\b is one value`)
	d.SetString(tag.StudyDescription, "LO")
	d.SetInt(tag.Rows, "US", 512)
	d.SetInt(tag.PixelRepresentation, "US", 1)
	d.SetInt(tag.SmallestImagePixelValue, "SS", -1000)
	d.SetInt(tag.InstanceNumber, "IS", 7)
	d.SetFloat(tag.SliceThickness, "DS", 1.0/3)
	d.SetFloat(tag.PixelSpacing, "DS", 0.5, 0.25)
	d.SetFloat(tag.DiffusionBValue, "FD", 1000)
	code := dataset.New()
	code.SetString(tag.CodeValue, "SH", "18748-4")
	code.SetString(tag.CodeMeaning, "LO", "画像診断報告書")
	item := dataset.New()
	item.SetItems(tag.ConceptNameCodeSequence, code)
	item.SetString(tag.TextValue, "UT", "髙橋先生 御侍史\r\n﨑の字も出る。")
	d.SetItems(tag.ContentSequence, item, dataset.New())
	d.SetItems(tag.ReferencedRequestSequence)
	return d
}

func check(t *testing.T, d *dataset.Dataset) {
	t.Helper()
	eq := func(what string, got, want any) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	eq("name", d.String(tag.PatientName), "Yoshida^Hanako=𠮷田^花子=よしだ^はなこ")
	eq("image type", strings.Join(d.Strings(tag.ImageType), "|"), "ORIGINAL|PRIMARY|AXIAL")
	eq("first", d.String(tag.ImageType), "ORIGINAL")
	eq("LT", d.String(tag.PatientComments), `a\b is one value`)
	eq("empty", len(d.Strings(tag.StudyDescription)), 0)
	eq("has empty", d.Has(tag.StudyDescription), true)
	eq("absent", d.String(tag.PatientID), "")
	rows, ok := d.Int(tag.Rows)
	eq("rows", rows, 512)
	eq("rows", ok, true)
	eq("rows as text", d.String(tag.Rows), "512")
	low, _ := d.Int(tag.SmallestImagePixelValue)
	eq("signed", low, -1000)
	number, _ := d.Int(tag.InstanceNumber)
	eq("IS", number, 7)
	thick, ok := d.Float(tag.SliceThickness)
	eq("DS", ok && thick > 0.3333333 && thick < 0.3333334, true)
	eq("DS list", slices.Equal(d.Floats(tag.PixelSpacing), []float64{0.5, 0.25}), true)
	b, _ := d.Float(tag.DiffusionBValue)
	eq("FD", b, 1000.0)
	items := d.Items(tag.ContentSequence)
	if len(items) != 2 {
		t.Fatalf("%d items", len(items))
	}
	eq("inherited charset", items[0].Item(tag.ConceptNameCodeSequence).String(tag.CodeMeaning), "画像診断報告書")
	eq("text", items[0].String(tag.TextValue), "髙橋先生 御侍史\r\n﨑の字も出る。")
	eq("empty sequence", d.Has(tag.ReferencedRequestSequence) && len(d.Items(tag.ReferencedRequestSequence)) == 0, true)
	eq("no item", d.Item(tag.ReferencedRequestSequence).String(tag.CodeValue), "")
	eq("order", slices.IsSorted(d.Tags()), true)
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	d := report()
	check(t, d)
	files := map[string][]byte{}
	for _, u := range syntaxes {
		ts, _ := uid.LookupTransferSyntax(u)
		var b bytes.Buffer
		if err := d.Encode(&b, ts); err != nil {
			t.Fatal(err)
		}
		if b.Len()%2 != 0 {
			t.Errorf("%s: odd length", ts.Name)
		}
		got, err := dataset.Read(bytes.NewReader(b.Bytes()), ts, stream.Limits{})
		if err != nil {
			t.Fatalf("%s: %v", ts.Name, err)
		}
		check(t, got)
		var f, again bytes.Buffer
		if err := errors.Join(dataset.WriteFile(&f, d, ts), dataset.WriteFile(&again, got, ts)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(f.Bytes(), again.Bytes()) {
			t.Errorf("%s: written again it differs", ts.Name)
		}
		files[u] = f.Bytes()
	}
	for _, u := range syntaxes {
		if ok, err := stream.Equal(bytes.NewReader(files[u]), bytes.NewReader(files[uid.ExplicitVRLittleEndian])); err != nil || !ok {
			t.Errorf("%s: %v, %v", uid.Name(u), ok, err)
		}
	}
}

// TestCharacterSet writes one data set in the sets that peers ask for.
func TestCharacterSet(t *testing.T) {
	t.Parallel()
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	for _, sets := range [][]string{{"", "ISO 2022 IR 87"}, {"ISO 2022 IR 13", "ISO 2022 IR 87"}, {"ISO_IR 192"}, {"GB18030"}} {
		d := dataset.New()
		d.SetString(tag.PatientName, "PN", "Yamamoto^Shunjun=山本^春潤=やまもと^しゅんじゅん")
		it := dataset.New()
		it.SetString(tag.CodeMeaning, "LO", "純粋", "頭部")
		d.SetItems(tag.ProcedureCodeSequence, it)
		d.SetString(tag.SpecificCharacterSet, "CS", sets...)
		var b bytes.Buffer
		if err := d.Encode(&b, ts); err != nil {
			t.Fatal(err)
		}
		got, err := dataset.Read(&b, ts, stream.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if s := got.String(tag.PatientName); s != "Yamamoto^Shunjun=山本^春潤=やまもと^しゅんじゅん" || got.Quality(tag.PatientName) != charset.Exact {
			t.Errorf("%q: %q", sets, s)
		}
		if v := got.Item(tag.ProcedureCodeSequence).Strings(tag.CodeMeaning); !slices.Equal(v, []string{"純粋", "頭部"}) {
			t.Errorf("%q: %q", sets, v)
		}
		// Copied to a data set in another set it stays the same text.
		c := dataset.New()
		c.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
		c.Set(tag.PatientName, got)
		c.Set(tag.ProcedureCodeSequence, got)
		if c.String(tag.PatientName) != got.String(tag.PatientName) || c.Item(tag.ProcedureCodeSequence).String(tag.CodeMeaning) != "純粋" {
			t.Errorf("%q: copy", sets)
		}
	}
}

func TestReadHeader(t *testing.T) {
	t.Parallel()
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	d := report()
	d.SetBytes(tag.EncapsulatedDocument, "OB", make([]byte, 5<<20))
	d.SetBytes(tag.PixelData, "OW", []byte("pixels"))
	d.SetBytes(tag.DataSetTrailingPadding, "OB", make([]byte, 4))
	var b bytes.Buffer
	if err := dataset.WriteFile(&b, d, ts); err != nil {
		t.Fatal(err)
	}
	m, h, p, err := dataset.ReadFile(bytes.NewReader(b.Bytes()), stream.Limits{})
	if err != nil || p == nil {
		t.Fatal(p, err)
	}
	if m.MediaStorageSOPInstanceUID != "2.25.1" {
		t.Errorf("%+v", m)
	}
	check(t, h)
	if n, ok := h.Omitted(tag.EncapsulatedDocument); !ok || n != 5<<20 {
		t.Error("long value was kept")
	}
	if h.Has(tag.PixelData) || p.Length != 6 || !bytes.HasPrefix(b.Bytes()[p.Offset:], []byte("pixels")) {
		t.Errorf("%+v", p)
	}
	if got, err := io.ReadAll(p.Reader()); err != nil || string(got) != "pixels" {
		t.Errorf("%q, %v", got, err)
	}
	if err := p.Finish(); err != nil {
		t.Error(err)
	}
	if err := h.Encode(io.Discard, ts); !errors.Is(err, dataset.ErrOmitted) {
		t.Errorf("%v", err)
	}
}

// TestImplicitSigned reads "US or SS" as Pixel Representation says, also in an item.
func TestImplicitSigned(t *testing.T) {
	t.Parallel()
	ts, _ := uid.LookupTransferSyntax(uid.ImplicitVRLittleEndian)
	for representation, want := range map[int]int{0: 64536, 1: -1000} {
		d := dataset.New()
		d.SetInt(tag.PixelRepresentation, "US", representation)
		it := dataset.New()
		it.SetInt(tag.SmallestImagePixelValue, "US", 64536)
		d.SetItems(tag.ModalityLUTSequence, it)
		d.SetInt(tag.SmallestImagePixelValue, "US", 64536)
		var b bytes.Buffer
		if err := d.Encode(&b, ts); err != nil {
			t.Fatal(err)
		}
		got, err := dataset.Read(&b, ts, stream.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		top, _ := got.Int(tag.SmallestImagePixelValue)
		in, _ := got.Item(tag.ModalityLUTSequence).Int(tag.SmallestImagePixelValue)
		if top != want || in != want {
			t.Errorf("%d: %d, %d", representation, top, in)
		}
	}
}

func TestFragments(t *testing.T) {
	t.Parallel()
	d := dataset.New()
	d.SetFragments(tag.PixelData, []uint32{0}, []byte("abc"), []byte("de"))
	ts, _ := uid.LookupTransferSyntax(uid.JPEGBaseline8Bit)
	var b bytes.Buffer
	if err := d.Encode(&b, ts); err != nil {
		t.Fatal(err)
	}
	got, err := dataset.Read(&b, ts, stream.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	f := got.Fragments(tag.PixelData)
	if len(f) != 3 || len(f[0]) != 4 || string(f[1]) != "abc\x00" || string(f[2]) != "de" {
		t.Errorf("%q", f)
	}
	le, _ := uid.LookupTransferSyntax(uid.ImplicitVRLittleEndian)
	if err := d.Encode(io.Discard, le); err == nil {
		t.Error("fragments in implicit VR")
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	d := dataset.New()
	d.SetString(tag.WindowCenter, "DS", "40", "-1.5e2 ")
	d.SetString(tag.WindowWidth, "DS", "400,5")
	d.SetString(tag.InstanceNumber, "IS", "12.0")
	d.SetString(tag.EchoNumbers, "IS", "x")
	d.SetString(tag.SliceLocation, "DS", "NaN")
	d.SetInt(tag.Columns, "US", 70000)
	d.SetInt(tag.FrameIncrementPointer, "AT", int(tag.FrameTime))
	if v := d.Floats(tag.WindowCenter); !slices.Equal(v, []float64{40, -150}) {
		t.Error(v)
	}
	if v, ok := d.Float(tag.WindowWidth); !ok || v != 400.5 {
		t.Error(v)
	}
	if v, ok := d.Int(tag.InstanceNumber); !ok || v != 12 {
		t.Error(v)
	}
	if _, ok := d.Int(tag.EchoNumbers); ok {
		t.Error("x is no number")
	}
	if _, ok := d.Float(tag.SliceLocation); ok {
		t.Error("NaN is no number")
	}
	if v, _ := d.Int(tag.Columns); v != 65535 {
		t.Error(v)
	}
	if s := d.String(tag.FrameIncrementPointer); s != "(0018,1063)" {
		t.Error(s)
	}
	d.SetFloat(tag.SliceLocation, "DS", -123.45678901234567)
	if s := d.String(tag.SliceLocation); len(s) > 16 {
		t.Error(s)
	}
}

// TestHostile reads small inputs that claim much; little may be allocated.
func TestHostile(t *testing.T) {
	le, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	header := func(vr string, n uint32) string {
		return "\x42\x00\x11\x00" + vr + "\x00\x00" + string(binary.LittleEndian.AppendUint32(nil, n))
	}
	for name, in := range map[string]string{
		"4 GiB value":       header("OB", 0xfffffffe) + "x",
		"1 GiB value":       header("OB", 1<<30) + strings.Repeat("x", 100000),
		"15 MiB value":      header("UT", 15<<20) + strings.Repeat("x", 100000),
		"sequence of 4 GiB": header("SQ", 0xfffffff0) + "\xfe\xff\x00\xe0\xf0\xff\xff\x0f",
		"empty items":       header("SQ", stream.Undefined) + strings.Repeat("\xfe\xff\x00\xe0\x00\x00\x00\x00", 100000),
		"fragments":         "\xe0\x7f\x10\x00OB\x00\x00\xff\xff\xff\xff" + strings.Repeat("\xfe\xff\x00\xe0\x00\x00\x00\x00", 100000),
		"offset table":      "\xe0\x7f\x10\x00OB\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xfc\xff\xff\xff",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := dataset.Read(strings.NewReader(in), le, stream.Limits{})
		_, _, err2 := dataset.ReadHeader(io.MultiReader(strings.NewReader(in)), le, stream.Limits{})
		runtime.ReadMemStats(&after)
		// Fragments without their delimiter are accepted.
		if (err == nil || err2 == nil) && name != "fragments" {
			t.Errorf("%s: %v, %v", name, err, err2)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 48<<20 {
			t.Errorf("%s: %d MiB allocated for %d bytes", name, n>>20, len(in))
		}
	}
	// A million items stop at the limit of elements, soon.
	items := header("SQ", stream.Undefined) + strings.Repeat("\xfe\xff\x00\xe0\x00\x00\x00\x00", 1<<20)
	if _, err := dataset.Read(strings.NewReader(items), le, stream.Limits{}); !errors.Is(err, stream.ErrLimit) {
		t.Error(err)
	}
}

func BenchmarkReadHeader(b *testing.B) {
	le, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	var in bytes.Buffer
	if err := report().Encode(&in, le); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(in.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := dataset.ReadHeader(bytes.NewReader(in.Bytes()), le, stream.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleReadFile() {
	d := dataset.New()
	d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
	d.SetString(tag.SOPClassUID, "UI", uid.CTImageStorage)
	d.SetString(tag.SOPInstanceUID, "UI", "1.2.3")
	d.SetString(tag.PatientName, "PN", "Yamada^Tarou=山田^太郎")
	le, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	var file bytes.Buffer
	if err := dataset.WriteFile(&file, d, le); err != nil {
		fmt.Println(err)
		return
	}
	meta, header, _, err := dataset.ReadFile(&file, stream.Limits{})
	fmt.Println(meta.MediaStorageSOPInstanceUID, header.String(tag.PatientName), err)
	// Output: 1.2.3 Yamada^Tarou=山田^太郎 <nil>
}
