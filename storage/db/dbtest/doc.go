// Package dbtest runs one test on every database the program supports: SQLite
// always, PostgreSQL where its server is installed. The server is started by the
// test that asks for it, in a folder and on a socket of its own, and stopped when
// that test ends.
package dbtest
