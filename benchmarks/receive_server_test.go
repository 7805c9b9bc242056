package benchmarks

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dokuei/dokuei/internal/freeport"
	"github.com/dokuei/dokuei/storage/pack"
)

// server is a storage SCP under measurement.
type server interface {
	name() string
	// start runs it over an empty folder until the benchmark ends.
	start(b *testing.B) *process
	// finish waits for what it still does after the last response, for n images.
	finish(b *testing.B, p *process, n int)
}

// process is a server that runs.
type process struct {
	addr string
	dir  string
	pid  int
	log  string // file with what it has said
}

// run starts cmd and stops it at the end.
func run(b *testing.B, cmd *exec.Cmd, dir string) *process {
	b.Helper()
	p := &process{dir: dir, log: filepath.Join(dir, "log")}
	log, err := os.Create(p.log)
	if err != nil {
		b.Fatal(err)
	}
	cmd.Stderr = log
	if cmd.Stdout == nil {
		cmd.Stdout = log
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	p.pid = cmd.Process.Pid
	b.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		stop := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait() // ended by our signal: not an error
		stop.Stop()
		_ = log.Close()
	})
	return p
}

// said is the end of the log, for a failure.
func (p *process) said() string {
	raw, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(raw[max(len(raw)-4096, 0):])
}

// underVariable holds a command under which ours runs: a profiler, a tracer.
const underVariable = "BENCH_UNDER"

// dokuei is the program of this repository with everything at its default.
type dokuei struct {
	program string
	under   string // what it runs under, or nothing
	profile string // address of its profiles, or nothing
}

func (d *dokuei) name() string {
	if d.under != "" {
		return "dokuei-unsynced"
	}
	return "dokuei"
}

// unsynced is d as it would be if it promised nothing: nothing is synced (package
// unsynced).
func (d *dokuei) unsynced(b *testing.B) *dokuei {
	b.Helper()
	under := filepath.Join(b.TempDir(), "unsynced")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", under, "github.com/dokuei/dokuei/benchmarks/unsynced").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return &dokuei{program: d.program, under: under}
}

// build makes the program in a folder of the benchmark.
func (d *dokuei) build(b *testing.B) {
	b.Helper()
	d.program = filepath.Join(b.TempDir(), "dokuei")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", d.program, "github.com/dokuei/dokuei/cmd/dokuei").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
}

func (d *dokuei) start(b *testing.B) *process {
	b.Helper()
	dir := b.TempDir()
	args := []string{
		d.program, "serve", "--data", filepath.Join(dir, "data"), "--dicom-addr", "127.0.0.1:0", "--http-addr", "127.0.0.1:0",
		"--ae-title", calledAE, "--unknown-ae", "bench",
	}
	if d.profile != "" {
		args = append(args, "--pprof-addr", d.profile)
	}
	args = append(append(strings.Fields(os.Getenv(underVariable)), strings.Fields(d.under)...), args...)
	cmd := exec.Command(args[0], args[1:]...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	p := run(b, cmd, dir)
	line, err := bufio.NewReader(out).ReadBytes('\n')
	var ready struct{ DICOM string }
	if err == nil {
		err = json.Unmarshal(line, &ready)
	}
	if err != nil {
		b.Fatalf("no ready line: %v\n%s", err, p.said())
	}
	p.addr = ready.DICOM
	return p
}

// finish waits until what is derived from each image is there.
func (*dokuei) finish(b *testing.B, p *process, n int) {
	b.Helper()
	dir := filepath.Join(p.dir, "data", "derived", "pictures")
	pictures, err := pack.Open(dir, pack.Options{Reserve: -1})
	if err != nil {
		b.Fatal(err)
	}
	await(b, p, "pictures of all images", func() bool {
		files, err := filepath.Glob(filepath.Join(dir, "*", "*.pack"))
		made := 0
		for _, f := range files {
			if err == nil {
				var here int
				here, err = pictures.Len(b.Context(), strings.TrimSuffix(filepath.Base(f), ".pack"))
				made += here
			}
		}
		return err == nil && made >= n
	})
}

// orthanc (Debian: orthanc) with its defaults, which are to sync each file.
type orthanc struct{}

func (*orthanc) name() string { return "orthanc" }

func (*orthanc) start(b *testing.B) *process {
	b.Helper()
	dir, port := b.TempDir(), freeport.For(b)
	config, err := json.Marshal(map[string]any{
		"StorageDirectory": dir, "IndexDirectory": dir, "DicomPort": port, "HttpServerEnabled": false, "Plugins": []string{},
	})
	if err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(dir, "orthanc.json")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		b.Fatal(err)
	}
	return listening(b, run(b, exec.Command(installed(b, "Orthanc", "/usr/sbin/Orthanc"), file), dir), port)
}

func (*orthanc) finish(*testing.B, *process, int) {}

// storescp of DCMTK (Debian: dcmtk) writes files and does nothing else: no index,
// no digest, no sync. It is the least that a receiver can do.
type storescp struct{}

func (*storescp) name() string { return "storescp" }

func (*storescp) start(b *testing.B) *process {
	b.Helper()
	dir, port := b.TempDir(), freeport.For(b)
	cmd := exec.Command(installed(b, "storescp"), "-od", dir, "+B", "+xa", "--fork", fmt.Sprint(port))
	cmd.Env = append(os.Environ(), "TCP_NODELAY=1") // without it every image waits 40 ms for an ACK
	return listening(b, run(b, cmd, dir), port)
}

func (*storescp) finish(*testing.B, *process, int) {}

// installed finds a program of another maker.
func installed(b *testing.B, names ...string) string {
	b.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	b.Skipf("%s is not installed: it is left out", names[0])
	return ""
}

// listening waits until p takes connections.
func listening(b *testing.B, p *process, port int) *process {
	b.Helper()
	p.addr = fmt.Sprintf("127.0.0.1:%d", port)
	await(b, p, "connections are taken", func() bool {
		c, err := net.DialTimeout("tcp", p.addr, time.Second)
		if err != nil {
			return false
		}
		return c.Close() == nil
	})
	return p
}

// await polls, finely enough for a figure in milliseconds.
func await(b *testing.B, p *process, what string, ok func() bool) {
	b.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(2 * time.Minute)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			b.Fatalf("did not happen: %s\n%s", what, p.said())
		}
	}
}
