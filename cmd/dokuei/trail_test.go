package main

import (
	"bufio"
	"crypto/tls"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "modernc.org/sqlite"
)

// syslogd is a syslog server over TLS that keeps what it is sent.
type syslogd struct {
	addr string
	mu   sync.Mutex
	got  []string
}

func newSyslogd(t *testing.T, cert, key string) *syslogd {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	d := &syslogd{addr: l.Addr().String()}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				in := bufio.NewReader(conn)
				for {
					var n int
					if _, err := fmt.Fscanf(in, "%d ", &n); err != nil {
						return
					}
					m := make([]byte, n)
					if _, err := io.ReadFull(in, m); err != nil {
						return
					}
					d.mu.Lock()
					d.got = append(d.got, string(m))
					d.mu.Unlock()
				}
			}()
		}
	}()
	return d
}

func (d *syslogd) has(part string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, m := range d.got {
		if strings.Contains(m, part) {
			return true
		}
	}
	return false
}

// The trail of a running service: sent on as it grows, its head signed; who cuts it
// afterwards, past every trigger, is found out.
func TestTrailOfAService(t *testing.T) {
	t.Parallel()
	ours := newAuthority(t, "ours")
	cert, key, _ := ours.issue(t, "syslog")
	log := newSyslogd(t, cert, key)
	data := newData(t, network)
	dir := t.TempDir()
	keyFile, heads := filepath.Join(dir, "audit.key"), filepath.Join(dir, "heads")
	verifier := strings.TrimSpace(mustRun(t, "audit", "key", keyFile))
	if _, _, err := tryRun(t, "audit", "key", keyFile); err == nil {
		t.Error("a key was overwritten")
	}
	args := []string{"--audit-key", keyFile, "--audit-checkpoints", heads, "--audit-syslog", log.addr, "--audit-syslog-ca", ours.file()}
	s := serve(t, data, args...)
	s.signIn(t, "sato", "a password for tests")
	eventually(t, "the sign-in reaches the syslog server", func() bool { return log.has(`csd-code="110114"`) && log.has("DICOM+RFC3881") })
	s.stop(t)
	s = serve(t, data, args...) // its head is signed at the start
	eventually(t, "the head is signed", func() bool {
		text, err := os.ReadFile(heads)
		return err == nil && strings.Count(string(text), "dokuei audit trail") >= 2
	})
	s.stop(t)
	verify := func() (string, error) {
		_, errOut, err := tryRun(t, "audit", "verify", "--data", data, "--key", verifier, "--signed", heads)
		return errOut, err
	}
	if out, err := verify(); err != nil || !strings.Contains(out, "signed heads hold") {
		t.Errorf("%v: %s", err, out)
	}
	if _, errOut, err := tryRun(t, "audit", "prune", "--data", data, "--before", "2026-01-01", "--archive", filepath.Join(dir, "a.xml")); err == nil || !strings.Contains(errOut, "five years") {
		t.Errorf("%v: %s", err, errOut)
	}
	if _, errOut, err := tryRun(t, "audit", "prune", "--data", data, "--before", "2001-01-01", "--archive", filepath.Join(dir, "a.xml"), "--audit-key", keyFile); err != nil || !strings.Contains(errOut, "nothing is that old") {
		t.Errorf("%v: %s", err, errOut)
	}
	raw, err := sql.Open("sqlite", filepath.Join(data, "dokuei.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec(`DROP TRIGGER audit_no_delete; DELETE FROM audit WHERE seq >= (SELECT MAX(seq) FROM audit_checkpoints); DELETE FROM audit_checkpoints`); err != nil {
		t.Fatal(err)
	}
	if out, err := verify(); err == nil || !strings.Contains(out, "chain broken at record") {
		t.Errorf("a cut end is not found: %v: %s", err, out)
	}
}
