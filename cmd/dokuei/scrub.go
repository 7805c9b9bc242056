package main

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dokuei/dokuei/storage/backup"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/scrub"
)

// scrubbing are the flags of the check that goes on in the background.
type scrubbing struct {
	ScrubRate *size  `help:"Bytes a second that are read to check the image store in the background; 0 for no check." default:"8MiB" placeholder:"SIZE"`
	Replica   string `help:"Backups (folder or s3://…, as for the backup command) from which the check puts back what is damaged." placeholder:"TARGET"`
}

// openScrub makes the check of the image store, unless it is not wanted.
func (c serveCmd) openScrub(ctx context.Context, a *app, m *metrics) error {
	if c.ScrubRate == nil || *c.ScrubRate == 0 {
		return nil
	}
	opt := scrub.Options{Rate: int64(*c.ScrubRate), Log: a.log, Done: countScrubbed(m)}
	if c.Replica != "" {
		s, err := c.openBackupStore(ctx, c.Replica, "replica-spool", nil, a.log)
		if err != nil {
			return fmt.Errorf("--replica: %w", err)
		}
		a.replica = s
		opt.Replica = object.Under(s, backup.Images)
	}
	a.scrub = scrub.New(a.db, a.objects, opt)
	return nil
}

// check reads the image store over and over.
func (a *app) check(ctx context.Context) error {
	if a.scrub == nil {
		return nil
	}
	return a.scrub.Run(ctx)
}

func countScrubbed(to prometheus.Registerer) func(scrub.Counted) {
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
		to.MustRegister(c)
		return c
	}
	objects := counter("dokuei_scrub_objects_total", "Images read by the check of the store.")
	bytes := counter("dokuei_scrub_bytes_total", "Bytes read by the check of the store.")
	damaged := counter("dokuei_scrub_damaged_total", "Images found missing or with other bytes, as often as they were found so.")
	mended := counter("dokuei_scrub_mended_total", "Of those, put back from the replica.")
	return func(c scrub.Counted) {
		objects.Inc()
		bytes.Add(float64(c.Bytes))
		if c.Damaged {
			damaged.Inc()
		}
		if c.Mended {
			mended.Inc()
		}
	}
}
