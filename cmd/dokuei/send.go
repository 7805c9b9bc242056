package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dokuei/dokuei/router/send"
)

type sendCmd struct {
	logging      `embed:""`
	callerTLS    `embed:""`
	Paths        []string      `arg:"" name:"path" help:"DICOM files, folders (with all below them) or a DICOMDIR." type:"existingpath"`
	To           string        `required:"" help:"Where to send." placeholder:"HOST:PORT"`
	AET          string        `name:"aet" help:"Our (calling) AE title." default:"DOKUEI"`
	AEC          string        `name:"aec" help:"The receiver's (called) AE title." default:"DOKUEI"`
	Associations int           `help:"Associations at once." default:"4"`
	Window       uint16        `help:"Files under way on each association when the receiver agrees; 1 does not ask it." default:"8"`
	Tries        int           `help:"How often a file is sent before it counts as failed." default:"4"`
	Response     time.Duration `help:"How long to wait for the answer to one file." default:"2m"`
	Journal      string        `help:"File that remembers what was acknowledged, so that the same command sends only the rest. Default: dokuei/sent.journal in the user's cache folder." placeholder:"FILE" type:"path"`
	Commit       bool          `help:"Ask the receiver to commit to storage what it has acknowledged, and fail when it does not."`
	CommitWait   time.Duration `help:"How long to wait for the report of that." default:"2m"`
	CommitListen string        `help:"Address on which a receiver that calls back with its report finds us under our AE title. Default: none, the report comes on the association that asked." placeholder:"HOST:PORT"`
	NoResume     bool          `help:"Keep no journal and send everything."`
}

// Run sends, with a progress bar where somebody is watching, and lists what did
// not arrive.
func (s sendCmd) Run(ctx context.Context, con console) error {
	journal, err := s.journal()
	if err != nil {
		return err
	}
	secure, err := s.config()
	if err != nil {
		return err
	}
	commit, err := s.commit()
	if err != nil {
		return err
	}
	bar := newBar(con.Err)
	report, err := send.Run(ctx, s.Paths, send.Options{
		Addr: s.To, CallingAE: s.AET, CalledAE: s.AEC, TLS: secure, Associations: s.Associations, Window: s.Window, Tries: s.Tries, Response: s.Response,
		Journal: journal, Progress: bar.show, Commit: commit,
	})
	bar.clear()
	for _, p := range report.Ignored {
		fmt.Fprintln(con.Err, "not DICOM:", p)
	}
	for _, p := range report.Failed {
		fmt.Fprintln(con.Err, "failed:", p)
	}
	for _, p := range report.Uncommitted {
		fmt.Fprintln(con.Err, "not committed:", p)
	}
	rate := float64(report.Bytes) / max(report.Duration.Seconds(), 1e-3)
	fmt.Fprintf(con.Out, "%d sent (%s, %s/s), %d skipped (acknowledged before), %d failed, %d not tried, %d not DICOM, %v\n",
		report.Sent, bytesText(report.Bytes), bytesText(int64(rate)), report.Skipped, len(report.Failed), report.Unsent, len(report.Ignored),
		report.Duration.Round(10*time.Millisecond))
	if commit != nil {
		fmt.Fprintf(con.Out, "%d committed, %d not\n", report.Committed, len(report.Uncommitted))
	}
	switch {
	case errors.Is(err, context.Canceled):
		return errors.New("stopped; the same command sends the rest")
	case err != nil:
		return err
	case len(report.Failed) > 0:
		return fmt.Errorf("%d of %d did not arrive; the list above says why", len(report.Failed), report.Found)
	case len(report.Uncommitted) > 0:
		return fmt.Errorf("%d of %d arrived and are not committed; the list above says why", len(report.Uncommitted), report.Found)
	case report.Found == 0:
		return errors.New("no DICOM instance was found there")
	}
	return nil
}

// commit is nil when no commitment is wanted.
func (s sendCmd) commit() (*send.Commit, error) {
	if !s.Commit {
		if s.CommitListen != "" {
			return nil, errors.New("--commit-listen needs --commit")
		}
		return nil, nil
	}
	c := &send.Commit{Wait: s.CommitWait}
	if s.CommitListen != "" {
		l, err := net.Listen("tcp", s.CommitListen)
		if err != nil {
			return nil, fmt.Errorf("--commit-listen: %w", err)
		}
		c.Listener = l
	}
	return c, nil
}

func (s sendCmd) journal() (string, error) {
	if s.NoResume {
		return "", nil
	}
	if s.Journal != "" {
		return s.Journal, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder for the journal: %w; name a file with --journal or give --no-resume", err)
	}
	dir := filepath.Join(cache, "dokuei")
	return filepath.Join(dir, "sent.journal"), os.MkdirAll(dir, 0o700)
}

// bar is the progress bar; it draws only on a terminal.
type bar struct {
	out  io.Writer // nil: nobody is watching
	last int       // width of what is on the line
}

func newBar(w io.Writer) *bar {
	f, ok := w.(*os.File)
	if !ok {
		return &bar{}
	}
	st, err := f.Stat()
	if err != nil || st.Mode()&os.ModeCharDevice == 0 {
		return &bar{}
	}
	return &bar{out: w}
}

const barWidth = 28

func (b *bar) show(p send.Progress) {
	if b.out == nil {
		return
	}
	b.draw(barText(p))
}

// barText is the line: bar, files, rate, time left.
func barText(p send.Progress) string {
	if p.Scanning {
		return fmt.Sprintf("looking at files: %d", p.Files)
	}
	share := 1.0
	if p.BytesTotal > 0 {
		share = float64(p.Bytes) / float64(p.BytesTotal)
	}
	full := min(int(share*barWidth), barWidth)
	text := fmt.Sprintf("[%s%s] %3.0f%%  %d/%d files  %s/s", strings.Repeat("=", full), strings.Repeat(" ", barWidth-full),
		100*share, p.Sent+p.Skipped+p.Failed, p.Files, bytesText(int64(p.Rate)))
	if p.ETA > 0 {
		text += "  " + p.ETA.Round(time.Second).String() + " left"
	}
	if p.Failed > 0 {
		text += fmt.Sprintf("  %d failed", p.Failed)
	}
	return text
}

func (b *bar) draw(text string) {
	fmt.Fprintf(b.out, "\r%s%s", text, strings.Repeat(" ", max(b.last-len(text), 0)))
	b.last = len(text)
}

func (b *bar) clear() {
	if b.out != nil && b.last > 0 {
		b.draw("")
		fmt.Fprint(b.out, "\r")
	}
}

func bytesText(n int64) string {
	f := float64(n)
	for _, u := range []string{"B", "KiB", "MiB", "GiB"} {
		if f < 1024 {
			if u == "B" {
				return fmt.Sprintf("%.0f %s", f, u)
			}
			return fmt.Sprintf("%.1f %s", f, u)
		}
		f /= 1024
	}
	return fmt.Sprintf("%.1f TiB", f)
}
