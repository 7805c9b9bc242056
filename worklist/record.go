package worklist

import (
	"context"
	"fmt"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
)

// Kinds of the events this package appends; Event.Ref is the Workitem.
const (
	EventCreated    = "workitem.created"
	EventClaimed    = "workitem.claimed"
	EventReleased   = "workitem.released"
	EventReassigned = "workitem.reassigned"
	EventRecalled   = "workitem.recalled" // by the hospital that asked for it
	EventCompleted  = "workitem.completed"
	EventIncomplete = "workitem.incomplete" // late images are arriving
	EventReady      = "workitem.ready"      // they have arrived
	EventProgressed = "workitem.progressed" // its performer has said how far it is
)

// record writes the event and the audit record of a change, in its transaction.
func record(ctx context.Context, tx db.Tx, w Workitem, event, actor, detail string) error {
	err := catalog.AppendEvent(ctx, tx, catalog.Event{
		At: db.NowIn(ctx), Kind: event, FacilityID: w.FacilityID, StudyID: w.StudyID, Ref: w.ID, Panel: w.PanelID,
	})
	if err != nil {
		return fmt.Errorf("worklist: event: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Record{
		Actor: actor, Action: event, Object: w.ID, FacilityID: w.FacilityID, Outcome: audit.Success, Detail: detail,
	})
	if err != nil {
		return fmt.Errorf("worklist: audit: %w", err)
	}
	return nil
}

// Progressed writes down that the performer of an item has said how far it is.
func Progressed(ctx context.Context, tx db.Tx, w Workitem, actor string) error {
	return record(ctx, tx, w, EventProgressed, actor, "")
}

// revoke takes the right of a canceled item's panel and holder away again,
// unless they have, or had, something else to do with the study.
func revoke(ctx context.Context, tx db.Tx, w Workitem) error {
	for _, g := range []struct{ kind, grantee, column string }{
		{catalog.GranteePanel, w.PanelID, "panel_id"},
		{catalog.GranteeUser, w.ClaimedBy, "claimed_by"},
	} {
		if g.grantee == "" {
			continue
		}
		var busy int
		err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM workitems WHERE study_id = $1 AND `+g.column+` = $2 AND state <> 'CANCELED'`,
			w.StudyID, g.grantee).Scan(&busy)
		if err != nil {
			return fmt.Errorf("worklist: revoke: %w", err)
		}
		if busy > 0 {
			continue
		}
		if err := catalog.Revoke(ctx, tx, w.StudyID, g.kind, g.grantee); err != nil {
			return fmt.Errorf("worklist: revoke: %w", err)
		}
	}
	return nil
}
