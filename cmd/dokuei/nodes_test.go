//go:build unix

package main

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/object/s3object/s3test"
)

// Two nodes on one database and bucket share the work. One of them dies, or stands
// still and comes back later, while images arrive and a report is being written: the
// other finishes all of it, and nothing takes effect twice.
func TestTwoNodes(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(t *testing.T, s *server) (after func()){
		"killed": func(t *testing.T, s *server) func() {
			s.kill(t)
			return func() {}
		},
		"stopped for a while": func(t *testing.T, s *server) func() {
			signal := func(sig syscall.Signal) {
				if err := s.cmd.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
			}
			signal(syscall.SIGSTOP)
			t.Cleanup(func() { signal(syscall.SIGCONT) }) // or it could not be stopped
			return func() { signal(syscall.SIGCONT) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoNodes(t, end)
		})
	}
}

// A reader on one node and a doctor with a phone on another look at the same images.
func TestLookTogetherOnTwoNodesInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	database, bucket := dbtest.Postgres(t), s3test.Start(t)
	args := []string{
		"--db", database,
		"--objects", "s3://" + bucket.Bucket(t, false) + "/images?endpoint=" + bucket.Endpoint + "&region=" + bucket.Region,
		"--s3-access-key", bucket.AccessKey, "--s3-secret-key", bucket.SecretKey,
	}
	mustRun(t, "apply", "--data", t.TempDir(), "--db", database, "-f", writeFile(t, filepath.Join(t.TempDir(), "site.yaml"), network))
	one := serve(t, t.TempDir(), args...)
	two := serve(t, t.TempDir(), args...)
	e := examination{"minami", "MINAMI_CT", thin("NODES1", 40)}
	if err := e.send(t.Context(), two.DICOM, "DOKUEI"); err != nil {
		t.Fatal(err)
	}
	reader := one.signIn(t, "sato", password)
	eventually(t, "the study is complete", func() bool { return len(reader.worklist("open")) == 1 })
	log := browse(t, one, "look.mjs", append(pictures(t), "READER=sato:"+password, "HOSPITAL=minami:"+password, "HOSPITAL_URL="+two.HTTP)...)
	if !strings.Contains(log, "ok it is over for both") {
		t.Error(log)
	}
	t.Log("\n" + log)
}

func twoNodes(t *testing.T, end func(t *testing.T, s *server) (after func())) {
	pacs := receiver(t, "PACS")
	database, bucket := dbtest.Postgres(t), s3test.Start(t)
	args := []string{
		"--db", database,
		"--objects", "s3://" + bucket.Bucket(t, false) + "/images?endpoint=" + bucket.Endpoint + "&region=" + bucket.Region,
		"--s3-access-key", bucket.AccessKey, "--s3-secret-key", bucket.SecretKey,
	}
	for _, site := range []string{network, `
facilities:
  - {id: minami, name: 南病院, name_en: Minami Hospital, ae_titles: [MINAMI_CT], quiet: 1s, destinations: [{name: PACS, to: "PACS@127.0.0.1:` + pacs.port + `", objects: [sr, pdf]}]}
`} {
		mustRun(t, "apply", "--data", t.TempDir(), "--db", database, "-f", writeFile(t, filepath.Join(t.TempDir(), "site.yaml"), site))
	}
	one := serve(t, t.TempDir(), args...) // the first to come has the duties
	two := serve(t, t.TempDir(), args...)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var senders sync.WaitGroup
	scanners := map[*server]*hospital{}
	for _, node := range []*server{one, two} {
		h := &hospital{changed: make(chan struct{})}
		scanners[node] = h
		for k := range 2 {
			senders.Go(func() { h.work(ctx, rand.New(rand.NewPCG(2, uint64(k)))) })
		}
		h.reach(node.DICOM)
	}
	for _, h := range scanners {
		h.await(t, 30, patience)
	}

	// A reader has begun on the node that will go.
	reader := one.signIn(t, "sato", password)
	task := reader.firstTask()
	reader.must("POST", "/workitems/"+task.ID+"/claim", map[string]any{}, nil)
	var saved struct{ Revision int64 }
	reader.must("PUT", "/workitems/"+task.ID+"/draft", map[string]any{
		"revision": 0, "language": "ja", "template": "",
		"sections": map[string]string{"findings": "右被殻に高吸収域を認めます。", "impression": "右被殻出血。", "recommendation": ""},
		"marks":    map[string]any{"critical": map[string]string{"level": "red", "finding": "右被殻出血"}},
	}, &saved)

	after := end(t, one)
	scanners[one].reach(two.DICOM)      // as a load balancer does
	reader.base = two.HTTP + "/api/v1"  // with the session of before
	scanners[one].await(t, 1, patience) // a transaction that stood still has been broken off
	eventually(t, "the report is signed on the other node", func() bool {
		return reader.call("POST", "/workitems/"+task.ID+"/sign", map[string]any{"revision": saved.Revision}, nil) < 300
	})
	for _, h := range scanners {
		h.finish()
	}
	done := make(chan struct{})
	go func() { senders.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("senders do not get rid of their images")
	}
	hospital := two.signIn(t, "minami", password)
	eventually(t, "the other node has delivered", func() bool { return hospital.study(task.Study.ID).Deliveries.Delivered == 2 })
	after()
	studies := 0
	for _, h := range scanners {
		studies += len(h.studies)
		if n := absent(t, h, database); n > 0 {
			t.Errorf("%d of %d acknowledged images are missing", n, len(h.acked))
		}
	}
	eventually(t, "every study is released", func() bool {
		return query(t, database, `SELECT COUNT(*) FROM studies WHERE state = 'complete'`) == studies
	})
	for what, q := range map[string]string{
		"studies on the worklist not exactly once": `SELECT COUNT(*) FROM studies s WHERE (SELECT COUNT(*) FROM workitems w WHERE w.study_id = s.id AND w.state <> 'CANCELED') <> 1`,
		"reports signed twice":                     `SELECT COUNT(*) - 1 FROM reports`,
		"deliveries too many":                      `SELECT COUNT(*) - 2 FROM deliveries`,
		"deliveries not delivered":                 `SELECT COUNT(*) FROM deliveries WHERE state <> 'delivered'`,
	} {
		if n := query(t, database, q); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
	checkObjects(t, pacs.dir)
	if out := mustRun(t, append([]string{"verify", "--rate", "0", "--data", t.TempDir()}, args...)...); !strings.Contains(out, "0 damaged or missing") {
		t.Error(out)
	}
}

// query gives the one number that a statement yields.
func query(t *testing.T, database, statement string, args ...any) (n int) {
	t.Helper()
	d, err := sql.Open("pgx", database)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.QueryRowContext(t.Context(), statement, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
