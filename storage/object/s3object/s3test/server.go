package s3test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"

	"github.com/dokuei/dokuei/internal/freeport"
)

// The child is told by its environment what to be.
const (
	dirVar  = "RUN_AS_S3_DIR"
	addrVar = "RUN_AS_S3_ADDR"

	healthPath = "/health"
)

// Main turns a process that Start has begun into the server, and never returns
// from it; in any other it does nothing.
func Main() {
	dir := os.Getenv(dirVar)
	if dir == "" {
		return
	}
	if err := run(dir, os.Getenv(addrVar)); err != nil {
		fmt.Fprintln(os.Stderr, "s3test:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func run(dir, addr string) error {
	for _, d := range []string{"objects", "meta", "versions"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return err
		}
	}
	m, err := meta.NewSideCar(filepath.Join(dir, "meta"))
	if err != nil {
		return err
	}
	be, err := posix.New(filepath.Join(dir, "objects"), m, posix.PosixOpts{
		SideCarDir: filepath.Join(dir, "meta"), VersioningDir: filepath.Join(dir, "versions"),
	})
	if err != nil {
		return err
	}
	return embedgw.RunVersityGW(context.Background(), be, &embedgw.Config{
		RootUserAccess: Access, RootUserSecret: Secret, Region: Region, Ports: []string{addr},
		MaxConnections: 1000, MaxRequests: 1000, MultipartMaxParts: 10_000, Quiet: true, KeepAlive: true, HealthPath: healthPath,
	})
}

// Credentials of the server that Start runs.
const (
	Access = "dokuei-test"
	Secret = "dokuei-test-secret"
	Region = "us-east-1"
)

// Server is an S3 server.
type Server struct {
	Endpoint, AccessKey, SecretKey, Region string

	client *minio.Client
	dir    string
	addr   string
	cmd    *exec.Cmd // nil: somebody else's
}

// Start gives a server that is stopped when the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{
		Endpoint: os.Getenv("S3_TEST_ENDPOINT"), AccessKey: os.Getenv("S3_TEST_ACCESS_KEY"),
		SecretKey: os.Getenv("S3_TEST_SECRET_KEY"), Region: os.Getenv("S3_TEST_REGION"),
	}
	if s.Endpoint == "" {
		s.AccessKey, s.SecretKey, s.Region = Access, Secret, Region
		s.dir, s.addr = t.TempDir(), fmt.Sprint("127.0.0.1:", freeport.For(t))
		s.Endpoint = "http://" + s.addr
		s.Resume(t)
		t.Cleanup(func() { s.Kill(t) })
	}
	host, secure := strings.CutPrefix(s.Endpoint, "https://")
	client, err := minio.New(strings.TrimPrefix(host, "http://"), &minio.Options{
		Creds: credentials.NewStaticV4(s.AccessKey, s.SecretKey, ""), Secure: secure, Region: s.Region,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.client = client
	return s
}

// Kill ends the server as kill -9 does; what it has stored stays.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.cmd = nil
}

// Resume starts the server again, under the address it had.
func (s *Server) Resume(t testing.TB) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.Command(self)
	s.cmd.Env = append(os.Environ(), dirVar+"="+s.dir, addrVar+"="+s.addr)
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.await(t)
}

func (s *Server) await(t testing.TB) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(2 * time.Minute) // for a broken server
	for {
		if resp, err := http.Get("http://" + s.addr + healthPath); err == nil {
			resp.Body.Close()
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			t.Fatalf("the S3 server did not answer:\n%s", text)
		}
	}
}

// Lose removes the bytes of every object and leaves what the server has written
// beside them, as a crash of it in the middle of a PUT does.
func (s *Server) Lose(t testing.TB) {
	t.Helper()
	if s.cmd == nil {
		t.Skip("somebody else's S3 server is not ours to damage")
	}
	err := filepath.WalkDir(filepath.Join(s.dir, "objects"), func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		return os.Remove(path)
	})
	if err != nil {
		t.Fatal(err)
	}
}

var buckets atomic.Int64

// Bucket makes an empty bucket, with object lock if locked.
func (s *Server) Bucket(t testing.TB, locked bool) string {
	t.Helper()
	name := fmt.Sprintf("dokuei-%d-%d", time.Now().UnixNano(), buckets.Add(1))
	if err := s.client.MakeBucket(t.Context(), name, minio.MakeBucketOptions{Region: s.Region, ObjectLocking: locked}); err != nil {
		t.Fatal(err)
	}
	return name
}

// Client is for what a test wants to see or break behind the store.
func (s *Server) Client() *minio.Client { return s.client }
