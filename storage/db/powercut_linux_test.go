package db_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
)

// SQLite under a model of the disk. A process writes rows and says so; what it asks of
// the kernel is recorded, and played to a disk that keeps what was synced, drops or
// tears what was not, and has a new file only when its folder was synced. The power is
// cut at any call: each row that the process has said to be durable must be there, and
// the database whole.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	const rows = 400 // long enough for the log to be written back to the file
	if path := os.Getenv("TEST_POWERCUT"); path != "" {
		writeAndSay(t, path, rows)
		return
	}
	strace, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("strace is not installed (make deps)")
		}
		t.Skip("strace is not installed")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "dokuei.db")
	if err := dbtest.Open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	record := filepath.Join(t.TempDir(), "calls")
	cmd := exec.CommandContext(t.Context(), strace, "-f", "-y", "-xx", "-s", "200000", "-o", record, "-e", "signal=none",
		"-e", "trace=?open,openat,pwrite64,write,ftruncate,fsync,fdatasync,unlink,unlinkat", os.Args[0], "-test.run=^TestPowerCut$")
	cmd.Env = append(os.Environ(), "TEST_POWERCUT="+path)
	if out, err := cmd.CombinedOutput(); err != nil {
		if strings.Contains(string(out), "ptrace") && os.Getenv("CI") == "" {
			t.Skipf("the kernel lets no process be traced here: %s", out)
		}
		t.Fatalf("%v\n%s", err, out)
	}
	calls, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	d := &recorded{dir: dir, files: map[string]*onDisk{"dokuei.db": {there: true, synced: before}}, rnd: rand.New(rand.NewPCG(1, 2))}
	said, cuts, torn := 0, 0, 0
	d.play(t, string(calls), func(word bool) {
		if word {
			said++
		}
		if d.rnd.IntN(80) != 0 {
			return
		}
		for _, tears := range []bool{false, true} {
			lost, unsynced := d.cut(t, said, tears)
			if cuts++; unsynced {
				torn++
			}
			if lost > 0 {
				t.Errorf("after %d rows (unsynced writes torn: %t): %d of them are lost", said, tears, lost)
			}
		}
	})
	if !strings.Contains(string(calls), "fdatasync(") {
		t.Error("a COMMIT flushes more than data")
	}
	if said != rows {
		t.Errorf("%d rows were said to be durable, want %d", said, rows)
	}
	if !d.writtenBack {
		t.Error("the log was never written back: the test is too short to mean much")
	}
	if torn < 10 {
		t.Errorf("only %d of %d cuts met unsynced writes", torn, cuts)
	}
	t.Logf("%d cuts, %d of them with unsynced writes under way", cuts, torn)
}

