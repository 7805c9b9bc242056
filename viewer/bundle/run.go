package bundle

import (
	"context"
	"errors"
	"time"

	"github.com/dokuei/dokuei/storage/catalog"
)

// Library lists the series of a study with their instances, in order.
type Library func(ctx context.Context, studyID string) ([]catalog.Series, error)

// queueMost is how many studies wait for Run; a study that finds no place gets its
// bundles when somebody opens it.
const queueMost = 4096

// rest is how long Run waits before it asks again whether others are busy.
const rest = 50 * time.Millisecond

// Prepare asks Run for the bundles of a study that is complete. It never blocks.
func (m *Maker) Prepare(studyID string) {
	select {
	case m.studies <- studyID:
	default:
	}
}

// Run makes the bundles of what Prepare names, one at a time and while nobody is
// Busy. It returns when ctx ends.
func (m *Maker) Run(ctx context.Context, list Library) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case id := <-m.studies:
			if _, err := m.Study(ctx, list, id); err != nil && ctx.Err() == nil && !errors.Is(err, ErrClosed) {
				m.opt.Log.Warn("series bundles of a study not made; they are when somebody opens it", "study", id, "error", err)
			}
		}
	}
}

// Study makes the bundles of a study that are not there and tells how many it made.
func (m *Maker) Study(ctx context.Context, list Library, studyID string) (made int, err error) {
	all, err := list(ctx, studyID)
	if err != nil {
		return 0, err
	}
	for _, one := range all {
		s := SeriesOf(one)
		if s.Empty() || m.shelf.has(s.ID, s.Revision()) {
			continue
		}
		g, err := m.grow(s, s.Revision(), false)
		if err != nil {
			return made, err
		}
		err = g.wait(ctx)
		g.leave()
		if err != nil {
			return made, err
		}
		made++
	}
	return made, nil
}

// Forget drops the bundles of a series.
func (m *Maker) Forget(seriesID string) error { return m.shelf.forget(seriesID) }

// giveWay holds up a build that nobody waits for while others need the processors.
func (m *Maker) giveWay(ctx context.Context, g *growth) error {
	for m.opt.Busy != nil && m.opt.Busy() && !g.read() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rest):
		}
	}
	return ctx.Err()
}
