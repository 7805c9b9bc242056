package clock

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"

	"github.com/dokuei/dokuei/internal/outbound"
)

// Webhook posts notices as JSON.
func Webhook(url string) Sender {
	client := &http.Client{
		Timeout:       20 * time.Second,
		Transport:     &http.Transport{DialContext: outbound.Dialer(0).DialContext, Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context, n Notice) error {
		body, err := json.Marshal(n)
		if err != nil {
			return fmt.Errorf("clock: webhook: %w", err)
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return fmt.Errorf("clock: webhook: %w", err)
		}
		r.Header.Set("Content-Type", "application/json")
		answer, err := client.Do(r)
		if err != nil {
			return fmt.Errorf("clock: webhook: %w", err)
		}
		defer answer.Body.Close()
		_, _ = io.CopyN(io.Discard, answer.Body, 64<<10) // so that the connection can be used again
		if answer.StatusCode/100 != 2 {
			return fmt.Errorf("clock: webhook: answered %s", answer.Status)
		}
		return nil
	}
}

// SMTP sends notices by e-mail through a relay.
func SMTP(address, from, user, password string) Sender {
	relay := Relay{Address: address, From: from, User: user, Password: password}
	return func(ctx context.Context, n Notice) error {
		subject, body := n.Text()
		return relay.Send(ctx, Letter{ID: n.ID, To: n.Recipient, Subject: subject, Body: body})
	}
}

// Relay takes mail, with STARTTLS where it offers it. User may be empty; net/smtp
// refuses to say a password without TLS.
type Relay struct {
	Address, From, User, Password string

	Roots *x509.CertPool // of the relay's certificate; nil: the system's
}

// ErrRecipient says that the relay takes no mail for an address, now or later.
var ErrRecipient = errors.New("clock: mail relay: recipient refused")

// Letter is one e-mail in plain text. Its ID is the same when it is sent again.
type Letter struct{ ID, To, Subject, Body string }

// Send hands a letter to the relay.
func (r Relay) Send(ctx context.Context, l Letter) error {
	conn, err := outbound.Dialer(0).DialContext(ctx, "tcp", r.Address)
	if err != nil {
		return fmt.Errorf("clock: mail relay: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	defer conn.Close()
	host, _, err := net.SplitHostPort(r.Address)
	if err != nil {
		return fmt.Errorf("clock: mail relay: %w", err)
	}
	return r.mail(conn, host, l)
}

func (r Relay) mail(conn net.Conn, host string, l Letter) error {
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return fmt.Errorf("clock: mail relay: %w", err)
	}
	defer c.Close()
	if ok, _ := c.Extension("STARTTLS"); ok {
		if err := c.StartTLS(&tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, RootCAs: r.Roots}); err != nil {
			return fmt.Errorf("clock: mail relay: TLS: %w", err)
		}
	}
	if r.User != "" {
		if err := c.Auth(smtp.PlainAuth("", r.User, r.Password, host)); err != nil {
			return fmt.Errorf("clock: mail relay: sign in: %w", err)
		}
	}
	if err := c.Mail(r.From); err != nil {
		return fmt.Errorf("clock: mail relay: sender: %w", err)
	}
	if err := c.Rcpt(l.To); err != nil {
		// An address is nobody's business in a log, and a relay repeats it.
		var answer *textproto.Error
		if errors.As(err, &answer) && answer.Code/100 == 4 {
			return fmt.Errorf("clock: mail relay: recipient not now: answered %d", answer.Code)
		}
		return ErrRecipient
	}
	w, err := c.Data()
	if err != nil {
		return fmt.Errorf("clock: mail relay: %w", err)
	}
	if _, err := w.Write(message(r.From, l)); err != nil {
		return fmt.Errorf("clock: mail relay: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("clock: mail relay: %w", err)
	}
	_ = c.Quit() // it has the letter: sent again, it would come twice
	return nil
}

// message is RFC 5322 with a body in base64, which any relay carries.
func message(from string, l Letter) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s@dokuei>\r\n", from, l.To,
		mime.BEncoding.Encode("UTF-8", l.Subject), time.Now().Format(time.RFC1123Z), l.ID)
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\nAuto-Submitted: auto-generated\r\n\r\n")
	for coded := base64.StdEncoding.EncodeToString([]byte(l.Body)); coded != ""; {
		n := min(76, len(coded))
		b.WriteString(coded[:n] + "\r\n")
		coded = coded[n:]
	}
	return []byte(b.String())
}
