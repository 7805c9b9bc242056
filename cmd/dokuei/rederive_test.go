package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func derivedFiles(t *testing.T, data, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(data, "derived", filepath.FromSlash(pattern)))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestRebuild: bundles are made when a study is complete, and everything derived can
// be made anew.
func TestRebuild(t *testing.T) {
	t.Parallel()
	data := newData(t, network)
	s := serve(t, data)
	dir, studyUID := slices(t, 5)
	s.send(t, "MINAMI_CT", dir)
	eventually(t, "the bundle of the complete study", func() bool { return len(derivedFiles(t, data, "bundles/*.dkb")) == 1 })
	reader := s.signIn(t, "sato", password)
	var study struct {
		SeriesList []struct{ Bundle string }
	}
	reader.must("GET", "/studies/"+reader.studies()[0].ID, nil, &study)
	url := strings.TrimPrefix(study.SeriesList[0].Bundle, "/api/v1")
	eventually(t, "a bundle that lasts", func() bool {
		status, _, h := reader.raw("GET", url, nil)
		return status == 200 && h.Get("ETag") != ""
	})
	var packs []string
	eventually(t, "the pictures of the one series", func() bool {
		packs = derivedFiles(t, data, "pictures/*/*.pack")
		return len(packs) == 1
	})
	s.stop(t)

	if err := os.WriteFile(packs[0], []byte("nothing that is a picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := mustRun(t, "rebuild", "--all", "--data", data)
	if !strings.Contains(out, "1 studies, 5 images, 1 series bundles made anew") {
		t.Error(out)
	}
	made, err := os.ReadFile(packs[0])
	if n := bytes.Count(made, []byte("\xff\xd8\xff")); err != nil || n != 10 {
		t.Errorf("%d pictures of 5 images: %v", n, err)
	}
	mustRun(t, "rebuild", "--all", "--data", data)
	if again, err := os.ReadFile(packs[0]); err != nil || len(again) != len(made) {
		t.Errorf("pictures made twice take %d bytes, once %d: %v", len(again), len(made), err)
	}
	before, err := os.ReadFile(derivedFiles(t, data, "bundles/*.dkb")[0])
	if err != nil {
		t.Fatal(err)
	}
	out = mustRun(t, "rebuild", "--study", studyUID, "--no-bundles", "--data", data)
	if left := derivedFiles(t, data, "bundles/*.dkb"); len(left) != 0 || !strings.Contains(out, "5 images, 0 series bundles") {
		t.Errorf("%d bundles are left: %s", len(left), out)
	}
	mustRun(t, "rebuild", "--study", studyUID, "--data", data)
	if after, err := os.ReadFile(derivedFiles(t, data, "bundles/*.dkb")[0]); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the bundle made anew is another: %v", err)
	}
	if _, errOut, err := tryRun(t, "rebuild", "--study", "2.25.1", "--data", data); err == nil || !strings.Contains(errOut, "there is no study 2.25.1") {
		t.Errorf("a study that is not there: %v, %s", err, errOut)
	}
	if _, errOut, err := tryRun(t, "rebuild", "--data", data); err == nil || !strings.Contains(errOut, "--study") {
		t.Errorf("neither study nor all: %v, %s", err, errOut)
	}
}
