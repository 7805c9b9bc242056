package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/jpegls"
	"github.com/dokuei/dokuei/internal/shareddata"
)

// A bare stream becomes its samples; the reversible streams of other makers
// become what their decoders say.
func TestDecode(t *testing.T) {
	t.Parallel()
	m := codec.Image{Config: codec.Config{Width: 5, Height: 3, Samples: 1, Precision: 8}, Pix: []byte("a bare stream!!")}
	stream, err := jpegls.Encode(nil, &m, jpegls.EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	in, out := writeFile(t, filepath.Join(dir, "in.jls"), string(stream)), filepath.Join(dir, "out.raw")
	mustRun(t, "decode", in, "-o", out)
	if got, err := os.ReadFile(out); err != nil || !bytes.Equal(got, m.Pix) {
		t.Errorf("decoded %q, %v", got, err)
	}
	if _, stderr, err := tryRun(t, "decode", writeFile(t, filepath.Join(dir, "text"), "no stream"), "-o", out); err == nil || !strings.Contains(stderr, "no JPEG") {
		t.Errorf("a text: %v, %s", err, stderr)
	}

	data := shareddata.Dir(t)
	if data == "" {
		return
	}
	equal := 0
	for _, row := range tsv(t, filepath.Join(data, "CODEC.tsv")) {
		reversible := strings.Contains(row["path"], "rev53") && (row["decoder"] == "openjph-0.9" || !strings.Contains(row["path"], "yuv")) // OpenJPEG makes RGB of these
		if row["result"] != "ok" || row["decoder"] != "charls-2.4.1" && !reversible {
			continue
		}
		mustRun(t, "decode", filepath.Join(data, filepath.FromSlash(row["path"])), "-o", out)
		raw, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprintf("%x", sha256.Sum256(raw)) != row["sha256"] {
			t.Errorf("%s is not what %s says", row["path"], row["decoder"])
			continue
		}
		equal++
	}
	t.Logf("%d streams equal", equal)
}

// dump --frames prints the hash other decoders have.
func TestDumpFrames(t *testing.T) {
	t.Parallel()
	dir, _ := slices(t, 1)
	out := mustRun(t, "dump", "--frames", filepath.Join(dir, "001.dcm"))
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "path\tframe\t") || len(strings.Split(lines[1], "\t")) != 12 {
		t.Fatalf("printed\n%s", out)
	}
	data := shareddata.Dir(t)
	if data == "" {
		return
	}
	for _, name := range []string{"derived/ct-ge/jpeg-ll-sv1.dcm", "derived/ct-ge/rle.dcm", "derived/ct-ge/j2k-opj-rev.dcm", "derived/us-rgb/jpegls-lossless.dcm"} {
		out := mustRun(t, "dump", "--frames", filepath.Join(data, filepath.FromSlash(name)))
		for _, row := range tsv(t, filepath.Join(data, "PIXELS.tsv")) {
			if row["path"] == name && row["frame"] == "0" && row["decoder"] == "dcmtk" && !strings.Contains(out, row["sha256_interleaved_LE"]) {
				t.Errorf("%s: not the samples that DCMTK decodes:\n%s", name, out)
			}
		}
	}
}

// tsv reads a file of tab-separated values with a heading.
func tsv(t *testing.T, name string) []map[string]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, v := range row {
			m[rows[0][i]] = v
		}
		out = append(out, m)
	}
	return out
}
