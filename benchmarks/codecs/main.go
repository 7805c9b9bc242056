// Command codecs prints one table: what decoding and encoding a frame costs, for each
// codec and each reduction, beside the libraries of others that are installed here
// (benchmarks/native and benchmarks/gopeer are built first; one that cannot be is
// named). Every figure is the least processor time of one thread over many turns; ours
// and theirs take turns frame by frame, so that what else the machine does meets all.
// What they give is compared with what we give.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"time"
)

func main() {
	out := flag.String("o", "", "folder to keep the table in as well, as DATE-codecs.md")
	turns := flag.Int("turns", 12, "how often ours and theirs take turns for each frame")
	only := flag.String("only", "", "one codec, or thumbnail")
	profile := flag.String("profile", "", "file for a profile of ours")
	flag.Parse()
	if err := run(*out, *turns, *only, *profile); err != nil {
		fmt.Fprintln(os.Stderr, "codecs:", err)
		os.Exit(1)
	}
}

func run(out string, turns int, only, profile string) error {
	runtime.LockOSThread() // the clock is that of the thread
	frames, from, err := loadFrames()
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "codecs")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	ps, absent := startPeers(work)
	defer func() {
		for _, p := range ps {
			p.stop()
		}
	}()
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	var text bytes.Buffer
	w := io.MultiWriter(os.Stdout, &text)
	heading(w, from, turns, ps, absent)
	for _, c := range cases() {
		if only != "" && c.codec != only {
			continue
		}
		able := ps
		if profile != "" {
			able = nil // they only make frames
		}
		row, err := measure(c, frames, ps, able, turns)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		row.print(w)
	}
	if only == "" || only == "thumbnail" {
		if err := thumbnails(w, frames, turns); err != nil {
			return fmt.Errorf("thumbnails: %w", err)
		}
	}
	if out == "" {
		return nil
	}
	return os.WriteFile(filepath.Join(out, time.Now().Format("2006-01-02")+"-codecs.md"), text.Bytes(), 0o644)
}
