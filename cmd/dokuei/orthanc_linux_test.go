package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// alone says that the test runs in a network of its own.
const alone = "RUN_ALONE"

// isolated runs the calling test again in a network namespace in which there is
// nothing but a loopback, and reports whether that is where it runs now. Orthanc's
// DICOM port listens on every address there is, and cannot be told otherwise.
func isolated(t *testing.T) bool {
	t.Helper()
	if os.Getenv(alone) != "" {
		if err := raiseLoopback(); err != nil {
			t.Fatalf("loopback: %v", err)
		}
		list, err := net.Interfaces()
		if err != nil || len(list) != 1 || list[0].Flags&net.FlagLoopback == 0 {
			t.Fatalf("not a network of its own: %v, %v", list, err)
		}
		return true
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=10m")
	cmd.Env = append(os.Environ(), alone+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 {
		one := func(id int) []syscall.SysProcIDMap {
			return []syscall.SysProcIDMap{{ContainerID: 0, HostID: id, Size: 1}}
		}
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings, cmd.SysProcAttr.GidMappings = one(os.Getuid()), one(os.Getgid())
	}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		t.Logf("%s", out)
	case errors.As(err, &exit):
		t.Errorf("%s", out)
	default:
		t.Skipf("no network namespace can be made here (%v): Orthanc as a peer is left out", err)
	}
	return false
}

// raiseLoopback switches lo on.
func raiseLoopback() error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(fd) //nolint:errcheck // nothing was written
	request := struct {     // netdevice(7)
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}{flags: syscall.IFF_UP | syscall.IFF_RUNNING}
	copy(request.name[:], "lo")
	if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request))); e != 0 {
		return e
	}
	return nil
}

// orthanc is a running Orthanc and its REST API.
type orthanc struct {
	t    *testing.T
	root string
	aet  string
	port string
}

// startOrthanc runs Orthanc with a configuration of its own, as the AE title ORTHANC,
// which knows our service as "dokuei".
func startOrthanc(t *testing.T, web, dicom, ours string) *orthanc {
	t.Helper()
	dir := t.TempDir()
	_, port, err := net.SplitHostPort(ours)
	if err != nil {
		t.Fatal(err)
	}
	number := func(s string) json.Number { return json.Number(s) }
	config, err := json.Marshal(map[string]any{
		"Name": "peer", "StorageDirectory": dir, "IndexDirectory": dir, "Plugins": []string{},
		"HttpPort": number(web), "RemoteAccessAllowed": false, "AuthenticationEnabled": false,
		"DicomAet": "ORTHANC", "DicomPort": number(dicom), "DicomAlwaysAllowStore": true, "DicomAlwaysAllowFind": true, "DicomAlwaysAllowGet": true,
		"DicomModalities": map[string]any{"dokuei": []any{"DOKUEI", "127.0.0.1", number(port)}, "sender": []any{"DOKUEI_SEND", "127.0.0.1", 1}},
		"DicomScpTimeout": 120, "DicomScuTimeout": 120, "ConcurrentJobs": 2, "LimitFindResults": 0,
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tool(t, "Orthanc"), writeFile(t, filepath.Join(t.TempDir(), "orthanc.json"), string(config)))
	var log safeBuffer
	cmd.Stdout, cmd.Stderr, cmd.Dir = &log, &log, dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("Orthanc:\n%s", &log)
		}
	})
	o := &orthanc{t, "http://127.0.0.1:" + web, "ORTHANC", dicom}
	eventually(t, "Orthanc answers", func() bool {
		res, err := http.Get(o.root + "/system")
		if err != nil {
			return false
		}
		return res.Body.Close() == nil && res.StatusCode == http.StatusOK
	})
	return o
}

