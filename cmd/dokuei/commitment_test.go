package main

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/commitment"
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// associate opens an association as a hospital's machine that proposes classes of
// the normalized services.
func (s *server) associate(t testing.TB, aet string, classes ...string) *service.Client {
	t.Helper()
	var contexts []service.Context
	for _, class := range classes {
		contexts = append(contexts, service.Context{AbstractSyntax: class, TransferSyntaxes: []string{uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian}})
	}
	c, err := service.Dial(t.Context(), s.DICOM, service.DialOptions{CallingAE: aet, CalledAE: "DOKUEI", Contexts: contexts})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(t.Context()) })
	return c
}

// A scanner sends, asks for commitment and is told on its association; the list
// says what the study consists of, so that it is released without the quiet
// time. Bytes that have changed on disk are not committed, and a hospital is told
// nothing about another's images.
func TestStorageCommitment(t *testing.T) {
	t.Parallel()
	site := strings.Replace(network, "quiet: 1s", "quiet: 1h", 1)
	s := serve(t, newData(t, site))
	dir, _ := slices(t, 3)
	mustRun(t, "send", dir, "--to", s.DICOM, "--aet", "MINAMI_CT", "--no-resume")
	u := s.signIn(t, "coord", password)
	if list := u.studies(); len(list) != 1 || list[0].State != "receiving" {
		t.Fatalf("before the commitment: %+v", list)
	}
	q := commitment.Request{TransactionUID: uid.New()}
	for _, name := range sopInstances(t, dir) {
		q.Items = append(q.Items, commitment.Item{SOPClassUID: "1.2.840.10008.5.1.4.1.1.2", SOPInstanceUID: name})
	}
	ask := func(aet string, q commitment.Request) commitment.Result {
		t.Helper()
		c := s.associate(t, aet, uid.StorageCommitmentPush)
		a, err := c.Action(t.Context(), uid.StorageCommitmentPush, uid.StorageCommitmentPush, commitment.Instance, commitment.RequestAction, q.Dataset())
		if err != nil || a.Status != dimse.Success {
			t.Fatal(a, err)
		}
		e, err := c.AwaitReport(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r, err := commitment.ReadResult(e.Information)
		if err != nil || e.EventTypeID != r.Event() || r.TransactionUID != q.TransactionUID {
			t.Fatal(e, err)
		}
		return r
	}
	if r := ask("MINAMI_CT", q); r.Event() != commitment.EventSuccessful || len(r.Items) != 3 {
		t.Errorf("%+v", r)
	}
	eventually(t, "the study is released, all it declared being there", func() bool {
		list := u.studies()
		return len(list) == 1 && list[0].State == "complete"
	})

	q.TransactionUID = uid.New()
	for _, i := range ask("KITA_CT", q).Items {
		if i.Reason != commitment.NoSuchObject {
			t.Errorf("another hospital is told %04X", i.Reason)
		}
	}

	// Our own sender asks as well, for what it has sent before.
	journal := filepath.Join(t.TempDir(), "journal")
	send := []string{"send", dir, "--to", s.DICOM, "--aet", "MINAMI_CT", "--journal", journal, "--commit", "--tries", "1"}
	if out, _, err := tryRun(t, send...); err != nil || !strings.Contains(out, "3 committed, 0 not") {
		t.Errorf("send --commit: %v\n%s", err, out)
	}

	damaged := damageOneObject(t, s.Data)
	if out, errout, err := tryRun(t, send...); err == nil || !strings.Contains(out, "2 committed, 1 not") || !strings.Contains(errout, "processing failure") {
		t.Errorf("send --commit of a damaged object: %v\n%s%s", err, out, errout)
	}
	q.TransactionUID = uid.New()
	bad := 0
	for _, i := range ask("MINAMI_CT", q).Items {
		if i.Reason == commitment.ProcessingFailure {
			bad++
		}
	}
	if bad != 1 {
		t.Errorf("%d instances failed after %s was damaged", bad, damaged)
	}
}

// A step that a scanner completes before it sends says what the study consists
// of: it is released with its last image, without the quiet time.
func TestPerformedStep(t *testing.T) {
	t.Parallel()
	const class = uid.ModalityPerformedProcedureStep
	s := serve(t, newData(t, strings.Replace(network, "quiet: 1s", "quiet: 1h", 1)))
	dir, study := slices(t, 3)
	c := s.associate(t, "MINAMI_CT", class)
	begun, scheduled := dataset.New(), dataset.New()
	scheduled.SetString(tag.StudyInstanceUID, "UI", study)
	begun.SetItems(tag.ScheduledStepAttributesSequence, scheduled)
	begun.SetString(tag.PerformedProcedureStepID, "SH", "1")
	begun.SetString(tag.PerformedProcedureStepStatus, "CS", "IN PROGRESS")
	step := uid.New()
	if a, err := c.Create(t.Context(), class, class, step, begun); err != nil || a.Status != dimse.Success {
		t.Fatal(a, err)
	}
	ended, series := dataset.New(), dataset.New()
	var images []*dataset.Dataset
	for _, name := range sopInstances(t, dir) {
		i := dataset.New()
		i.SetString(tag.ReferencedSOPClassUID, "UI", "1.2.840.10008.5.1.4.1.1.2")
		i.SetString(tag.ReferencedSOPInstanceUID, "UI", name)
		images = append(images, i)
	}
	series.SetItems(tag.ReferencedImageSequence, images...)
	ended.SetItems(tag.PerformedSeriesSequence, series)
	ended.SetString(tag.PerformedProcedureStepStatus, "CS", "COMPLETED")
	if a, err := c.Set(t.Context(), class, class, step, ended); err != nil || a.Status != dimse.Success {
		t.Fatal(a, err)
	}
	mustRun(t, "send", dir, "--to", s.DICOM, "--aet", "MINAMI_CT", "--no-resume")
	u := s.signIn(t, "coord", password)
	eventually(t, "the study is released, all its step listed being there", func() bool {
		list := u.studies()
		return len(list) == 1 && list[0].State == "complete" && list[0].Instances == 3
	})
}

// sopInstances are the SOP Instance UIDs of the files of a folder.
func sopInstances(t testing.TB, dir string) (list []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		m, _, err := stream.ReadMeta(bufio.NewReader(f))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, m.MediaStorageSOPInstanceUID)
	}
	return list
}

// damageOneObject flips the last byte of one stored image.
func damageOneObject(t testing.TB, data string) string {
	t.Helper()
	var path string
	err := filepath.WalkDir(filepath.Join(data, "objects"), func(p string, d os.DirEntry, err error) error {
		if err == nil && path == "" && strings.HasSuffix(p, ".dcm") {
			path = p
		}
		return err
	})
	if err != nil || path == "" {
		t.Fatal("no object found", err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-1] ^= 1
	_ = os.Chmod(path, 0o600)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
