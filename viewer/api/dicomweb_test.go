package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"mime"
	"mime/multipart"
	"net/textproto"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/htj2k"
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/reports/reportstest"
)

const web = "/dicom-web"

// parts takes a multipart/related answer apart.
func parts(a *answer) (bodies [][]byte, kinds []string) {
	a.t.Helper()
	a.want(200, "")
	kind, params, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/related" {
		a.t.Fatalf("content type %q: %v", a.Header.Get("Content-Type"), err)
	}
	for r := multipart.NewReader(bytes.NewReader(a.Body), params["boundary"]); ; {
		p, err := r.NextRawPart()
		if err == io.EOF { //nolint:errorlint // what it says
			return bodies, kinds
		}
		if err != nil {
			a.t.Fatal(err)
		}
		b, err := io.ReadAll(p)
		if err != nil {
			a.t.Fatal(err)
		}
		bodies, kinds = append(bodies, b), append(kinds, p.Header.Get("Content-Type"))
	}
}

// models reads application/dicom+json.
func models(a *answer) []map[string]any {
	a.t.Helper()
	a.want(200, "")
	var out []map[string]any
	if err := json.Unmarshal(a.Body, &out); err != nil || a.Header.Get("Content-Type") != "application/dicom+json" {
		a.t.Fatalf("%s: %v", a.Body, err)
	}
	return out
}

func value(m any, key string) any { return at(m, key, "Value", 0) }

// file10 is a Part 10 file with something in its preamble.
func file10(t *testing.T, d *dataset.Dataset) []byte {
	t.Helper()
	var b bytes.Buffer
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	if err := dataset.WriteFile(&b, d, ts); err != nil {
		t.Fatal(err)
	}
	copy(b.Bytes(), "#!/bin/sh\n")
	return b.Bytes()
}

// stow sends files in one request.
func stow(v *visitor, path string, files ...[]byte) *answer {
	v.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range files {
		p, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {"application/dicom"}})
		if err == nil {
			_, err = p.Write(f)
		}
		if err != nil {
			v.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		v.t.Fatal(err)
	}
	return v.do("POST", web+path, b.String(), "Content-Type", `multipart/related; type="application/dicom"; boundary=`+w.Boundary())
}

