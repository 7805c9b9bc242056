package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/internal/certfile"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
)

// trail are the settings of what happens to the audit trail while the service runs.
type trail struct {
	AuditKey         string `name:"audit-key" help:"Key of 'dokuei audit key' with which the head of the audit trail is signed every hour. Default: not signed." placeholder:"FILE" type:"path"`
	AuditCheckpoints string `name:"audit-checkpoints" help:"File to which signed heads are appended, too: on a disk that the database's administrators cannot write." placeholder:"FILE" type:"path"`
	AuditSyslog      string `name:"audit-syslog" help:"Syslog server that is sent every record as it comes, over TLS (RFC 5425)." placeholder:"HOST:PORT"`
	AuditSyslogCA    string `name:"audit-syslog-ca" help:"Authorities, PEM, one of which must vouch for it. Default: those of the system. It is shown the DICOM certificate when it asks." placeholder:"FILE" type:"path"`
}

// work is what is to be done for the trail; nothing when nothing is wanted.
func (o trail) work(d *db.DB, caller bcp195.Caller, log *slog.Logger) (list []func(context.Context) error, err error) {
	if o.AuditCheckpoints != "" && o.AuditKey == "" {
		return nil, errors.New("--audit-checkpoints needs --audit-key")
	}
	if o.AuditKey != "" {
		key, err := auditSigner(o.AuditKey)
		if err != nil {
			return nil, err
		}
		list = append(list, (&audit.Signer{DB: d, Key: key, File: o.AuditCheckpoints, Log: log}).Run)
	}
	if o.AuditSyslog != "" {
		dial, err := syslogDial(o.AuditSyslog, o.AuditSyslogCA, caller.Certificate, log)
		if err != nil {
			return nil, err
		}
		list = append(list, (&audit.Exporter{DB: d, Target: o.AuditSyslog, Dial: dial, Log: log}).Run)
	}
	return list, nil
}

func auditSigner(file string) (audit.Key, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("audit key: %w", err)
	}
	key, err := audit.NewKey(string(text))
	if err != nil {
		return nil, fmt.Errorf("audit key %s: not a key of `dokuei audit key`: %w", file, err)
	}
	return key, nil
}

// syslogDial opens connections to a syslog server over TLS.
func syslogDial(server, authorities string, own func() (*tls.Certificate, error), log *slog.Logger) (func(context.Context) (net.Conn, error), error) {
	host, _, err := net.SplitHostPort(server)
	if err != nil {
		return nil, fmt.Errorf("syslog server %q is not HOST:PORT", server)
	}
	caller := bcp195.Caller{Certificate: own}
	if authorities != "" {
		pool, err := certfile.Pool(authorities, log)
		if err != nil {
			return nil, fmt.Errorf("authorities of the syslog server: %w", err)
		}
		caller.Roots = pool.Get
	}
	return func(ctx context.Context) (net.Conn, error) {
		cfg, err := caller.Config(bcp195.ByAuthority)
		if err != nil {
			return nil, err
		}
		cfg.ServerName = host
		conn, err := (&tls.Dialer{NetDialer: &net.Dialer{Timeout: 10 * time.Second}, Config: cfg}).DialContext(ctx, "tcp", server)
		if err != nil {
			return nil, fmt.Errorf("syslog server %s: %w", server, err)
		}
		return conn, nil
	}, nil
}

type auditKeyCmd struct {
	File string `arg:"" help:"New file for the key that signs; readable to its owner only."`
}

// Run makes a key and prints the one that verifies.
func (c auditKeyCmd) Run(con console) error {
	signer, verifier, err := audit.GenerateKey()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(c.File, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, signer+"\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	fmt.Fprintln(con.Err, "Give the file to `serve --audit-key`. Keep this line elsewhere: `audit verify --key` needs it.")
	_, err = fmt.Fprintln(con.Out, verifier)
	return err
}

type auditPruneCmd struct {
	place    `embed:""`
	logging  `embed:""`
	Before   time.Time `required:"" format:"2006-01-02" help:"Records older than this day go." placeholder:"YYYY-MM-DD"`
	Archive  string    `required:"" help:"New file they are written to first, as DICOM audit messages, one a line." placeholder:"FILE" type:"path"`
	AuditKey string    `name:"audit-key" help:"Key that signs where the trail begins afterwards. Needed when heads are signed." placeholder:"FILE" type:"path"`
}

// keptAtLeast is how long records are kept in any case: five years, as the guideline's
// model asks for access records.
const keptAtLeast = 5 * 365 * 24 * time.Hour

// Run archives the oldest records and takes them away.
func (c auditPruneCmd) Run(ctx context.Context, con console) error {
	if time.Since(c.Before) < keptAtLeast {
		return fmt.Errorf("access records are kept for five years at least: --before %s is later", c.Before.Format(time.DateOnly))
	}
	d, err := db.Open(ctx, c.dbURL(), c.logger(con))
	if err != nil {
		return err
	}
	defer d.Close()
	var key audit.Key
	if c.AuditKey != "" {
		if key, err = auditSigner(c.AuditKey); err != nil {
			return err
		}
	}
	if _, err := audit.Verify(ctx, d.Read(ctx)); err != nil {
		return fmt.Errorf("nothing was taken away: %w", err)
	}
	upTo, err := audit.Before(ctx, d.Read(ctx), c.Before)
	if err != nil {
		return err
	}
	base, _, err := audit.Base(ctx, d.Read(ctx))
	if err != nil {
		return err
	}
	head, _, err := audit.Head(ctx, d.Read(ctx))
	if err != nil {
		return err
	}
	if upTo = min(upTo, head-1); upTo <= base {
		fmt.Fprintln(con.Err, "nothing is that old")
		return nil
	}
	f, err := os.OpenFile(c.Archive, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = export(ctx, d, base, upTo, func(r audit.Record) error { return r.WriteXML(f) })
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	err = d.Write(ctx, func(ctx context.Context, tx db.Tx) error { return audit.Prune(ctx, tx, key, upTo, "audit prune") })
	if err != nil {
		return err
	}
	fmt.Fprintf(con.Err, "%d records are in %s and no longer in the trail, which begins at %d now\n", upTo-base, c.Archive, upTo+1)
	return nil
}
