package benchmarks

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// peersVariable asks for the servers of others beside ours. They listen on every
// address of the machine, so they are not started unasked.
const peersVariable = "BENCH_PEERS"

// unsyncedVariable asks for ours once more, with nothing synced: what its promise
// costs. Linux on amd64.
const unsyncedVariable = "BENCH_UNSYNCED"

// BenchmarkReceive sends CT images of 512 × 512 × 16 bit over 1, 4 and 8
// associations, each with one C-STORE outstanding as modalities do, into a server
// that begins empty, and reports what an image costs the server: processor time of
// its processes until everything it makes of the images is there, thumbnail and
// preview included, and how long after the last response that was.
//
// Use -benchtime=600x: every run of a benchmark starts its server.
func BenchmarkReceive(b *testing.B) {
	ours := &dokuei{}
	ours.build(b)
	servers := []server{ours}
	if os.Getenv(unsyncedVariable) != "" {
		servers = append(servers, ours.unsynced(b))
	}
	if os.Getenv(peersVariable) != "" {
		servers = append(servers, &orthanc{}, &storescp{})
	}
	for _, associations := range []int{1, 4, 8} {
		for _, s := range servers {
			b.Run(fmt.Sprintf("associations=%d/%s", associations, s.name()), func(b *testing.B) {
				receive(b, s, associations)
			})
		}
	}
}

func receive(b *testing.B, s server, associations int) {
	slices := headCT(b)
	p := s.start(b)
	senders := make([]*sender, associations)
	for i := range senders {
		senders[i] = dial(b, p.addr, slices)
	}
	b.SetBytes(int64(len(slices[0].data)))
	before, own := p.cpu(b), ownCPU()
	var next atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for _, one := range senders {
		all.Go(func() {
			for {
				n := next.Add(1)
				if n > int64(b.N) {
					return
				}
				if err := one.send(b.Context(), int(n)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	last := time.Now()
	sending := ownCPU() - own
	if b.Failed() {
		b.Fatalf("%s says:\n%s", s.name(), p.said())
	}
	s.finish(b, p, b.N)
	finished := time.Since(last)
	b.ReportMetric((p.cpu(b)-before).Seconds()*1e3/float64(b.N), "cpu-ms/image")
	b.ReportMetric(sending.Seconds()*1e3/float64(b.N), "sender-cpu-ms/image")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "images/s")
	b.ReportMetric(float64(p.peak(b))/(1<<20), "peak-MiB")
	if _, ours := s.(*dokuei); ours {
		b.ReportMetric(finished.Seconds()*1e3, "ms-to-pictures")
	}
	for _, one := range senders {
		if err := one.client.Close(b.Context()); err != nil {
			b.Error(err)
		}
	}
}
