// Package importorder holds the test of the one rule of the house: a package
// imports its own top-level folder or one lower on the line
//
//	cmd → viewer → reports → router → worklist → storage → dicom → internal
//
// (docs/ARCHITECTURE.md). It parses the source files itself: a test that asked
// the go tool would be answered from a stale test cache.
package importorder
