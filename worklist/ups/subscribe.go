package ups

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// The actions of Watch, PS3.4 Tables CC.2.3-1 to CC.2.3-3.
const (
	subscribe     uint16 = 3
	unsubscribe   uint16 = 4
	suspendGlobal uint16 = 5
)

const statusUnknownReceiver dimse.Status = 0xC308

// subscription serves the actions of Watch, CC.2.3. Only an AE whose address is
// known can be told anything: a destination of the hospital.
func (s *Steps) subscription(ctx context.Context, who Caller, r service.NormalizedRequest) (service.NormalizedResponse, error) {
	if r.Data == nil {
		return service.NormalizedResponse{Status: dimse.InvalidArgumentValue, Comment: "no action information"}, nil
	}
	w := watcher{FacilityID: who.Scope.FacilityID, AETitle: strings.Trim(r.Data.String(tag.ReceivingAE), " "), CalledAE: r.Association.CalledAE}
	_, found, err := destination(ctx, s.DB.Read(ctx), w)
	switch {
	case err != nil:
		return service.NormalizedResponse{}, err
	case !found || who.Reader != "":
		return service.NormalizedResponse{Status: statusUnknownReceiver, Comment: "no destination of the hospital has this title"}, nil
	}
	step, filter := r.SOPInstanceUID, ""
	global := step == uid.UPSGlobalSubscription || step == uid.UPSFilteredGlobalSubscription
	if global {
		if r.ActionTypeID == subscribe && step == uid.UPSFilteredGlobalSubscription {
			if filter, err = filterOf(r.Data); errors.Is(err, errSize) {
				return refuse(dimse.ResourceLimitation, "the matching keys are too many")
			} else if err != nil {
				return service.NormalizedResponse{}, err
			}
		}
		step = everyStep
	} else if e, err := s.look(ctx, s.DB.Read(ctx), who, step); err != nil {
		return service.NormalizedResponse{}, err
	} else if e == nil {
		return refuse(statusNoSuchStep, "")
	} else {
		step = e.SOPInstanceUID
	}
	if r.ActionTypeID == suspendGlobal && !global {
		return service.NormalizedResponse{Status: dimse.InvalidArgumentValue, Comment: "not the global subscription"}, nil
	}
	var known []string
	if filter != "" {
		if known, err = s.open(ctx, who, filter); err != nil {
			return service.NormalizedResponse{}, err
		}
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		switch r.ActionTypeID {
		case subscribe:
			return w.subscribe(ctx, tx, step, filter, known)
		case suspendGlobal:
			return w.suspend(ctx, tx)
		}
		return w.unsubscribe(ctx, tx, step)
	})
	return service.NormalizedResponse{}, err
}

// filterOf is the matching keys of an N-ACTION as they are kept; empty when there are
// none that narrow anything.
func filterOf(d *dataset.Dataset) (string, error) {
	keys := dataset.New()
	for _, t := range d.Tags() {
		if t != tag.ReceivingAE && t != tag.DeletionLock {
			keys.Set(t, d)
		}
	}
	return keep(keys)
}

// open lists the open steps that match a filter now.
func (s *Steps) open(ctx context.Context, who Caller, filter string) (steps []string, err error) {
	key, err := kept(filter)
	if err != nil {
		return nil, err
	}
	err = s.search(ctx, who, key, func(e worklist.Entry, _ *dataset.Dataset) error {
		if e.State.Open() {
			steps = append(steps, e.SOPInstanceUID)
		}
		return nil
	})
	return steps, err
}

// everyStep is the subscription to all there are and will be.
const everyStep = ""

// watcher is an AE that is told.
type watcher struct {
	FacilityID, AETitle, CalledAE string
	After                         int64 // Seq of the last event it was told
	Attempts                      int
}

// destination is where a watcher is called; false when it has none.
func destination(ctx context.Context, tx db.Tx, w watcher) (worklist.Destination, bool, error) {
	list, err := worklist.DestinationsOf(ctx, tx, w.FacilityID)
	if err != nil {
		return worklist.Destination{}, false, err
	}
	for _, d := range list {
		if d.AETitle == w.AETitle {
			return d, true, nil
		}
	}
	return worklist.Destination{}, false, nil
}

