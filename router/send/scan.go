package send

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dokuei/dokuei/dicom/stream"
)

// scan finds the instances under the given paths.
type scan struct {
	files  []*file
	bytes  int64
	report *Report
	seen   map[string]bool
	found  func(files int, bytes int64)
}

func (s *scan) run(ctx context.Context, paths []string) error {
	s.seen = map[string]bool{}
	for _, p := range paths {
		if err := s.path(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// path adds a file, a folder with all below it, or what a DICOMDIR names. It
// fails only when ctx has ended: everything else is the report's.
func (s *scan) path(ctx context.Context, path string) error {
	st, err := os.Stat(path)
	if err != nil {
		s.fail(path, err)
		return ctx.Err()
	}
	if !st.IsDir() {
		s.file(path)
		return ctx.Err()
	}
	return filepath.WalkDir(path, func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			s.fail(path, err)
			return nil
		case d.IsDir():
			return nil
		case d.Type()&fs.ModeSymlink != 0: // to a file, yes; to a folder, no: it may be a circle
			if st, err := os.Stat(path); err != nil || !st.Mode().IsRegular() {
				return nil
			}
		case !d.Type().IsRegular():
			return nil // pipes and devices would hang
		}
		s.file(path)
		return nil
	})
}

func (s *scan) file(path string) {
	key := path
	if abs, err := filepath.Abs(path); err == nil {
		key = abs
	}
	if s.seen[key] {
		return
	}
	s.seen[key] = true
	f, err := inspect(path)
	switch {
	case errors.Is(err, stream.ErrNotDICOM):
		s.report.Ignored = append(s.report.Ignored, Problem{Path: path, Reason: "not a DICOM instance", Next: "Nothing to do if that is as it should be.", Err: err})
	case err != nil:
		s.fail(path, err)
	case f.class == mediaStorageDirectory:
		s.directory(path)
	default:
		s.files = append(s.files, f)
		s.bytes += f.size
		s.found(len(s.files), s.bytes)
	}
}

func (s *scan) fail(path string, err error) {
	p := explain(path, err)
	var format *stream.FormatError
	if errors.As(err, &format) {
		p.Next = "The file is damaged: copy it again from where it came from and check it with `dokuei dump FILE`."
	}
	s.report.Failed = append(s.report.Failed, p)
}
