package clock_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http/httptest"
	"net/mail"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/router/clock"
)

// post is a mail relay with STARTTLS and AUTH PLAIN. RCPT is answered by rcpt, in order,
// the last again; after DATA the connection ends without an answer to QUIT.
type post struct {
	address string
	roots   *x509.CertPool
	plain   bool // offers no STARTTLS
	rcpt    []string
	asked   []string // commands, as they came
	letters []string
}

func relay(t *testing.T, p *post) *post {
	t.Helper()
	cert := httptest.NewUnstartedServer(nil)
	cert.StartTLS()
	cert.Close()
	p.roots = x509.NewCertPool()
	p.roots.AddCert(cert.Certificate())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.address = l.Addr().String()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.serve(c, cert.TLS)
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return p
}

// serve is one connection; the relay takes them one after the other.
func (p *post) serve(c net.Conn, secure *tls.Config) {
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	say := func(line string) { fmt.Fprint(c, line+"\r\n") }
	say("220 post ESMTP")
	over := false
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		p.asked = append(p.asked, line)
		verb, _, _ := strings.Cut(line, " ")
		switch {
		case verb == "EHLO" && !over && !p.plain:
			say("250-post\r\n250 STARTTLS")
		case verb == "EHLO":
			say("250-post\r\n250 AUTH PLAIN")
		case verb == "STARTTLS":
			say("220 go ahead")
			c = tls.Server(c, secure)
			r, over = bufio.NewReader(c), true
		case verb == "AUTH":
			if line != "AUTH PLAIN "+base64.StdEncoding.EncodeToString([]byte("\x00dokuei\x00relay secret")) {
				say("535 no")
				return
			}
			say("235 yes")
		case verb == "RCPT":
			answer := p.rcpt[0]
			p.rcpt = p.rcpt[min(1, len(p.rcpt)-1):]
			say(answer)
		case verb == "DATA":
			say("354 go on")
			var b strings.Builder
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				b.WriteString(strings.TrimPrefix(line, "."))
			}
			p.letters = append(p.letters, b.String())
			say("250 taken")
		case verb == "QUIT":
			return // dies: the letter is its own all the same
		default:
			say("250 fine")
		}
	}
}

// A letter goes over TLS with a password, is taken once, and is what was written.
func TestRelay(t *testing.T) {
	t.Parallel()
	p := relay(t, &post{rcpt: []string{"451 4.7.1 greylisted, try later", "250 fine"}})
	r := clock.Relay{Address: p.address, From: "dokuei@npo.example", User: "dokuei", Password: "relay secret", Roots: p.roots}
	letter := clock.Letter{ID: "r1", To: "ward@kaifu.example", Subject: "[Dokuei] 【緊急】読影レポート（訂正版）𠮷 / URGENT correction", Body: "読影レポートが届いています。\n.\nSign in."}
	if err := r.Send(t.Context(), letter); err == nil || errors.Is(err, clock.ErrRecipient) || strings.Contains(err.Error(), "ward@") {
		t.Errorf("greylisted: %v", err)
	}
	if err := r.Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	if len(p.letters) != 1 {
		t.Fatalf("%d letters", len(p.letters))
	}
	m, err := mail.ReadMessage(strings.NewReader(p.letters[0]))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(p.letters[0], "\r\n") {
		if len(line) > 998 || strings.IndexFunc(line, func(r rune) bool { return r > 126 }) >= 0 {
			t.Errorf("a line that no relay has to carry: %q", line)
		}
	}
	for word := range strings.FieldsSeq(m.Header.Get("Subject")) { // RFC 2047 §2
		if len(word) > 75 || !strings.HasPrefix(word, "=?UTF-8?b?") {
			t.Errorf("encoded word %q", word)
		}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != letter.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, m.Body))
	if err != nil || string(body) != letter.Body {
		t.Errorf("body %q, %v", body, err)
	}
	if id := m.Header.Get("Message-ID"); id != "<r1@dokuei>" {
		t.Errorf("Message-ID %s", id)
	}
	secret := base64.StdEncoding.EncodeToString([]byte("\x00dokuei\x00relay secret"))
	for n, line := range p.asked {
		if strings.Contains(line, secret) && p.asked[1] != "STARTTLS" {
			t.Errorf("command %d says the password before TLS", n)
		}
	}
}

func TestRelayRefuses(t *testing.T) {
	t.Parallel()
	letter := clock.Letter{ID: "r1", To: "ward@kaifu.example", Subject: "x", Body: "x"}
	t.Run("the recipient", func(t *testing.T) {
		t.Parallel()
		p := relay(t, &post{rcpt: []string{"550 5.1.1 <ward@kaifu.example>: no such user"}})
		err := clock.Relay{Address: p.address, From: "a@b.example", Roots: p.roots}.Send(t.Context(), letter)
		if !errors.Is(err, clock.ErrRecipient) || strings.Contains(err.Error(), "ward@") {
			t.Errorf("%v", err)
		}
	})
	t.Run("a certificate of somebody else", func(t *testing.T) {
		t.Parallel()
		p := relay(t, &post{rcpt: []string{"250 fine"}})
		if err := (clock.Relay{Address: p.address, From: "a@b.example", Roots: x509.NewCertPool()}).Send(t.Context(), letter); err == nil || len(p.letters) != 0 {
			t.Errorf("sent to whoever answered: %v", err)
		}
	})
	t.Run("lines in an address", func(t *testing.T) {
		t.Parallel()
		p := relay(t, &post{rcpt: []string{"250 fine"}})
		for _, to := range []string{"a@b.example\r\nBcc: c@d.example", "a@b.example>\r\nRCPT TO:<c@d.example", "a@b\nc"} {
			evil := letter
			evil.To = to
			if err := (clock.Relay{Address: p.address, From: "a@b.example", Roots: p.roots}).Send(t.Context(), evil); err == nil || len(p.letters) != 0 {
				t.Errorf("%q was sent: %v", to, err)
			}
		}
		evil := letter
		evil.Subject = "x\r\nBcc: c@d.example"
		if err := (clock.Relay{Address: p.address, From: "a@b.example", Roots: p.roots}).Send(t.Context(), evil); err != nil {
			t.Fatal(err)
		}
		m, err := mail.ReadMessage(strings.NewReader(p.letters[0]))
		if err != nil || m.Header.Get("Bcc") != "" {
			t.Errorf("a subject makes headers: %v, %v", m, err)
		}
	})
	t.Run("one that hangs", func(t *testing.T) {
		t.Parallel()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ctx, stop := context.WithCancel(t.Context())
		go func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			stop() // it has connected, and waits for a greeting
			_, _ = c.Read(make([]byte, 1))
			_ = c.Close()
		}()
		if err := (clock.Relay{Address: l.Addr().String(), From: "a@b.example"}).Send(ctx, letter); err == nil {
			t.Error("no error")
		}
	})
}
