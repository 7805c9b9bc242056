package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// gauges are read from the database when they are asked for: what waits, and for
// how long. They are the same on every node and after every restart.
type gauges struct {
	db    *db.DB
	free  func() (int64, error) // of the image store; nil: nobody knows
	space *prometheus.Desc
	list  []gauge

	mu   sync.Mutex
	at   time.Time
	last []float64 // of list; nil: the database did not answer
}

type gauge struct {
	desc  *prometheus.Desc
	query string // one number; $1 is the present in microseconds
}

const (
	gaugesEvery = 10 * time.Second // however often they are asked for
	gaugesLimit = 3 * time.Second
)

func newGauges(d *db.DB, objects images) *gauges {
	desc := func(name, help string) *prometheus.Desc { return prometheus.NewDesc(name, help, nil, nil) }
	g := &gauges{db: d, space: desc("dokuei_objects_free_bytes", "Room in the image store before senders are refused."), list: []gauge{
		{desc("dokuei_studies_receiving", "Studies that are not whole yet."), `SELECT COUNT(*) FROM studies WHERE state = 'receiving'`},
		{
			desc("dokuei_studies_overdue_seconds", "How long the release of a study has been due; above a few seconds the router stands still."),
			`SELECT COALESCE(MAX($1 - release_at), 0) / 1000000.0 FROM studies WHERE state = 'receiving' AND release_at < $1`,
		},
		{desc("dokuei_workitems_open", "Studies that wait for a reader or are being read."), `SELECT COUNT(*) FROM workitems WHERE state IN ('SCHEDULED', 'IN PROGRESS')`},
		{desc("dokuei_workitems_late", "Those past their deadline."), `SELECT COUNT(*) FROM workitems WHERE state IN ('SCHEDULED', 'IN PROGRESS') AND deadline < $1`},
		{
			desc("dokuei_workitems_oldest_seconds", "How long the oldest study that is not read has been on the worklist; 0 when all are read."),
			`SELECT COALESCE(MAX($1 - created_at), 0) / 1000000.0 FROM workitems WHERE state IN ('SCHEDULED', 'IN PROGRESS')`,
		},
		{desc("dokuei_deliveries_waiting", "Report objects on their way to a hospital."), `SELECT COUNT(*) FROM deliveries WHERE state IN ('pending', 'sending')`},
		{
			desc("dokuei_deliveries_oldest_seconds", "How long the oldest of them has waited."),
			`SELECT COALESCE(MAX($1 - created_at), 0) / 1000000.0 FROM deliveries WHERE state IN ('pending', 'sending')`,
		},
		{desc("dokuei_deliveries_failed", "Report objects that a hospital's system has refused for good: somebody must look."), `SELECT COUNT(*) FROM deliveries WHERE state = 'failed'`},
		{
			desc("dokuei_audit_unsent", "Audit records that the syslog server has not been sent; 0 without one."),
			`SELECT COALESCE(MAX((SELECT MAX(seq) FROM audit) - seq), 0) FROM audit_exports`,
		},
		{desc("dokuei_objects_damaged", "Images that the check of the store found missing or with other bytes, not mended yet: somebody must look."), `SELECT COUNT(*) FROM damages WHERE mended_at = 0`},
		{
			desc("dokuei_scrub_age_seconds", "Since the last whole check of the image store; 0 before the first."),
			`SELECT COALESCE(MAX($1 - ended_at), 0) / 1000000.0 FROM scrub WHERE ended_at > 0`,
		},
	}}
	for rank, priority := range []worklist.Priority{worklist.STAT, worklist.Urgent, worklist.Routine} { // priority_rank is their order
		for _, state := range []worklist.State{worklist.Scheduled, worklist.InProgress} {
			g.list = append(g.list, gauge{
				prometheus.NewDesc("dokuei_workitems_queue", "Studies that wait for a reader (SCHEDULED) or are being read (IN PROGRESS), by priority.", nil,
					prometheus.Labels{"priority": string(priority), "state": string(state)}),
				fmt.Sprintf(`SELECT COUNT(*) FROM workitems WHERE state IN ('SCHEDULED', 'IN PROGRESS') AND state = '%s' AND priority_rank = %d`, state, rank),
			})
		}
	}
	if s, ok := objects.(interface{ Free() (int64, error) }); ok {
		g.free = s.Free
	}
	return g
}

// Describe implements prometheus.Collector.
func (g *gauges) Describe(to chan<- *prometheus.Desc) {
	to <- g.space
	for _, one := range g.list {
		to <- one.desc
	}
}

// Collect implements prometheus.Collector. What cannot be read is absent, which an
// alert can see; the last value would look well.
func (g *gauges) Collect(to chan<- prometheus.Metric) {
	if g.free != nil {
		if n, err := g.free(); err == nil {
			to <- prometheus.MustNewConstMetric(g.space, prometheus.GaugeValue, float64(n))
		}
	}
	for k, v := range g.read() {
		to <- prometheus.MustNewConstMetric(g.list[k].desc, prometheus.GaugeValue, v)
	}
}

func (g *gauges) read() []float64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	if time.Since(g.at) < gaugesEvery {
		return g.last
	}
	ctx, cancel := context.WithTimeout(context.Background(), gaugesLimit)
	defer cancel()
	g.at, g.last = time.Now(), nil
	values := make([]float64, len(g.list))
	now := db.Micros(db.Now())
	for k, one := range g.list {
		var v sql.NullFloat64
		var args []any
		if strings.Contains(one.query, "$1") {
			args = append(args, now)
		}
		if err := g.db.Read(ctx).QueryRowContext(ctx, one.query, args...).Scan(&v); err != nil {
			return nil
		}
		values[k] = v.Float64
	}
	g.last = values
	return g.last
}
