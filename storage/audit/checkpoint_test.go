package audit_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
)

func key(t *testing.T) (audit.Key, string) {
	t.Helper()
	text, verifier, err := audit.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	k, err := audit.NewKey(text + "\n")
	if err != nil {
		t.Fatal(err)
	}
	return k, verifier
}

func add(t *testing.T, d *db.DB, n int) {
	t.Helper()
	for range n {
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			return audit.Append(ctx, tx, audit.Record{Actor: "a", Action: "study.viewed", Object: "s"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// forge changes the database as somebody does who gets past its triggers.
func forge(t *testing.T, path, statements string) {
	t.Helper()
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec(`DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; ` + statements); err != nil {
		t.Fatal(err)
	}
}

// Who holds the whole database can make a chain that holds, and is found out by the
// heads that were signed.
func TestSignedHeads(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		forge string // "": nothing
		at    int64  // where it is found; 0: nothing to be found
		word  string
	}{
		"untouched":                       {"", 0, ""},
		"cut off at the end":              {`DELETE FROM audit WHERE seq > 12; DELETE FROM audit_checkpoints WHERE seq > 12`, 15, "not in the trail"},
		"a beginning of their own":        {`UPDATE audit_base SET seq = 3, hash = (SELECT hash FROM audit WHERE seq = 3); DELETE FROM audit WHERE seq <= 3`, 3, "nobody has signed"},
		"a signed head that is of others": {`UPDATE audit_checkpoints SET note = replace(note, 'dokuei audit trail', 'dokuei audit trai1')`, -1, "not signed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, path := trail(t, 10)
			k, verifier := key(t)
			file := filepath.Join(t.TempDir(), "heads")
			s := &audit.Signer{DB: d, Key: k, File: file, Log: slog.New(slog.DiscardHandler)}
			for range 3 {
				if err := s.Sign(t.Context()); err != nil { // the second time there is nothing new
					t.Fatal(err)
				}
				if err := s.Sign(t.Context()); err != nil {
					t.Fatal(err)
				}
				add(t, d, 5)
			}
			if c.forge != "" {
				forge(t, path, c.forge)
			}
			kept, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			heads, err := audit.VerifyNotes(t.Context(), d.Read(t.Context()), verifier, string(kept))
			var broken *audit.BrokenError
			switch {
			case c.at == 0:
				if err != nil || heads != 6 { // three in the database, the same in the file
					t.Errorf("%d heads, %v", heads, err)
				}
			case c.at < 0:
				if !errors.Is(err, audit.ErrForged) {
					t.Error(err)
				}
			case !errors.As(err, &broken) || broken.Seq != c.at || !strings.Contains(err.Error(), c.word):
				t.Errorf("found %v, want record %d", err, c.at)
			}
			if _, other := key(t); c.at == 0 {
				if _, err := audit.VerifyNotes(t.Context(), d.Read(t.Context()), other, ""); !errors.Is(err, audit.ErrForged) {
					t.Errorf("another key: %v", err)
				}
			}
		})
	}
}

// Old records go when they were kept for their time; the rest still holds, and nothing
// after the beginning can be deleted.
func TestPrune(t *testing.T) {
	t.Parallel()
	d, _ := trail(t, 10)
	k, verifier := key(t)
	seq, hash, err := audit.Head(t.Context(), d.Read(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	prune := func(upTo int64) error {
		return d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return audit.Prune(ctx, tx, k, upTo, "test") })
	}
	for _, bad := range []int64{0, -1, 10, 11} {
		if prune(bad) == nil {
			t.Errorf("pruned up to %d of 10", bad)
		}
	}
	if err := prune(6); err != nil {
		t.Fatal(err)
	}
	if n, err := audit.Verify(t.Context(), d.Read(t.Context())); err != nil || n != 5 { // four, and that it was done
		t.Errorf("%d records, %v", n, err)
	}
	if _, err := audit.VerifyFrom(t.Context(), d.Read(t.Context()), seq, hash); err != nil {
		t.Error(err)
	}
	if _, err := audit.VerifyFrom(t.Context(), d.Read(t.Context()), 5, "x"); !errors.Is(err, audit.ErrArchived) {
		t.Error(err)
	}
	if heads, err := audit.VerifyNotes(t.Context(), d.Read(t.Context()), verifier, ""); err != nil || heads != 1 {
		t.Errorf("%d heads, %v", heads, err)
	}
	for _, n := range []int{7, 11} {
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := tx.ExecContext(ctx, `DELETE FROM audit WHERE seq = $1`, n)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("record %d was deleted: %v", n, err)
		}
	}
	if upTo, err := audit.Before(t.Context(), d.Read(t.Context()), time.Now().Add(time.Hour)); err != nil || upTo != 11 {
		t.Error(upTo, err)
	}
	if upTo, err := audit.Before(t.Context(), d.Read(t.Context()), time.Unix(0, 0)); err != nil || upTo > 6 {
		t.Error(upTo, err)
	}
}

// Every record reaches the syslog server, in order, also those of a time when it was
// away and when a connection broke in the middle.
func TestExporter(t *testing.T) {
	t.Parallel()
	d, _ := trail(t, 700)
	var mu sync.Mutex
	got, calls := map[int64]bool{}, 0
	all := make(chan struct{})
	number := regexp.MustCompile(`type="seq" value="([^"]+)"`)
	serve := func(conn net.Conn, limit int) {
		defer conn.Close()
		in := bufio.NewReader(conn)
		for n := 0; limit == 0 || n < limit; n++ {
			var size int
			if _, err := fmt.Fscanf(in, "%d ", &size); err != nil {
				return
			}
			m := make([]byte, size)
			if _, err := io.ReadFull(in, m); err != nil {
				return
			}
			found := number.FindSubmatch(m)
			if found == nil {
				t.Errorf("no number in %s", m)
				return
			}
			seq, err := strconv.ParseInt(decoded(t, string(found[1])), 10, 64)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			if got[seq] = true; len(got) == 705 {
				close(all)
			}
			mu.Unlock()
		}
	}
	x := &audit.Exporter{DB: d, Target: "test", Rest: time.Millisecond, Log: slog.New(slog.DiscardHandler), Dial: func(context.Context) (net.Conn, error) {
		mu.Lock()
		calls++
		n := calls
		mu.Unlock()
		near, far := net.Pipe()
		switch n {
		case 1:
			return nil, errors.New("away")
		case 2:
			go serve(far, 20)
		case 3:
			go serve(far, 600)
		default:
			go serve(far, 0)
		}
		return near, nil
	}}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- x.Run(ctx) }()
	add(t, d, 5)
	select {
	case <-all:
	case <-time.After(time.Minute):
		t.Errorf("%d of 705 records came", len(got))
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for n := int64(1); n <= 705; n++ {
		if !got[n] {
			t.Fatalf("record %d is missing", n)
		}
	}
}
