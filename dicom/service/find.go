package service

import (
	"bytes"
	"context"
	"errors"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
)

// Finder answers C-FIND, PS3.4 C.4.1.
type Finder interface {
	// Find calls match for every entity that matches q and stops at its first
	// error, which it returns. A match holds the keys of the request that are
	// supported, empty where there is nothing to say; that a key is missing
	// tells the peer that it is not supported. Query/Retrieve Level is added.
	// A *Refusal chooses the status.
	Find(ctx context.Context, q Query, match func(*dataset.Dataset) error) error
}

const defaultMaxMatches = 10_000

// errTooMany is a C-FIND that matches more than is answered.
var errTooMany = errors.New("service: too many matches")

// find serves a C-FIND, PS3.7 9.1.2 and PS3.4 C.4.1.
func (s *SCP) find(ctx context.Context, l *line, in dimse.Incoming, m *dimse.CFindRQ) error {
	if w, ok := s.cfg.Worklists[in.Context.AbstractSyntax]; ok {
		return s.findInWorklist(ctx, l, in, m, w)
	}
	if s.cfg.Find == nil {
		return answer(l.conn, in, m, dimse.UnrecognizedOperation, "")
	}
	q, err := readQuery(l.a, in, m, m.AffectedSOPClassUID)
	if err != nil {
		return s.refuse(l, in, m, err)
	}
	return s.matches(ctx, l, in, m, q.Identifier, q.Level, func(ctx context.Context, match func(*dataset.Dataset) error) error {
		return s.cfg.Find.Find(ctx, q, match)
	})
}

// matches answers a C-FIND with what find finds. The level is none in a worklist.
func (s *SCP) matches(ctx context.Context, l *line, in dimse.Incoming, m *dimse.CFindRQ, identifier *dataset.Dataset, level Level,
	find func(context.Context, func(*dataset.Dataset) error) error,
) error {
	op := l.begin(ctx, m.MessageID)
	defer op.finish()
	running, stop := op.interruptible()
	defer stop()
	left := s.cfg.MaxMatches
	var broken error
	err := s.guard(l, "finding", func() error {
		return find(running, func(d *dataset.Dataset) error {
			if op.wasCanceled() {
				return errCanceled
			}
			if left--; left < 0 {
				return errTooMany
			}
			broken = pending(l, in, m, identifier, level, d)
			return broken
		})
	})
	switch {
	case broken != nil:
		return broken
	case op.wasCanceled():
		return l.conn.Send(in.Context.ID, m.Response(dimse.Cancel, ""), nil)
	case op.lost():
		return nil
	case err == nil:
		return l.conn.Send(in.Context.ID, m.Response(dimse.Success, ""), nil)
	case errors.Is(err, errTooMany):
		return l.conn.Send(in.Context.ID, m.Response(dimse.OutOfResources, "more matches than are answered: narrow the query"), nil)
	}
	return s.refuse(l, in, m, err)
}

// pending sends one match.
func pending(l *line, in dimse.Incoming, m *dimse.CFindRQ, identifier *dataset.Dataset, level Level, d *dataset.Dataset) error {
	status := dimse.Pending
	if !supported(identifier, d) {
		status = dimse.PendingWarning
	}
	if level != "" {
		d.SetString(tag.QueryRetrieveLevel, "CS", string(level))
	}
	speak(d, identifier)
	var b bytes.Buffer
	if err := d.Encode(&b, stream.SyntaxFor(in.Context.TransferSyntax)); err != nil {
		return err
	}
	return l.conn.Send(in.Context.ID, m.Response(status, ""), &b)
}

// supported reports whether a match has every key that was asked for, those in
// the item of a sequence too.
func supported(identifier, d *dataset.Dataset) bool {
	for _, t := range identifier.Tags() {
		if t == tag.SpecificCharacterSet || t == tag.QueryRetrieveLevel || t == tag.TimezoneOffsetFromUTC {
			continue
		}
		if !d.Has(t) {
			return false
		}
		if asked, items := identifier.Items(t), d.Items(t); len(asked) > 0 && len(items) > 0 && !supported(asked[0], items[0]) {
			return false
		}
	}
	return true
}
