//go:build race

package main

// raceEnabled: the race detector makes the program ten times as slow and several
// times as large.
const raceEnabled = true
