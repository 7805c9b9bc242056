package main

import (
	"context"
	"crypto/tls"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dokuei/dokuei/internal/certfile"
)

// expiries knows when certificates and revocation lists end: for /metrics, and for the
// log when it is near.
type expiries struct {
	desc *prometheus.Desc
	list []expiry
}

type expiry struct {
	use string // http, dicom, http-crl, dicom-crl
	end func() time.Time
}

// remind is how long before an end the log begins to speak of it, every remindEvery.
const (
	remind      = 30 * 24 * time.Hour
	remindEvery = 24 * time.Hour
)

func newExpiries() *expiries {
	return &expiries{desc: prometheus.NewDesc("dokuei_certificate_expires_seconds", "When a certificate or revocation list in use ends, Unix time.", []string{"use"}, nil)}
}

func (e *expiries) add(use string, end func() time.Time) { e.list = append(e.list, expiry{use, end}) }

func (e *expiries) pair(use string, s *certfile.Source[*tls.Certificate]) {
	e.add(use, func() time.Time {
		c, _ := s.Get()
		return c.Leaf.NotAfter
	})
}

// Describe implements prometheus.Collector.
func (e *expiries) Describe(to chan<- *prometheus.Desc) { to <- e.desc }

// Collect implements prometheus.Collector.
func (e *expiries) Collect(to chan<- prometheus.Metric) {
	for _, one := range e.list {
		if end := one.end(); !end.IsZero() {
			to <- prometheus.MustNewConstMetric(e.desc, prometheus.GaugeValue, float64(end.Unix()), one.use)
		}
	}
}

// run reminds once a day of what ends soon.
func (e *expiries) run(ctx context.Context, log *slog.Logger) error {
	tick := time.NewTicker(remindEvery)
	defer tick.Stop()
	for {
		for _, one := range e.list {
			if end := one.end(); !end.IsZero() && time.Until(end) < remind {
				log.WarnContext(ctx, "a certificate or revocation list ends soon: put the next one in its place", "use", one.use, "ends", end.UTC())
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
