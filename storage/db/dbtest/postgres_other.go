//go:build !linux && !darwin

package dbtest

import "testing"

// Server is a PostgreSQL.
type Server struct{}

// Start skips: the test server is started by the tools of a Unix.
func Start(t testing.TB) *Server {
	t.Helper()
	t.Skip("PostgreSQL is only started by tests on Linux and macOS")
	return nil
}

// Database is never asked.
func (*Server) Database(testing.TB) string { return "" }

// Restart is never asked.
func (*Server) Restart(testing.TB) {}
