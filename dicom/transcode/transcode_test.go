package transcode_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/transcode"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/internal/shareddata"
)

var uncompressed = []string{uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian, uid.DeflatedExplicitVRLittleEndian}

func sample(t testing.TB, ts string) []byte {
	t.Helper()
	inner := dataset.New()
	inner.SetString(tag.CodeValue, "SH", "T-1")
	inner.SetFloat(tag.New(0x0040, 0xA30A), "DS", 1.5)
	d := dataset.New()
	d.SetString(tag.SOPInstanceUID, "UI", "1.2.3")
	d.SetString(tag.PatientName, "PN", "Yamada^Taro")
	d.SetItems(tag.New(0x0040, 0xA730), inner, dataset.New(), inner)
	d.SetInt(tag.Rows, "US", 513)
	d.SetInt(tag.New(0x0018, 0x6020), "SL", -70000)
	d.SetFloat(tag.New(0x0018, 0x9087), "FD", 3.25)
	d.SetBytes(tag.New(0x0009, 0x1001), "UN", []byte{1, 2, 3, 4})
	d.SetBytes(tag.PixelData, "OW", bytes.Repeat([]byte{1, 2, 3, 4, 5, 6}, 20000))
	var b bytes.Buffer
	syntax, _ := uid.LookupTransferSyntax(ts)
	if err := d.Encode(&b, syntax); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEveryPair(t *testing.T) {
	t.Parallel()
	for _, from := range uncompressed {
		for _, to := range uncompressed[:2] {
			src := sample(t, from)
			var out bytes.Buffer
			if err := transcode.Rewrite(&out, bytes.NewReader(src), from, to, stream.Limits{}); err != nil {
				t.Errorf("%s to %s: %v", uid.Name(from), uid.Name(to), err)
				continue
			}
			same(t, uid.Name(from)+" to "+uid.Name(to), src, from, out.Bytes(), to)
		}
	}
}

func same(t *testing.T, what string, a []byte, tsA string, b []byte, tsB string) {
	t.Helper()
	x, _ := uid.LookupTransferSyntax(tsA)
	y, _ := uid.LookupTransferSyntax(tsB)
	if ok, err := stream.EqualDataSets(bytes.NewReader(a), x, bytes.NewReader(b), y); err != nil || !ok {
		t.Errorf("%s: equal %v, %v", what, ok, err)
	}
}

func TestEncapsulated(t *testing.T) {
	t.Parallel()
	err := transcode.Rewrite(io.Discard, bytes.NewReader(nil), uid.MPEG2MainProfileMainLevel, uid.ImplicitVRLittleEndian, stream.Limits{})
	if !errors.Is(err, transcode.ErrEncapsulated) {
		t.Error(err)
	}
}

func TestCutSource(t *testing.T) {
	t.Parallel()
	src := sample(t, uid.ExplicitVRLittleEndian)
	if err := transcode.Rewrite(io.Discard, bytes.NewReader(src[:len(src)-100]), uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian, stream.Limits{}); err == nil {
		t.Error("a data set that ends early was rewritten")
	}
}

// A reader that is closed early leaves no goroutine that works on.
func TestReaderClosedEarly(t *testing.T) {
	t.Parallel()
	r := transcode.Reader(bytes.NewReader(sample(t, uid.ExplicitVRBigEndian)), uid.ExplicitVRBigEndian, uid.ExplicitVRLittleEndian, stream.Limits{})
	if _, err := io.ReadFull(r, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

// Every uncompressed real file means the same after rewriting.
func TestRealFiles(t *testing.T) {
	t.Parallel()
	dir := shareddata.Dir(t)
	if dir == "" {
		t.Skip("no real files")
	}
	done := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".dcm" {
			return err
		}
		if st, err := d.Info(); err != nil || st.Size() > 4<<20 || done >= 150 {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		m, n, err := stream.ReadMeta(bufio.NewReader(bytes.NewReader(b)))
		if err != nil || !transcode.Possible(m.TransferSyntaxUID, uid.ImplicitVRLittleEndian) {
			return nil
		}
		src := b[n:]
		ts, _ := uid.LookupTransferSyntax(m.TransferSyntaxUID)
		if ts.Encapsulated {
			return nil // TestDecodedFilesShowTheSame
		}
		if _, err := stream.EqualDataSets(bytes.NewReader(src), ts, bytes.NewReader(src), ts); err != nil {
			return nil // broken on purpose
		}
		var explicit, implicit bytes.Buffer
		if err := transcode.Rewrite(&explicit, bytes.NewReader(src), m.TransferSyntaxUID, uid.ExplicitVRLittleEndian, stream.Limits{}); err != nil {
			t.Errorf("%s to explicit: %v", d.Name(), err)
			return nil
		}
		if err := transcode.Rewrite(&implicit, bytes.NewReader(src), m.TransferSyntaxUID, uid.ImplicitVRLittleEndian, stream.Limits{}); err != nil {
			t.Errorf("%s to implicit: %v", d.Name(), err)
			return nil
		}
		same(t, d.Name()+" to explicit", src, m.TransferSyntaxUID, explicit.Bytes(), uid.ExplicitVRLittleEndian)
		// Not against a big endian source: whether its OB became the OW of
		// the dictionary cannot be seen in implicit VR.
		same(t, d.Name()+" to implicit", explicit.Bytes(), uid.ExplicitVRLittleEndian, implicit.Bytes(), uid.ImplicitVRLittleEndian)
		done++
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	t.Logf("%d real files rewritten", done)
}

func BenchmarkRewrite(b *testing.B) {
	src := sample(b, uid.ExplicitVRLittleEndian)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if err := transcode.Rewrite(io.Discard, bytes.NewReader(src), uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian, stream.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
