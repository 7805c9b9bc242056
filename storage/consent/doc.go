// Package consent keeps two registers: what patients have said about other hospitals
// seeing what a hospital has of them, and which patients of two hospitals are one
// person.
//
// Neither opens anything by itself. A prior of another hospital is seen by who reads a
// study of the same person, where the persons are linked, the patient's newest word at
// the hospital that has the prior covers the hospital it is read for, and that hospital
// was agreed to see others'. identity.Decide says so for one study and
// identity.Scope.SharedFilter for every query, at the time of the query: what is
// withdrawn or ended is gone with the next answer.
//
// A link is never made of equal identifiers: two hospitals number their patients each
// for itself. One person says why two patients are one, another confirms it; it can be
// ended, and what was is kept. Links are not followed further: of three hospitals each
// pair needs its own.
//
// The register of consents is append-only in the database. Every change is in the audit
// trail, without names.
package consent