// writeAndSay runs in the process that is traced.
func writeAndSay(t *testing.T, path string, rows int) {
	t.Helper()
	d, err := db.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	said, err := os.Create(path + ".said")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for k := range 4 {
		wg.Go(func() {
			for n := range rows / 4 {
				id := fmt.Sprintf("row-%d-%d-%s", k, n, strings.Repeat("x", 2000))
				if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return grant(ctx, tx, id) }); err != nil {
					t.Error(err)
				}
				if _, err := said.WriteString("."); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	os.Exit(0) // without Close, as a process that dies
}

// onDisk is a file as the model has it.
type onDisk struct {
	there   bool // its name is durable
	synced  []byte
	pending []change
}

// change is a write, or a new length when data is nil.
type change struct {
	at   int64
	data []byte
}

func (c change) apply(b []byte) []byte {
	end := c.at + int64(len(c.data))
	if c.data == nil {
		end = c.at
	}
	for int64(len(b)) < end {
		b = append(b, make([]byte, end-int64(len(b)))...)
	}
	if c.data == nil {
		return b[:c.at]
	}
	copy(b[c.at:], c.data)
	return b
}

type recorded struct {
	dir         string
	files       map[string]*onDisk
	rnd         *rand.Rand
	writtenBack bool
}

var (
	call     = regexp.MustCompile(`^(\w+)\((?:AT_FDCWD(?:<[^>]*>)?|(\d+)<((?:\\x[0-9a-f]{2})+|[^>]*)>)?(.*)$`)
	quoted   = regexp.MustCompile(`"((?:\\x[0-9a-f]{2})*)"`)
	position = regexp.MustCompile(`, (\d+)\) += (\d+)`)
	length   = regexp.MustCompile(`^, (\d+)\) += 0`)
)

func unhex(t *testing.T, s string) string {
	t.Helper()
	if !strings.HasPrefix(s, `\x`) {
		return s
	}
	b, err := hex.DecodeString(strings.ReplaceAll(s, `\x`, ""))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// play plays the calls to the model, and calls cut after each of them and, with true,
// at each word of durability.
func (d *recorded) play(t *testing.T, calls string, cut func(word bool)) {
	t.Helper()
	begun, pendingThen := map[string]string{}, map[string]map[string]int{}
	for line := range strings.Lines(calls) {
		thread, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		rest = strings.TrimSpace(rest)
		resumed := strings.HasPrefix(rest, "<... ")
		if resumed {
			_, after, _ := strings.Cut(rest, "resumed>")
			rest = begun[thread] + after
			delete(begun, thread) // or the end of a word, which is not kept, would write once more what came before it
		}
		m := call.FindStringSubmatch(strings.TrimSuffix(rest, "<unfinished ...>"))
		if m == nil {
			continue
		}
		what, file, args := m[1], filepath.Base(unhex(t, m[3])), m[4]
		if what == "write" && strings.HasSuffix(file, ".said") && !resumed {
			cut(true)
			continue
		}
		if !resumed { // a sync covers what was written when it began
			then := map[string]int{}
			for name, f := range d.files {
				then[name] = len(f.pending)
			}
			pendingThen[thread] = then
		}
		if head, ok := strings.CutSuffix(rest, "<unfinished ...>"); ok {
			begun[thread] = strings.TrimSuffix(head, " ")
			continue
		}
		d.ended(t, what, file, unhex(t, m[3]), args, pendingThen[thread])
		cut(false)
	}
}

func (d *recorded) ended(t *testing.T, what, file, full, args string, then map[string]int) {
	t.Helper()
	f := d.files[file]
	switch what {
	case "open", "openat", "unlink", "unlinkat":
		name := quoted.FindStringSubmatch(args)
		if name == nil || strings.Contains(args, "= -1") {
			return
		}
		file = filepath.Base(unhex(t, name[1]))
		if strings.HasPrefix(what, "unlink") {
			delete(d.files, file) // at once, which is the worst case
		} else if d.files[file] == nil && strings.Contains(args, "O_CREAT") && strings.HasSuffix(file, "-wal") {
			d.files[file] = &onDisk{}
		}
	case "pwrite64":
		p, data := position.FindStringSubmatch(args), quoted.FindStringSubmatch(args)
		if f == nil || p == nil || data == nil {
			return
		}
		at, _ := strconv.ParseInt(p[1], 10, 64)
		f.pending = append(f.pending, change{at, []byte(unhex(t, data[1]))})
		d.writtenBack = d.writtenBack || file == "dokuei.db"
	case "ftruncate":
		if n := length.FindStringSubmatch(args); f != nil && n != nil {
			at, _ := strconv.ParseInt(n[1], 10, 64)
			f.pending = append(f.pending, change{at: at})
		}
	case "fsync", "fdatasync":
		if full == d.dir {
			for _, f := range d.files {
				f.there = true
			}
		}
		if f == nil {
			return
		}
		n := min(then[file], len(f.pending))
		for _, c := range f.pending[:n] {
			f.synced = c.apply(f.synced)
		}
		f.pending = f.pending[n:]
	}
}

const sector = 512

// cut cuts the power: it opens what is left and counts the rows that are not there. Of
// what was not synced nothing is left, or when tears any sectors.
func (d *recorded) cut(t *testing.T, said int, tears bool) (lost int, unsynced bool) {
	t.Helper()
	dir := t.TempDir()
	for name, f := range d.files {
		if !f.there {
			continue
		}
		b := append([]byte(nil), f.synced...)
		unsynced = unsynced || len(f.pending) > 0
		for _, c := range f.pending {
			if !tears {
				break
			}
			for at := 0; at < max(len(c.data), 1); at += sector {
				if d.rnd.IntN(2) == 0 {
					continue
				}
				part := c
				if c.data != nil {
					part = change{c.at + int64(at), c.data[at:min(at+sector, len(c.data))]}
				}
				b = part.apply(b)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	left, err := db.Open(t.Context(), filepath.Join(dir, "dokuei.db"), nil)
	if err != nil {
		t.Fatalf("after %d rows (torn: %t): %v", said, tears, err)
	}
	defer left.Close()
	var whole string
	if err := left.Read(t.Context()).QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&whole); err != nil || whole != "ok" {
		t.Errorf("after %d rows (torn: %t): %s, %v", said, tears, whole, err)
	}
	return max(said-count(t, left), 0), unsynced
}
