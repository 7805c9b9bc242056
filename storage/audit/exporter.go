package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

const (
	exportPage  = 500
	exportEvery = 2 * time.Second
	exportRest  = 30 * time.Second // after a connection that could not be made or broke
	again       = 50               // records that are sent again then: nobody says what has arrived
)

// Exporter sends the trail on to a syslog server as it grows (RFC 5424, 5425; IHE ATNA
// ITI-20).
type Exporter struct {
	DB     *db.DB
	Target string // host:port, under which it is remembered how far it is
	Dial   func(context.Context) (net.Conn, error)
	Log    *slog.Logger
	Rest   time.Duration // after a failure; 0: half a minute
}

// Run sends until ctx ends. What cannot be sent waits.
func (x *Exporter) Run(ctx context.Context) error {
	rest := x.Rest
	if rest == 0 {
		rest = exportRest
	}
	failed := false
	for ctx.Err() == nil {
		if err := x.connected(ctx, failed); err != nil && ctx.Err() == nil {
			if !failed { // once, not every half minute of a night
				x.Log.ErrorContext(ctx, "the audit trail does not reach the syslog server; it is tried again and again", "target", x.Target, "error", err)
			}
			failed = true
		}
		select {
		case <-ctx.Done():
		case <-time.After(rest):
		}
	}
	return nil
}

// connected sends over one connection until it breaks.
func (x *Exporter) connected(ctx context.Context, failed bool) error {
	conn, err := x.Dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	// The server never writes: what is read is that it has gone.
	gone := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, conn)
		gone <- err
	}()
	seq, err := x.position(ctx)
	if err != nil {
		return err
	}
	if failed {
		x.Log.InfoContext(ctx, "the audit trail reaches the syslog server again", "target", x.Target)
	}
	seq = max(0, seq-again)
	host, _ := os.Hostname()
	for {
		page, err := After(ctx, x.DB.Read(ctx), seq, exportPage)
		if err != nil {
			return err
		}
		for _, r := range page {
			if err := Deadline(conn); err != nil {
				return err
			}
			if err := r.WriteSyslog(conn, host); err != nil {
				return err
			}
			seq = r.Seq
		}
		if len(page) > 0 {
			if err := x.remember(ctx, seq); err != nil {
				return err
			}
			if len(page) == exportPage {
				continue
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case err := <-gone:
			return errors.Join(errors.New("audit: the syslog server closed the connection"), err)
		case <-time.After(exportEvery):
		}
	}
}

func (x *Exporter) position(ctx context.Context) (seq int64, err error) {
	err = x.DB.Read(ctx).QueryRowContext(ctx, `SELECT seq FROM audit_exports WHERE target = $1`, x.Target).Scan(&seq)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("audit: export: %w", err)
	}
	return seq, nil
}

func (x *Exporter) remember(ctx context.Context, seq int64) error {
	return x.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO audit_exports (target, seq) VALUES ($1, $2) ON CONFLICT (target) DO UPDATE SET seq = $2`, x.Target, seq)
		if err != nil {
			return fmt.Errorf("audit: export: %w", err)
		}
		return nil
	})
}
