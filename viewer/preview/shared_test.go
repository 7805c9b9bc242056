package preview_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/internal/shareddata"
	"github.com/dokuei/dokuei/viewer/preview"
)

// TestRealFiles: whatever the file, the answer is a picture or a named sign that
// a browser can show.
func TestRealFiles(t *testing.T) {
	t.Parallel()
	dir := shareddata.Dir(t)
	if dir == "" {
		return
	}
	o := &originals{files: map[string][]byte{}}
	inFolder := map[string]int{}
	for _, part := range []string{"series", "syntax", "enhanced", "pydicom", "sr", "pdf", "us-multiframe", "derived"} {
		err := filepath.WalkDir(filepath.Join(dir, part), func(path string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			// A few of each folder keep the test short; dicom/pixel has them all.
			if inFolder[filepath.Dir(path)]++; inFolder[filepath.Dir(path)] > 3 {
				return nil
			}
			name, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			o.files[name], err = os.ReadFile(path)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	p := preview.New(preview.Options{Objects: o, Derived: derived(t)})
	defer p.Close()
	count := map[preview.Placeholder]int{}
	n := 0
	for name := range o.files {
		n++
		id := "r" + string(rune('a'+n%26)) + string(rune('a'+n/26%26)) + string(rune('a'+n/676))
		pic, err := p.Get(t.Context(), preview.Ref{InstanceID: id, SeriesID: series, ObjectKey: name}, preview.Preview)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		count[pic.Placeholder]++
		if b := decoded(t, pic).Bounds(); b.Dx() > 512 || b.Dy() > 512 || b.Empty() {
			t.Errorf("%s: picture of %v", name, b)
		}
	}
	t.Logf("%d files: %v", n, count)
}
