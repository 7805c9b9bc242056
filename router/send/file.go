package send

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// mediaStorageDirectory is the SOP class of a DICOMDIR, PS3.4 Annex I.
const mediaStorageDirectory = "1.2.840.10008.1.3.10"

// file is an instance to send.
type file struct {
	path     string
	class    string
	instance string
	syntax   string
	offset   int64 // of the data set
	size     int64 // of the file
	modified time.Time
	tries    int
}

var heads = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 4096) }}

// inspect reads as much of a file as tells what it is. The UIDs are those of
// the data set: C-STORE must agree with it, and file meta information is
// sometimes a copy of another file's.
func inspect(path string) (*file, error) {
	h, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	st, err := h.Stat()
	if err != nil {
		return nil, err
	}
	r, _ := heads.Get().(*bufio.Reader)
	defer heads.Put(r)
	r.Reset(h)
	m, offset, err := stream.ReadMeta(r)
	if err != nil {
		return nil, err
	}
	f := &file{path: path, class: m.MediaStorageSOPClassUID, instance: m.MediaStorageSOPInstanceUID, syntax: m.TransferSyntaxUID, offset: offset, size: st.Size(), modified: st.ModTime()}
	if f.class == mediaStorageDirectory {
		return f, nil
	}
	if err := f.identify(io.NewSectionReader(h, offset, f.size-offset)); err != nil {
		return nil, err
	}
	switch {
	case f.class == "" || f.instance == "":
		return nil, fmt.Errorf("no SOP Class UID or SOP Instance UID: %w", stream.ErrNotDICOM)
	case !uid.Valid(f.class) || len(f.instance) > uid.MaxLength:
		return nil, &stream.FormatError{Offset: offset, Path: tag.SOPInstanceUID.String(), Reason: "SOP Class UID or SOP Instance UID is not a UID"}
	}
	return f, nil
}

// identify takes SOP Class UID and SOP Instance UID from the data set, PS3.3
// C.12.1. They are among its first elements.
func (f *file) identify(r io.Reader) error {
	s := stream.NewScanner(r, stream.SyntaxFor(f.syntax), stream.Limits{MaxHeaderBytes: 1 << 20})
	for {
		e, err := s.Next()
		if err == io.EOF || err == nil && e.Depth == 0 && e.Tag > tag.SOPInstanceUID {
			return nil
		}
		if err != nil {
			return err
		}
		if e.Depth > 0 || e.Kind != stream.KindValue || e.Tag != tag.SOPClassUID && e.Tag != tag.SOPInstanceUID {
			continue
		}
		v, err := s.Value()
		if err != nil {
			return err
		}
		if text := strings.Trim(string(v), " \x00"); e.Tag == tag.SOPClassUID {
			f.class = text
		} else {
			f.instance = text
		}
	}
}
