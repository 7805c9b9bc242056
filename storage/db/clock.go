package db

import (
	"context"
	"fmt"
	"time"
)

type clockKey struct{}

// WithNow gives a context its own time, which [NowIn] reads: that of a month that is
// played, not lived. A service never does so.
func WithNow(ctx context.Context, now func() time.Time) context.Context {
	return context.WithValue(ctx, clockKey{}, now)
}

// NowIn is [Now], or the time of [WithNow].
func NowIn(ctx context.Context) time.Time {
	if now, ok := ctx.Value(clockKey{}).(func() time.Time); ok {
		return now().UTC().Truncate(time.Microsecond)
	}
	return Now()
}

// Time is the clock by which processes that share a database agree whose turn it is,
// whatever their own say: that of the database's machine. SQLite has none but ours
// ([NowIn]), and one process.
func (d *DB) Time(ctx context.Context) (time.Time, error) {
	if d.Alone() {
		return NowIn(ctx), nil
	}
	var at int64
	err := d.readers.QueryRowContext(ctx, `SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)`).Scan(&at)
	if err != nil {
		return time.Time{}, fmt.Errorf("db: time of the database: %w", err)
	}
	return FromMicros(at), nil
}

// Agreed is now, or the time of the database's machine where that is earlier: what goes by
// its age goes by two clocks, of which one may have been set wrong. SQLite has none but ours.
func (d *DB) Agreed(ctx context.Context, now time.Time) (time.Time, error) {
	if d.Alone() {
		return now, nil
	}
	theirs, err := d.Time(ctx)
	if err != nil {
		return time.Time{}, err
	}
	if theirs.Before(now) {
		return theirs, nil
	}
	return now, nil
}
