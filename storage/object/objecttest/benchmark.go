package objecttest

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/dokuei/dokuei/storage/object"
)

// Benchmark measures durable commits of 512 KiB objects by 1, 4 and 8 writers,
// spread over folders as ingest does.
func Benchmark(b *testing.B, open func(b *testing.B) object.Store) {
	content := pattern(512 << 10)
	for _, writers := range []int{1, 4, 8} {
		b.Run(fmt.Sprintf("commit/512KiB/writers=%d", writers), func(b *testing.B) {
			s := open(b)
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			run(b, writers, func(n int64) error {
				sum := n * 0x9E3779B1 // spreads
				return Put(b.Context(), s, fmt.Sprintf("f/%02x/%02x/%d.dcm", byte(sum>>8), byte(sum>>16), n), content)
			})
		})
	}
}

// run calls fn b.N times from the given number of goroutines.
func run(b *testing.B, writers int, fn func(n int64) error) {
	var next atomic.Int64
	errs := make(chan error, writers)
	b.ResetTimer()
	for range writers {
		go func() {
			for {
				n := next.Add(1)
				if n > int64(b.N) {
					errs <- nil
					return
				}
				if err := fn(n); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	for range writers {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "objects/s")
}
