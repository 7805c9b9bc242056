package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/phantom"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/uid"
)

// dicomweb-client (npm), which OHIF, Slim and others stand on, finds, fetches and stores
// over DICOMweb with a token of a hospital. The script is viewer/web/e2e/dicomweb.mjs; it
// needs node and what `npm ci` installs, no browser.
func TestDICOMwebClient(t *testing.T) {
	t.Parallel()
	tool(t, "node")
	web, err := filepath.Abs(filepath.Join("..", "..", "viewer", "web"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(web, "node_modules", "dicomweb-client")); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("dicomweb-client is not installed: run npm ci in viewer/web first")
		}
		t.Skip("dicomweb-client is not installed: its way of asking is not tested")
	}
	s := serve(t, newData(t, network))
	order := phantom.Order{
		PatientID: "WEB1", PatientName: "Hayase^Toru=早瀬^徹=はやせ^とおる", StudyTime: time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC), Seed: 5,
	}
	e := examination{"minami", "MINAMI_CT", phantom.ThinChestCT(order, 12)}
	other := order
	other.PatientID, other.Seed = "WEB2", 6
	for _, x := range []examination{e, {"minami", "MINAMI_CT", phantom.HeadCT(other)}} {
		if err := x.send(t.Context(), s.DICOM, "DOKUEI"); err != nil {
			t.Fatal(err)
		}
	}
	reader := s.signIn(t, "sato", password)
	eventually(t, "the studies are complete", func() bool { return len(reader.worklist("open")) == 2 })
	token := strings.TrimSpace(mustRun(t, "token", "create", "--data", s.Data, "--role", "hospital", "--name", "client", "--facility", "minami"))
	other.PatientID, other.Seed = "WEB3", 7
	file := filepath.Join(t.TempDir(), "new.dcm")
	if err := os.WriteFile(file, part10(t, phantom.ThinChestCT(other, 1).Instances[0]), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Log(runScript(t, web, "dicomweb.mjs", "BASE_URL="+s.HTTP, "TOKEN="+token, "STUDY="+e.study.StudyInstanceUID, "STUDIES=2", "PATIENT=早瀬^徹", "FILE="+file))
}

// part10 is an object as a file.
func part10(t *testing.T, i phantom.Instance) []byte {
	t.Helper()
	var b bytes.Buffer
	_, err := stream.WriteMeta(&b, stream.Meta{
		MediaStorageSOPClassUID: i.SOPClassUID, MediaStorageSOPInstanceUID: i.SOPInstanceUID,
		TransferSyntaxUID: i.TransferSyntaxUID, ImplementationClassUID: uid.ImplementationClassUID,
	})
	if err == nil {
		_, err = i.WriteTo(&b)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
