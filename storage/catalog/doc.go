// Package catalog keeps the rows of patients, studies, series and instances
// (PS3.3 annex A.1.2 information model), the ledger of what has arrived, grants,
// and the outbox of events.
//
// # Identity
//
// A patient is (facility, Patient ID, Issuer of Patient ID): equal IDs of two
// hospitals are two patients. A data set without a Patient ID gets a patient of
// its own study. A study is (facility, Study Instance UID), an instance
// (facility, SOP Instance UID). The columns of the patient in a study are what
// that study's images say.
//
// # Reading
//
// Every list and get takes an identity.Scope and answers ErrNotFound for rows
// outside it, exactly as for rows that do not exist. Lists are paged by key, not
// by offset. Queries name the table studies without alias, because
// Scope.StudyFilter does.
//
// # The ledger
//
// A study is receiving until ReleaseAt; whoever adds an instance moves ReleaseAt
// in the same transaction (Arrive). Due and Complete are for router/completeness.
//
// # Events
//
// AppendEvent writes in the caller's transaction; order of Seq is order of
// commit (package db).
//
// # The trash
//
// A study in the trash is outside of every scope but identity.Everything: nobody sees
// it, the program's own work does. Whatever its hospital sends of it takes it out
// again (Untrash): what was answered with Success is not deleted unseen. Who may put
// it there, and what becomes of it, is package retention's.
//
// Left out: patient merge.
package catalog
