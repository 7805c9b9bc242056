package api

import (
	"context"
	"net/http"
	"time"

	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/router/notify"
	"github.com/dokuei/dokuei/storage/backup"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/scrub"
)

const (
	maxDamages = 100
	parkedFor  = 30 * 24 * time.Hour // what has expired is shown for a while
)

// storeView is how the store is: checked, copied, and what stands still.
type storeView struct {
	Scrub   scrubView    `json:"scrub"`
	Damages []damageView `json:"damages"`
	Copies  []copyView   `json:"copies"`
	Parked  []parkedView `json:"parked"`
}

type scrubView struct {
	EndedAt *time.Time `json:"endedAt"` // of the last whole pass
	Objects int        `json:"objects"` // of this pass
	Bytes   int64      `json:"bytes"`
}

type damageView struct {
	InstanceID string     `json:"instanceId"`
	MessageID  string     `json:"messageId"`
	StudyID    string     `json:"studyId"`
	Facility   named      `json:"facility"`
	Missing    bool       `json:"missing"`
	FoundAt    time.Time  `json:"foundAt"`
	MendedAt   *time.Time `json:"mendedAt"`
	MendedBy   string     `json:"mendedBy"`
}

type copyView struct {
	Kind    string     `json:"kind"` // backup, mirror
	At      time.Time  `json:"at"`
	Images  int        `json:"images"`
	Copied  int        `json:"copied"`
	Damaged int        `json:"damaged"`
	Failed  bool       `json:"failed"`
	WholeAt *time.Time `json:"wholeAt"`
}

type parkedView struct {
	Kind  string     `json:"kind"` // delivery, notification, notice
	Count int        `json:"count"`
	Since *time.Time `json:"since"`
}

// store says nothing of patients.
func (s *server) store(c *call) error {
	view := storeView{Damages: []damageView{}, Copies: []copyView{}, Parked: []parkedView{}}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		at, err := scrub.Progress(ctx, tx)
		if err != nil {
			return err
		}
		view.Scrub = scrubView{moment(at.Ended), at.Objects, at.Bytes}
		found, err := scrub.Found(ctx, tx, maxDamages)
		if err != nil {
			return err
		}
		b := newBook(ctx, tx, c)
		for _, d := range found {
			v := damageView{InstanceID: d.InstanceID, MessageID: d.MessageID, StudyID: d.StudyID, Missing: d.Missing, FoundAt: d.FoundAt.UTC(), MendedAt: moment(d.MendedAt), MendedBy: d.MendedBy}
			if v.Facility, err = b.facility(d.FacilityID); err != nil {
				return err
			}
			view.Damages = append(view.Damages, v)
		}
		copies, err := backup.Last(ctx, tx)
		if err != nil {
			return err
		}
		for _, k := range copies {
			view.Copies = append(view.Copies, copyView{k.Kind, k.At.UTC(), k.Done.Images, k.Done.Copied, k.Done.Damaged, k.Failed, moment(k.Whole)})
		}
		for _, p := range []struct {
			kind string
			ask  func() (int, time.Time, error)
		}{
			{"delivery", func() (int, time.Time, error) { return deliver.Parked(ctx, tx) }},
			{"notification", func() (int, time.Time, error) { return notify.Parked(ctx, tx, db.Now().Add(-parkedFor)) }},
			{"notice", func() (int, time.Time, error) { return clock.Parked(ctx, tx) }},
		} {
			n, since, err := p.ask()
			if err != nil {
				return err
			}
			if n > 0 {
				view.Parked = append(view.Parked, parkedView{p.kind, n, moment(since)})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}
