package main

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// Whatever comes in, the sender is told by the standard's status, nothing is
// half kept, and the next study works.
func TestBadInput(t *testing.T) {
	t.Parallel()
	storescu := tool(t, "storescu")
	s := serve(t, newData(t, network))
	good, _ := slices(t, 3)

	store := func(t *testing.T, aet, aec string, files ...string) (string, error) {
		t.Helper()
		args := append([]string{"-v", "-aet", aet, "-aec", aec, "127.0.0.1", s.port(t)}, files...)
		out, err := exec.CommandContext(t.Context(), storescu, args...).CombinedOutput()
		return string(out), err
	}
	hospital := s.signIn(t, "minami", password)

	t.Run("unknown calling AE title", func(t *testing.T) {
		if out, err := store(t, "STRANGER", "DOKUEI", filepath.Join(good, "001.dcm")); err == nil || !strings.Contains(out, "Calling AE Title Not Recognized") {
			t.Errorf("err %v:\n%s", err, out)
		}
	})
	t.Run("wrong called AE title", func(t *testing.T) {
		if out, err := store(t, "MINAMI_CT", "OTHER", filepath.Join(good, "001.dcm")); err == nil || !strings.Contains(out, "Called AE Title Not Recognized") {
			t.Errorf("err %v:\n%s", err, out)
		}
	})
	t.Run("truncated file", func(t *testing.T) {
		raw, err := os.ReadFile(filepath.Join(good, "001.dcm"))
		if err != nil {
			t.Fatal(err)
		}
		cut := writeFile(t, filepath.Join(t.TempDir(), "cut.dcm"), string(raw[:len(raw)-1000]))
		_, _, err = tryRun(t, "send", "--to", s.DICOM, "--aet", "MINAMI_CT", "--aec", "DOKUEI", "--no-resume", cut)
		if err == nil {
			t.Error("a truncated file was sent without an error")
		}
	})
	t.Run("no DICOM at all", func(t *testing.T) {
		text := writeFile(t, filepath.Join(t.TempDir(), "letter.txt"), "Dear radiologist, please find attached nothing.\n")
		_, stderr, err := tryRun(t, "send", "--to", s.DICOM, "--aet", "MINAMI_CT", "--aec", "DOKUEI", "--no-resume", text)
		if err == nil || !strings.Contains(stderr, "letter.txt") {
			t.Errorf("err %v, stderr:\n%s", err, stderr)
		}
	})
	t.Run("command and data set disagree", func(t *testing.T) {
		const ct = "1.2.840.10008.5.1.4.1.1.2"
		scu, err := service.Dial(t.Context(), s.DICOM, service.DialOptions{
			CallingAE: "MINAMI_CT", CalledAE: "DOKUEI",
			Contexts: []service.Context{{AbstractSyntax: ct, TransferSyntaxes: []string{uid.ExplicitVRLittleEndian}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = scu.Close(t.Context()) }()
		f, err := os.Open(filepath.Join(good, "001.dcm"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		data := bufio.NewReader(f)
		if _, _, err := stream.ReadMeta(data); err != nil {
			t.Fatal(err)
		}
		status, err := scu.Store(t.Context(), service.StoreObject{
			SOPClassUID: ct, SOPInstanceUID: uid.New(), TransferSyntaxUID: uid.ExplicitVRLittleEndian, Data: data,
		})
		if err != nil || status != 0xA900 {
			t.Errorf("status %v, %v; want A900", status, err)
		}
	})
	t.Run("wrong password", func(t *testing.T) {
		v := s.visitor(t)
		for _, login := range []string{"sato", "nobody"} {
			status, raw, _ := v.raw("POST", "/session", map[string]string{"login": login, "password": "wrong wrong wrong"})
			if status != http.StatusUnauthorized || !strings.Contains(string(raw), "bad_credentials") {
				t.Errorf("%s: status %d: %s", login, status, raw)
			}
		}
		if status := v.call("GET", "/studies", nil, nil); status != http.StatusUnauthorized {
			t.Errorf("not signed in: status %d", status)
		}
	})
	if n := len(hospital.studies()); n != 0 {
		t.Errorf("%d studies are there after nothing but bad input", n)
	}

	t.Run("the next study works", func(t *testing.T) {
		if out, err := store(t, "MINAMI_CT", "DOKUEI", filepath.Join(good, "001.dcm"), filepath.Join(good, "002.dcm"), filepath.Join(good, "003.dcm")); err != nil {
			t.Fatalf("storescu: %v\n%s", err, out)
		}
		if list := hospital.studies(); len(list) != 1 || list[0].Instances != 3 {
			t.Errorf("studies: %+v", list)
		}
	})
}

// A disk that is full gets A700, nothing half-stored; the sender keeps the image.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	data := newData(t, network)
	s := serve(t, data, "--free-space", "100000TiB")
	dir, _ := slices(t, 2)
	_, stderr, err := tryRun(t, "send", "--to", s.DICOM, "--aet", "MINAMI_CT", "--aec", "DOKUEI", "--no-resume", "--tries", "1", dir)
	if err == nil || !strings.Contains(stderr, "A700") {
		t.Fatalf("err %v, stderr:\n%s", err, stderr)
	}
	if n := len(s.signIn(t, "minami", password).studies()); n != 0 {
		t.Errorf("%d studies on a full disk", n)
	}
	if spool, _ := os.ReadDir(filepath.Join(data, "objects", "spool")); len(spool) != 0 {
		t.Errorf("%d files are left in the spool", len(spool))
	}
	s.stop(t)

	s = serve(t, data)
	s.send(t, "MINAMI_CT", dir)
	if list := s.signIn(t, "minami", password).studies(); len(list) != 1 || list[0].Instances != 2 {
		t.Errorf("with space again: %+v", list)
	}
}

// Same instance again: stored once. Same UID with other content: kept beside,
// flagged, never overwritten.
func TestSameInstanceAgain(t *testing.T) {
	t.Parallel()
	s := serve(t, newData(t, network))
	dir, _ := slices(t, 2)
	s.send(t, "MINAMI_CT", dir)
	s.send(t, "MINAMI_CT", dir)
	hospital := s.signIn(t, "minami", password)
	st := hospital.study(hospital.studies()[0].ID)
	if st.Instances != 2 || st.Conflicts != 0 {
		t.Fatalf("sent twice: %d instances, %d conflicts", st.Instances, st.Conflicts)
	}
	first := st.SeriesList[0].Instances[0]
	_, before, _ := hospital.raw("GET", "/instances/"+first.ID+"/file", nil)

	other, _ := slices(t, 1, func(d *dataset.Dataset, _ int) {
		d.SetString(tag.StudyInstanceUID, "UI", st.studyUID(t, hospital))
		d.SetString(tag.SOPInstanceUID, "UI", first.SOPInstanceUID)
		d.SetString(tag.WindowCenter, "DS", "300")
	})
	s.send(t, "MINAMI_CT", other)
	st = hospital.study(st.ID)
	if st.Instances != 2 || st.Conflicts != 1 {
		t.Errorf("other content: %d instances, %d conflicts", st.Instances, st.Conflicts)
	}
	if _, after, _ := hospital.raw("GET", "/instances/"+first.ID+"/file", nil); string(after) != string(before) {
		t.Error("the first content was overwritten")
	}
}

// studyUID reads the Study Instance UID out of the study's first file.
func (s study) studyUID(t *testing.T, u *user) string {
	t.Helper()
	_, raw, _ := u.raw("GET", "/instances/"+s.SeriesList[0].Instances[0].ID+"/file", nil)
	_, d, _, err := dataset.ReadFile(strings.NewReader(string(raw)), stream.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return d.String(tag.StudyInstanceUID)
}
