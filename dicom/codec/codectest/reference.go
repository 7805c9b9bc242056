package codectest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/internal/shareddata"
)

// Within is a Verdict for lossy syntaxes: it lets GDCM, or OpenJPEG for HTJ2K,
// decode the file when they are installed, and asks for samples that differ by at most most.
func Within(most int) Verdict {
	return func(t *testing.T, f *File, rows []Row, m *codec.Image, stream []byte, err error) error {
		if err != nil {
			return err
		}
		if m.Lossless {
			return fmt.Errorf("lossless, but differs from every toolkit")
		}
		gdcm, err := exec.LookPath("gdcmconv")
		if err != nil {
			t.Logf("%s#%d: not compared: gdcmconv is not installed", rows[0].Path, rows[0].Frame)
			return nil
		}
		out := filepath.Join(t.TempDir(), "raw.dcm")
		if strings.Contains(rows[0].Path, "htj2k") || strings.Contains(rows[0].Path, "HTJ2K") {
			file := filepath.Join(t.TempDir(), "frame.j2k")
			if err := os.WriteFile(file, stream, 0o600); err != nil {
				return err
			}
			return withinOpenJPEG(t, file, m, most)
		}
		cmd := exec.Command(gdcm, "--raw", filepath.Join(shareddata.Dir(t), rows[0].Path), out)
		if text, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("gdcmconv: %w: %s", err, text)
		}
		b, err := os.ReadFile(out)
		if err != nil {
			return err
		}
		ref, err := ParseFile(b)
		if err != nil {
			return err
		}
		got := Allocated(f, m, false, false)
		if (rows[0].Frame+1)*len(got) > len(ref.Native) || ref.Planar != 0 {
			t.Logf("%s#%d: not compared: GDCM gives %d bytes, planar %d", rows[0].Path, rows[0].Frame, len(ref.Native), ref.Planar)
			return nil
		}
		want := ref.Native[rows[0].Frame*len(got):][:len(got)]
		largest, differ := Difference(got, want, f.BitsAllocated/8)
		t.Logf("%s#%d: %d samples differ, by at most %d", rows[0].Path, rows[0].Frame, differ, largest)
		if largest > most {
			return fmt.Errorf("differs by %d", largest)
		}
		return nil
	}
}

// withinOpenJPEG lets opj_decompress, when it is installed, decode a stream and
// asks for samples that differ by at most most.
func withinOpenJPEG(t *testing.T, path string, m *codec.Image, most int) error {
	opj, err := exec.LookPath("opj_decompress")
	if err != nil {
		t.Logf("%s: not compared: opj_decompress is not installed", path)
		return nil
	}
	out := filepath.Join(t.TempDir(), "out.rawl")
	if text, err := exec.Command(opj, "-i", path, "-o", out).CombinedOutput(); err != nil {
		return fmt.Errorf("opj_decompress: %w: %s", err, text)
	}
	want, err := os.ReadFile(out)
	if err != nil {
		return err
	}
	got := Planes(m)
	if len(got) != len(want) {
		return fmt.Errorf("%d bytes, OpenJPEG %d", len(got), len(want))
	}
	largest, differ := Difference(got, want, codec.BytesPerSample(m.Precision))
	t.Logf("%s: %d samples differ, by at most %d", filepath.Base(path), differ, largest)
	if largest > most {
		return fmt.Errorf("differs by %d", largest)
	}
	return nil
}

// Difference compares samples of size bytes: the largest difference and how many differ.
func Difference(a, b []byte, size int) (largest, differ int) {
	for i := 0; i+size <= len(a); i += size {
		d := int(a[i]) - int(b[i])
		if size == 2 {
			d = int(int16(uint16(a[i]) | uint16(a[i+1])<<8 - uint16(b[i]) - uint16(b[i+1])<<8))
		}
		if d != 0 {
			differ++
		}
		largest = max(largest, d, -d)
	}
	return largest, differ
}
