package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Everything works with the images encrypted: receiving, pictures, reading, verify,
// another key while it serves, a lost catalog; and without the key nothing does.
func TestEncryptedPlace(t *testing.T) {
	t.Parallel()
	data, keys := newData(t, network), t.TempDir()
	first, second := filepath.Join(keys, "first"), filepath.Join(keys, "second")
	for _, file := range []string{first, second} {
		if out := mustRun(t, "keys", "make", file); !strings.Contains(out, "--encryption-key file:") {
			t.Error(out)
		}
	}
	with := func(key string, args ...string) []string {
		return append(args, "--data", data, "--encryption-key", "file:"+key)
	}
	s := serve(t, data, "--encryption-key", "file:"+first)
	dir, _ := slices(t, 4)
	s.send(t, "MINAMI_CT", dir)
	reader := s.signIn(t, "sato", password)
	eventually(t, "the study is on the worklist", func() bool { return len(reader.worklist("open")) == 1 })
	eventually(t, "pictures are made", func() bool {
		files, _ := filepath.Glob(filepath.Join(data, "derived-sealed", "pictures", "*", "*.pack"))
		return len(files) > 0
	})
	eventually(t, "the series is kept, sealed", func() bool {
		files, _ := filepath.Glob(filepath.Join(data, "derived-sealed", "bundles", "*.dkb"))
		if len(files) != 1 {
			return false
		}
		raw, err := os.ReadFile(files[0])
		return err == nil && bytes.HasPrefix(raw, []byte("DKS1"))
	})
	if _, err := os.Stat(filepath.Join(data, "derived")); !os.IsNotExist(err) {
		t.Errorf("there is a folder for what is plain: %v", err)
	}
	if out := mustRun(t, with(first, "verify")...); !strings.Contains(out, "4 objects") || !strings.Contains(out, " 0 damaged") {
		t.Error(out)
	}

	if out := mustRun(t, with(first, "keys", "rotate", "--renew", "--to", "file:"+second)...); !strings.Contains(out, "1 store keys") {
		t.Error(out)
	}
	more, _ := slices(t, 2)
	s.send(t, "MINAMI_CT", more) // the server still has the first key
	s.stop(t)
	if out := mustRun(t, with(second, "keys", "retire")...); !strings.Contains(out, "2 wrapped") {
		t.Error(out)
	}
	for _, args := range [][]string{with(first, "verify"), {"verify", "--data", data}} {
		if _, stderr, err := tryRun(t, args...); err == nil || !strings.Contains(stderr, "--encryption-key") {
			t.Errorf("%v: %v, %s", args, err, stderr)
		}
	}
	if out := mustRun(t, with(second, "verify")...); !strings.Contains(out, "6 objects") || !strings.Contains(out, " 0 damaged") {
		t.Error(out)
	}
	if out := mustRun(t, with(second, "keys", "list")...); strings.Count(out, "opened by") != 2 || strings.Count(out, "in use") != 1 {
		t.Error(out)
	}
	noPatientIn(t, filepath.Join(data, "objects"))
	noPatientIn(t, filepath.Join(data, "derived-sealed"))

	for _, f := range []string{"dokuei.db", "dokuei.db-wal", "dokuei.db-shm"} {
		_ = os.Remove(filepath.Join(data, f))
	}
	mustRun(t, "apply", "-f", writeFile(t, t.TempDir()+"/site.yaml", network), "--data", data)
	if out := mustRun(t, with(second, "rebuild-catalog")...); !strings.Contains(out, "6 catalogued") {
		t.Error(out)
	}
	s = serve(t, data, "--encryption-key", "file:"+second)
	coord := s.signIn(t, "coord", password)
	eventually(t, "both studies are back", func() bool { return len(coord.worklist("open")) == 2 })
}

// noPatientIn looks for what every image of the tests says.
func noPatientIn(t *testing.T, dir string) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		n++
		raw, err := os.ReadFile(path)
		if bytes.Contains(raw, []byte("DICM")) || bytes.Contains(raw, []byte("1.2.840.10008.5.1.4")) || bytes.Contains(raw, []byte("PNG")) {
			t.Errorf("%s is not encrypted", path)
		}
		return err
	})
	if err != nil || n == 0 {
		t.Errorf("%d files in %s, %v", n, dir, err)
	}
}
