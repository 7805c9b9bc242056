//go:build race

package ingest_test

// raceDetector: everything takes ten times as long, so fewer real files are enough.
const raceDetector = true
