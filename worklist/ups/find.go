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
	who, err := s.caller(ctx, q.Peer, q.Association)
	if errors.Is(err, errStranger) {
		return &service.Refusal{Status: dimse.NotAuthorized}
	}
	if err != nil {
		return err
	}
	return s.Search(ctx, who, q.Identifier, func(d *dataset.Dataset) error { return match(project(q.Identifier, d)) })
}

// Search calls match for every step the caller may see that matches: first the items,
// the latest first, then what waits for its study.
func (s *Steps) Search(ctx context.Context, who Caller, key *dataset.Dataset, match func(*dataset.Dataset) error) error {
	return s.search(ctx, who, key, func(_ worklist.Entry, d *dataset.Dataset) error { return match(d) })
}

func (s *Steps) search(ctx context.Context, who Caller, key *dataset.Dataset, match func(worklist.Entry, *dataset.Dataset) error) error {
	f := worklist.Filter{Tab: worklist.TabAll, Limit: worklist.MaxPage}
	state := worklist.State(key.String(tag.ProcedureStepState))
	switch state {
	case worklist.Scheduled, worklist.InProgress:
		f.Tab = worklist.TabOpen
	case worklist.Completed:
		f.Tab = worklist.TabDone
	}
	read := s.DB.Read(ctx)
	b := builder{retrieveAE: who.RetrieveAE}
	try := func(e worklist.Entry) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := b.look(ctx, read, who.Scope, e); err != nil {
			return err
		}
		if d := b.step(e); matches(key, d) {
			return match(e, d)
		}
		return nil
	}
	for {
		page, err := worklist.List(ctx, read, who.Scope, f)
		if err != nil {
			return err
		}
		for _, e := range page.Items {
			if err := try(e); err != nil {
				return err
			}
		}
		if page.Next == "" {
			break
		}
		f.Cursor = page.Next
	}
	if state == worklist.InProgress || state == worklist.Completed {
		return nil
	}
	for last := (worklist.StepRequest{}); ; {
		list, err := worklist.StepRequests(ctx, read, who.Scope, last, worklist.MaxPage)
		if err != nil {
			return err
		}
		for _, r := range list {
			if err := try(waiting(r)); err != nil {
				return err
			}
			last = r
		}
		if len(list) < worklist.MaxPage {
			return nil
		}
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
