//go:build linux || darwin

package dbtest

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
)

// Server is a PostgreSQL in a temporary folder, reached by a socket in it.
type Server struct {
	dir  string
	role string
	next atomic.Int64

	command func() *exec.Cmd
	as      *syscall.SysProcAttr
	cmd     *exec.Cmd
	ended   chan struct{}
}

// Start gives a server, or skips the test where PostgreSQL is not installed.
func Start(t testing.TB) *Server {
	t.Helper()
	bin := find()
	if bin == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("PostgreSQL is not installed (make deps)")
		}
		t.Skip("PostgreSQL is not installed here: this test runs on SQLite only")
	}
	dir, err := os.MkdirTemp("", "dokuei-pg") // short: the path of a socket has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &Server{dir: dir, role: "dokuei"}
	as, err := owner(dir)
	if err != nil {
		t.Skip("PostgreSQL does not run as root, and there is no user to run it as: ", err)
	}
	data := filepath.Join(dir, "data")
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "initdb"), "-D", data, "-U", s.role, "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
	cmd.SysProcAttr, cmd.Dir = as, dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	s.as = as
	s.command = func() *exec.Cmd {
		return exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off")
	}
	t.Cleanup(s.stop)
	s.serve(t)
	return s
}

// Restart ends the server as a crash does, open transactions and all, and starts it
// again. It returns when it accepts.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.stop()
	s.serve(t)
}

func (s *Server) stop() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGQUIT) // immediate shutdown; at the end the folder goes anyway
	<-s.ended
	_ = s.cmd.Wait()
	s.cmd = nil
}

// serve starts the server and returns when it accepts.
func (s *Server) serve(t testing.TB) {
	t.Helper()
	cmd := s.command()
	cmd.SysProcAttr, cmd.Dir = s.as, s.dir
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan bool, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(ready)
		// To the end, whatever comes and however long a line is: a server whose log
		// nobody reads stands still in the middle of a statement.
		lines := bufio.NewReader(stderr)
		for {
			line, err := lines.ReadSlice('\n')
			if strings.Contains(string(line), "ready to accept connections") {
				select {
				case ready <- true:
				default: // again, after a crash
				}
			}
			if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
				return
			}
		}
	}()
	s.cmd, s.ended = cmd, ended
	if !<-ready {
		t.Fatal("PostgreSQL did not start")
	}
}

// Database makes an empty one and gives its URL.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	admin, err := sql.Open("pgx", s.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	name := "t" + strconv.FormatInt(s.next.Add(1), 10)
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return s.url(name)
}

func (s *Server) url(database string) string {
	return fmt.Sprintf("postgres://%s@/%s?host=%s", s.role, database, url.QueryEscape(s.dir))
}

// find gives the folder of the newest installed server, "" when there is none.
func find() string {
	if p, err := exec.LookPath("postgres"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			return filepath.Dir(p)
		}
	}
	list, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres") // Debian
	if err != nil || len(list) == 0 {
		return ""
	}
	return filepath.Dir(list[len(list)-1])
}

// owner gives dir to a user who may run the server: PostgreSQL refuses root.
func owner(dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return &syscall.SysProcAttr{}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	if err1 != nil || err2 != nil {
		return nil, fmt.Errorf("user %s has no numbers", u.Username)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, os.Chown(dir, uid, gid)
}
