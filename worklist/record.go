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
	EventCompleted  = "workitem.completed"
	EventIncomplete = "workitem.incomplete" // late images are arriving
	EventReady      = "workitem.ready"      // they have arrived
)

// record writes the event and the audit record of a change, in its transaction.
func record(ctx context.Context, tx db.Tx, w Workitem, event, actor, detail string) error {
	err := catalog.AppendEvent(ctx, tx, catalog.Event{
		At: db.Now(), Kind: event, FacilityID: w.FacilityID, StudyID: w.StudyID, Ref: w.ID, Panel: w.PanelID,
	})
	if err != nil {
		return fmt.Errorf("worklist: event: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Record{
		Actor: actor, Action: event, Object: "workitem/" + w.ID, FacilityID: w.FacilityID, Outcome: "success", Detail: detail,
	})
	if err != nil {
		return fmt.Errorf("worklist: audit: %w", err)
	}
	return nil
}

// grantPanel lets the readers of a panel see a study.
func grantPanel(ctx context.Context, tx db.Tx, studyID, panelID string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO study_grants (study_id, grantee_kind, grantee) VALUES ($1, 'panel', $2)
 ON CONFLICT (study_id, grantee_kind, grantee) DO NOTHING`, studyID, panelID)
	if err != nil {
		return fmt.Errorf("worklist: grant: %w", err)
	}
	return nil
}

// revokePanel takes the right away again unless the panel has, or had,
// something to do with the study.
func revokePanel(ctx context.Context, tx db.Tx, studyID, panelID string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM study_grants WHERE study_id = $1 AND grantee_kind = 'panel' AND grantee = $2
 AND NOT EXISTS (SELECT 1 FROM workitems w WHERE w.study_id = $1 AND w.panel_id = $2 AND w.state <> 'CANCELED')`, studyID, panelID)
	if err != nil {
		return fmt.Errorf("worklist: revoke: %w", err)
	}
	return nil
}
