package dispatch

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/dokuei/dokuei/internal/hl7"
	"github.com/dokuei/dokuei/internal/mllp"
	"github.com/dokuei/dokuei/router/deliver"
)

// maxAnswer bounds what is read of a receiver's answer.
const maxAnswer = 1 << 20

// skipAnswers is how many acknowledgements of other messages are passed over: a
// receiver that was cut off may still owe them.
const skipAnswers = 4

// mllp sends a message and waits for the acknowledgement of its control ID
// (HL7 v2.5 2.9.2). What is no such acknowledgement is not taken for one.
func (s *Dispatcher) mllp(ctx context.Context, u *url.URL, message []byte, controlID string) (string, error) {
	port := u.Port()
	if port == "" {
		port = "2575"
	}
	line, err := s.dialer().DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return "", errOf(err)
	}
	defer line.Close()
	stop := context.AfterFunc(ctx, func() { _ = line.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	conn := line
	if u.Scheme == "mllps" {
		config := &tls.Config{MinVersion: tls.VersionTLS12}
		if s.TLS != nil {
			config = s.TLS.Clone()
		}
		config.ServerName = u.Hostname()
		secure := tls.Client(line, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			return "", &deliver.RefusalError{Reason: "the receiver's certificate or TLS is not accepted"}
		}
		conn = secure
	}
	if err := mllp.Write(conn, message); err != nil {
		return "", err
	}
	in := bufio.NewReader(conn)
	for range skipAnswers {
		raw, err := mllp.Read(in, maxAnswer)
		if err != nil {
			return "", fmt.Errorf("dispatch: acknowledgement: %w", err)
		}
		ack, err := hl7.Parse(raw)
		if err != nil {
			return "", &deliver.RefusalError{Reason: "the receiver answered something that is no HL7 acknowledgement"}
		}
		msa := ack.Segment("MSA")
		if msa.Text(2) != controlID {
			continue
		}
		switch code := msa.Text(1); code {
		case "AA", "CA":
			return "ACK " + code + " " + controlID, nil
		case "AE", "AR", "CE", "CR":
			return "", &deliver.RefusalError{Reason: "the receiver refused the message: " + code, Permanent: strings.HasSuffix(code, "R")}
		default:
			return "", &deliver.RefusalError{Reason: "the receiver acknowledged with a code that HL7 does not have"}
		}
	}
	return "", &deliver.RefusalError{Reason: "the receiver acknowledged other messages than ours"}
}
