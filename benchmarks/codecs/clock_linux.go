package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// processorTime is that of the thread.
func processorTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		panic(err) // the clock exists since Linux 2.6
	}
	return time.Duration(t.Nano())
}
