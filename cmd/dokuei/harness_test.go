package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dokuei/dokuei/internal/freeport"
	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/storage/object/s3object/s3test"
)

// asProgram makes the test binary behave as the program itself, so that tests
// start, signal and kill a real process without building one first.
const asProgram = "RUN_AS_DOKUEI"

func TestMain(m *testing.M) {
	s3test.Main()
	if os.Getenv(asProgram) != "" {
		if order := os.Getenv(asBadDisk); order != "" {
			disk = badDisk{fsobject.OS(), order}
		}
		main()
		os.Exit(0)
	}
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		// Or a script that forgot it would run all tests, and theirs again, without end.
		fmt.Fprintf(os.Stderr, "%s is not set: %q is a command of the program, not of its tests\n", asProgram, os.Args[1])
		os.Exit(2)
	}
	os.Exit(m.Run())
}

// program is a command line of ours that has not been started. It is not bound to
// the test's context, which ends before the clean-up that stops it.
func program(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// mustRun runs one of our commands to its end and returns its standard output.
func mustRun(t testing.TB, args ...string) string {
	t.Helper()
	return mustRunWith(t, nil, args...)
}

// mustRunWith is mustRun with more environment.
func mustRunWith(t testing.TB, environ []string, args ...string) string {
	t.Helper()
	out, errOut, err := tryRunWith(t, environ, args...)
	if err != nil {
		t.Fatalf("dokuei %s: %v\n%s%s", strings.Join(args, " "), err, out, errOut)
	}
	return out
}

func tryRun(t testing.TB, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	return tryRunWith(t, nil, args...)
}

// tryRunWith runs one of our commands with more environment.
func tryRunWith(t testing.TB, environ []string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	cmd := program(t, args...)
	cmd.Env = append(cmd.Env, environ...)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err = cmd.Run()
	return out.String(), errOut.String(), err
}

// server is a running `dokuei serve`.
type server struct {
	DICOM    string // host:port
	DICOMTLS string
	HTTP     string // http://host:port
	HL7      string
	Data     string
	cmd      *exec.Cmd
	log      *safeBuffer
	ended    chan error
}

// serve starts the service on free ports over the data folder and waits for
// its ready line. It is stopped, and must stop cleanly, at the test's end.
func serve(t testing.TB, data string, args ...string) *server {
	t.Helper()
	return start(t, data, append([]string{"serve"}, args...)...)
}

func start(t testing.TB, data string, args ...string) *server {
	t.Helper()
	s := &server{Data: data, log: &safeBuffer{}, ended: make(chan error, 1)}
	defaults := []string{args[0], "--data", data, "--dicom-addr", "127.0.0.1:0", "--http-addr", "127.0.0.1:0"}
	s.cmd = program(t, append(defaults, args[1:]...)...)
	s.cmd.Stderr = s.log
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		_ = s.cmd.Wait()
		t.Fatalf("no ready line: %v\n%s", err, s.log)
	}
	go func(cmd *exec.Cmd) {
		_, _ = io.Copy(io.Discard, stdout)
		s.ended <- cmd.Wait()
	}(s.cmd)
	var ready struct {
		Ready       bool
		DICOM, HTTP string
		HL7         string
		DICOMTLS    string `json:"dicom_tls"`
	}
	if err := json.Unmarshal(line, &ready); err != nil || !ready.Ready {
		t.Fatalf("ready line %q: %v", line, err)
	}
	s.DICOM, s.DICOMTLS, s.HTTP, s.HL7 = ready.DICOM, ready.DICOMTLS, ready.HTTP, ready.HL7
	t.Cleanup(func() {
		s.stop(t)
		if t.Failed() {
			t.Logf("server log:\n%s", s.log)
		}
	})
	return s
}

// stop asks the service to end and requires that it does so cleanly.
func (s *server) stop(t testing.TB) {
	t.Helper()
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-s.ended:
		if err != nil {
			t.Errorf("server ended with %v\n%s", err, s.log)
		}
	case <-time.After(patience):
		_ = s.cmd.Process.Kill()
		t.Errorf("server did not stop within %s\n%s", patience, s.log)
	}
	s.cmd = nil
}

// kill ends the service as a power cut of the process would: kill -9.
func (s *server) kill(t testing.TB) {
	t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-s.ended
	s.cmd = nil
}

// logged waits for lines of the log: the service writes them when it has answered, and
// they come to us by a pipe.
func (s *server) logged(t testing.TB, words ...string) {
	t.Helper()
	for _, w := range words {
		eventually(t, "the log says "+w, func() bool { return strings.Contains(s.log.String(), w) })
	}
}

func (s *server) port(t testing.TB) string {
	t.Helper()
	_, port, err := net.SplitHostPort(s.DICOM)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// user is a signed-in browser without the browser.
type user struct {
	t    testing.TB
	base string
	http *http.Client
}

func (s *server) signIn(t testing.TB, login, password string) *user {
	t.Helper()
	u := s.visitor(t)
	if status := u.call("POST", "/session", map[string]string{"login": login, "password": password}, nil); status != http.StatusOK {
		t.Fatalf("sign-in of %s: status %d", login, status)
	}
	return u
}

func (s *server) visitor(t testing.TB) *user {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &user{t: t, base: s.HTTP + "/api/v1", http: &http.Client{Jar: jar, Timeout: patience}}
}

// call sends body as JSON (nil: none), decodes the answer into out (nil: not)
// and returns the status.
func (u *user) call(method, path string, body, out any) int {
	u.t.Helper()
	status, raw, _ := u.raw(method, path, body)
	if out != nil && status < 300 {
		if err := json.Unmarshal(raw, out); err != nil {
			u.t.Fatalf("%s %s: %v in %.200q", method, path, err, raw)
		}
	}
	return status
}

func (u *user) must(method, path string, body, out any) {
	u.t.Helper()
	status, raw, _ := u.raw(method, path, body)
	if status >= 300 {
		u.t.Fatalf("%s %s: status %d: %s", method, path, status, raw)
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			u.t.Fatalf("%s %s: %v in %.200q", method, path, err, raw)
		}
	}
}

func (u *user) raw(method, path string, body any) (int, []byte, http.Header) {
	u.t.Helper()
	var r io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			u.t.Fatal(err)
		}
		r = bytes.NewReader(raw)
	}
	url := path
	if strings.HasPrefix(path, "/") {
		url = u.base + strings.TrimPrefix(path, "/api/v1")
	}
	req, err := http.NewRequestWithContext(u.t.Context(), method, url, r)
	if err != nil {
		u.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := u.http.Do(req)
	if err != nil {
		u.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		u.t.Fatal(err)
	}
	return resp.StatusCode, raw, resp.Header
}

// patience is for a broken service, not for a slow machine.
const patience = 2 * time.Minute

// eventually polls until ok says yes.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		if ok() {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("did not happen within %s: %s", patience, what)
		}
	}
}

// tool returns the path of a program of another maker. Where it is missing the
// test is left out and says so; in CI that is a failure.
func tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed (make deps)", name)
		}
		t.Skipf("%s is not installed (make deps): what it would check is left out", name)
	}
	return path
}

// output runs a program of another maker and returns all it prints.
func output(t testing.TB, name string, args ...string) (string, error) {
	t.Helper()
	raw, err := exec.CommandContext(t.Context(), tool(t, name), args...).CombinedOutput()
	return string(raw), err
}

func mustOutput(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := output(t, name, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

func writeFile(t testing.TB, path, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func freePort(t testing.TB) string {
	t.Helper()
	return strconv.Itoa(freeport.For(t))
}

// safeBuffer collects a process's log while the test may be reading it.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
