package db

import (
	"context"
	"database/sql"
	"sync"
)

// pool is the readers. It keeps the prepared statements of queries for one row,
// which are few and asked over and over: reading their SQL anew costs the embedded
// engine more than answering.
type pool struct {
	*sql.DB
	keep bool // false when the driver keeps its own

	mu   sync.RWMutex
	kept map[string]*sql.Stmt
}

func newPool(d *sql.DB, keep bool) *pool {
	return &pool{DB: d, keep: keep, kept: make(map[string]*sql.Stmt)}
}

// QueryRowContext reads one row.
func (p *pool) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
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
