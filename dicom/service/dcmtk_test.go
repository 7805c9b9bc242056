package service_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/internal/shareddata"
)

// dcmtk gives the arguments that make a DCMTK tool call l, or skips.
func dcmtk(t *testing.T, tool string, l net.Listener) func(args ...string) ([]byte, error) {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		t.Skipf("%s is not installed (Debian: dcmtk): the comparison with a foreign client is left out", tool)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return func(args ...string) ([]byte, error) {
		args = append([]string{"-v", "-to", "10", "-ta", "20", "-td", "30", "-aet", "SUITE", "-aec", "DOKUEI"}, args...)
		rest := 0 // host and port go before the files
		for rest < len(args) && !filepath.IsAbs(args[rest]) {
			rest++
		}
		args = append(args[:rest:rest], append([]string{"127.0.0.1", port}, args[rest:]...)...)
		return exec.CommandContext(t.Context(), path, args...).CombinedOutput()
	}
}

func TestEchoSCU(t *testing.T) {
	t.Parallel()
	l := listen(t)
	serve(t, l, service.SCPConfig{Store: new(archive).store})
	echoscu := dcmtk(t, "echoscu", l)
	for _, args := range [][]string{
		nil,
		{"-pts", "38", "-ppc", "100"},
		{"--repeat", "200"},
		{"--abort"},
		{"-pdu", "4096"},
		{"-pdu", "131072"},
	} {
		if out, err := echoscu(args...); err != nil {
			t.Errorf("%q: %v\n%s", args, err, out)
		}
	}
	if out, err := echoscu("-aec", "NOBODY"); err == nil || !bytes.Contains(out, []byte("Called AE Title Not Recognized")) {
		t.Errorf("unknown called AE: %v\n%s", err, out)
	}
}

// ownObjects makes small objects, for want of real ones.
func ownObjects(t *testing.T, n int) []string {
	t.Helper()
	tool, err := exec.LookPath("dump2dcm")
	if err != nil {
		t.Skip("dump2dcm is not installed (Debian: dcmtk): there is nothing to send")
	}
	dir := t.TempDir()
	var files []string
	for i := range n {
		text := fmt.Sprintf("(0008,0016) UI =SecondaryCaptureImageStorage\n(0008,0018) UI [2.25.9.%d]\n(0020,000d) UI [2.25.9]\n(0020,000e) UI [2.25.9.1]\n(0010,0010) PN [Test^%s]\n", i+1, strings.Repeat("x", i))
		dump := filepath.Join(dir, fmt.Sprint(i, ".dump"))
		if err := os.WriteFile(dump, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, fmt.Sprint(i, ".dcm"))
		if out, err := exec.CommandContext(t.Context(), tool, dump, file).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		files = append(files, file)
	}
	return files
}

func TestStoreSCU(t *testing.T) {
	t.Parallel()
	l := listen(t)
	var k archive
	serve(t, l, service.SCPConfig{Store: k.store})
	storescu := dcmtk(t, "storescu", l)
	files := ownObjects(t, 20)
	for _, proposal := range []string{"-x=", "-xe", "-xi", "-xb", "-xd"} {
		k.mu.Lock()
		k.got = nil
		k.mu.Unlock()
		if out, err := storescu(append([]string{proposal}, files...)...); err != nil {
			t.Errorf("%s: %v\n%s", proposal, err, out)
		}
		k.mu.Lock()
		if len(k.got) != len(files) {
			t.Errorf("%s: %d of %d arrived", proposal, len(k.got), len(files))
		}
		k.mu.Unlock()
	}
}

// The data set part of every real file arrives byte for byte.
func TestRealFiles(t *testing.T) {
	t.Parallel()
	data := shareddata.Dir(t)
	if data == "" {
		t.Skip("no real files")
	}
	l := listen(t)
	files, err := filepath.Glob(filepath.Join(data, "derived", "*", "*.dcm"))
	if err != nil || len(files) == 0 {
		t.Skip("no derived files")
	}
	disk := map[string][]byte{}
	for _, f := range files {
		if disk[f], err = os.ReadFile(f); err != nil {
			t.Fatal(err)
		}
	}
	var mu sync.Mutex
	syntaxes := map[string]int{}
	whole := 0
	serve(t, l, service.SCPConfig{Store: func(_ context.Context, r service.StoreRequest) dimse.Status {
		b, err := io.ReadAll(r.Data)
		if err != nil {
			t.Error(err)
			return dimse.CannotUnderstand
		}
		mu.Lock()
		defer mu.Unlock()
		syntaxes[r.TransferSyntaxUID]++
		for _, src := range disk {
			if bytes.HasSuffix(src, b) && bytes.Contains(src, []byte(r.SOPInstanceUID)) {
				whole++
				break
			}
		}
		return dimse.Success
	}})
	dcmsend := dcmtk(t, "dcmsend", l)
	out, err := dcmsend(append([]string{"--decompress-never", "--no-halt", "--no-uid-checks"}, files...)...)
	mu.Lock()
	defer mu.Unlock()
	total := 0
	for _, n := range syntaxes {
		total += n
	}
	t.Logf("%d files, %d instances in %d transfer syntaxes, %d byte for byte as on disk (dcmsend: %v)", len(files), total, len(syntaxes), whole, err)
	if total == 0 {
		t.Errorf("nothing arrived\n%s", out)
	}
}
