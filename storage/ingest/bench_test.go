package ingest_test

import (
	"bytes"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// BenchmarkStore: durable images of 512 KiB by 1, 4 and 8 associations.
func BenchmarkStore(b *testing.B) {
	for _, senders := range []int{1, 4, 8} {
		b.Run(fmt.Sprintf("512KiB/senders=%d", senders), func(b *testing.B) {
			s := newSite(b)
			d := ct(0)
			d.SetInt(tag.Rows, "US", 512)
			d.SetInt(tag.Columns, "US", 512)
			d.SetBytes(tag.PixelData, "OW", make([]byte, 512<<10))
			const placeholder = "1.2.3.1.1000000000"
			d.SetString(tag.SOPInstanceUID, "UI", placeholder)
			m, data := encode(b, d, uid.ExplicitVRLittleEndian)
			at := bytes.Index(data, []byte(placeholder))
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			var next atomic.Int64
			errs := make(chan error, senders)
			b.ResetTimer()
			for range senders {
				go func() {
					m, data := m, bytes.Clone(data)
					for {
						n := next.Add(1)
						if n > int64(b.N) {
							errs <- nil
							return
						}
						m.SOPInstanceUID = "1.2.3.1." + strconv.FormatInt(1_000_000_000+n, 10)
						copy(data[at:], m.SOPInstanceUID)
						if _, err := s.in.Store(b.Context(), kaifu, m, bytes.NewReader(data)); err != nil {
							errs <- err
							return
						}
					}
				}()
			}
			for range senders {
				if err := <-errs; err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
