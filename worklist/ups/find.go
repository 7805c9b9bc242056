package ups

import (
	"context"
	"errors"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/worklist"
)

// Find answers C-FIND, CC.2.8: a service.WorklistFinder.
func (s *Steps) Find(ctx context.Context, q service.WorklistQuery, match func(*dataset.Dataset) error) error {
	who, err := s.caller(ctx, q.Peer)
	if errors.Is(err, errStranger) {
		return &service.Refusal{Status: dimse.NotAuthorized}
	}
	if err != nil {
		return err
	}
	f := worklist.Filter{Tab: worklist.TabAll, Limit: worklist.MaxPage}
	switch worklist.State(q.Identifier.String(tag.ProcedureStepState)) {
	case worklist.Scheduled, worklist.InProgress:
		f.Tab = worklist.TabOpen
	case worklist.Completed:
		f.Tab = worklist.TabDone
	}
	read := s.DB.Read(ctx)
	b := builder{retrieveAE: q.Association.CalledAE}
	for {
		page, err := worklist.List(ctx, read, who.scope, f)
		if err != nil {
			return err
		}
		for _, e := range page.Items {
			if err := ctx.Err(); err != nil {
				return context.Cause(ctx)
			}
			if err := b.look(ctx, read, who.scope, e); err != nil {
				return err
			}
			d := b.step(e)
			if !matches(q.Identifier, d) {
				continue
			}
			if err := match(project(q.Identifier, d)); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		f.Cursor = page.Next
	}
}

// project is what the request asks for of a match: a sequence comes whole.
func project(key, d *dataset.Dataset) *dataset.Dataset {
	out := dataset.New()
	for _, t := range key.Tags() {
		if t != tag.SpecificCharacterSet && t != tag.TimezoneOffsetFromUTC && d.Has(t) {
			out.Set(t, d)
		}
	}
	return out
}
