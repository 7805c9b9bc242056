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
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/storage/object/objecttest"
	"github.com/dokuei/dokuei/storage/object/s3object"
	"github.com/dokuei/dokuei/storage/object/s3object/s3test"
)

// kill -9 at random moments while four senders are at work, again and again, on the
// embedded default and on PostgreSQL with S3: what was acknowledged is there, whole, and
// every study reaches the worklist. `make crash` runs CRASH_ROUNDS=200; PostgreSQL, which
// is not killed here, may run without fsync.
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
		crash(t, rounds, data, filepath.Join(data, "dokuei.db"), nil, func() (images, error) { return localObjects(data) })
	})
	t.Run("postgres and s3", func(t *testing.T) {
		t.Parallel()
		server := s3test.Start(t)
		bucket := server.Bucket(t, false)
		crash(t, rounds, t.TempDir(), dbtest.Postgres(t), []string{
			"--objects", "s3://" + bucket + "?endpoint=" + server.Endpoint + "&region=" + server.Region, "--s3-access-key", server.AccessKey, "--s3-secret-key", server.SecretKey,
		}, func() (images, error) {
			return s3object.Open(t.Context(), s3object.Options{
				Bucket: bucket, Endpoint: server.Endpoint, Region: server.Region, AccessKey: server.AccessKey, SecretKey: server.SecretKey, Spool: t.TempDir(), SpoolReserve: -1,
			})
		})
	})
}

// localObjects opens the store that a service on its data folder alone has left.
func localObjects(data string) (*fsobject.Store, error) {
	return fsobject.Open(filepath.Join(data, "objects"), fsobject.Options{Reserve: -1})
}

// crash kills a service with those arguments; open gives the store it leaves.
func crash(t *testing.T, rounds int, data, database string, args []string, open func() (images, error)) {
	const senders = 4
	seed := uint64(time.Now().UnixNano())
	rnd := rand.New(rand.NewPCG(seed, 1))
	site := writeFile(t, filepath.Join(t.TempDir(), "site.yaml"), network)
	mustRun(t, "apply", "--data", data, "--db", database, "-f", site)
	args = append(args, "--db", database)

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
		s := serve(t, data, args...)
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
	s := serve(t, data, args...)
	h.finish()
	h.reach(s.DICOM)
	wg.Wait() // every study that was begun is whole at its sender
	released(t, h, s)
	t.Logf("every study released %v after the last start", time.Since(begin).Round(time.Millisecond))
	s.stop(t)
	store, err := open()
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	missing, corrupt, orphans := compare(t, h, store, database)
	if missing+corrupt > 0 {
		t.Errorf("%d of %d acknowledged images are missing, %d are corrupt", missing, h.count(), corrupt)
	}
	for _, spool := range []string{"objects/spool/*", "spool/spool/*"} {
		if left, _ := filepath.Glob(filepath.Join(data, spool)); len(left) != 0 {
			t.Errorf("%d files left in %s", len(left), spool)
		}
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
func compare(t *testing.T, h *hospital, store object.Store, database string) (missing, corrupt, orphans int) {
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
	type row struct{ instance, key, sum string }
	var all []row // first: a statement does not wait while every object is read
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.instance, &r.key, &r.sum); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	whole := map[string]bool{}
	for _, r := range all {
		raw, err := objecttest.Get(t.Context(), store, r.key)
		if err != nil {
			t.Errorf("a row without its object: %v", err)
			continue
		}
		if got := sha256.Sum256(raw); hex.EncodeToString(got[:]) != r.sum {
			corrupt++
			continue
		}
		if want, known := h.acked[r.instance]; known && sha256.Sum256(dataSet(t, raw)) != want {
			corrupt++
		}
		whole[r.instance] = true
	}
	for instance := range h.acked {
		if !whole[instance] {
			missing++
		}
	}
	err = store.List(t.Context(), "", "", func(object.Info) error {
		orphans++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return missing, corrupt, orphans - len(all)
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
