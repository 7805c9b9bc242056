package assign

import (
	"context"
	"fmt"

	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// Hand moves an item where a coordinator says: to a panel, a priority, and, when one
// is named, to a reader of that panel. A reader may be off duty or have much to do:
// that the coordinator decides. What speaks against the reader for this study at all
// (licence, conflict, the own hospital, a subspecialty) is [worklist.ErrUnfit]; that the
// reader has declined it before does not. The choice is kept with what the assignment
// thinks of each reader.
func Hand(ctx context.Context, tx db.Tx, id, coordinatorID, readerID string, to worklist.Reassignment) (worklist.Workitem, error) {
	entry, err := worklist.Get(ctx, tx, identity.Everything(), id)
	if err != nil {
		return worklist.Workitem{}, err
	}
	w := entry.Workitem
	moves := to.PanelID != "" && to.PanelID != w.PanelID || to.Priority != "" && to.Priority != w.Priority
	if moves || readerID == "" || w.State != worklist.Scheduled {
		if _, w, err = worklist.Reassign(ctx, tx, id, coordinatorID, to); err != nil {
			return w, err
		}
	}
	if readerID == "" {
		return w, nil
	}
	if err := worklist.Overrule(ctx, tx, w.ID, readerID); err != nil {
		return w, err
	}
	chosen, err := consult(ctx, tx, entry.Study, w, worklist.Offer, false)
	if err != nil {
		return w, err
	}
	now := db.NowIn(ctx)
	chosen.Mode, chosen.Main = worklist.Direct, readerID
	if w, err = worklist.Redirect(ctx, tx, w.ID, chosen.offer(now.Add(max(w.Alone(now), clock.ByHand))), coordinatorID, "by the coordinator. "+to.Reason); err != nil {
		return w, err
	}
	if err := KeepChoice(ctx, tx, w.ID, chosen); err != nil {
		return w, err
	}
	return w, clock.Reoffer(ctx, tx, w, now)
}

// consult is what the assignment thinks of the readers of an item's panel now, and whom
// it would choose.
func consult(ctx context.Context, tx db.Tx, s catalog.Study, w worklist.Workitem, mode worklist.Assign, first bool) (Chosen, error) {
	p, err := worklist.ProfileOfFacility(ctx, tx, w.FacilityID)
	if err != nil {
		return Chosen{}, fmt.Errorf("assign: %w", err)
	}
	n := worklist.New{Kind: w.Kind, Purpose: w.Purpose, NotFor: w.NotFor, PanelID: w.PanelID, Priority: w.Priority, Requires: w.Requires}
	return choose(ctx, tx, s, mode, first, n, w.ID, p, db.NowIn(ctx))
}
