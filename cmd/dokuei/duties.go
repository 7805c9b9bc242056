package main

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/dokuei/dokuei/reports/loop"
	"github.com/dokuei/dokuei/worklist/ups"
)

// duties is what one node does for all: it talks to others from queues in the
// database, or walks all of it. When the node ends another takes them over
// (db.Hold), and finds in the queues what was under way. The rest of run is done by
// every node; where two look at one row, the row decides who was first.
func (a *app) duties(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, duty := range a.trail {
		g.Go(func() error { return duty(ctx) })
	}
	for _, duty := range []func(context.Context) error{
		a.courier.Run, a.committer.Run, a.notifier.Run, a.forwarder.Run, a.priors.Run, a.performed.Run,
		(&ups.Herald{DB: a.db, Log: a.log, Secure: a.caller}).Run, a.sweep, a.index,
		(&loop.Watch{DB: a.db, Log: a.log, Send: a.dispatcher.Remind}).Run,
		a.check, a.trash.Run, a.locker.Run,
	} {
		g.Go(func() error { return duty(ctx) })
	}
	return g.Wait()
}
