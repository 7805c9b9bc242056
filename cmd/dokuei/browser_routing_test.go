package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A coordinator's day in a browser: a hospital and a reader are added, a rule is
// written, tested, replayed and applied, a shift set; a STAT arrives, is not taken and
// escalates. The script is routing.mjs.
func TestRoutingInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	s := start(t, t.TempDir(), "demo")
	dir, _ := slices(t, 1)
	file := filepath.Join(dir, "001.dcm")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	send, err := json.Marshal([]string{self, "send", "--to", s.DICOM, "--aet", "ASAHI_CT", "--aec", "DOKUEI", "--no-resume", file})
	if err != nil {
		t.Fatal(err)
	}
	log := browse(t, s, "routing.mjs", append(pictures(t), "COORDINATOR=sakiyama:"+demoPassword, "FILE="+file, "SEND="+string(send))...)
	if steps := strings.Count(log, "ok "); steps < 14 {
		t.Errorf("%d steps:\n%s", steps, log)
	}
}
