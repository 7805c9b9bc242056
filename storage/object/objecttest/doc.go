// Package objecttest is the contract of object.Store as tests: every
// implementation runs Run on an empty store of its own and Benchmark for figures
// that can be set beside each other.
package objecttest
