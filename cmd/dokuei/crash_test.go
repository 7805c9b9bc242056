package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
)

// kill -9 at random moments while four senders are at work, again and again: what
// was acknowledged is there, whole, and every study reaches the worklist. `make
// crash` runs CRASH_ROUNDS=200; PostgreSQL, which is not killed here, may run
// without fsync.
func TestCrash(t *testing.T) {
	rounds := 3
	if s := os.Getenv("CRASH_ROUNDS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("CRASH_ROUNDS=%s: want a number of rounds", s)
		}
		rounds = n
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		data := t.TempDir()
		crash(t, rounds, data, filepath.Join(data, "dokuei.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		crash(t, rounds, t.TempDir(), dbtest.Postgres(t))
	})
}

func crash(t *testing.T, rounds int, data, database string) {
	const senders = 4
	seed := uint64(time.Now().UnixNano())
	rnd := rand.New(rand.NewPCG(seed, 1))
	site := writeFile(t, filepath.Join(t.TempDir(), "site.yaml"), network)
	mustRun(t, "apply", "--data", data, "--db", database, "-f", site)

	h := &hospital{changed: make(chan struct{})}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var wg sync.WaitGroup
	for k := range senders {
		wg.Go(func() { h.work(ctx, rand.New(rand.NewPCG(seed, uint64(10+k)))) })
	}

	var starts []time.Duration
	for round := range rounds {
		begin := time.Now()
		s := serve(t, data, "--db", database)
		echo(t, s.DICOM)
		starts = append(starts, time.Since(begin))
		h.reach(s.DICOM)
		h.await(t, rnd.IntN(120), time.Duration(rnd.IntN(1500))*time.Millisecond)
		h.reach("")
		s.kill(t)
		if round%20 == 19 {
			t.Logf("%d kills, %d images acknowledged", round+1, h.count())
		}
	}

	begin := time.Now()
	s := serve(t, data, "--db", database)
	h.finish()
	h.reach(s.DICOM)
	wg.Wait() // every study that was begun is whole at its sender
	released(t, h, s)
	t.Logf("every study released %v after the last start", time.Since(begin).Round(time.Millisecond))
	s.stop(t)
	missing, corrupt, orphans := compare(t, h, data, database)
	if missing+corrupt > 0 {
		t.Errorf("%d of %d acknowledged images are missing, %d are corrupt", missing, h.count(), corrupt)
	}
	if left, _ := filepath.Glob(filepath.Join(data, "objects", "spool", "*")); len(left) != 0 {
		t.Errorf("%d files left in the spool", len(left))
	}
	sort.Slice(starts, func(i, j int) bool { return starts[i] < starts[j] })
	t.Logf("seed %d: %d kills, %d senders, %d images in %d studies acknowledged, missing %d, corrupt %d, objects without a row (swept later) %d; "+
		"from start to first C-ECHO: median %v, worst %v", seed, rounds, senders, h.count(), len(h.studies), missing, corrupt, orphans,
		starts[len(starts)/2].Round(time.Millisecond), starts[len(starts)-1].Round(time.Millisecond))
}

func echo(t *testing.T, addr string) {
	t.Helper()
	c, err := service.Dial(t.Context(), addr, service.DialOptions{CallingAE: "MINAMI_CT", CalledAE: "DOKUEI"})
	if err != nil {
		t.Fatal(err)
	}
	if st, err := c.Echo(t.Context()); err != nil || st != dimse.Success {
		t.Fatal(st, err)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// released waits until every study is complete and on the worklist, once.
func released(t *testing.T, h *hospital, s *server) {
	t.Helper()
	coord := s.signIn(t, "coord", password)
	eventually(t, "every study is released", func() bool {
		complete := 0
		each(coord, "/studies?state=complete", func(study) { complete++ })
		return complete >= len(h.studies)
	})
	tasks := map[string]int{}
	each(coord, "/worklist?state=open", func(w workitem) { tasks[w.Study.ID]++ })
	if len(tasks) != len(h.studies) {
		t.Errorf("%d studies are on the worklist, want %d", len(tasks), len(h.studies))
	}
	for id, n := range tasks {
		if n != 1 {
			t.Errorf("study %s is on the worklist %d times", id, n)
		}
	}
}

// each reads a list of the API to its end.
func each[T any](u *user, path string, fn func(T)) {
	u.t.Helper()
	next := new(string)
	for next != nil {
		var page struct {
			Items []T
			Next  *string
		}
		u.must("GET", path+"&limit=200&cursor="+url.QueryEscape(*next), nil, &page)
		for _, item := range page.Items {
			fn(item)
		}
		next = page.Next
	}
}

// compare holds what was acknowledged against catalog and store.
func compare(t *testing.T, h *hospital, data, database string) (missing, corrupt, orphans int) {
	t.Helper()
	d, err := db.Open(t.Context(), database, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	rows, err := d.Read(t.Context()).QueryContext(t.Context(), `SELECT sop_instance_uid, object_key, sha256 FROM instances`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	whole, objects := map[string]bool{}, 0
	for rows.Next() {
		var instance, key, sum string
		if err := rows.Scan(&instance, &key, &sum); err != nil {
			t.Fatal(err)
		}
		objects++
		raw, err := os.ReadFile(filepath.Join(data, "objects", "objects", filepath.FromSlash(key)))
		if err != nil {
			t.Errorf("a row without its object: %v", err)
			continue
		}
		if got := sha256.Sum256(raw); hex.EncodeToString(got[:]) != sum {
			corrupt++
			continue
		}
		if want, known := h.acked[instance]; known && sha256.Sum256(dataSet(t, raw)) != want {
			corrupt++
		}
		whole[instance] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for instance := range h.acked {
		if !whole[instance] {
			missing++
		}
	}
	err = filepath.WalkDir(filepath.Join(data, "objects", "objects"), func(_ string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			orphans++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return missing, corrupt, orphans - objects
}

// dataSet is a stored file without preamble and File Meta Information.
func dataSet(t *testing.T, file []byte) []byte {
	t.Helper()
	_, n, err := stream.ReadMeta(bufferedReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return file[n:]
}
