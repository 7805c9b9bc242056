package codectest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/internal/shareddata"
)

// Within is a Verdict for lossy syntaxes: it lets GDCM, when it is installed,
// decode the file and asks for samples that differ by at most most.
func Within(most int) Verdict {
	return func(t *testing.T, f *File, rows []Row, m *codec.Image, _ []byte, err error) error {
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
		largest, differ := difference(got, want, f.BitsAllocated/8)
		t.Logf("%s#%d: %d samples differ, by at most %d", rows[0].Path, rows[0].Frame, differ, largest)
		if largest > most {
			return fmt.Errorf("differs by %d", largest)
		}
		return nil
	}
}

func difference(a, b []byte, size int) (largest, differ int) {
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
