package deliver_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// TestKilledWhileSending: a process that dies with SIGKILL in the middle of a
// C-STORE leaves a row that says so; the next one sends the same instance again.
func TestKilledWhileSending(t *testing.T) {
	const envPath = "DOKUEI_TEST_COURIER"
	if path := os.Getenv(envPath); path != "" { // the process that will be killed
		h := house{worklisttest.OpenAt(t, path), t}
		worklisttest.Facility(t, h.DB, "kaifu", "KAIFU_CT")
		worklisttest.Destination(t, h.DB, "kaifu", "PACS", "PACS", "127.0.0.1", 104, "sr,pdf")
		studyID := h.sign(uid.New(), "1")
		h.run(&carrier{answer: func(worklist.Destination, catalog.Instance, int) error {
			os.Stdout.WriteString("sending " + studyID + "\n")
			return errHang
		}}, deliver.Options{})
		select {}
	}
	path := filepath.Join(t.TempDir(), "dokuei.db")
	child := exec.Command(os.Args[0], "-test.run=^TestKilledWhileSending$")
	child.Env = append(os.Environ(), envPath+"="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	said, err := bufio.NewReader(out).ReadString('\n')
	if killed := child.Process.Kill(); err != nil || killed != nil {
		t.Fatalf("the child said %q: %v, %v", said, err, killed)
	}
	_ = child.Wait() // killed
	studyID, ok := strings.CutPrefix(strings.TrimSpace(said), "sending ")
	if !ok {
		t.Fatalf("the child said %q", said)
	}

	h := house{worklisttest.OpenAt(t, path), t}
	if got := states(h.of(studyID)); got != "PACS pdf pending, PACS sr sending" {
		t.Fatalf("what the dead process left: %s", got)
	}
	c := &carrier{answer: func(worklist.Destination, catalog.Instance, int) error { return nil }}
	_, stop := h.run(c, deliver.Options{})
	await(t, "both deliveries", func() bool { return states(h.of(studyID)) == "PACS pdf delivered, PACS sr delivered" })
	stop()
	if list := h.of(studyID); list[0].Attempts != 2 || list[1].Attempts != 1 || len(c.list()) != 2 {
		t.Errorf("attempts %d and %d, sent %v", list[0].Attempts, list[1].Attempts, c.list())
	}
}