// do asks Orthanc; body is bytes, or anything else as JSON. out, when not nil, takes
// the answer.
func (o *orthanc) do(method, path string, body, out any) {
	o.t.Helper()
	raw, plain := body.([]byte)
	if !plain && body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			o.t.Fatal(err)
		}
	}
	rq, err := http.NewRequestWithContext(o.t.Context(), method, o.root+path, bytes.NewReader(raw))
	if err != nil {
		o.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(rq)
	if err != nil {
		o.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		o.t.Fatalf("%s %s: %s %s %v", method, path, res.Status, answer, err)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(answer, out); err != nil {
		o.t.Fatalf("%s %s: %s: %v", method, path, answer, err)
	}
}

func (o *orthanc) instances() (list []string) {
	o.t.Helper()
	o.do("GET", "/instances", nil, &list)
	return list
}

// Orthanc sends to us, queries us, has its studies sent back and asks for their
// commitment; we send to it and query it.
func TestOrthancAsPeer(t *testing.T) {
	t.Parallel()
	tool(t, "Orthanc")
	if !isolated(t) {
		return
	}
	web, dicom := freePort(t), freePort(t)
	site := strings.Replace(network, "ae_titles: [MINAMI_CT],", `ae_titles: [MINAMI_CT, ORTHANC], destinations: [{name: orthanc, to: "ORTHANC@127.0.0.1:`+dicom+`", retrieve_only: true}],`, 1)
	s := serve(t, newData(t, site))
	o := startOrthanc(t, web, dicom, s.DICOM)
	const count = 12
	dir, study := slices(t, count)
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		o.do("POST", "/instances", raw, nil)
	}

	// C-ECHO and C-STORE to us.
	o.do("POST", "/modalities/dokuei/echo", map[string]any{}, nil)
	o.do("POST", "/modalities/dokuei/store", o.instances(), nil)
	coord := s.signIn(t, "coord", password)
	eventually(t, "the study is complete", func() bool {
		list := coord.studies()
		return len(list) == 1 && list[0].State == "complete"
	})

	// Storage commitment, answered on an association of ours.
	items := make([]map[string]string, 0, count)
	for _, instance := range sopInstances(t, dir) {
		items = append(items, map[string]string{"SOPClassUID": uid.CTImageStorage, "SOPInstanceUID": instance})
	}
	var asked struct{ ID string }
	o.do("POST", "/modalities/dokuei/storage-commitment", map[string]any{"DicomInstances": items}, &asked)
	eventually(t, "the commitment is answered", func() bool {
		var report struct {
			Status  string
			Success []any
		}
		o.do("GET", "/storage-commitment/"+asked.ID, nil, &report)
		if report.Status == "Failure" {
			t.Fatal("not committed")
		}
		return report.Status == "Success" && len(report.Success) == count
	})

	// C-FIND at us, at each level, and C-MOVE from us to it.
	find := func(level string, query map[string]string) (id string, answers []string) {
		t.Helper()
		var q struct{ ID string }
		o.do("POST", "/modalities/dokuei/query", map[string]any{"Level": level, "Query": query}, &q)
		o.do("GET", "/queries/"+q.ID+"/answers", nil, &answers)
		return q.ID, answers
	}
	if _, found := find("Patient", map[string]string{"PatientID": "P0001", "PatientName": ""}); len(found) != 1 {
		t.Errorf("patients found: %v", found)
	}
	if _, found := find("Series", map[string]string{"StudyInstanceUID": study, "Modality": "CT"}); len(found) != 1 {
		t.Errorf("series found: %v", found)
	}
	if _, found := find("Instance", map[string]string{"StudyInstanceUID": study}); len(found) != count {
		t.Errorf("instances found: %d", len(found))
	}
	if _, found := find("Study", map[string]string{"PatientName": "SUZUKI*"}); len(found) != 0 {
		t.Errorf("of nobody: %v", found)
	}
	query, found := find("Study", map[string]string{"PatientName": "yoshida*", "StudyInstanceUID": "", "ModalitiesInStudy": "CT"})
	if len(found) != 1 {
		t.Fatalf("studies found: %v", found)
	}
	empty := func() {
		t.Helper()
		var studies []string
		o.do("GET", "/studies", nil, &studies)
		for _, id := range studies {
			o.do("DELETE", "/studies/"+id, nil, nil)
		}
	}
	empty()
	o.do("POST", "/queries/"+query+"/retrieve", map[string]any{"TargetAet": o.aet, "Synchronous": true}, nil)
	if got := o.instances(); len(got) != count {
		t.Errorf("moved back: %d of %d", len(got), count)
	}
	// What comes back is what went.
	var first struct{ MainDicomTags map[string]string }
	o.do("GET", "/instances/"+o.instances()[0], nil, &first)
	if u := first.MainDicomTags["SOPInstanceUID"]; !strings.Contains(fmt.Sprint(sopInstances(t, dir)), u) {
		t.Errorf("an instance nobody sent: %q", u)
	}

	// We send to it, and query it.
	empty()
	mustRun(t, "send", dir, "--to", "127.0.0.1:"+dicom, "--aet", "DOKUEI_SEND", "--aec", o.aet, "--no-resume")
	if got := o.instances(); len(got) != count {
		t.Errorf("sent: %d of %d", len(got), count)
	}
	c, err := service.Dial(t.Context(), "127.0.0.1:"+dicom, service.DialOptions{
		CallingAE: "DOKUEI", CalledAE: o.aet, Connect: 10 * time.Second,
		Contexts: []service.Context{{AbstractSyntax: uid.StudyRootFind, TransferSyntaxes: []string{uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context()) //nolint:errcheck // nothing is left to learn
	key := dataset.New()
	key.SetString(tag.QueryRetrieveLevel, "CS", "STUDY")
	key.SetString(tag.PatientID, "LO", "P0001")
	key.SetString(tag.StudyInstanceUID, "UI")
	var theirs []string
	status, err := c.Find(t.Context(), uid.StudyRootFind, key, func(d *dataset.Dataset) error {
		theirs = append(theirs, d.String(tag.StudyInstanceUID))
		return nil
	})
	if err != nil || status != dimse.Success || len(theirs) != 1 || theirs[0] != study {
		t.Errorf("found there: %v, %s, %v", theirs, status, err)
	}
}
