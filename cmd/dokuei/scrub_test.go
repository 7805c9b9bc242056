package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Images that rot or vanish on the disk are found by the running service, put back
// from the backup, and shown in its metrics.
func TestServiceMendsItsImages(t *testing.T) {
	t.Parallel()
	data, store := signedStudy(t), filepath.Join(t.TempDir(), "backup")
	mustRun(t, "backup", store, "--data", data)
	files := objectFiles(t, data)
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 0x10
	if err := errors.Join(os.WriteFile(files[0], b, 0o600), os.Remove(files[1])); err != nil {
		t.Fatal(err)
	}
	s := serve(t, data, "--replica", store)
	metrics := func() string {
		_, raw, _ := s.visitor(t).raw("GET", s.HTTP+"/metrics", nil)
		return string(raw)
	}
	eventually(t, "both images are mended", func() bool { return strings.Contains(metrics(), "\ndokuei_scrub_mended_total 2\n") })
	if out := mustRun(t, "verify", "--data", data); !strings.Contains(out, "0 damaged or missing") {
		t.Error(out)
	}
	if !strings.Contains(metrics(), "\ndokuei_scrub_damaged_total 2\n") {
		t.Error("the metrics of the check do not say that two were damaged")
	}
	eventually(t, "no damage is open", func() bool { return strings.Contains(metrics(), "\ndokuei_objects_damaged 0\n") })
	if _, stderr, err := tryRun(t, "serve", "--data", data, "--replica", "/nowhere", "--http-addr", "127.0.0.1:0", "--dicom-addr", "off"); err == nil || !strings.Contains(stderr, "--replica") {
		t.Errorf("a replica that is not there: %v, %s", err, stderr)
	}
}
