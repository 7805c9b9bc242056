package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/internal/certfile"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Walk the audit trail; exit code 3 and the place when a record was changed, removed or moved."`
	Export auditExportCmd `cmd:"" help:"Write the trail as DICOM audit messages (PS3.15 A.5), to standard output or to a syslog server over TLS."`
}

type auditVerifyCmd struct {
	place   `embed:""`
	logging `embed:""`
	Head    string `help:"A head this command printed before and you kept elsewhere: also finds that the newest records were cut off." placeholder:"SEQ:HASH"`
}

// brokenTrail ends a verify of the trail with an exit code of its own.
type brokenTrail struct{ error }

// ExitCode is for main.
func (brokenTrail) ExitCode() int { return 3 }

// Run verifies the trail from its beginning and says its head.
func (v auditVerifyCmd) Run(ctx context.Context, con console) error {
	d, err := db.Open(ctx, v.dbURL(), v.logger(con))
	if err != nil {
		return err
	}
	defer d.Close()
	broken := func(err error) error {
		var b *audit.BrokenError
		if errors.As(err, &b) {
			return brokenTrail{fmt.Errorf("%w; compare with a backup or with what was exported", err)}
		}
		return err
	}
	n, err := audit.Verify(ctx, d.Read(ctx))
	if err != nil {
		return broken(err)
	}
	if v.Head != "" {
		number, hash, _ := strings.Cut(v.Head, ":")
		seq, err := strconv.ParseInt(number, 10, 64)
		if err != nil || hash == "" {
			return fmt.Errorf("--head %q is not SEQ:HASH, as this command prints it", v.Head)
		}
		if _, err := audit.VerifyFrom(ctx, d.Read(ctx), seq, hash); err != nil {
			return broken(err)
		}
	}
	seq, hash, err := audit.Head(ctx, d.Read(ctx))
	if err != nil {
		return err
	}
	fmt.Fprintf(con.Err, "%d records, none changed, removed or moved. Keep this head elsewhere and give it back with --head:\n", n)
	_, err = fmt.Fprintf(con.Out, "%d:%s\n", seq, hash)
	return err
}

type auditExportCmd struct {
	place    `embed:""`
	logging  `embed:""`
	After    int64  `help:"Number of the last record exported before." default:"0"`
	Syslog   string `help:"Syslog server over TLS (RFC 5425). Default: XML on standard output." placeholder:"HOST:PORT"`
	SyslogCA string `name:"syslog-ca" help:"Authorities, PEM, one of which must vouch for the server. Default: those of the system." placeholder:"FILE" type:"path"`
}

// exportPage is how many records are read at once.
const exportPage = 1000

// Run exports what is new and says up to which record.
func (x auditExportCmd) Run(ctx context.Context, con console) error {
	d, err := db.Open(ctx, x.dbURL(), x.logger(con))
	if err != nil {
		return err
	}
	defer d.Close()
	send := func(r audit.Record) error { return r.WriteXML(con.Out) }
	if x.Syslog != "" {
		conn, err := x.dial(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		host, _ := os.Hostname()
		send = func(r audit.Record) error {
			if err := audit.Deadline(conn); err != nil {
				return err
			}
			return r.WriteSyslog(conn, host)
		}
	}
	last, err := export(ctx, d, x.After, send)
	fmt.Fprintf(con.Err, "exported up to record %d; go on with --after %d\n", last, last)
	return err
}

func export(ctx context.Context, d *db.DB, after int64, send func(audit.Record) error) (last int64, err error) {
	for {
		page, err := audit.After(ctx, d.Read(ctx), after, exportPage)
		if err != nil || len(page) == 0 {
			return after, err
		}
		for _, r := range page {
			if err := send(r); err != nil {
				return after, err
			}
			after = r.Seq
		}
	}
}

// dial opens the connection to the syslog server.
func (x auditExportCmd) dial(ctx context.Context) (net.Conn, error) {
	host, _, err := net.SplitHostPort(x.Syslog)
	if err != nil {
		return nil, fmt.Errorf("--syslog %q is not HOST:PORT", x.Syslog)
	}
	cfg := bcp195.Client(nil, nil)
	cfg.ServerName = host
	if x.SyslogCA != "" {
		pool, err := certfile.Pool(x.SyslogCA, nil)
		if err != nil {
			return nil, fmt.Errorf("--syslog-ca: %w", err)
		}
		if cfg.RootCAs, err = pool.Get(); err != nil {
			return nil, err
		}
	}
	conn, err := (&tls.Dialer{Config: cfg}).DialContext(ctx, "tcp", x.Syslog)
	if err != nil {
		return nil, fmt.Errorf("syslog server %s: %w", x.Syslog, err)
	}
	return conn, nil
}