func TestSTOWThenQIDOThenWADO(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	v := h.as(t, "kaifu")
	one := reportstest.CT("2.25.41", "2.25.42", "2.25.43", 1, "KF-3")
	other := reportstest.CT("2.25.41", "2.25.42", "2.25.44", 2, "KF-3")
	other.SetBytes(tag.Tag(0x00420011), "OB", bytes.Repeat([]byte("bulk"), 1000))
	item := dataset.New()
	item.SetBytes(tag.Tag(0x00420011), "OB", bytes.Repeat([]byte("deep"), 500))
	other.SetItems(tag.Tag(0x00081115), dataset.New(), item)
	sent := file10(t, one)

	// STOW: all, some, none.
	a := stow(v, "/studies/2.25.41", sent, file10(t, other))
	a.want(200, "")
	var receipt map[string]any
	if err := json.Unmarshal(a.Body, &receipt); err != nil || value(at(receipt, "00081199", "Value", 1), "00081155") != "2.25.44" || receipt["00081198"] != nil {
		t.Errorf("receipt %s", a.Body)
	}
	a = stow(v, "/studies/2.25.41", sent, file10(t, reportstest.CT("2.25.99", "2.25.98", "2.25.97", 1, "KF-3")), []byte("no DICOM at all"))
	if a.Status != 202 {
		t.Errorf("one of three stored: %d", a.Status)
	}
	receipt = nil
	if err := json.Unmarshal(a.Body, &receipt); err != nil || value(at(receipt, "00081198", "Value", 0), "00081197") != float64(0xA900) ||
		value(at(receipt, "00081198", "Value", 1), "00081197") != float64(0xC000) {
		t.Errorf("receipt %s", a.Body)
	}
	if a = stow(v, "/studies", []byte("DICM")); a.Status != 409 {
		t.Errorf("none of one stored: %d", a.Status)
	}
	v.do("POST", web+"/studies", "{}", "Content-Type", "application/json").want(415, "dicomweb")
	v.do("POST", web+"/studies", "--x\r\n", "Content-Type", "multipart/related; boundary=x").want(400, "dicomweb")
	h.as(t, "sato").do("POST", web+"/studies", "x", "Content-Type", "application/dicom").want(403, "forbidden")

	// QIDO at each level, with every way of asking.
	list := models(v.do("GET", web+"/studies?PatientID=KF-3&00080061=CT&includefield=StudyDescription&limit=5&offset=0", nil))
	if len(list) != 1 || value(list[0], "0020000D") != "2.25.41" || value(list[0], "00201208") != 2.0 {
		t.Fatalf("studies %v", list)
	}
	if n := at(list[0], "00100010", "Value", 0, "Ideographic"); n == nil || n == "" {
		t.Errorf("name %v", at(list[0], "00100010"))
	}
	if url, _ := value(list[0], "00081190").(string); url != h.URL+web+"/studies/2.25.41" {
		t.Errorf("retrieve URL %q", url)
	}
	if list := models(v.do("GET", web+"/studies?PatientID=KF-3&offset=1", nil)); len(list) != 0 {
		t.Errorf("behind the last study: %v", list)
	}
	if list := models(v.do("GET", web+"/studies/2.25.41/series?Modality=CT", nil)); len(list) != 1 || value(list[0], "0020000E") != "2.25.42" || list[0]["00100020"] != nil {
		t.Errorf("series %v", list)
	}
	if list := models(v.do("GET", web+"/studies/2.25.41/series?includefield=all", nil)); value(list[0], "00100020") != "KF-3" || value(list[0], "00080060") != "CT" || list[0]["00080018"] != nil {
		t.Errorf("series with all fields %v", list)
	}
	if list := models(v.do("GET", web+"/studies/2.25.41/series/2.25.42/instances?SOPInstanceUID=2.25.44,2.25.43", nil)); len(list) != 2 || value(list[0], "00280010") == nil {
		t.Errorf("instances %v", list)
	}
	if list := models(v.do("GET", web+"/instances?limit=1&PatientID=KF-3", nil)); len(list) != 1 || value(list[0], "00100020") != "KF-3" {
		t.Errorf("instances of anybody %v", list)
	}
	literal := "The fuzzymatching parameter is not supported. Only literal matching has been performed."
	if a := v.do("GET", web+"/studies?fuzzymatching=true&limit=1&00081030=*", nil); !strings.Contains(strings.Join(a.Header.Values("Warning"), ";"), literal) {
		t.Errorf("warning %q", a.Header.Get("Warning"))
	}
	for _, bad := range []string{"?limit=x", "?limit=0", "?offset=-1", "?NoSuchThing=1", "?StudyDate=yesterday"} {
		v.do("GET", web+"/studies"+bad, nil).want(400, "dicomweb")
	}
	if list := models(h.as(t, "mima").do("GET", web+"/studies?PatientID=KF-3", nil)); len(list) != 0 {
		t.Error("another hospital finds the study")
	}

	// WADO: objects as they came, but for the preamble.
	study := web + "/studies/2.25.41"
	instance := study + "/series/2.25.42/instances/2.25.43"
	bodies, kinds := parts(v.do("GET", study, nil, "Accept", `multipart/related; type="application/dicom"; transfer-syntax=*`))
	if len(bodies) != 2 || kinds[0] != "application/dicom; transfer-syntax="+uid.ExplicitVRLittleEndian {
		t.Fatalf("%d parts, %v", len(bodies), kinds)
	}
	if equal, err := stream.Equal(bytes.NewReader(bodies[0]), bytes.NewReader(sent)); err != nil || !equal {
		t.Errorf("what came back is not what was sent: %v", err)
	}
	if !bytes.Equal(bodies[0][:128], make([]byte, 128)) {
		t.Error("the preamble was kept")
	}
	if a := v.do("GET", instance, nil, "Accept", "application/dicom"); !bytes.Equal(a.Body, bodies[0]) {
		t.Error("a single object differs")
	}
	v.do("GET", study, nil, "Accept", "text/html").want(406, "dicomweb")

	meta := models(v.do("GET", study+"/metadata", nil))
	if len(meta) != 2 || value(meta[0], "00080018") != "2.25.43" || at(meta[0], "7FE00010", "BulkDataURI") == nil || at(meta[0], "00280010", "vr") != "US" {
		t.Errorf("metadata %v", meta)
	}
	for path, want := range map[any]string{
		at(meta[1], "00420011", "BulkDataURI"):                                strings.Repeat("bulk", 1000),
		at(meta[1], "00081115", "Value", 1, "00420011", "BulkDataURI"):        strings.Repeat("deep", 500),
		h.URL + study + "/series/2.25.42/instances/2.25.43/bulkdata/00080060": "CT",
	} {
		url, _ := path.(string)
		a := v.do("GET", strings.TrimPrefix(url, h.URL), nil, "Accept", "application/octet-stream")
		if a.Status != 200 || string(a.Body) != want {
			t.Errorf("%s: %d with %d bytes", url, a.Status, len(a.Body))
		}
	}
	for _, none := range []string{"00420011", "00081115/3/00420011", "00081115/1/00420011", "00081115", "7FE00010", "x", "00081115/1"} {
		v.do("GET", instance+"/bulkdata/"+none, nil).want(404, "not_found")
	}

	// Frames decoded, coded anew, and as pictures.
	pix, _, _ := one.Raw(tag.PixelData)
	bodies, kinds = parts(v.do("GET", instance+"/frames/1", nil))
	if len(bodies) != 1 || !bytes.Equal(bodies[0], pix) || !strings.HasPrefix(kinds[0], "application/octet-stream") {
		t.Errorf("frame of %d bytes, %v", len(bodies[0]), kinds)
	}
	if a := v.do("GET", instance+"/frames/1", nil, "Accept", "application/octet-stream"); !bytes.Equal(a.Body, pix) {
		t.Errorf("frame of %d bytes", len(a.Body))
	}
	if a := v.do("GET", instance+"/frames/1", nil, "Accept", "application/octet-stream", "Range", "bytes=4-9"); a.Status != 206 || !bytes.Equal(a.Body, pix[4:10]) ||
		a.Header.Get("Content-Range") != fmt.Sprintf("bytes 4-9/%d", len(pix)) {
		t.Errorf("a range of a frame: %d, %d bytes, %q", a.Status, len(a.Body), a.Header.Get("Content-Range"))
	}
	if a := v.do("GET", instance+"/frames/1", nil, "Accept", "application/octet-stream", "Range", fmt.Sprintf("bytes=%d-", len(pix))); a.Status != 416 || a.Header.Get("ETag") != "" {
		t.Errorf("a range beyond a frame: %d, ETag %q", a.Status, a.Header.Get("ETag"))
	}
	held := v.do("GET", instance+"/frames/1", nil).Header.Get("ETag")
	if a := v.do("GET", instance+"/frames/1", nil, "If-None-Match", held); held == "" || a.Status != 304 {
		t.Errorf("what the client holds (%q) is sent again: %d", held, a.Status)
	}
	bodies, _ = parts(v.do("GET", instance+"/frames/1", nil, "Accept", `multipart/related; type="image/jphc"`))
	var m codec.Image
	if err := new(htj2k.Decoder).Decode(&m, bodies[0], codec.Options{}); err != nil || !bytes.Equal(m.Pix, pix) {
		t.Errorf("HTJ2K: %v", err)
	}
	v.do("GET", instance+"/frames/1", nil, "Accept", "image/jls").want(406, "dicomweb")
	v.do("GET", instance+"/frames/0", nil).want(400, "dicomweb")
	v.do("GET", instance+"/frames/2", nil).want(404, "not_found")
	dark := v.do("GET", instance+"/frames/1/rendered?window=9000,10,linear&viewport=8,8", nil, "Accept", "image/jpeg")
	if p, err := jpeg.Decode(bytes.NewReader(dark.Body)); err != nil || p.Bounds().Dx() != 8 || grey8(p) != 0 {
		t.Errorf("rendered: %v", err)
	}
	if a := v.do("GET", instance+"/frames/1/rendered?window=9000,10,linear&viewport=8,8", nil, "If-None-Match", dark.Header.Get("ETag")); a.Status != 304 {
		t.Errorf("a picture the client has: %d", a.Status)
	}
	exact := v.do("GET", instance+"/frames/1/rendered?window=9000,10,linear&viewport=8,8", nil, "Accept", "image/png, image/jpeg;q=0.5")
	if p, err := png.Decode(bytes.NewReader(exact.Body)); err != nil || exact.Header.Get("Content-Type") != "image/png" || p.Bounds().Dx() != 8 || grey8(p) != 0 || exact.Header.Get("ETag") == dark.Header.Get("ETag") {
		t.Errorf("rendered as PNG: %v %v", err, exact.Header)
	}
	if a := v.do("GET", instance+"/rendered", nil, "Accept", "image/*"); a.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("any picture: %v", a.Header)
	}
	v.do("GET", instance+"/rendered", nil, "Accept", "image/gif").want(406, "dicomweb")
	v.do("GET", instance+"/thumbnail", nil, "Accept", "image/png").want(406, "dicomweb")
	if a := v.do("GET", instance+"/frames/1/rendered?window=40,400", nil, "If-None-Match", dark.Header.Get("ETag")); a.Status != 200 {
		t.Errorf("another picture: %d", a.Status)
	}
	for _, bad := range []string{"window=1", "window=1,0", "window=1,2,other", "viewport=0,0", "viewport=x,y", "quality=101"} {
		v.do("GET", instance+"/rendered?"+bad, nil).want(400, "dicomweb")
	}
	for _, path := range []string{study, study + "/series/2.25.42", instance, instance + "/frames/1"} {
		if a := v.do("GET", path+"/thumbnail", nil, "Accept", "image/*"); a.Status != 200 || a.Header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("%s/thumbnail: %d", path, a.Status)
		}
	}
	v.do("GET", web+"/no-such-thing", nil).want(404, "not_found")
}

