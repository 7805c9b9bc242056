package benchmarks

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/dokuei/dokuei/internal/freeport"
)

// BenchmarkPicturesOf300 sends a CT of 300 slices of 512 × 512 × 16 bit over one
// association and tells how long after the last response the thumbnails and scroll
// previews of all are there, and how large the server has become. Then it goes on sending
// while the server is profiled, and tells what of its processor time an image takes for
// pictures and what for all else: association, file, index, audit.
//
// Use -benchtime=1x.
func BenchmarkPicturesOf300(b *testing.B) {
	const slices = 300
	ours := &dokuei{profile: fmt.Sprintf("127.0.0.1:%d", freeport.For(b))}
	ours.build(b)
	for range b.N {
		p := ours.start(b)
		one := dial(b, p.addr, headCT(b))
		for n := range slices {
			if err := one.send(b.Context(), n); err != nil {
				b.Fatalf("%v\n%s", err, p.said())
			}
		}
		last := time.Now()
		ours.finish(b, p, slices)
		b.ReportMetric(time.Since(last).Seconds()*1e3, "ms-to-pictures")
		b.ReportMetric(float64(p.peak(b))/(1<<20), "peak-MiB")

		sent := 0
		file := profiled(b, ours.profile, func() error {
			sent++
			return one.send(b.Context(), slices+sent)
		})
		pictures, all := share(b, ours.program, file, `viewer/preview\.`)
		b.ReportMetric(pictures.Seconds()*1e3/float64(sent), "picture-cpu-ms/image")
		b.ReportMetric((all-pictures).Seconds()*1e3/float64(sent), "receiver-cpu-ms/image")
		if pictures >= all-pictures {
			b.Errorf("pictures take %v of %v", pictures, all)
		}
		if err := one.client.Close(b.Context()); err != nil {
			b.Error(err)
		}
	}
}

// profiled has the processor time of a server recorded for some seconds, in which it
// calls work again and again, and gives the file.
func profiled(b *testing.B, addr string, work func() error) string {
	b.Helper()
	file := filepath.Join(b.TempDir(), "profile")
	done := make(chan error, 1)
	go func() {
		resp, err := http.Get("http://" + addr + "/debug/pprof/profile?seconds=5")
		if err != nil {
			done <- err
			return
		}
		defer resp.Body.Close()
		out, err := os.Create(file)
		if err == nil {
			_, err = io.Copy(out, resp.Body)
			out.Close()
		}
		done <- err
	}()
	for {
		select {
		case err := <-done:
			if err != nil {
				b.Fatal(err)
			}
			return file
		default:
			if err := work(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

var accounting = regexp.MustCompile(`accounting for ([0-9.]+[a-zµ]+), .* of ([0-9.]+[a-zµ]+) total`)

// share is the processor time of a profile below functions of a name, and all of it.
func share(b *testing.B, program, file, name string) (some, all time.Duration) {
	b.Helper()
	out, err := exec.CommandContext(b.Context(), "go", "tool", "pprof", "-top", "-nodecount=100000", "-nodefraction=0", "-focus", name, program, file).CombinedOutput()
	if err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	m := accounting.FindSubmatch(out)
	if m == nil {
		b.Fatalf("no sum in\n%s", out)
	}
	if some, err = time.ParseDuration(string(m[1])); err == nil {
		all, err = time.ParseDuration(string(m[2]))
	}
	if err != nil {
		b.Fatal(err)
	}
	return some, all
}
