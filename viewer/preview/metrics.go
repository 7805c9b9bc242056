package preview

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// counters are what the pipeline tells about itself.
type counters struct {
	made   *prometheus.CounterVec // by outcome: image, a Placeholder, failed
	hits   prometheus.Counter
	missed prometheus.Counter
	took   prometheus.Histogram
}

func newCounters(r prometheus.Registerer, p *Pipeline) *counters {
	c := &counters{
		made: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "dokuei_preview_made_total", Help: "Instances whose pictures were made, by outcome.",
		}, []string{"outcome"}),
		hits: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "dokuei_preview_hits_total", Help: "Pictures served that had been made before.",
		}),
		missed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "dokuei_preview_queue_full_total", Help: "Arrivals left to the walk over the backlog because the queue was full.",
		}),
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "dokuei_preview_seconds", Help: "Time to make the pictures of one instance, waiting included.",
			Buckets: []float64{.001, .002, .004, .008, .016, .032, .064, .125, .25, .5, 1, 2, 4, 8, 16},
		}),
	}
	if r != nil {
		r.MustRegister(
			c.made, c.hits, c.missed, c.took,
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{
				Name: "dokuei_preview_queue", Help: "Instances that wait for their pictures.",
			}, func() float64 { return float64(p.queue.len()) }),
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{
				Name: "dokuei_preview_bytes_in_flight", Help: "Bytes of the budget in use.",
			}, func() float64 { return float64(p.budget.used.Load()) }),
		)
	}
	return c
}

func (c *counters) done(p Placeholder, err error, took time.Duration) {
	outcome := "image"
	switch {
	case errors.Is(err, context.Canceled):
		return
	case err != nil:
		outcome = "failed"
	case p != "":
		outcome = string(p)
	}
	c.made.WithLabelValues(outcome).Inc()
	c.took.Observe(took.Seconds())
}
