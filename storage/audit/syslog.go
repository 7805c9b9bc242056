package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

func base64Text(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// priority is facility 10 (security) and severity 5 (notice), RFC 5424 6.2.1.
const priority = 10*8 + 5

// WriteSyslog writes a record as a syslog message (RFC 5424) framed by its length,
// as it goes over TLS (RFC 5425 4.3). The message ID is that of PS3.15 A.6.
func (r Record) WriteSyslog(w io.Writer, host string) error {
	body, err := xml.Marshal(r.Message())
	if err != nil {
		return fmt.Errorf("audit: message: %w", err)
	}
	if host == "" {
		host = "-"
	}
	var m bytes.Buffer
	fmt.Fprintf(&m, "<%d>1 %s %s dokuei %d DICOM+RFC3881 - \ufeff", priority, r.At.UTC().Format("2006-01-02T15:04:05.000000Z"), host, os.Getpid())
	m.Write(body)
	frame := append([]byte(strconv.Itoa(m.Len())+" "), m.Bytes()...)
	_, err = w.Write(frame)
	return err
}

// syslogTimeout bounds the sending of one message.
const syslogTimeout = 30 * time.Second

// Deadline gives a connection the time for one message.
func Deadline(c interface{ SetWriteDeadline(time.Time) error }) error {
	return c.SetWriteDeadline(time.Now().Add(syslogTimeout))
}
