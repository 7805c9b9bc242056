package metered_test

import (
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/metered"
	"github.com/dokuei/dokuei/storage/object/objecttest"
)

func open(t *testing.T) (*metered.Store, *prometheus.Registry) {
	t.Helper()
	r := prometheus.NewRegistry()
	return metered.New(objecttest.Disk(t), r), r
}

func TestContract(t *testing.T) {
	t.Parallel()
	objecttest.Run(t, func(t *testing.T) object.Store { s, _ := open(t); return s })
}

func TestLocks(t *testing.T) {
	t.Parallel()
	objecttest.RunLocks(t, func(t *testing.T) (object.Store, func(string) time.Time) {
		l := &objecttest.Locking{Store: objecttest.Disk(t)}
		return metered.New(l, prometheus.NewRegistry()), l.Ends
	})
}

func TestCounters(t *testing.T) {
	t.Parallel()
	s, r := open(t)
	if err := objecttest.Put(t.Context(), s, "a/b", []byte("12345")); err != nil {
		t.Fatal(err)
	}
	if _, err := objecttest.Get(t.Context(), s, "a/b"); err != nil {
		t.Fatal(err)
	}
	_, err := s.Stat(t.Context(), "nowhere")
	_, err2 := s.Open(t.Context(), "../etc")
	stop := errors.New("stop")
	err3 := s.List(t.Context(), "", "", func(object.Info) error { return stop })
	if !errors.Is(err, object.ErrNotFound) || !errors.Is(err2, object.ErrKey) || !errors.Is(err3, stop) {
		t.Fatal(err, err2, err3)
	}
	got := map[string]float64{}
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, one := range f.GetMetric() {
			name := f.GetName()
			for _, l := range one.GetLabel() {
				name += " " + l.GetValue()
			}
			got[name] = one.GetCounter().GetValue() + float64(one.GetHistogram().GetSampleCount())
		}
	}
	want := map[string]float64{
		"dokuei_objects_errors_total open key": 1, "dokuei_objects_errors_total stat not-found": 1,
		"dokuei_objects_read_bytes_total": 5, "dokuei_objects_written_bytes_total": 5,
		"dokuei_objects_seconds create": 1, "dokuei_objects_seconds commit": 1, "dokuei_objects_seconds open": 2, "dokuei_objects_seconds stat": 1,
	}
	if !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if n, err := s.Free(); n <= 0 || err != nil {
		t.Errorf("%d free, %v", n, err)
	}
}

// BenchmarkStore shows what it costs to be counted.
func BenchmarkStore(b *testing.B) {
	objecttest.Benchmark(b, func(b *testing.B) object.Store { return metered.New(objecttest.Disk(b), prometheus.NewRegistry()) })
}
