package db

import (
	"context"
	"database/sql"
	"runtime"
	"sync"
	"time"
)

// pool is the readers. It keeps the prepared statements of queries for one row,
// which are few and asked over and over: reading their SQL anew costs the embedded
// engine more than answering.
type pool struct {
	*sql.DB
	keep  bool          // false when the driver keeps its own
	limit time.Duration // of one query, with the wait for a connection; zero: none

	mu   sync.RWMutex
	kept map[string]*sql.Stmt
}

// sizeReaders bounds the readers of one process.
func sizeReaders(d *sql.DB) {
	n := max(4, 2*runtime.NumCPU())
	d.SetMaxOpenConns(n)
	d.SetMaxIdleConns(n)
}

func newPool(d *sql.DB, e engine) *pool {
	return &pool{DB: d, keep: e.cacheStatements(), limit: e.readLimit(), kept: make(map[string]*sql.Stmt)}
}

func (p *pool) within(ctx context.Context) context.Context {
	if p.limit == 0 {
		return ctx
	}
	return within(ctx, p.limit)
}

// QueryContext reads rows.
func (p *pool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return p.DB.QueryContext(p.within(ctx), query, args...)
}

// BeginTx starts a view.
func (p *pool) BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error) {
	return p.DB.BeginTx(p.within(ctx), opts)
}

// PingContext asks whether the database answers.
func (p *pool) PingContext(ctx context.Context) error { return p.DB.PingContext(p.within(ctx)) }

// QueryRowContext reads one row.
func (p *pool) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	ctx = p.within(ctx)
	if st := p.prepared(ctx, query); st != nil {
		return st.QueryRowContext(ctx, args...)
	}
	return p.DB.QueryRowContext(ctx, query, args...)
}

// prepared gives the statement kept for query, or nil when there is none: the
// plain call reports why.
func (p *pool) prepared(ctx context.Context, query string) *sql.Stmt {
	if !p.keep {
		return nil
	}
	p.mu.RLock()
	st, ok := p.kept[query]
	full := len(p.kept) >= statementsMax
	p.mu.RUnlock()
	if ok || full {
		return st
	}
	st, err := p.PrepareContext(ctx, query)
	if err != nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if first, ok := p.kept[query]; ok {
		st.Close() //nolint:errcheck // only memory is freed
		return first
	}
	p.kept[query] = st
	return st
}