// subscribe: known are the steps that match the filter already.
func (w watcher) subscribe(ctx context.Context, tx db.Tx, step, filter string, known []string) error {
	last, err := catalog.LastEvent(ctx, tx)
	if err != nil {
		return err
	}
	told := 0
	if step == everyStep {
		told = 1
	}
	list := []statement{
		{
			`INSERT INTO step_watchers (facility_id, receiving_ae, called_ae, after_seq, next_at) VALUES ($1, $2, $3, $4, $5)
 ON CONFLICT (facility_id, receiving_ae) DO UPDATE SET called_ae = excluded.called_ae, attempts = 0, next_at = excluded.next_at`,
			[]any{w.FacilityID, w.AETitle, w.CalledAE, last, db.Micros(db.Now())},
		},
		{`INSERT INTO step_subscriptions (facility_id, receiving_ae, step_uid, told, filter) VALUES ($1, $2, $3, $4, $5)
 ON CONFLICT (facility_id, receiving_ae, step_uid) DO UPDATE SET told = excluded.told, filter = excluded.filter`, []any{w.FacilityID, w.AETitle, step, told, filter}},
	}
	for _, k := range known {
		list = append(list, w.adopt(k))
	}
	return run(ctx, tx, list...)
}

// adopt subscribes to a step that has come to match the filter.
func (w watcher) adopt(step string) statement {
	return statement{`INSERT INTO step_subscriptions (facility_id, receiving_ae, step_uid, told) SELECT facility_id, receiving_ae, $3, 1 FROM step_watchers
 WHERE facility_id = $1 AND receiving_ae = $2 ON CONFLICT (facility_id, receiving_ae, step_uid) DO NOTHING`, []any{w.FacilityID, w.AETitle, step}}
}

// unsubscribe ends the subscription to a step, or all of them (CC.2.3.3.2).
func (w watcher) unsubscribe(ctx context.Context, tx db.Tx, step string) error {
	return run(ctx, tx,
		statement{`DELETE FROM step_subscriptions WHERE facility_id = $1 AND receiving_ae = $2 AND (step_uid = $3 OR $3 = '')`, []any{w.FacilityID, w.AETitle, step}},
		statement{`DELETE FROM step_watchers WHERE facility_id = $1 AND receiving_ae = $2
 AND NOT EXISTS (SELECT 1 FROM step_subscriptions s WHERE s.facility_id = $1 AND s.receiving_ae = $2)`, []any{w.FacilityID, w.AETitle}})
}

// suspend leaves the watcher what is open now and takes what will come.
func (w watcher) suspend(ctx context.Context, tx db.Tx) error {
	return run(ctx, tx,
		statement{`INSERT INTO step_subscriptions (facility_id, receiving_ae, step_uid, told)
 SELECT g.facility_id, g.receiving_ae, i.sop_instance_uid, 1 FROM step_subscriptions g JOIN workitems i ON i.facility_id = g.facility_id
 WHERE g.facility_id = $1 AND g.receiving_ae = $2 AND g.step_uid = '' AND g.filter = '' AND i.state IN ('SCHEDULED', 'IN PROGRESS')
 ON CONFLICT (facility_id, receiving_ae, step_uid) DO NOTHING`, []any{w.FacilityID, w.AETitle}},
		statement{`DELETE FROM step_subscriptions WHERE facility_id = $1 AND receiving_ae = $2 AND step_uid = ''`, []any{w.FacilityID, w.AETitle}})
}

type statement struct {
	text string
	args []any
}

func run(ctx context.Context, tx db.Tx, list ...statement) error {
	for _, s := range list {
		if _, err := tx.ExecContext(ctx, s.text, s.args...); err != nil {
			return fmt.Errorf("ups: subscription: %w", err)
		}
	}
	return nil
}
