package main

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/dokuei/dokuei/dicom/ul"
)

// metrics is what /metrics shows of the receiver; other rooms register theirs.
type metrics struct {
	*prometheus.Registry
	stored                prometheus.Histogram
	refused, denied       *prometheus.CounterVec
	duplicates, conflicts prometheus.Counter
	tooMany               *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{
		Registry: prometheus.NewRegistry(),
		stored: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "dokuei_store_seconds", Help: "Time from the C-STORE command to a durable instance.",
			Buckets: []float64{.002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 30},
		}),
		refused:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dokuei_store_refused_total", Help: "Instances refused, by reason."}, []string{"reason"}),
		denied:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dokuei_dicom_denied_total", Help: "Associations refused by who called: called, unknown, certificate, nameless, address, directory."}, []string{"reason"}),
		duplicates: prometheus.NewCounter(prometheus.CounterOpts{Name: "dokuei_store_duplicates_total", Help: "Instances that had come before."}),
		conflicts:  prometheus.NewCounter(prometheus.CounterOpts{Name: "dokuei_store_conflicts_total", Help: "Instances with a known UID and other content."}),
	}
	m.tooMany = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dokuei_http_limited_total", Help: "Requests answered 429, by what there was too much of: address, stranger, principal."}, []string{"by"})
	m.MustRegister(m.stored, m.refused, m.denied, m.duplicates, m.conflicts, m.tooMany,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// limited counts a request that was one too many.
func (m *metrics) limited(by string) { m.tooMany.WithLabelValues(by).Inc() }

// watch shows the counters of the DICOM upper layer.
func (m *metrics) watch(s *ul.Stats) {
	gauge := func(name, help string, v *atomic.Int64) {
		m.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return float64(v.Load()) }))
	}
	counter := func(name, help string, v *atomic.Int64) {
		m.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(v.Load()) }))
	}
	gauge("dokuei_dicom_associations", "Associations open now.", &s.Associations)
	counter("dokuei_dicom_accepted_total", "Associations accepted.", &s.Accepted)
	counter("dokuei_dicom_rejected_total", "Associations rejected.", &s.Rejected)
	counter("dokuei_dicom_refused_total", "Connections closed unread, over the limit.", &s.Refused)
	counter("dokuei_dicom_aborted_total", "Associations aborted.", &s.Aborted)
	counter("dokuei_dicom_stalled_total", "Associations cut off because the peer trickled.", &s.Stalled)
	counter("dokuei_dicom_limited_total", "Associations rejected because there are too many, in all, of an address or of a hospital.", &s.Limited)
	counter("dokuei_dicom_idle_total", "Associations cut off because the peer said nothing.", &s.Idle)
	counter("dokuei_dicom_timed_out_total", "Connections closed because no association was established in time.", &s.TimedOut)
	counter("dokuei_dicom_bad_protocol_total", "Associations cut off because the peer broke the protocol.", &s.BadProtocol)
	counter("dokuei_dicom_too_large_total", "Associations cut off because a message did not end.", &s.TooLarge)
	counter("dokuei_dicom_lost_total", "Associations whose connection was lost.", &s.Lost)
	counter("dokuei_dicom_released_total", "Associations released.", &s.Released)
	counter("dokuei_dicom_panics_total", "Associations ended by an error of ours.", &s.Panics)
	counter("dokuei_dicom_received_bytes_total", "Bytes received.", &s.BytesReceived)
}
