package assign

import (
	"context"
	"time"

	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// Decline is a reader who will not read what is offered to them, and says why. What was
// theirs by name goes to the next who is fit, in the way its rule has asked for, or, when
// there is none or it had reached the deputy, to the panel. Once nobody is left who might
// read it the coordinator is called. The choice is kept with what everybody has said.
func Decline(ctx context.Context, tx db.Tx, id, readerID, reason string) (worklist.Workitem, error) {
	entry, err := worklist.Get(ctx, tx, identity.Everything(), id)
	if err != nil {
		return worklist.Workitem{}, err
	}
	w, done, err := worklist.Decline(ctx, tx, id, readerID, reason)
	if err != nil || !done {
		return w, err
	}
	mode, theirs := worklist.Offer, w.Offer.Main != "" && w.Offer.Reached == worklist.ToMain
	if theirs {
		mode = w.Offer.Mode
	}
	chosen, err := consult(ctx, tx, entry.Study, w, mode, theirs)
	if err != nil {
		return w, err
	}
	now := db.NowIn(ctx)
	if w.Offer.Main != "" && w.Offer.Reached != worklist.ToPanel {
		var until time.Time // as if it were made now
		if w.Offer.Mode == worklist.Offer {
			until = w.Offer.Until // the others wait no longer for it than for the first
		}
		if w, err = worklist.Redirect(ctx, tx, w.ID, chosen.offer(until), readerID, "declined: "+reason); err != nil {
			return w, err
		}
		if err := clock.Reoffer(ctx, tx, w, now); err != nil {
			return w, err
		}
	}
	if err := KeepChoice(ctx, tx, w.ID, chosen); err != nil {
		return w, err
	}
	for _, c := range chosen.Candidates {
		if may, err := worklist.MayTake(ctx, tx, w, c.Reader); may || err != nil {
			return w, err
		}
	}
	return w, clock.Refused(ctx, tx, w, now)
}
