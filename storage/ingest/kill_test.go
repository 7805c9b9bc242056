package ingest_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object/fsobject"
)

const childVar = "DOKUEI_TEST_INGEST_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childVar); dir != "" {
		if err := child(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// child stores instances with four senders until it is killed and prints the UID of
// each one that is acknowledged.
func child(dir string) error {
	ctx := context.Background()
	objects, err := fsobject.Open(filepath.Join(dir, "objects"), fsobject.Options{})
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, filepath.Join(dir, "dokuei.db"), nil)
	if err != nil {
		return err
	}
	in := ingest.New(objects, d, ingest.Options{})
	from, err := strconv.Atoi(os.Getenv(childVar + "_FROM"))
	if err != nil {
		return err
	}
	failed := make(chan error)
	var mu sync.Mutex
	for w := range 4 {
		go func() {
			for n := from + w; ; n += 4 {
				m, b := encode(&testing.T{}, ct(n), uid.ExplicitVRLittleEndian)
				if _, err := in.Store(ctx, kaifu, m, bytes.NewReader(b)); err != nil {
					failed <- err
					return
				}
				mu.Lock()
				fmt.Println(m.SOPInstanceUID)
				mu.Unlock()
			}
		}()
	}
	return <-failed
}

// TestKill kills the process in the middle of its work, again and again on the same
// store. What was acknowledged is there and whole; what was not has left at most
// an object for Sweep; the study is released afterwards.
func TestKill(t *testing.T) {
	t.Parallel()
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	dir := t.TempDir()
	var acknowledged []string
	random := rand.New(rand.NewPCG(1, 2))
	for round := range rounds {
		acknowledged = append(acknowledged, killed(t, dir, round*100_000, 1+random.IntN(40))...)
	}
	objects, err := fsobject.Open(filepath.Join(dir, "objects"), fsobject.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer objects.Close()
	d, err := db.Open(t.Context(), filepath.Join(dir, "dokuei.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	s := &site{TB: t, dir: dir, db: d, objects: objects, now: time.Now()}
	s.use(objects)
	var studyID string
	for _, u := range acknowledged {
		i, err := catalog.InstanceByUID(t.Context(), d.Read(t.Context()), identity.Everything(), "kaifu", u)
		if err != nil {
			t.Fatalf("acknowledged and missing: %s: %v", u, err)
		}
		studyID = i.StudyID
		o, err := objects.Open(t.Context(), i.ObjectKey)
		if err != nil {
			t.Fatal(err)
		}
		h := sha256.New()
		_, err = io.Copy(h, io.NewSectionReader(o, 0, o.Size()))
		s.must(err)
		s.must(o.Close())
		if hex.EncodeToString(h.Sum(nil)) != i.SHA256 {
			t.Errorf("torn: %s", u)
		}
	}
	rows := s.count("instances")
	if st := s.study(studyID); st.Instances != rows || s.count("events") < rows {
		t.Errorf("study counts %d of %d rows", st.Instances, rows)
	}
	s.verifyAudit()
	s.pass(time.Hour)
	orphans, _, err := s.in.Sweep(t.Context(), time.Minute)
	s.must(err)
	if n := len(s.keys()); n != rows {
		t.Errorf("%d objects for %d rows", n, rows)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "objects", "spool", "*")); len(left) != 0 {
		t.Errorf("spool: %v", left)
	}
	s.complete(studyID)
	t.Logf("%d acknowledged, %d rows, %d orphans swept", len(acknowledged), rows, orphans)
}

// killed runs child and kills it after the nth acknowledgement.
func killed(t *testing.T, dir string, from, after int) (acknowledged []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childVar+"="+dir, childVar+"_FROM="+strconv.Itoa(from))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		acknowledged = append(acknowledged, lines.Text())
		if len(acknowledged) == after {
			cmd.Process.Kill()
		}
	}
	cmd.Wait()
	if len(acknowledged) < after {
		t.Fatalf("the child ended by itself: %s", stderr.String())
	}
	return acknowledged
}
