package transcode_test

import (
	"bufio"
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/transcode"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/internal/shareddata"
)

// Every compressed real file that can be shown looks the same, sample for sample,
// after it has been decoded for a receiver that takes only native pixel data.
func TestDecodedFilesShowTheSame(t *testing.T) {
	t.Parallel()
	dir := shareddata.Dir(t)
	if dir == "" {
		t.Skip("no real files")
	}
	seen := map[string]int{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".dcm") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		r, err := pixel.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil || !transcode.Possible(r.Meta().TransferSyntaxUID, uid.ExplicitVRLittleEndian) {
			return nil //nolint:nilerr // not an image: others look at it
		}
		if ts, _ := uid.LookupTransferSyntax(r.Meta().TransferSyntaxUID); !ts.Encapsulated || r.Format().Frames > 40 || seen[r.Meta().TransferSyntaxUID] > 60 {
			return nil
		}
		name, _ := filepath.Rel(dir, path)
		var first pixel.Frame
		if err := r.Frame(t.Context(), 0, &first); err != nil {
			return nil //nolint:nilerr // broken on purpose
		}
		for _, to := range uncompressed[:2] {
			if n := showsTheSame(t, name, b, r, to); n > 0 {
				seen[r.Meta().TransferSyntaxUID] += n
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) < 9 {
		t.Errorf("only %d transfer syntaxes met: %v", len(seen), seen)
	}
	t.Log(seen)
}

// showsTheSame decodes the file b, read by r, and compares every frame.
func showsTheSame(t *testing.T, name string, b []byte, r *pixel.Reader, to string) (frames int) {
	t.Helper()
	_, skipped, err := stream.ReadMeta(bufio.NewReader(bytes.NewReader(b)))
	if err != nil {
		t.Error(name, err)
		return 0
	}
	var out bytes.Buffer
	if _, err := stream.WriteMeta(&out, stream.Meta{
		MediaStorageSOPClassUID: r.Meta().MediaStorageSOPClassUID, MediaStorageSOPInstanceUID: r.Meta().MediaStorageSOPInstanceUID,
		TransferSyntaxUID: to, ImplementationClassUID: uid.ImplementationClassUID,
	}); err != nil {
		t.Fatal(err)
	}
	if err := transcode.Rewrite(&out, bytes.NewReader(b[skipped:]), r.Meta().TransferSyntaxUID, to, stream.Limits{}); err != nil {
		t.Logf("%s to %s: %v", name, uid.Name(to), err)
		return 0
	}
	native, err := pixel.Open(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Errorf("%s to %s: %v", name, uid.Name(to), err)
		return 0
	}
	if native.Header().Has(tag.New(0x7FE0, 0x0001)) {
		t.Errorf("%s: an offset table beside native pixels", name)
	}
	for n := range r.Format().Frames {
		var want, got pixel.Frame
		if r.Frame(context.Background(), n, &want) != nil {
			continue
		}
		if err := native.Frame(context.Background(), n, &got); err != nil {
			t.Errorf("%s frame %d: %v", name, n, err)
			return frames
		}
		if !bytes.Equal(want.Pix, got.Pix) {
			t.Errorf("%s to %s: frame %d differs (%s → %s)", name, uid.Name(to), n, r.Format().Photometric, native.Format().Photometric)
			return frames
		}
		frames++
	}
	return frames
}
