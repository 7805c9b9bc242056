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
	"github.com/dokuei/dokuei/worklist/calendar"
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
	desc   *prometheus.Desc
	query  string                            // one number; $1 is the present in microseconds
	figure func(worklist.Indicators) float64 // instead: of this month
}

const (
	gaugesEvery = 10 * time.Second // however often they are asked for
	gaugesLimit = 3 * time.Second
)

func newGauges(d *db.DB, objects images) *gauges {
	desc := func(name, help string) *prometheus.Desc { return prometheus.NewDesc(name, help, nil, nil) }
	g := &gauges{db: d, space: desc("dokuei_objects_free_bytes", "Room in the image store before senders are refused."), list: []gauge{
		{desc: desc("dokuei_studies_receiving", "Studies that are not whole yet."), query: `SELECT COUNT(*) FROM studies WHERE state = 'receiving'`},
		{
			desc:  desc("dokuei_studies_overdue_seconds", "How long the release of a study has been due; above a few seconds the router stands still."),
			query: `SELECT COALESCE(MAX($1 - release_at), 0) / 1000000.0 FROM studies WHERE state = 'receiving' AND release_at < $1`,
		},
		{desc: desc("dokuei_workitems_open", "Studies that wait for a reader or are being read."), query: `SELECT COUNT(*) FROM workitems WHERE state IN ('SCHEDULED', 'IN PROGRESS')`},
		{desc: desc("dokuei_workitems_late", "Those past their deadline."), query: `SELECT COUNT(*) FROM workitems WHERE state IN ('SCHEDULED', 'IN PROGRESS') AND deadline < $1`},
		{
			desc:  desc("dokuei_workitems_oldest_seconds", "How long the oldest study that is not read has been on the worklist; 0 when all are read."),
			query: `SELECT COALESCE(MAX($1 - created_at), 0) / 1000000.0 FROM workitems WHERE state IN ('SCHEDULED', 'IN PROGRESS')`,
		},
		{desc: desc("dokuei_deliveries_waiting", "Report objects on their way to a hospital."), query: `SELECT COUNT(*) FROM deliveries WHERE state IN ('pending', 'sending')`},
		{
			desc:  desc("dokuei_deliveries_oldest_seconds", "How long the oldest of them has waited."),
			query: `SELECT COALESCE(MAX($1 - created_at), 0) / 1000000.0 FROM deliveries WHERE state IN ('pending', 'sending')`,
		},
		{desc: desc("dokuei_deliveries_failed", "Report objects that a hospital's system has refused for good: somebody must look."), query: `SELECT COUNT(*) FROM deliveries WHERE state = 'failed'`},
		{
			desc:  desc("dokuei_deliveries_failed_oldest_seconds", "How long ago the oldest of them was signed; 0 when there are none."),
			query: `SELECT COALESCE(MAX($1 - created_at), 0) / 1000000.0 FROM deliveries WHERE state = 'failed'`,
		},
		{
			desc:  desc("dokuei_audit_unsent", "Audit records that the syslog server has not been sent; 0 without one."),
			query: `SELECT COALESCE(MAX((SELECT MAX(seq) FROM audit) - seq), 0) FROM audit_exports`,
		},
		{desc: desc("dokuei_objects_damaged", "Images that the check of the store found missing or with other bytes, not mended yet: somebody must look."), query: `SELECT COUNT(*) FROM damages WHERE mended_at = 0`},
		{
			desc:  desc("dokuei_locks_waiting", "Studies whose images are to be locked for longer in a bucket with object lock."),
			query: `SELECT COUNT(*) FROM study_locks WHERE wanted > until`,
		},
		{
			desc:  desc("dokuei_locks_failed", "Of these, those that were tried three times in vain: somebody must look."),
			query: `SELECT COUNT(*) FROM study_locks WHERE wanted > until AND attempts >= 3`,
		},
		{
			desc:  desc("dokuei_scrub_age_seconds", "Since the last whole check of the image store; 0 before the first."),
			query: `SELECT COALESCE(MAX($1 - ended_at), 0) / 1000000.0 FROM scrub WHERE ended_at > 0`,
		},
	}}
	for rank, priority := range []worklist.Priority{worklist.STAT, worklist.Urgent, worklist.Routine} { // priority_rank is their order
		for _, state := range []worklist.State{worklist.Scheduled, worklist.InProgress} {
			g.list = append(g.list, gauge{
				desc: prometheus.NewDesc("dokuei_workitems_queue", "Studies that wait for a reader (SCHEDULED) or are being read (IN PROGRESS), by priority.", nil,
					prometheus.Labels{"priority": string(priority), "state": string(state)}),
				query: fmt.Sprintf(`SELECT COUNT(*) FROM workitems WHERE state IN ('SCHEDULED', 'IN PROGRESS') AND state = '%s' AND priority_rank = %d`, state, rank),
			})
		}
	}
	g.queues()
	g.figures(desc)
	if s, ok := objects.(interface{ Free() (int64, error) }); ok {
		g.free = s.Free
	}
	return g
}

