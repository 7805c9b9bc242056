package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"time"
)

const (
	holdClass = 0x646f6b75              // "doku": the first key of our session locks
	holdEvery = time.Second             // between two tries for a hold, and between two proofs that it stands
	holdProof = holdEvery + holdEvery/2 // a proof that takes longer counts as a loss
	holdIdle  = 10 * time.Second        // without a proof the server ends the session: its node stands still
)

// Hold runs fn while this process is the only one that holds name, and again
// after it has lost and regained it, until ctx ends or fn returns an error. The
// context of fn ends when the hold is lost.
//
// On PostgreSQL a hold is a lock of a session (pg_try_advisory_lock): when the
// process dies the server frees it at once, when it stands still or its machine
// vanishes after holdIdle, and no clock of a node takes part. A process that was cut
// off or stood still may go on for a moment after that: what fn does must bear being
// done twice. SQLite has one process, which holds everything.
func (d *DB) Hold(ctx context.Context, name string, log *slog.Logger, fn func(ctx context.Context) error) error {
	if d.Alone() {
		return fn(ctx)
	}
	h := fnv.New32a()
	h.Write([]byte(name)) //nolint:errcheck // a hash does not fail
	for {
		err := d.hold(ctx, name, int32(h.Sum32()), log, fn)
		if err != nil || !pause(ctx, holdEvery) {
			return err
		}
	}
}

// hold waits for the hold and runs fn under it. It returns only errors of fn: a
// database that does not answer is a hold that was not got.
func (d *DB) hold(ctx context.Context, name string, key int32, log *slog.Logger, fn func(ctx context.Context) error) error {
	conn, err := d.pools.holders.Conn(ctx)
	if err != nil {
		return nil //nolint:nilerr // tried again
	}
	defer conn.Close() //nolint:errcheck // ends the session (the pool keeps none), and with it the lock
	for got := false; !got; {
		err := conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1, $2)`, holdClass, key).Scan(&got)
		if err != nil || !got && !pause(ctx, holdEvery) {
			return nil //nolint:nilerr // tried again
		}
	}
	log.InfoContext(ctx, "this node has the duty from now on", "duty", name)
	inner, cancel := context.WithCancel(ctx)
	proved := make(chan struct{})
	go func() {
		defer close(proved)
		defer cancel()
		if err := prove(inner, conn); err != nil {
			log.WarnContext(ctx, "the duty is lost; it is tried for again", "duty", name, "err", err)
		}
	}()
	err = fn(inner)
	cancel()
	<-proved
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// pause waits, and reports whether to go on.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// prove asks over and over whether the session of a hold still stands, and returns
// why it does not, or nil when ctx ends.
func prove(ctx context.Context, conn *sql.Conn) error {
	for pause(ctx, holdEvery) {
		limit, cancel := context.WithTimeout(ctx, holdProof)
		_, err := conn.ExecContext(limit, `SELECT 1`)
		cancel()
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("db: hold: %w", err)
		}
	}
	return nil
}