// Frames kept compressed go out as they are to a client that takes them so.
func TestStoredFrames(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	v := h.as(t, "kaifu")
	d := reportstest.CT("2.25.51", "2.25.52", "2.25.53", 1, "KF-4")
	rows, _ := d.Int(tag.Rows)
	columns, _ := d.Int(tag.Columns)
	stored, _ := d.Int(tag.BitsStored)
	pix, _, _ := d.Raw(tag.PixelData)
	signed, _ := d.Int(tag.PixelRepresentation)
	code, err := new(htj2k.Encoder).Encode(nil, &codec.Image{Config: codec.Config{Width: columns, Height: rows, Samples: 1, Precision: stored, Signed: signed == 1}, Pix: pix})
	if err != nil {
		t.Fatal(err)
	}
	d.SetFragments(tag.PixelData, nil, code)
	var b bytes.Buffer
	ts, _ := uid.LookupTransferSyntax(uid.HTJ2KLosslessRPCL)
	if err := dataset.WriteFile(&b, d, ts); err != nil {
		t.Fatal(err)
	}
	v.do("POST", web+"/studies", b.String(), "Content-Type", "application/dicom").want(200, "")
	frame := web + "/studies/2.25.51/series/2.25.52/instances/2.25.53/frames/1"
	for accept, want := range map[string][]byte{
		`multipart/related; type="application/octet-stream"; transfer-syntax=*`:             code,
		`multipart/related; type="image/jphc"; transfer-syntax=` + uid.HTJ2KLosslessRPCL:    code,
		`multipart/related; type="image/jphc", multipart/related; type="image/jpeg"; q=0.5`: code,
		`multipart/related; type="application/octet-stream"`:                                pix,
		`*/*`: pix,
		`multipart/related; type="image/jls"; q=1, multipart/related; type="application/*";q=.1`: pix,
	} {
		bodies, kinds := parts(v.do("GET", frame, nil, "Accept", accept))
		if len(bodies) != 1 || !bytes.Equal(bodies[0], want) {
			t.Errorf("%s: %v, %d bytes, want %d", accept, kinds, len(bodies[0]), len(want))
		}
	}
	// The first bytes of the stored stream are a smaller picture.
	half := len(code) / 2
	a := v.do("GET", frame, nil, "Accept", "image/jphc; transfer-syntax="+uid.HTJ2KLosslessRPCL, "Range", fmt.Sprintf("bytes=0-%d", half-1))
	if a.Status != 206 || !bytes.Equal(a.Body, code[:half]) || a.Header.Get("Content-Type") != "image/jphc; transfer-syntax="+uid.HTJ2KLosslessRPCL {
		t.Errorf("the first half of a stream: %d, %d bytes, %v", a.Status, len(a.Body), a.Header)
	}
}

