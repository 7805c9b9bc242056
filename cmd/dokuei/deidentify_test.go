package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

func TestDeidentify(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, out, key := filepath.Join(dir, "yamada"), filepath.Join(dir, "out"), filepath.Join(dir, "key")
	mustRun(t, "keys", "make", key)
	if err := os.Mkdir(in, 0o700); err != nil {
		t.Fatal(err)
	}
	for n, flag := range []string{"NO", "NO", "YES"} {
		d := dataset.New()
		d.SetString(tag.SOPClassUID, "UI", uid.SecondaryCaptureImageStorage)
		d.SetString(tag.SOPInstanceUID, "UI", "1.2.3."+string(rune('1'+n)))
		d.SetString(tag.StudyInstanceUID, "UI", "1.2.3")
		d.SetString(tag.PatientName, "PN", "Yamada^Taro")
		d.SetString(tag.BurnedInAnnotation, "CS", flag)
		d.SetInt(tag.Rows, "US", 2)
		d.SetInt(tag.Columns, "US", 2)
		d.SetInt(tag.BitsAllocated, "US", 8)
		d.SetBytes(tag.PixelData, "OB", []byte{9, 9, 9, 9})
		var b bytes.Buffer
		if err := dataset.WriteFile(&b, d, stream.SyntaxFor(uid.ExplicitVRLittleEndian)); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(in, "yamada"+string(rune('1'+n))+".dcm"), b.String())
	}
	writeFile(t, filepath.Join(in, "readme.txt"), "no image")
	_, stderr, err := tryRun(t, "deidentify", in, out, "--key", key)
	if err == nil || !strings.Contains(stderr, "yamada3.dcm: deident: the image has burned-in text") {
		t.Errorf("%v, %s", err, stderr)
	}
	files, err := filepath.Glob(filepath.Join(out, "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("%v, %v", files, err)
	}
	if stdout := mustRun(t, "deidentify", in, out, "--key", key, "--mask", "0,0,2,1", "--retain", "full-dates,device"); !strings.Contains(stdout, "3 written, 0 left out") {
		t.Error(stdout)
	}
	studies := map[string]bool{}
	files, _ = filepath.Glob(filepath.Join(out, "*.dcm"))
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil || bytes.Contains(b, []byte("Yamada")) || !bytes.HasSuffix(b, []byte{0, 0, 9, 9}) {
			t.Errorf("%s: %v", f, err)
		}
		_, d, _, err := dataset.ReadFile(bytes.NewReader(b), stream.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		studies[d.String(tag.StudyInstanceUID)] = true
	}
	if len(files) != 3 || len(studies) != 1 {
		t.Errorf("%d files of %d studies", len(files), len(studies))
	}
	one := filepath.Join(dir, "one.dcm")
	mustRun(t, "deidentify", filepath.Join(in, "yamada1.dcm"), one, "--key", key, "--clean", "descriptors")
	if _, err := os.Stat(one); err != nil {
		t.Error(err)
	}
}
