package scrub

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object"
)

// Options of a Scrubber.
type Options struct {
	Rate    int64           // bytes a second; 8 MiB
	Rest    time.Duration   // between two passes, and after an error of the store; an hour
	Replica object.Store    // where whole copies are; nil: none
	Log     *slog.Logger    // discard
	Done    func(n Counted) // after every object; nil: nobody counts
}

// Counted is one object that was read.
type Counted struct {
	Bytes           int64
	Damaged, Mended bool
}

const page = 100

// Scrubber reads the store.
type Scrubber struct {
	db      *db.DB
	objects object.Store
	opt     Options
	pace    *ingest.Pace
	failed  object.Failures
}

// New gives the Scrubber of a catalog and its objects. objects must read from the
// medium, not from a cache.
func New(d *db.DB, objects object.Store, opt Options) *Scrubber {
	if opt.Rate <= 0 {
		opt.Rate = 8 << 20
	}
	if opt.Rest <= 0 {
		opt.Rest = time.Hour
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Done == nil {
		opt.Done = func(Counted) {}
	}
	return &Scrubber{db: d, objects: objects, opt: opt, pace: ingest.NewPace(opt.Rate), failed: object.Failures{Store: objects}}
}

// Run makes passes until ctx ends. It returns nil.
func (s *Scrubber) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := s.Pass(ctx); err != nil && ctx.Err() == nil {
			s.opt.Log.WarnContext(ctx, "check of the image store interrupted; it goes on later", "error", err, "rest", s.opt.Rest)
		}
		timer := time.NewTimer(s.opt.Rest)
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
	return nil
}

// Pass reads what is left of the pass that was begun, or all.
func (s *Scrubber) Pass(ctx context.Context) error {
	at, err := load(ctx, s.db.Read(ctx))
	if err != nil {
		return err
	}
	if at.Part == partInstances && at.After == "" {
		at.Began, at.Objects, at.Bytes = db.Now(), 0, 0
	}
	for {
		rows, err := s.rows(ctx, at)
		if err != nil {
			return err
		}
		for _, r := range rows {
			n, err := s.object(ctx, r)
			if err = s.skip(ctx, r, err); err != nil {
				return err
			}
			at.Objects++
			at.Bytes += n
			at.After = r.id
		}
		ended := false
		if len(rows) < page {
			if ended = at.Part == partPictures; ended {
				at.Ended = db.Now()
			}
			at.Part, at.After = next[at.Part], ""
		}
		if err := s.db.Write(ctx, func(ctx context.Context, tx db.Tx) error { return at.save(ctx, tx) }); err != nil {
			return err
		}
		if ended {
			s.opt.Log.InfoContext(ctx, "image store checked", "objects", at.Objects, "bytes", at.Bytes, "took", at.Ended.Sub(at.Began).Round(time.Second))
			return nil
		}
	}
}

// skip lets a pass go on behind an object that the store answers for with an error of its
// own: the next pass asks again. A store that cannot be reached, or gives errors for one
// object after another, ends the pass.
func (s *Scrubber) skip(ctx context.Context, r row, err error) error {
	var read *readError
	if err != nil && !errors.As(err, &read) || !s.failed.Own(ctx, r.key, err) {
		return err
	}
	s.opt.Log.ErrorContext(ctx, "image in the store could not be read; the next check tries again", "of", r.owner(), "object", r.key, "error", err)
	return nil
}

// readError: an object could not be read, whatever its bytes are.
type readError struct{ err error }

func (e *readError) Error() string { return "scrub: read an object: " + e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

// row is what a pass reads. It is an instance's or a message's.
type row struct{ id, instanceID, messageID, key, sum string }

// owner is the ID of the instance or message.
func (r row) owner() string { return cmp.Or(r.instanceID, r.messageID) }

func (s *Scrubber) rows(ctx context.Context, at State) (rows []row, err error) {
	switch at.Part {
	case partInstances:
		list, err := catalog.InstancesAfter(ctx, s.db.Read(ctx), identity.Everything(), at.After, page)
		for _, i := range list {
			rows = append(rows, row{id: i.ID, instanceID: i.ID, key: i.ObjectKey, sum: i.SHA256})
		}
		return rows, err
	case partPictures:
		list, err := catalog.AttachmentsAfter(ctx, s.db.Read(ctx), at.After, page)
		for _, a := range list {
			rows = append(rows, row{id: a.ID, messageID: a.ID, key: a.ObjectKey, sum: a.SHA256})
		}
		return rows, err
	}
	list, err := catalog.VersionsAfter(ctx, s.db.Read(ctx), at.After, page)
	for _, v := range list {
		rows = append(rows, row{id: v.ID, instanceID: v.InstanceID, key: v.ObjectKey, sum: v.SHA256})
	}
	return rows, err
}

// object reads one object and says what it found.
func (s *Scrubber) object(ctx context.Context, r row) (int64, error) {
	sum, n, err := ingest.Hash(ctx, s.objects, r.key, s.pace)
	missing := errors.Is(err, object.ErrNotFound)
	if err != nil && !missing && !errors.Is(err, object.ErrDamaged) {
		return n, &readError{err}
	}
	if sum == r.sum {
		s.opt.Done(Counted{Bytes: n})
		return n, s.whole(ctx, r)
	}
	d := damage{row: r, missing: missing}
	if err := s.db.Write(ctx, func(ctx context.Context, tx db.Tx) error { return d.record(ctx, tx) }); err != nil {
		return n, err
	}
	s.opt.Log.ErrorContext(ctx, "image in the store is not what was stored", "of", r.owner(), "object", r.key, "missing", missing)
	mended, err := s.mend(ctx, d)
	s.opt.Done(Counted{Bytes: n, Damaged: true, Mended: mended})
	return n, err
}

// whole ends a damage that somebody else has mended.
func (s *Scrubber) whole(ctx context.Context, r row) error {
	open, err := catalog.Damaged(ctx, s.db.Read(ctx), r.key)
	if err != nil || !open {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx db.Tx) error { return r.mended(ctx, tx, "found-whole") })
}

// mend puts a whole copy back. That there is none is no error: the damage stays open.
func (s *Scrubber) mend(ctx context.Context, d damage) (bool, error) {
	if s.opt.Replica == nil {
		return false, nil
	}
	err := s.putBack(ctx, d)
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil:
		s.opt.Log.WarnContext(ctx, "image not mended from the replica", "of", d.owner(), "error", err)
		return false, nil
	}
	s.opt.Log.InfoContext(ctx, "image mended from the replica", "of", d.owner())
	return true, s.db.Write(ctx, func(ctx context.Context, tx db.Tx) error { return d.mended(ctx, tx, "replica") })
}

func (s *Scrubber) putBack(ctx context.Context, d damage) (err error) {
	good, err := ingest.Fetch(ctx, s.opt.Replica, s.objects, d.key, d.sum, s.pace)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, good.Abort()) }()
	good.Replace()
	if err := good.Commit(ctx, d.key); err != nil {
		return err
	}
	if sum, _, err := ingest.Hash(ctx, s.objects, d.key, s.pace); err != nil || sum != d.sum {
		return errors.Join(errors.New("scrub: it was put back and is damaged again"), err)
	}
	return nil
}
