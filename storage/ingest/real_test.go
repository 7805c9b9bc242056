package ingest_test

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/internal/shareddata"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/ingest"
)

// TestRealFiles stores every real file. Those of whole series must all be taken;
// the others, some of them broken on purpose, are taken or refused with a status
// that blames the object. What is taken is the same data set afterwards.
func TestRealFiles(t *testing.T) {
	t.Parallel()
	dir := shareddata.Dir(t)
	if dir == "" {
		return
	}
	s := newSite(t)
	paths := make(chan string)
	var wg sync.WaitGroup
	var mu sync.Mutex
	taken, refused, uids := 0, 0, map[string]bool{}
	for range 8 {
		wg.Go(func() {
			for path := range paths {
				u, err := storeReal(s, path)
				mu.Lock()
				switch {
				case err == nil && u != "":
					taken++
					uids[u] = true
				case err != nil:
					refused++
				}
				mu.Unlock()
				if err != nil && (inSeries(dir, path) || ingest.Status(err) == ingest.StatusOutOfResources) {
					t.Errorf("%s: %04X %v", path, ingest.Status(err), err)
				}
			}
		})
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && (inSeries(dir, path) || !testing.Short() && !raceDetector) {
			paths <- path
		}
		return err
	})
	close(paths)
	wg.Wait()
	s.must(err)
	if n := s.count("instances"); n != len(uids) {
		t.Errorf("%d instances, %d UIDs were taken", n, len(uids))
	}
	t.Logf("%d taken (%d conflicts beside), %d refused", taken, s.count("instance_versions"), refused)
	s.verifyAudit()
}

func inSeries(dir, path string) bool {
	return strings.HasPrefix(path, filepath.Join(dir, "series")+string(filepath.Separator)) && strings.HasSuffix(path, ".dcm")
}

// storeReal stores one file and compares what is kept; "" for what no sender would
// offer as an instance.
func storeReal(s *site, path string) (sopInstanceUID string, err error) {
	m, data, ok := openReal(s, path)
	if !ok {
		return "", nil
	}
	defer data.Close()
	r, err := s.in.Store(s.Context(), kaifu, m, data)
	if err == nil && !r.Conflict && !r.Duplicate {
		compareReal(s, path, r.InstanceID)
	}
	return m.SOPInstanceUID, err
}

type closer struct {
	io.Reader
	io.Closer
}

// openReal gives the data set behind the meta group, announced as a sender does:
// by the UIDs of the data set, which some files do not repeat in their meta group.
func openReal(s *site, path string) (m ingest.Meta, data io.ReadCloser, ok bool) {
	f, err := os.Open(path)
	if err != nil {
		s.Error(err)
		return m, nil, false
	}
	meta, d, _, err := dataset.ReadFile(f, stream.Limits{})
	if errors.Is(err, stream.ErrNotDICOM) || d == nil || d.String(tag.SOPInstanceUID) == "" {
		f.Close()
		return m, nil, false
	}
	_, err = f.Seek(0, io.SeekStart)
	r := bufio.NewReader(f)
	if err == nil {
		_, _, err = stream.ReadMeta(r)
	}
	if err != nil {
		s.Errorf("%s: %v", path, err)
	}
	return ingest.Meta{
		SOPClassUID: d.String(tag.SOPClassUID), SOPInstanceUID: d.String(tag.SOPInstanceUID), TransferSyntaxUID: meta.TransferSyntaxUID,
	}, closer{r, f}, true
}

func compareReal(s *site, path, id string) {
	i, err := catalog.InstanceByID(s.Context(), s.db.Read(s.Context()), identity.Everything(), id)
	if err != nil {
		s.Error(err)
		return
	}
	o, err := s.objects.Open(s.Context(), i.ObjectKey)
	if err != nil {
		s.Error(err)
		return
	}
	defer o.Close()
	f, err := os.Open(path)
	if err != nil {
		s.Error(err)
		return
	}
	defer f.Close()
	same, err := stream.Equal(f, io.NewSectionReader(o, 0, o.Size()))
	var format *stream.FormatError
	if !same && !errors.As(err, &format) {
		s.Errorf("%s: stored otherwise (%v)", path, err)
	}
}
