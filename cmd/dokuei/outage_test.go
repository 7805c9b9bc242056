package main

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/object/s3object/s3test"
)

// outage lets senders work while something below the service goes away and comes
// back, and then asks for every image that was acknowledged. The service itself
// must neither end nor be helped.
func outage(t *testing.T, database string, args []string, times int, away func()) {
	t.Helper()
	outageIn(t, t.TempDir(), database, args, times, func(*hospital) { away() })
}

func outageIn(t *testing.T, data, database string, args []string, times int, away func(h *hospital)) {
	t.Helper()
	args = append(args, "--db", database)
	mustRun(t, "apply", "--data", data, "--db", database, "-f", writeFile(t, t.TempDir()+"/site.yaml", network))
	s := serve(t, data, args...)
	h := &hospital{changed: make(chan struct{})}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var wg sync.WaitGroup
	for k := range 3 {
		wg.Go(func() { h.work(ctx, rand.New(rand.NewPCG(1, uint64(k)))) })
	}
	for range times {
		h.reach(s.DICOM)
		h.await(t, 25, patience)
		away(h)
	}
	before, back := h.count(), time.Now()
	h.reach(s.DICOM)
	h.await(t, 1, patience)
	t.Logf("%d images acknowledged around %d outages; the next one %v after the last", before, times, time.Since(back).Round(time.Millisecond))
	h.finish()
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	eventually(t, "every image that was begun is acknowledged", func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	})
	released(t, h, s)
	if strings.Contains(strings.Join(args, " "), "s3://") {
		if _, raw, _ := s.signIn(t, "coord", password).raw("GET", s.HTTP+"/metrics", nil); !strings.Contains(string(raw), "dokuei_objects_retries_total{method=\"commit\",") || !strings.Contains(string(raw), "\ndokuei_objects_waiting ") {
			t.Error("/metrics does not tell of the requests that were made again")
		}
	}
	s.stop(t)

	if n := absent(t, h, database); n > 0 {
		t.Errorf("%d of %d acknowledged images are missing", n, len(h.acked))
	}
	if out := mustRun(t, append([]string{"verify", "--rate", "0", "--data", data}, args...)...); !strings.Contains(out, "0 damaged or missing") {
		t.Error(out)
	}
}

// absent counts the acknowledged images that are not in the catalog exactly once.
func absent(t *testing.T, h *hospital, database string) (n int) {
	t.Helper()
	d, err := db.Open(t.Context(), database, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for instance := range h.acked {
		var rows int
		if err := d.Read(t.Context()).QueryRowContext(t.Context(), `SELECT COUNT(*) FROM instances WHERE sop_instance_uid = $1`, instance).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		if rows != 1 {
			n++
		}
	}
	return n
}

func TestObjectStoreGoesAway(t *testing.T) {
	t.Parallel()
	s3 := s3test.Start(t)
	if s3.Region != s3test.Region {
		t.Skip("somebody else's S3 server is not ours to kill")
	}
	data := t.TempDir()
	outage(t, data+"/dokuei.db", []string{
		"--objects", "s3://" + s3.Bucket(t, false) + "?endpoint=" + s3.Endpoint + "&region=" + s3.Region,
		"--s3-access-key", s3.AccessKey, "--s3-secret-key", s3.SecretKey,
	}, 2, func() {
		s3.Kill(t)
		s3.Resume(t)
	})
}

func TestPostgresGoesAway(t *testing.T) {
	t.Parallel()
	server := dbtest.Start(t)
	outage(t, server.Database(t), nil, 3, func() { server.Restart(t) })
}
