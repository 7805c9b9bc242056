// Package uid is the registry of unique identifiers of PS3.6 Annex A and the
// grammar of PS3.5 §9.1.
//
// It knows every transfer syntax of PS3.6 Table A-1, retired ones included, the
// storage SOP classes of PS3.4 Table B.5-1, and the SOP classes of the other
// services. Coding schemes, context groups and well-known frames of reference are
// left out: nothing here decides by them.
//
// The tables are read-only after start and every function is safe for concurrent
// use; lookups do not allocate.
package uid