func grey8(m image.Image) uint32 {
	r, _, _, _ := m.At(m.Bounds().Dx()/2, m.Bounds().Dy()/2).RGBA()
	return r >> 8
}

// Rendered pictures show the graphics over the image and, asked to, whose and what it
// is.
func TestRenderedOverlaysAndAnnotation(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	v := h.as(t, "kaifu")
	d := reportstest.CT("2.25.51", "2.25.52", "2.25.53", 1, "KF-5")
	cells := bytes.Repeat([]byte{0x00, 0xFF}, 16) // the right half of 16 × 16
	for i, roi := range []string{"G", "R"} {
		group := tag.Tag(i) << 17
		d.SetInt(tag.OverlayRows+group, "US", 16)
		d.SetInt(tag.OverlayColumns+group, "US", 16)
		d.SetString(tag.OverlayType+group, "CS", roi)
		d.SetInt(tag.OverlayOrigin+group, "SS", 1, 1)
		d.SetInt(tag.OverlayBitsAllocated+group, "US", 1)
		d.SetInt(tag.OverlayBitPosition+group, "US", 0)
		if roi == "R" { // a region: measured, not shown
			cells = bytes.Repeat([]byte{0xFF}, 32)
		}
		d.SetBytes(tag.OverlayData+group, "OW", cells)
	}
	stow(v, "/studies", file10(t, d)).want(200, "")
	picture := func(query string) image.Image {
		a := v.do("GET", web+"/studies/2.25.51/series/2.25.52/instances/2.25.53/rendered?window=9000,10,linear&quality=100"+query, nil, "Accept", "image/jpeg")
		p, err := jpeg.Decode(bytes.NewReader(a.Body))
		if err != nil {
			t.Fatalf("%d: %v", a.Status, err)
		}
		return p
	}
	grey := func(p image.Image, x, y int) int {
		r, _, _, _ := p.At(x, y).RGBA()
		return int(r >> 8)
	}
	p := picture("")
	for y := range 16 {
		if left, right := grey(p, 3, y), grey(p, 12, y); left > 30 || right < 225 {
			t.Fatalf("line %d: %d and %d", y, left, right)
		}
	}
	bright := func(p image.Image) (n int) {
		for y := range 16 {
			for x := range 8 {
				if grey(p, x, y) > 128 {
					n++
				}
			}
		}
		return n
	}
	if n := bright(picture("&annotation=technique")); n == 0 {
		t.Error("nothing is written")
	}
	if bright(picture("&annotation=patient,technique")) == 0 {
		t.Error("nothing is written of the patient")
	}
	v.do("GET", web+"/studies/2.25.51/series/2.25.52/instances/2.25.53/rendered?annotation=all", nil).want(400, "dicomweb")
}
