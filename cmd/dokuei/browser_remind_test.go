package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/storage/db"
)

// mailbox is a mail relay that hands on what it is given.
func mailbox(t *testing.T) (address string, letters <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	taken, done := make(chan string, 16), make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			take(c, taken)
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String(), taken
}

// take is one connection of a mailbox.
func take(c net.Conn, taken chan<- string) {
	defer func() { _ = c.Close() }()
	in := bufio.NewScanner(c)
	say := func(line string) { fmt.Fprint(c, line+"\r\n") }
	say("220 mailbox")
	for in.Scan() {
		switch verb, _, _ := strings.Cut(in.Text(), " "); verb {
		case "DATA":
			say("354 go on")
			var letter strings.Builder
			for in.Scan() && in.Text() != "." {
				letter.WriteString(in.Text() + "\n")
			}
			taken <- letter.String()
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 mailbox")
		}
	}
}

// A reminder that is really sent: nobody has opened a report in its time, its ordering
// doctor is told by mail without a word of the patient; a stranger follows the link and
// nothing changes; the doctor follows it, acknowledges, and no more is sent. The script
// is remind.mjs.
func TestReminderInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	relay, letters := mailbox(t)
	site := strings.Replace(network, "rules:\n", `  - {login: tanaka, name: 田中 次郎, name_en: Jiro Tanaka, role: ordering_doctor, facility: minami, email: tanaka@example.jp, password: a password for tests}
  - {login: abe, name: 阿部 三郎, name_en: Saburo Abe, role: ordering_doctor, facility: minami, email: abe@example.jp, password: a password for tests}
rules:
`, 1)
	data := newData(t, site)
	args := []string{"--smtp", relay, "--smtp-from", "dokuei@example.jp", "--public-url", "https://reads.example", "--second-factor", "chosen"}
	s := serve(t, data, args...)
	w := s.signedStudy(t)
	s.stop(t)

	// The hour until the first reminder has passed.
	d, err := db.Open(t.Context(), filepath.Join(data, "dokuei.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE loop_versions SET remind_at = signed_at`)
		return err
	})
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	s = serve(t, data, args...)
	letter := ""
	for letter == "" {
		select {
		case l := <-letters:
			if strings.Contains(l, "tanaka@example.jp") && strings.Contains(l, "reminder-") {
				letter = l
			}
		case <-t.Context().Done():
			t.Fatal(s.log.String())
		}
	}
	file := filepath.Join(t.TempDir(), "letter.eml")
	if err := os.WriteFile(file, []byte(letter), 0o600); err != nil {
		t.Fatal(err)
	}
	log := browse(t, s, "remind.mjs", append(pictures(t), "LETTER="+file, "STUDY="+w.Study.ID, "PATIENT=P0001 花子 はなこ 視床 出血", "ORDERER=tanaka:"+password,
		"STRANGER=abe:"+password, "WARD=minami:"+password)...)
	if steps := strings.Count(log, "ok "); steps != 4 {
		t.Errorf("%d steps:\n%s", steps, log)
	}
	for range len(letters) {
		if l := <-letters; strings.Contains(l, "abe@example.jp") {
			t.Errorf("a stranger is reminded: %s", l)
		}
	}
}
