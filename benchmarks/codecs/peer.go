package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// library is a peer before it is built.
type library struct {
	name, source  string
	config, flags string // package of pkg-config for -I, and the rest
	file          bool   // takes Part 10 files, not streams
}

var libraries = []library{
	{name: "CharLS", source: "charls", flags: "-lcharls"},
	{name: "OpenJPEG", source: "openjpeg", config: "libopenjp2", flags: "-lopenjp2"},
	{name: "OpenJPH", source: "openjph", flags: "-lopenjph"},
	{name: "libjpeg-turbo", source: "turbojpeg", flags: "-lturbojpeg"},
	{name: "DCMTK", source: "dcmtk", flags: "-ldcmjpeg -ldcmjpls -ldcmdata -loflog -lofstd", file: true},
	{name: "GDCM", source: "gdcm", flags: "-I/usr/include/gdcm-3.0 -lgdcmMSFF -lgdcmDSED -lgdcmCommon", file: true},
}

// peer is a running driver.
type peer struct {
	library
	version string
	in      io.WriteCloser
	out     *bufio.Reader
	cmd     *exec.Cmd
}

// startPeers builds and starts what it can; absent says why it could not.
func startPeers(work string) (ps []*peer, absent []string) {
	add := func(l library, program string, err error) {
		var p *peer
		if err == nil {
			p, err = start(l, program)
		}
		if err != nil {
			absent = append(absent, fmt.Sprintf("%s (%v)", l.name, err))
			return
		}
		ps = append(ps, p)
	}
	for _, l := range libraries {
		program := filepath.Join(work, l.source)
		add(l, program, compile(l, program))
	}
	program, err := filepath.Abs(filepath.Join(work, "gopeer"))
	if err == nil {
		err = output(exec.Command("go", "build", "-o", program, "./benchmarks/gopeer"))
	}
	add(library{name: "suyashkumar/dicom", file: true}, program, err)
	return ps, append(absent, "grailbio/go-dicom (its module is not served by the public proxy; it reads no compressed frame)")
}

func compile(l library, program string) error {
	flags := strings.Fields(l.flags)
	if l.config != "" {
		if out, err := exec.Command("pkg-config", "--cflags", l.config).Output(); err == nil {
			flags = append(flags, strings.Fields(string(out))...)
		}
	}
	source := filepath.Join("benchmarks", "native", l.source+".cpp")
	return output(exec.Command("c++", append([]string{"-std=c++17", "-O2", "-o", program, source}, flags...)...))
}

// output runs cmd; the error is the first line that names one.
func output(cmd *exec.Cmd) error {
	text, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "error") {
			return fmt.Errorf("%s", strings.TrimSpace(line))
		}
	}
	return err
}

func start(l library, program string) (*peer, error) {
	p := &peer{library: l, cmd: exec.Command(program)}
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReaderSize(out, 1<<20)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := p.out.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("its driver ended: %w", p.cmd.Wait())
	}
	p.version = strings.TrimSpace(strings.TrimPrefix(line, "ready "))
	return p, nil
}

func (p *peer) stop() {
	_ = p.in.Close()
	_ = p.cmd.Wait()
}

// refused is the answer of a peer that does not do a job.
type refused string

func (e refused) Error() string { return string(e) }

// do asks for a job (see native/peer.h) and gives its least time and its result.
func (p *peer) do(job string, body []byte) (time.Duration, []byte, error) {
	if _, err := fmt.Fprintf(p.in, "%s %d\n", job, len(body)); err != nil {
		return 0, nil, fmt.Errorf("%s does not take %q: %w", p.name, job, err)
	}
	if _, err := p.in.Write(body); err != nil {
		return 0, nil, fmt.Errorf("%s does not take %q: %w", p.name, job, err)
	}
	line, err := p.out.ReadString('\n')
	if err != nil {
		return 0, nil, fmt.Errorf("%s ended in the middle of %q: %w", p.name, job, err)
	}
	if why, no := strings.CutPrefix(line, "no "); no {
		return 0, nil, refused(strings.TrimSpace(why))
	}
	var took time.Duration
	var n int
	if _, err := fmt.Sscanf(line, "ok %d %d", &took, &n); err != nil {
		return 0, nil, fmt.Errorf("%s answered %q", p.name, line)
	}
	out := bytes.NewBuffer(make([]byte, 0, n))
	_, err = io.CopyN(out, p.out, int64(n))
	return took, out.Bytes(), err
}
