package dataset_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	suyashkumar "github.com/suyashkumar/dicom"

	"github.com/dokuei/dokuei/dicom/charset"
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dump"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/internal/shareddata"
)

// realFile is one row of the manifest of real files.
type realFile struct {
	path string
	row  map[string]string
}

func realFiles(t *testing.T, dir string) []realFile {
	t.Helper()
	var out []realFile
	for _, r := range table(t, filepath.Join(dir, "MANIFEST.tsv")) {
		if !strings.HasPrefix(r["path"], "codec/") {
			out = append(out, realFile{filepath.Join(dir, r["path"]), r})
		}
	}
	return out
}

func table(t *testing.T, name string) []map[string]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes = '\t', true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

// unreadable are the real files that are cut off or begin with a stray byte; each has
// to be refused.
var unreadable = map[string]bool{
	"pydicom/MR_truncated.dcm":     true,
	"pydicom/no_meta.dcm":          true,
	"pydicom/rtplan_truncated.dcm": true,
}

// TestRealFiles reads every real file to its end, in full and as a header, prints it,
// and compares with what others read from it. Nothing may allocate much.
func TestRealFiles(t *testing.T) {
	dir := shareddata.Dir(t)
	if dir == "" {
		return
	}
	read := 0
	for _, f := range realFiles(t, dir) {
		name := f.row["path"]
		b, err := os.ReadFile(f.path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		m, d, p, err := dataset.ReadFile(bytes.NewReader(b), stream.Limits{})
		if err == nil && p != nil {
			err = p.Finish()
		}
		x, xerr := stream.IndexFrames(bytes.NewReader(b), int64(len(b)))
		perr := dump.File(io.Discard, bytes.NewReader(b), dump.Options{})
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 32<<20 {
			t.Errorf("%s: %d bytes allocated for a file of %d", name, n, len(b))
		}
		malformed := strings.HasPrefix(name, "derived/malformed/")
		for _, e := range []error{err, xerr, perr} {
			var fe *stream.FormatError
			switch {
			case e == nil:
			case !malformed && !unreadable[name]:
				t.Errorf("%s: %v", name, e)
			case !errors.As(e, &fe):
				t.Errorf("%s: untyped error %v", name, e)
			case fe.Offset > int64(len(b)):
				t.Errorf("%s: error at %d of %d", name, fe.Offset, len(b))
			}
		}
		if unreadable[name] && err == nil {
			t.Errorf("%s: read to its end", name)
		}
		if malformed || err != nil || xerr != nil {
			continue
		}
		read++
		compare(t, f, m, d, x)
	}
	if read < 300 {
		t.Errorf("only %d files were read", read)
	}
}

func compare(t *testing.T, f realFile, m stream.Meta, d *dataset.Dataset, x *stream.Index) {
	t.Helper()
	name := f.row["path"]
	for col, got := range map[string]string{
		"sop_class_uid": d.String(tag.SOPClassUID), "transfer_syntax": m.TransferSyntaxUID,
		"rows": d.String(tag.Rows), "cols": d.String(tag.Columns), "bits_stored": d.String(tag.BitsStored),
		"photometric": d.String(tag.PhotometricInterpretation), "modality": d.String(tag.Modality),
	} {
		if want := f.row[col]; want != "" && want != "(none)" && got != "" && got != want {
			t.Errorf("%s: %s %q, want %q", name, col, got, want)
		}
	}
	if x.Meta != m {
		t.Errorf("%s: index has another meta", name)
	}
	if x.PixelTag != 0 && x.Rows > 0 && x.Frames() == 0 {
		t.Errorf("%s: no frames", name)
	}
	for n := range x.Frames() {
		if _, _, err := x.Extents(n); err != nil && x.Rows > 0 {
			t.Errorf("%s: frame %d: %v", name, n, err)
			break
		}
	}
}

// TestCharsetFiles reads the expected texts through whole files, sequences included.
func TestCharsetFiles(t *testing.T) {
	t.Parallel()
	dir := shareddata.Dir(t)
	if dir == "" {
		return
	}
	for _, r := range table(t, filepath.Join(dir, "CHARSET.tsv")) {
		f, err := os.Open(filepath.Join(dir, r["path"]))
		if err != nil {
			t.Fatal(err)
		}
		_, d, _, err := dataset.ReadFile(f, stream.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
		name, want := d.String(tag.PatientName), r["expected_PatientName"]
		bad := strings.HasPrefix(want, "(malformed")
		if bad {
			_, want, _ = strings.Cut(want, ") ")
		}
		if name != want && !(bad && strings.HasSuffix(name, "="+want)) {
			t.Errorf("%s: %q, want %q", r["path"], name, want)
		}
		if bad != (d.Quality(tag.PatientName) == charset.Recovered) {
			t.Errorf("%s: quality %v", r["path"], d.Quality(tag.PatientName))
		}
		other := strings.ReplaceAll(r["expected_other_text(InstitutionName or PatientComments)"], `\r\n`, "\r\n")
		if other != "" && other != "X" && other != d.String(tag.InstitutionName) && other != d.String(tag.PatientComments) {
			t.Errorf("%s: %q, %q, want %q", r["path"], d.String(tag.InstitutionName), d.String(tag.PatientComments), other)
		}
	}
	// chrSQEncoding has its names in an item, in chrSQEncoding1 under the item's own set.
	for _, n := range []string{"chrSQEncoding.dcm", "chrSQEncoding1.dcm"} {
		f, err := os.Open(filepath.Join(dir, "charset", n))
		if err != nil {
			t.Fatal(err)
		}
		_, d, _, err := dataset.ReadFile(f, stream.Limits{})
		_ = f.Close()
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Item(tag.RequestedProcedureCodeSequence).String(tag.PatientName); got != "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう" {
			t.Errorf("%s: %q", n, got)
		}
	}
}

// TestAgainstAnother reads the good small files with an independent library and
// compares texts and numbers of the top level. That library panics on some files and
// never ends on others, so it runs apart and may fail.
func TestAgainstAnother(t *testing.T) {
	t.Parallel()
	dir := shareddata.Dir(t)
	if dir == "" {
		return
	}
	files, values := 0, 0
	for _, f := range realFiles(t, dir) {
		b, err := os.ReadFile(f.path)
		if err != nil || len(b) > 200<<10 || strings.Contains(f.path, "malformed") {
			continue
		}
		other, ok := readOther(b)
		if !ok {
			continue
		}
		_, d, _, err := dataset.ReadFile(bytes.NewReader(b), stream.Limits{})
		if err != nil {
			continue // TestRealFiles judges that
		}
		files++
		for _, e := range other.Elements {
			k := tag.New(e.Tag.Group, e.Tag.Element)
			if k.Group() <= 2 || k.GroupLength() || k.Private() || k >= tag.PixelData {
				continue
			}
			switch v := e.Value.GetValue().(type) {
			case []int:
				got := d.Ints(k)
				if len(v) > 0 && len(got) > 0 && got[0]&0xffff != v[0]&0xffff {
					t.Errorf("%s %s: %v, other %v", f.row["path"], k, got, v)
				}
				values++
			case []string:
				got := strings.Join(d.Strings(k), `\`)
				want := strings.TrimSpace(strings.Join(v, `\`))
				if ascii(want) && strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(strings.Trim(want, "\x00= "), " ", "") && !strings.Contains(want, "\x00") {
					t.Errorf("%s %s: %q, other %q", f.row["path"], k, got, want)
				}
				values++
			}
		}
	}
	if files < 100 || values < 3000 {
		t.Errorf("only %d files and %d values were compared", files, values)
	}
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x7f || r == 0x1b || r == 0xfffd })
}

func readOther(b []byte) (d suyashkumar.Dataset, ok bool) {
	type result struct {
		d  suyashkumar.Dataset
		ok bool
	}
	done := make(chan result, 1)
	go func() {
		defer func() {
			if recover() != nil {
				done <- result{}
			}
		}()
		d, err := suyashkumar.Parse(bytes.NewReader(b), int64(len(b)), nil, suyashkumar.SkipPixelData())
		done <- result{d, err == nil}
	}()
	select {
	case r := <-done:
		return r.d, r.ok
	case <-time.After(time.Minute):
		return d, false
	}
}
