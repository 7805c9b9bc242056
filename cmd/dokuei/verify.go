package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/ingest"
)

type verifyCmd struct {
	place   `embed:""`
	logging `embed:""`
	Rate    *size `help:"Bytes read a second, so that the service beside it keeps its disk; 0 for as fast as it goes." default:"64MiB" placeholder:"SIZE"`
}

// damageError ends a verify that found damage, with an exit code of its own, so
// that a timer can tell it from a verify that could not run.
type damageError struct{ damaged, objects, reports int }

func (e *damageError) Error() string {
	if e.reports > 0 {
		return fmt.Sprintf("%d signed versions of reports are not what was signed (and %d of %d objects are damaged); restore the catalog from a backup: do not act on these reports", e.reports, e.damaged, e.objects)
	}
	return fmt.Sprintf("%d of %d objects are damaged or missing; the list above names them: restore them from a backup, or have the hospital send them again", e.damaged, e.objects)
}

// ExitCode is for main.
func (*damageError) ExitCode() int { return 3 }

// Run reads every object and compares it with the catalog, and every signed
// version of a report with its hash and its predecessor. The service may be
// running.
func (v verifyCmd) Run(ctx context.Context, con console) error {
	d, objects, err := v.open(ctx, v.logging, con)
	if err != nil {
		return err
	}
	defer d.Close()
	defer objects.Close()
	begin, progress := time.Now(), every{out: con.Err, wait: 5 * time.Second}
	done, err := ingest.New(objects, d, ingest.Options{}).Verify(ctx, ingest.VerifyOptions{
		Rate:     int64(*v.Rate),
		Progress: func(n ingest.Verified) { progress.say("%d objects, %s read", n.Objects, bytesText(n.Bytes)) },
	}, func(b ingest.Damage) error {
		what := "damaged"
		if b.Missing {
			what = "missing"
		}
		_, err := fmt.Fprintln(con.Out, what, "instance", b.InstanceID, "object", b.ObjectKey)
		return err
	})
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("stopped after %d objects", done.Objects)
	}
	if err != nil {
		return err
	}
	took := time.Since(begin)
	fmt.Fprintf(con.Out, "%d objects (%s) read in %v: %d damaged or missing\n", done.Objects, bytesText(done.Bytes), took.Round(time.Millisecond), done.Damaged)
	forged := 0
	versions, err := reports.Verify(ctx, d.Read(ctx), func(id string, err error) {
		forged++
		fmt.Fprintln(con.Out, "damaged report", id, err)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(con.Out, "%d signed versions of reports: %d not as signed\n", versions, forged)
	outcome := "success"
	if done.Damaged+forged > 0 {
		outcome = "failure"
	}
	if err := note(ctx, d, "store.verified", outcome, fmt.Sprintf("objects=%d bytes=%d damaged=%d reports=%d forged=%d", done.Objects, done.Bytes, done.Damaged, versions, forged)); err != nil {
		return err
	}
	if done.Damaged+forged > 0 {
		return &damageError{done.Damaged, done.Objects, forged}
	}
	return nil
}

// note leaves a record in the audit trail.
func note(ctx context.Context, d *db.DB, action, outcome, detail string) error {
	return d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return audit.Append(ctx, tx, audit.Record{Actor: "command line", Action: action, Outcome: outcome, Detail: detail})
	})
}

// open opens catalog and image store of a place that is in use already.
func (p place) open(ctx context.Context, l logging, con console) (*db.DB, images, error) {
	d, err := p.openCatalog(ctx, l, con)
	if err != nil {
		return nil, nil, err
	}
	objects, err := p.openObjects(ctx, 0, l.logger(con), nil)
	if err != nil {
		return nil, nil, errors.Join(err, d.Close())
	}
	return d, objects, nil
}

func (p place) openCatalog(ctx context.Context, l logging, con console) (*db.DB, error) {
	if file, ok := p.sqlite(); ok {
		if _, err := os.Stat(file); err != nil {
			return nil, fmt.Errorf("there is no catalog: %w; name its place with --data or --db", err)
		}
	}
	return db.Open(ctx, p.dbURL(), l.logger(con))
}

// sqlite is the file of the catalog, when it is one.
func (p place) sqlite() (file string, ok bool) {
	url := p.dbURL()
	if strings.HasPrefix(url, "postgres:") || strings.HasPrefix(url, "postgresql:") {
		return "", false
	}
	return strings.TrimPrefix(strings.TrimPrefix(url, "sqlite:"), "//"), true
}

// every prints a line now and then.
type every struct {
	out  io.Writer
	wait time.Duration
	last time.Time
}

func (e *every) say(format string, args ...any) {
	if now := time.Now(); now.Sub(e.last) >= e.wait {
		if !e.last.IsZero() {
			fmt.Fprintf(e.out, format+"\n", args...)
		}
		e.last = now
	}
}
