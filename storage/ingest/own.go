package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
)

// ErrTaken: the SOP Instance UID of an object of ours is in use with other content.
var ErrTaken = errors.New("ingest: SOP Instance UID in use")

// Own is an object that we write into a study that came: a report as SR or PDF.
type Own struct {
	FacilityID string
	Actor      string // user ID, for the audit trail
	Meta       Meta
	Data       io.Reader // the data set, without meta group
}

// Prepared is an object of ours that is durable but not in the catalog yet. Close
// it when done; one that is never inserted is removed by Sweep.
type Prepared struct {
	i     *Ingester
	a     *arriving
	actor string
}

// PrepareOwn makes the object durable. Its rows are added by Prepared.Insert in
// the caller's transaction, so that a report, its objects and the end of its
// workitem are one step.
func (i *Ingester) PrepareOwn(ctx context.Context, o Own) (*Prepared, error) {
	a, err := i.receive(ctx, o.FacilityID, o.Meta, o.Data)
	if err != nil {
		return nil, spaceError(err)
	}
	a.Instance.Origin, a.Series.Origin = catalog.Dokuei, catalog.Dokuei
	if err := a.pending.Commit(ctx, a.key); err != nil {
		a.close()
		return nil, err
	}
	return &Prepared{i: i, a: a, actor: o.Actor}, nil
}

// ObjectKey is where the object lies.
func (p *Prepared) ObjectKey() string { return p.a.key }

// SHA256 is the hash of the object in lower-case hex.
func (p *Prepared) SHA256() string { return p.a.sum }

// Insert adds the rows with event and audit record. The ledger of the study is not
// touched. It may be called again when the transaction runs again. Inserting the
// same content twice gives the first instance; catalog.ErrNotFound when the study
// has not come.
func (p *Prepared) Insert(ctx context.Context, tx db.Tx) (Result, error) {
	p.a.Now = p.i.opt.Now()
	known, ok, err := catalog.Lookup(ctx, tx, p.a.Instance.FacilityID, p.a.Instance.SOPInstanceUID)
	switch {
	case err != nil:
		return Result{}, err
	case ok && known.SHA256 == p.a.sum:
		return Result{InstanceID: known.InstanceID, StudyID: known.StudyID, Duplicate: true}, nil
	case ok:
		return Result{}, ErrTaken
	}
	done, err := p.i.insert(ctx, tx, p.a, p.actor)
	if err != nil {
		return Result{}, fmt.Errorf("ingest: own object: %w", err)
	}
	return Result{InstanceID: done.InstanceID, StudyID: done.StudyID, SeriesID: done.SeriesID}, nil
}

// Close lets go of the object.
func (p *Prepared) Close() { p.a.close() }

// StoreOwn prepares the objects, then adds their rows and runs then in one
// transaction. then may be nil; it may run more than once.
func (i *Ingester) StoreOwn(ctx context.Context, objects []Own, then func(ctx context.Context, tx db.Tx, done []Result) error) ([]Result, error) {
	prepared := make([]*Prepared, 0, len(objects))
	defer func() {
		for _, p := range prepared {
			p.Close()
		}
	}()
	for _, o := range objects {
		p, err := i.PrepareOwn(ctx, o)
		if err != nil {
			return nil, err
		}
		prepared = append(prepared, p)
	}
	var done []Result
	err := i.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		done = done[:0]
		for _, p := range prepared {
			r, err := p.Insert(ctx, tx)
			if err != nil {
				return err
			}
			done = append(done, r)
		}
		if then == nil {
			return nil
		}
		return then(ctx, tx, done)
	})
	if err != nil {
		return nil, spaceError(err)
	}
	for k, p := range prepared {
		if r := done[k]; !r.Duplicate {
			i.tell(*p.a.stored(catalog.Arrived{InstanceID: r.InstanceID, StudyID: r.StudyID, SeriesID: r.SeriesID}))
		}
	}
	return done, nil
}
