package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Walk the audit trail; exit code 3 and the place when a record was changed, removed or moved."`
	Key    auditKeyCmd    `cmd:"" help:"Make a key with which the service signs the head of the trail."`
	Prune  auditPruneCmd  `cmd:"" help:"Archive records that were kept for their time, and take them out of the trail."`
	Export auditExportCmd `cmd:"" help:"Write the trail as DICOM audit messages (PS3.15 A.5), to standard output or to a syslog server over TLS."`
}

type auditVerifyCmd struct {
	place   `embed:""`
	logging `embed:""`
	Head    string `help:"A head this command printed before and you kept elsewhere: also finds that the newest records were cut off." placeholder:"SEQ:HASH"`
	Key     string `help:"What 'dokuei audit key' printed: signed heads are looked at, too." placeholder:"KEY"`
	Signed  string `help:"File of signed heads that was kept elsewhere (--audit-checkpoints): finds that the newest records were cut off." placeholder:"FILE" type:"existingfile"`
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
	if v.Signed != "" && v.Key == "" {
		return errors.New("--signed needs --key")
	}
	if v.Key != "" {
		var more []byte
		if v.Signed != "" {
			if more, err = os.ReadFile(v.Signed); err != nil {
				return err
			}
		}
		heads, err := audit.VerifyNotes(ctx, d.Read(ctx), v.Key, string(more))
		if errors.Is(err, audit.ErrForged) {
			return brokenTrail{err}
		}
		if err != nil {
			return broken(err)
		}
		fmt.Fprintf(con.Err, "%d signed heads hold.\n", heads)
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
		dial, err := syslogDial(x.Syslog, x.SyslogCA, nil, nil)
		if err != nil {
			return err
		}
		conn, err := dial(ctx)
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
	last, err := export(ctx, d, x.After, math.MaxInt64, send)
	fmt.Fprintf(con.Err, "exported up to record %d; go on with --after %d\n", last, last)
	return err
}

// export sends the records after one number up to another.
func export(ctx context.Context, d *db.DB, after, upTo int64, send func(audit.Record) error) (last int64, err error) {
	for {
		page, err := audit.After(ctx, d.Read(ctx), after, exportPage)
		if err != nil || len(page) == 0 {
			return after, err
		}
		for _, r := range page {
			if r.Seq > upTo {
				return after, nil
			}
			if err := send(r); err != nil {
				return after, err
			}
			after = r.Seq
		}
	}
}
