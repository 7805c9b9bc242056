package send_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/router/send"
)

// medium writes a DICOMDIR that refers to the given file IDs.
func medium(t *testing.T, dir string, ids ...[]string) string {
	t.Helper()
	d := dataset.New()
	d.SetString(tag.SOPClassUID, "UI", "1.2.840.10008.1.3.10")
	d.SetString(tag.SOPInstanceUID, "UI", "2.25.99")
	patient := dataset.New()
	patient.SetString(tag.DirectoryRecordType, "CS", "PATIENT")
	records := []*dataset.Dataset{patient}
	for _, id := range ids {
		r := dataset.New()
		r.SetString(tag.DirectoryRecordType, "CS", "IMAGE")
		r.SetString(tag.ReferencedFileID, "CS", id...)
		records = append(records, r)
	}
	d.SetItems(tag.DirectoryRecordSequence, records...)
	var b bytes.Buffer
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	if err := dataset.WriteFile(&b, d, ts); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "DICOMDIR")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDICOMDIR(t *testing.T) {
	in(t, func(t *testing.T) {
		top := t.TempDir()
		dir := filepath.Join(top, "cd")
		object(t, filepath.Join(dir, "IMAGES", "IM1"), "2.25.1", uid.ExplicitVRLittleEndian)
		object(t, filepath.Join(dir, "images2", "im2.;1"), "2.25.2", uid.ExplicitVRLittleEndian) // as mounted without Rock Ridge
		object(t, filepath.Join(dir, "IMAGES", "NOT_NAMED"), "2.25.3", uid.ExplicitVRLittleEndian)
		object(t, filepath.Join(top, "SECRET"), "2.25.4", uid.ExplicitVRLittleEndian)
		link := filepath.Join(dir, "LINK")
		if err := os.Symlink(filepath.Join(top, "SECRET"), link); err != nil {
			t.Logf("no symbolic link here: %v", err)
		}
		path := medium(t, dir,
			[]string{"IMAGES", "IM1"}, []string{"IMAGES2", "IM2"}, []string{"IMAGES", "GONE"},
			[]string{"..", "SECRET"}, []string{"LINK"}, []string{"../SECRET"}, []string{"", "IM1"}, []string{"IMAGES"})
		var k receiver
		o := options(listen(t, &k, ul.AcceptorConfig{}))
		r, err := send.Run(t.Context(), []string{path}, o)
		if err != nil || r.Sent != 2 || k.got["2.25.1"] == nil || k.got["2.25.2"] == nil {
			t.Errorf("%+v, %v", r, err)
		}
		if len(r.Failed) != 6 {
			t.Errorf("%d failed: %v", len(r.Failed), r.Failed)
		}
		for _, p := range r.Failed {
			if strings.Contains(p.Path, "GONE") && !strings.Contains(p.Next, "medium") {
				t.Errorf("%v", p)
			}
		}
		// The folder brings what the DICOMDIR forgot, once each.
		r, err = send.Run(t.Context(), []string{dir}, o)
		if err != nil || r.Found < 3 || k.got["2.25.3"] == nil {
			t.Errorf("%+v, %v", r, err)
		}
	})
}
