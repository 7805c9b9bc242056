// Package identity knows who asks: users, roles, sessions, bearer tokens, and
// what each may do.
//
// # Decisions
//
// Decide is a pure function of principal, action and resource; the matrix of roles
// and actions is data (rights.go), printed in docs/RIGHTS.md. Which studies a principal
// sees is a Scope, turned into SQL by Scope.StudyFilter and passed to every read
// of package catalog: the zero Scope sees nothing. Priors of other hospitals are a
// second condition, Scope.SharedFilter, which few queries ask for.
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
// # Signing in
//
// A session begins with one credential and opens nothing until its Needs are met:
// the second factor of the account (a passkey, WebAuthn Level 3, or a code,
// RFC 6238), an own password instead of one that was handed out, and a factor where
// the policy asks for one. What Action.NeedsProof names asks for a credential shown
// lately. An invitation is a secret that sets a password once. An emergency opens a
// patient outside the scope for an hour, and is reviewed.
//
// A hospital's own sign-on may open accounts of that hospital (package sso asks it);
// who somebody is there is issuer and subject, linked by an invitation or by an
// administrator. A linked account has no password, and its passkeys only prove.
//
// # Left out
//
// The secrets of code generators are kept readable.
package identity
