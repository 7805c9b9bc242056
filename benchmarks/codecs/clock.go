//go:build !linux

package main

import "time"

var begin = time.Now()

// processorTime is wall time where the clock of a thread is not at hand: let nothing
// else run.
func processorTime() time.Duration { return time.Since(begin) }
