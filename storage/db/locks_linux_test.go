package db_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/dokuei/dokuei/storage/db/dbtest"
)

// While a database is open this process holds a lock on its file, whoever opens it
// once more and closes it: without one, another process that closes its connection
// takes the write-ahead log for left over and removes it.
func TestOpenFileStaysLocked(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "dokuei.db")
	dbtest.Open(t, path)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	inode := info.Sys().(*syscall.Stat_t).Ino
	locked := func(when string) {
		t.Helper()
		locks, err := os.ReadFile("/proc/locks")
		if err != nil {
			t.Skip(err)
		}
		for line := range strings.Lines(string(locks)) {
			f := strings.Fields(line)
			if len(f) > 5 && f[1] == "POSIX" && f[4] == fmt.Sprint(os.Getpid()) && strings.HasSuffix(f[5], fmt.Sprintf(":%d", inode)) {
				return
			}
		}
		t.Errorf("%s: no lock on the file", when)
	}
	locked("open")
	second := dbtest.Open(t, path)
	locked("open twice")
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	locked("closed once")
}
