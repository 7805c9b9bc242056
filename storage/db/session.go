package db

import (
	"context"
	"database/sql"
	"fmt"
)

// statementsMax bounds the prepared statements kept by the writer: more than the
// program has, so the bound is only met by a caller that builds SQL text.
const statementsMax = 256

// session is the writer's connection. It is the Tx that functions receive.
type session struct {
	conn  *sql.Conn
	cache map[string]*sql.Stmt // nil when the driver caches
}

func newSession(conn *sql.Conn, cache bool) *session {
	s := &session{conn: conn}
	if cache {
		s.cache = make(map[string]*sql.Stmt)
	}
	return s
}

// run lets the request run its function inside a SAVEPOINT. whole says that after
// an error the transaction around it still stands and holds nothing of it.
func (s *session) run(ctx context.Context, r *request) (whole bool, err error) {
	if err := s.exec(ctx, "SAVEPOINT fn"); err != nil {
		return false, fmt.Errorf("db: savepoint: %w", err)
	}
	if err = s.lend(r); err == nil {
		if err = s.exec(ctx, "RELEASE SAVEPOINT fn"); err == nil {
			return true, nil
		}
	}
	if rerr := s.exec(ctx, "ROLLBACK TO SAVEPOINT fn"); rerr != nil {
		return false, err
	}
	if rerr := s.exec(ctx, "RELEASE SAVEPOINT fn"); rerr != nil {
		return false, err
	}
	return true, err
}

// lend lets the request run its function and waits for it.
func (s *session) lend(r *request) error {
	r.turn <- s
	return <-r.ran
}

func (s *session) exec(ctx context.Context, query string) error {
	_, err := s.ExecContext(ctx, query)
	return err
}

// prepared gives the statement kept for query, or nil when there is none.
func (s *session) prepared(ctx context.Context, query string) *sql.Stmt {
	if s.cache == nil {
		return nil
	}
	if st, ok := s.cache[query]; ok {
		return st
	}
	st, err := s.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil // the plain call reports the same error
	}
	if len(s.cache) >= statementsMax {
		s.forget()
	}
	s.cache[query] = st
	return st
}

// ExecContext runs a statement without rows.
func (s *session) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if st := s.prepared(ctx, query); st != nil {
		return st.ExecContext(ctx, args...)
	}
	return s.conn.ExecContext(ctx, query, args...)
}

// QueryContext is not served from the cache: a loop over its rows may run the
// same query again, which would move the first cursor.
func (s *session) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.conn.QueryContext(ctx, query, args...)
}

// QueryRowContext reads one row.
func (s *session) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if st := s.prepared(ctx, query); st != nil {
		return st.QueryRowContext(ctx, args...)
	}
	return s.conn.QueryRowContext(ctx, query, args...)
}

func (s *session) forget() {
	for _, st := range s.cache {
		st.Close() //nolint:errcheck // only memory is freed
	}
	clear(s.cache)
}

func (s *session) close() {
	s.forget()
	s.conn.Close() //nolint:errcheck // a broken connection has nothing to flush
}
