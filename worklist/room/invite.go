package room

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Invite asks into the room of a study: one user, or everybody of a role at the
// study's hospital. A reader who could not see the study sees it from now on.
func Invite(ctx context.Context, tx db.Tx, p identity.Principal, roomID, user string, role identity.Role) error {
	r, err := Find(ctx, tx, p, roomID)
	if err != nil {
		return err
	}
	if r.Private != nil || (user == "") == (role == "") {
		return ErrInvitee
	}
	kind, grantee, granted := "role", string(role), false
	if user != "" {
		kind, grantee = "user", user
		if granted, err = open(ctx, tx, r, user); err != nil {
			return err
		}
	} else if !role.AtFacility() || !role.Human() {
		return ErrInvitee
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO room_invitations (study_id, kind, grantee, granted, invited_by, at) VALUES ($1, $2, $3, $4, $5, $6)
 ON CONFLICT (study_id, kind, grantee) DO NOTHING`, r.StudyID, kind, grantee, bit(granted), p.UserID, db.Micros(db.Now()))
	if err != nil {
		return fmt.Errorf("room: invite: %w", err)
	}
	return record(ctx, tx, r, EventInvited, p.UserID, kind+" "+grantee)
}

// open lets a user see the study of a room; granted says that this made a
// difference. ErrInvitee for one who is not, or no longer, somebody to talk to.
func open(ctx context.Context, tx db.Tx, r Room, user string) (granted bool, err error) {
	u, err := identity.UserByID(ctx, tx, user)
	if errors.Is(err, identity.ErrNotFound) {
		return false, ErrInvitee
	}
	if err != nil {
		return false, err
	}
	if u.Disabled || !identity.Decide(identity.Principal{UserID: u.ID, Role: u.Role, FacilityID: u.FacilityID}, identity.JoinRooms, identity.Resource{}).Allowed {
		return false, ErrInvitee
	}
	panels, err := identity.PanelsOf(ctx, tx, user)
	if err != nil {
		return false, err
	}
	scope := identity.Principal{UserID: u.ID, Role: u.Role, FacilityID: u.FacilityID, PanelIDs: panels}.Scope()
	sees, err := catalog.Visible(ctx, tx, scope, r.StudyID)
	if err != nil || sees {
		return false, err
	}
	return true, catalog.Grant(ctx, tx, r.StudyID, catalog.GranteeUser, user)
}

// shut takes back what open gave, unless the user has the study for another reason
// by now.
func shut(ctx context.Context, tx db.Tx, studyID, user string) error {
	var reasons int
	err := tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM workitems WHERE study_id = $1 AND claimed_by = $2 AND state <> 'CANCELED')
 + (SELECT COUNT(*) FROM room_invitations WHERE study_id = $1 AND kind = 'user' AND grantee = $2)
 + (SELECT COUNT(*) FROM consult_rooms r JOIN consults c ON c.id = r.consult_id WHERE c.study_id = $1 AND r.candidate = $2 AND r.state IN ('asked', 'accepted'))`,
		studyID, user).Scan(&reasons)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("room: close: %w", err)
	}
	if reasons > 0 {
		return nil
	}
	return catalog.Revoke(ctx, tx, studyID, catalog.GranteeUser, user)
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
