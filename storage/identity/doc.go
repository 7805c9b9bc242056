// Package identity knows who asks: users, roles, sessions, bearer tokens, and
// what each may do.
//
// # Decisions
//
// Decide is a pure function of principal and action. Which studies a principal
// sees is a Scope, turned into SQL by Scope.StudyFilter and passed to every read
// of package catalog: the zero Scope sees nothing.
//
// # Secrets
//
// Passwords are kept as argon2id (RFC 9106). Sessions and tokens are 256 random
// bits; the database holds only their SHA-256. A session ends when it is idle for
// too long or too old, when it is revoked, or when its user is disabled.
//
// # Guessing
//
// Failed sign-ins are counted per account and address together, and per address.
// After the third each doubles the time before the next try is even looked at. A wrong name costs
// the same time and gives the same answer as a wrong password. Few passwords are
// hashed at the same time, which bounds memory (32 MiB each).
//
// # Left out
//
// Second factors, passkeys, single sign-on, consent and break-glass.
package identity
