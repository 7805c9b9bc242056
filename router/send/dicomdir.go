package send

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
)

// directory adds what a DICOMDIR refers to, PS3.3 Annex F.
func (s *scan) directory(path string) {
	h, err := os.Open(path)
	if err != nil {
		s.fail(path, err)
		return
	}
	_, d, _, err := dataset.ReadFile(h, stream.Limits{})
	_ = h.Close()
	if err != nil {
		s.fail(path, err)
		return
	}
	folder := filepath.Dir(path)
	root, err := os.OpenRoot(folder)
	if err != nil {
		s.fail(path, err)
		return
	}
	defer root.Close()
	for _, record := range d.Items(tag.DirectoryRecordSequence) { // (0004,1220)
		id := record.Strings(tag.ReferencedFileID) // (0004,1500): one value for each part of the path
		if len(id) == 0 {
			continue // a patient, study or series
		}
		name, err := resolve(root.FS(), id)
		if err != nil {
			s.fail(filepath.Join(folder, "DICOMDIR → "+strings.Join(id, "/")), err)
			continue
		}
		s.file(filepath.Join(folder, filepath.FromSlash(name)))
	}
}

// resolve finds the file a Referenced File ID names (PS3.10 8.2, 8.6). Media
// are read on systems that show names in lower case, or with the version that
// ISO 9660 appends, so each part is looked for without regard to either. A part
// that is no plain name is refused: a DICOMDIR comes from anywhere and must not
// point out of its folder. (os.Root holds that for symbolic links too.)
func resolve(root fs.FS, id []string) (string, error) {
	if len(id) > 8+8 { // PS3.10 8.2 allows 8; real media have more
		return "", fmt.Errorf("a file ID of %d parts", len(id))
	}
	at := "."
	for _, part := range id {
		if part == "" || part == "." || part == ".." || strings.ContainsAny(part, "/\\:\x00") {
			return "", fmt.Errorf("%q is not a file ID", part)
		}
		entries, err := fs.ReadDir(root, at)
		if err != nil {
			return "", err
		}
		name, ok := pick(entries, part)
		if !ok {
			return "", fmt.Errorf("%s: %w", part, fs.ErrNotExist)
		}
		if at == "." {
			at = name
		} else {
			at += "/" + name
		}
	}
	if st, err := fs.Stat(root, at); err != nil || !st.Mode().IsRegular() {
		return "", fmt.Errorf("%s: %w", at, fs.ErrNotExist)
	}
	return at, nil
}

// pick prefers the exact name.
func pick(entries []fs.DirEntry, part string) (string, bool) {
	like := ""
	for _, e := range entries {
		if e.Name() == part {
			return part, true
		}
		name, _, _ := strings.Cut(e.Name(), ";")
		if strings.EqualFold(strings.TrimSuffix(name, "."), part) {
			like = e.Name()
		}
	}
	return like, like != ""
}