// queues are what others are still to be told or asked, each kept in a table of its own
// and worked on by a runner of its own (router/runner; notices by router/clock).
func (g *gauges) queues() {
	for _, q := range []struct{ name, table, waits string }{
		{"notification", "notifications", "state = 'pending'"},
		{"performed-step", "performed_forwards", "state = 'pending'"},
		{"commitment", "commitments", "state <> 'reported'"},
		{"prior", "prior_fetches", "state = 'waiting'"},
		{"notice", "notices", "sent_at = 0 AND stopped_at = 0"},
	} {
		add := func(name, help, query string) {
			g.list = append(g.list, gauge{desc: prometheus.NewDesc(name, help, nil, prometheus.Labels{"queue": q.name}), query: query})
		}
		add("dokuei_queue_waiting", "Entries of a queue that are not done, by queue: notification (IAN), performed-step (MPPS sent on), commitment (results of storage commitment), prior (earlier studies to fetch), notice (mail and webhooks of the clocks).",
			`SELECT COUNT(*) FROM `+q.table+` WHERE `+q.waits)
		add("dokuei_queue_oldest_seconds", "How long the oldest of them has waited; 0 when there are none.",
			`SELECT COALESCE(MAX($1 - created_at), 0) / 1000000.0 FROM `+q.table+` WHERE `+q.waits)
		add("dokuei_queue_overdue_seconds", "How long an attempt has been due that was not made, or is still under way; it grows when nobody works on the queue.",
			`SELECT COALESCE(MAX($1 - next_at), 0) / 1000000.0 FROM `+q.table+` WHERE next_at < $1 AND `+q.waits)
	}
}

// figures are the indicators of the month that runs, as the page of figures has them:
// a study counts once.
func (g *gauges) figures(desc func(name, help string) *prometheus.Desc) {
	all := func(f worklist.Indicators, of func(worklist.Speed) int) (n float64) {
		for _, s := range f.Speeds {
			n += float64(of(s))
		}
		return n
	}
	reads := func(f worklist.Indicators) float64 { return all(f, func(s worklist.Speed) int { return s.Studies }) }
	g.list = append(g.list,
		gauge{desc: desc("dokuei_reads_month", "Studies read since the month began in Japan; addenda, corrections and canceled work do not count."), figure: reads},
		gauge{desc: desc("dokuei_reads_next_clinical_day_ratio", "Of these, the share signed by the end of the next clinical day; 1 when there are none."), figure: func(f worklist.Indicators) float64 {
			if n := reads(f); n > 0 {
				return all(f, func(s worklist.Speed) int { return s.ByClinicalDay }) / n
			}
			return 1
		}})
	for i, p := range []worklist.Priority{worklist.STAT, worklist.Urgent, worklist.Routine} { // Indicators.Speeds is in their order
		for quantile, of := range map[string]func(worklist.Speed) time.Duration{
			"0.5":  func(s worklist.Speed) time.Duration { return s.Final50 },
			"0.95": func(s worklist.Speed) time.Duration { return s.Final95 },
		} {
			g.list = append(g.list, gauge{
				desc: prometheus.NewDesc("dokuei_turnaround_seconds", "From a study's first task to its report, of what was read this month; 0 when nothing was.", nil,
					prometheus.Labels{"priority": string(p), "quantile": quantile}),
				figure: func(f worklist.Indicators) float64 { return of(f.Speeds[i]).Seconds() },
			})
		}
	}
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
	at := db.Now()
	now, month := db.Micros(at), calendar.DayOf(at)
	month.Day = 1
	indicators, err := worklist.Figures(ctx, g.db.Read(ctx), month.Start(), at.Add(time.Second))
	if err != nil {
		return nil
	}
	for k, one := range g.list {
		if one.figure != nil {
			values[k] = one.figure(indicators)
			continue
		}
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
