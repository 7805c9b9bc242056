//go:build race

package simulate

// raceEnabled: the race detector makes SQLite, which is Go here, ten times slower,
// so a day has to do.
const raceEnabled = true
