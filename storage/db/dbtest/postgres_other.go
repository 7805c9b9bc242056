//go:build !linux && !darwin

package dbtest

import "testing"

type server struct{}

// start skips: the test server is started by the tools of a Unix.
func start(t *testing.T) *server {
	t.Helper()
	t.Skip("PostgreSQL is only started by tests on Linux and macOS")
	return nil
}

func (*server) database(*testing.T) string { return "" }
