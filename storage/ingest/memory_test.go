package ingest_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"runtime"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object"
)

// forgetful keeps the size of what is written and nothing else: a 2 GiB object
// passes through ingest without 2 GiB of disk.
type forgetful struct {
	object.Pending
	head [64 << 10]byte
	n    int64
	peak *uint64
}

func (f *forgetful) Write(b []byte) (int, error) {
	if f.n < int64(len(f.head)) {
		copy(f.head[f.n:], b)
	}
	if f.n>>28 != (f.n+int64(len(b)))>>28 { // every 256 MiB
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		*f.peak = max(*f.peak, m.HeapInuse+m.StackInuse)
	}
	f.n += int64(len(b))
	return len(b), nil
}

func (f *forgetful) Size() int64   { return f.n }
func (f *forgetful) Sum() [32]byte { return [32]byte{1} }

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestTwoGigabyteMultiFrame measures the memory of one Store over a whole large
// object. Not parallel: the heap is everybody's.
func TestTwoGigabyteMultiFrame(t *testing.T) {
	s := newSite(t)
	const frames = 4096
	d := ct(1, without(tag.PixelData))
	d.SetInt(tag.NumberOfFrames, "IS", frames)
	d.SetInt(tag.Rows, "US", 512)
	d.SetInt(tag.Columns, "US", 512)
	const length = frames * 512 * 512 * 2 // 2 GiB
	head := func(d *dataset.Dataset) []byte {
		_, b := encode(t, d, uid.ExplicitVRLittleEndian)
		b = binary.LittleEndian.AppendUint32(b, 0x00107FE0)
		b = append(b, 'O', 'W', 0, 0)
		return binary.LittleEndian.AppendUint32(b, length)
	}(d)
	m := ingest.Meta{SOPClassUID: ctImage, SOPInstanceUID: "1.2.3.1.1", TransferSyntaxUID: uid.ExplicitVRLittleEndian}

	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var peak uint64
	s.use(sink{s.objects, &peak})
	_, err := s.in.Store(t.Context(), kaifu, m, io.MultiReader(bytes.NewReader(head), io.LimitReader(zeros{}, length)))
	s.must(err)
	if s.count("instances") != 1 {
		t.Fatal("not stored")
	}
	grown := int64(peak) - int64(before.HeapInuse+before.StackInuse)
	t.Logf("2 GiB stored; memory grew by %d KiB", grown>>10)
	if grown > 8<<20 {
		t.Errorf("memory grew by %d bytes", grown)
	}
}

type sink struct {
	object.Store
	peak *uint64
}

func (s sink) Create(ctx context.Context) (object.Pending, error) {
	p, err := s.Store.Create(ctx)
	return &forgetful{Pending: p, peak: s.peak}, err
}
