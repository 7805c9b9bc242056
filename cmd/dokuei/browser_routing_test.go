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
	log := browse(t, s, "routing.mjs", append(pictures(t), "COORDINATOR=sakiyama:"+demoPassword, "FILE="+file, "SEND="+s.sending(t, "ASAHI_CT", file))...)
	if steps := strings.Count(log, "ok "); steps < 14 {
		t.Errorf("%d steps:\n%s", steps, log)
	}
}

// sending is the command by which a script sends a file or folder, as JSON.
func (s *server) sending(t *testing.T, aet, path string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	send, err := json.Marshal([]string{self, "send", "--to", s.DICOM, "--aet", aet, "--aec", "DOKUEI", "--no-resume", path})
	if err != nil {
		t.Fatal(err)
	}
	return string(send)
}

// A hospital writes orders by the form: one its study joins, one is changed and
// canceled, one is canceled too late. The script is orders.mjs.
func TestOrdersInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	s := start(t, t.TempDir(), "demo")
	dir, _ := slices(t, 1)
	log := browse(t, s, "orders.mjs", append(pictures(t), "COORDINATOR=sakiyama:"+demoPassword, "HOSPITAL=minamihama:"+demoPassword,
		"READER=yoshida:"+demoPassword, "SEND="+s.sending(t, "MINAMIHAMA_CT", dir))...)
	if steps := strings.Count(log, "ok "); steps < 7 {
		t.Errorf("%d steps:\n%s", steps, log)
	}
}
