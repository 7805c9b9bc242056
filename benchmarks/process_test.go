package benchmarks

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// tick is the unit of processor time in /proc (proc_pid_stat(5)): USER_HZ is 100
// on every architecture that Go runs on.
const tick = 10 * time.Millisecond

// cpu is the processor time, in user and system mode, of a process and of all that
// descend from it. Where there is no /proc nothing can be said.
func (p *process) cpu(b *testing.B) time.Duration {
	b.Helper()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		b.Logf("processor time of the server is not measured here: %v", err)
		return 0
	}
	stats := map[int]stat{}
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range files {
		if s, err := readStat(f); err == nil { // else it has just ended
			stats[s.pid] = s
		}
	}
	var sum time.Duration
	for pid, s := range stats {
		for up := pid; up > 1; up = stats[up].parent {
			if up == p.pid {
				sum += s.cpu
				break
			}
		}
	}
	return sum
}

type stat struct {
	pid, parent int
	cpu         time.Duration // with that of children who have ended
}

func readStat(file string) (stat, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return stat{}, err
	}
	pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
	if err != nil {
		return stat{}, err
	}
	// The name of the program, in brackets, may hold anything.
	f := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
	const parent, utime, cstime = 1, 11, 14
	if len(f) <= cstime {
		return stat{}, fmt.Errorf("%s: too short", file)
	}
	s := stat{pid: pid}
	if s.parent, err = strconv.Atoi(f[parent]); err != nil {
		return stat{}, err
	}
	for _, n := range f[utime : cstime+1] {
		ticks, err := strconv.ParseInt(n, 10, 64)
		if err != nil {
			return stat{}, err
		}
		s.cpu += time.Duration(ticks) * tick
	}
	return s, nil
}

// peak is the largest resident set of the process so far, 0 where that is not told.
func (p *process) peak(b *testing.B) int64 {
	b.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(raw), "VmHWM:")
	kb, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	n, err := strconv.ParseInt(kb, 10, 64)
	if err != nil {
		b.Fatalf("VmHWM: %v", err)
	}
	return n << 10
}

// ownCPU is the processor time of this process, which sends; 0 where there is no /proc.
func ownCPU() time.Duration {
	s, err := readStat("/proc/self/stat")
	if err != nil {
		return 0
	}
	return s.cpu
}
