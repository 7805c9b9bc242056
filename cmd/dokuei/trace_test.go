package main

import (
	"bufio"
	"bytes"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// TestTraceOfDCMTK puts the relay between DCMTK and the service.
func TestTraceOfDCMTK(t *testing.T) {
	t.Parallel()
	storescu, echoscu := tool(t, "storescu"), tool(t, "echoscu")
	s := serve(t, newData(t, network))
	relay := program(t, "trace", "--listen", "127.0.0.1:0", "--to", s.DICOM)
	var out bytes.Buffer
	relay.Stdout = &out
	stderr, err := relay.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := relay.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = relay.Process.Kill() })
	line, err := bufio.NewReader(stderr).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	addr, _, _ := strings.Cut(strings.TrimPrefix(line, "listening on "), ",")
	port := addr[strings.LastIndexByte(addr, ':')+1:]

	dir, _ := slices(t, 2)
	for _, cmd := range []*exec.Cmd{
		exec.CommandContext(t.Context(), echoscu, "-aet", "MINAMI_CT", "-aec", "DOKUEI", "127.0.0.1", port),
		exec.CommandContext(t.Context(), storescu, "-aet", "MINAMI_CT", "-aec", "DOKUEI", "+sd", "127.0.0.1", port, dir),
	} {
		if got, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", cmd.Args, err, got)
		}
	}
	if err := relay.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := relay.Wait(); err != nil {
		t.Fatal(err)
	}
	said := out.String()
	for _, want := range []string{
		"→ A-ASSOCIATE-RQ, ", "MINAMI_CT calls DOKUEI, protocol version 1", "Verification SOP Class accepted in 1.2.840.10008.1.2",
		"Command Field: C-ECHO-RQ", "Status: 0000 success", "Command Field: C-STORE-RQ", "Modality", "(0010,0010) PN (masked)", "← A-RELEASE-RP",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q", want)
		}
	}
	if n := strings.Count(said, "Command Field: C-STORE-RSP"); n != 2 {
		t.Errorf("%d answers to 2 images", n)
	}
	for _, name := range []string{"花子", "HANAKO", "Hanako"} {
		if strings.Contains(said, name) {
			t.Errorf("prints %s", name)
		}
	}
	if t.Failed() {
		t.Logf("%.6000s", said)
	}
}
