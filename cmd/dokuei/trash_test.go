package main

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// filesBelow counts the files below a folder of the data.
func filesBelow(t *testing.T, parts ...string) (n int) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(parts...), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// packs counts the series whose pictures are kept.
func packs(t *testing.T, data string) (n int) {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(data, "derived", "*", "*", "*.pack"))
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// One asks, another agrees: the study is out of sight, comes back when it is wanted,
// and in the end is gone from the disk, pictures and backup included.
func TestDeletionByTwo(t *testing.T) {
	t.Parallel()
	const reason = "他院の患者の検査を誤って送信したため"
	site := strings.Replace(network, "quiet: 1s}", "quiet: 1s, retention: {images: 0d, reports: 0d, trash: 0d}}", 1)
	data, store := newData(t, site), filepath.Join(t.TempDir(), "backup")
	s := serve(t, data)
	dir, _ := slices(t, 2)
	s.send(t, "MINAMI_CT", dir)
	kept, _ := slices(t, 1)
	s.send(t, "KITA_CT", kept)
	hospital, other, coord := s.signIn(t, "minami", password), s.signIn(t, "kita", password), s.signIn(t, "coord", password)
	eventually(t, "both studies are whole and on the worklist", func() bool {
		open := coord.worklist("open")
		return len(open) == 2 && coord.study(open[0].Study.ID).State == "complete" && coord.study(open[1].Study.ID).State == "complete"
	})
	study, theirs := hospital.studies()[0].ID, other.studies()[0].ID
	mustRun(t, "backup", store, "--data", data)

	if status, raw, _ := other.raw("POST", "/studies/"+theirs+"/deletion", map[string]string{"reason": reason}); status != 409 || !strings.Contains(string(raw), "retained") {
		t.Errorf("a complete study before its time: %d %s", status, raw)
	}
	if status, raw, _ := other.raw("POST", "/studies/"+study+"/deletion", map[string]string{"reason": reason}); status != 404 {
		t.Errorf("another hospital's: %d %s", status, raw)
	}
	var asked struct{ ID, State string }
	hospital.must("POST", "/studies/"+study+"/deletion", map[string]string{"reason": reason}, &asked)
	if status, _, _ := hospital.raw("POST", "/deletions/"+asked.ID+"/approve", map[string]string{}); status != 403 {
		t.Errorf("who asked agrees: %d", status)
	}
	coord.must("POST", "/studies/"+study+"/hold", map[string]string{"reason": "医療訴訟のため保全が必要"}, nil)
	if status, raw, _ := coord.raw("POST", "/deletions/"+asked.ID+"/approve", map[string]string{}); status != 409 || !strings.Contains(string(raw), "held") {
		t.Errorf("under legal hold: %d %s", status, raw)
	}
	coord.must("DELETE", "/studies/"+study+"/hold", nil, nil)

	objects := filesBelow(t, data, "objects", "objects")
	coord.must("POST", "/deletions/"+asked.ID+"/approve", map[string]string{}, &asked)
	if asked.State != "trashed" || len(hospital.studies()) != 0 || len(coord.worklist("open")) != 1 {
		t.Errorf("%+v: the hospital sees %d, the list has %d", asked, len(hospital.studies()), len(coord.worklist("open")))
	}
	if out := mustRun(t, "trash", "--data", data); !strings.Contains(out, asked.ID) {
		t.Errorf("trash list:\n%s", out)
	}
	s.stop(t)
	mustRun(t, "trash", "restore", study, "--data", data)
	s = serve(t, data)
	hospital, coord = s.signIn(t, "minami", password), s.signIn(t, "coord", password)
	eventually(t, "it is back, and to be read", func() bool { return len(hospital.studies()) == 1 && len(coord.worklist("open")) == 2 })

	hospital.must("POST", "/studies/"+study+"/deletion", map[string]string{"reason": reason}, &asked)
	coord.must("POST", "/deletions/"+asked.ID+"/approve", map[string]string{}, &asked)
	s.stop(t)
	s = serve(t, data) // looks at the trash when it starts
	coord = s.signIn(t, "coord", password)
	eventually(t, "it is swept", func() bool {
		var list []struct {
			ID, State string
			Objects   int
			Study     any
		}
		coord.must("GET", "/deletions", nil, &list)
		for _, d := range list {
			if d.ID == asked.ID && d.State == "swept" {
				return d.Objects == 2 && d.Study == nil
			}
		}
		return false
	})
	if left := filesBelow(t, data, "objects", "objects"); left != objects-2 {
		t.Errorf("%d objects of %d are left", left, objects)
	}
	eventually(t, "its pictures are gone", func() bool { return packs(t, data) == 1 })
	mustRun(t, "audit", "verify", "--data", data)

	if out := mustRun(t, "backup", store, "--data", data, "--keep", "1", "--drop-swept"); !strings.Contains(out, "2 images that no generation names") {
		t.Error(out)
	}
	if out := mustRun(t, "backup", store, "--check"); !strings.Contains(out, fmt.Sprintf("%d images", 1)) || !strings.Contains(out, " 0 damaged") {
		t.Error(out)
	}
}
