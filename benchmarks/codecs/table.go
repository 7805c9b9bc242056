package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// heading says where, when and beside whom, and begins the table.
func heading(w io.Writer, from string, turns int, ps []*peer, absent []string) {
	fmt.Fprintf(w, "# Codecs, %s\n\n", time.Now().Format("2006-01-02"))
	fmt.Fprintf(w, "%s, %s, %s/%s, load %s at the start. Frames of 512 × 512 × 16 bit: %s.\n", processor(), runtime.Version(), runtime.GOOS, runtime.GOARCH, load(), from)
	fmt.Fprintf(w, "Least processor time of one thread in %d turns of %d, ours and theirs in turn; mean over the frames. MB/s is that of the whole frame's samples.\n", turns, repeat)
	fmt.Fprintf(w, "A ratio below 1 means that ours takes less time. Beside:")
	var beside []string
	for _, p := range ps {
		beside = append(beside, p.name+" "+p.version)
	}
	fmt.Fprintf(w, " %s.\nAbsent: %s.\n\n", strings.Join(beside, ", "), strings.Join(absent, "; "))
	fmt.Fprintf(w, "| %-50s | %8s | %7s | %6s | %s |\n", "", "ms/frame", "MB/s", "allocs", "theirs: ms (ours ÷ theirs)")
	fmt.Fprintf(w, "|%s|%s:|%s:|%s:|---|\n", strings.Repeat("-", 52), strings.Repeat("-", 9), strings.Repeat("-", 8), strings.Repeat("-", 7))
}

func (r *row) print(w io.Writer) {
	if r.skipped != "" {
		fmt.Fprintf(w, "| %-50s | %8s | %7s | %6s | %s |\n", r.name, "", "", "", r.skipped)
		return
	}
	var theirs []string
	for _, f := range r.theirs {
		s := fmt.Sprintf("%s %.2f (%.2f)", f.name, ms(f.took), float64(r.ours)/float64(f.took))
		if f.note != "" {
			s += " " + f.note
		}
		theirs = append(theirs, s)
	}
	fmt.Fprintf(w, "| %-50s | %8.2f | %7.0f | %6.0f | %s |\n", r.name, ms(r.ours), float64(r.bytes)/1e6/r.ours.Seconds(), r.allocs, strings.Join(theirs, ", "))
}

func ms(d time.Duration) float64 { return float64(d) / 1e6 }

func processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "processor unknown"
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if name, value, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return fmt.Sprintf("%s, %d processors", strings.TrimSpace(value), runtime.NumCPU())
		}
	}
	return "processor unknown"
}

func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(b), " ")
	return one
}
