//go:build race

package service_test

// raceEnabled makes large tests small: the detector slows copying tenfold.
const raceEnabled = true
