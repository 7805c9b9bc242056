package loop

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/width"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Orderer is the account of the doctor who ordered a study; ok is false when
// the hospital has named nobody and no account has the referring physician's
// name.
func Orderer(ctx context.Context, tx db.Tx, studyID string) (u identity.User, ok bool, err error) {
	st, err := catalog.StudyByID(ctx, tx, identity.Everything(), studyID)
	if err != nil {
		return u, false, err
	}
	var id string
	err = tx.QueryRowContext(ctx, `SELECT user_id FROM loop_orderers WHERE study_id = $1`, studyID).Scan(&id)
	switch {
	case err == nil:
		u, err = identity.UserByID(ctx, tx, id)
		return u, err == nil && !u.Disabled, err
	case !errors.Is(err, sql.ErrNoRows):
		return u, false, fmt.Errorf("loop: orderer: %w", err)
	}
	staff, err := Staff(ctx, tx, st.FacilityID)
	if err != nil {
		return u, false, err
	}
	// Two doctors of one name: neither is known to be the one.
	i := slices.IndexFunc(staff, func(u identity.User) bool { return sameDoctor(st.ReferringPhysician, u) })
	if i < 0 || slices.ContainsFunc(staff[i+1:], func(u identity.User) bool { return sameDoctor(st.ReferringPhysician, u) }) {
		return u, false, nil
	}
	return staff[i], true, nil
}

// Staff are the accounts of a hospital that may have ordered: its doctors, and
// those of a hospital too small to divide them from others.
func Staff(ctx context.Context, tx db.Tx, facilityID string) ([]identity.User, error) {
	var all []identity.User
	for _, role := range []identity.Role{identity.OrderingDoctor, identity.Hospital} {
		list, err := identity.Users(ctx, tx, role)
		if err != nil {
			return nil, fmt.Errorf("loop: staff: %w", err)
		}
		all = append(all, list...)
	}
	return slices.DeleteFunc(all, func(u identity.User) bool { return u.Disabled || u.FacilityID != facilityID }), nil
}

// Name says which account of the hospital ordered a study: duty has changed, or
// the name in the images is written otherwise.
func Name(ctx context.Context, tx db.Tx, p identity.Principal, studyID, userID string) error {
	st, err := catalog.StudyByID(ctx, tx, p.Scope(), studyID)
	if err != nil {
		return err
	}
	staff, err := Staff(ctx, tx, st.FacilityID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(staff, func(u identity.User) bool { return u.ID == userID }) {
		return ErrNoSuchDoctor
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO loop_orderers (study_id, user_id, named_by, at) VALUES ($1, $2, $3, $4)
 ON CONFLICT (study_id) DO UPDATE SET user_id = excluded.user_id, named_by = excluded.named_by, at = excluded.at`,
		studyID, userID, p.UserID, db.Micros(db.Now()))
	if err != nil {
		return fmt.Errorf("loop: name orderer: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Record{Actor: p.UserID, Action: "study.orderer", Object: studyID, FacilityID: st.FacilityID, Detail: "orderer " + userID})
	if err != nil {
		return fmt.Errorf("loop: audit: %w", err)
	}
	return nil
}

func isOrderer(ctx context.Context, tx db.Tx, studyID string, p identity.Principal) (bool, error) {
	if p.Role != identity.OrderingDoctor && p.Role != identity.Hospital || p.Kind != identity.KindSession {
		return false, nil
	}
	u, ok, err := Orderer(ctx, tx, studyID)
	return ok && u.ID == p.UserID, err
}

// sameDoctor compares a decoded PN with the names of an account, group by group:
// the same characters in Japanese, the same words in Latin letters.
func sameDoctor(pn string, u identity.User) bool {
	groups := strings.SplitN(pn, "=", 3)
	for i, g := range groups {
		switch {
		case i == 2:
		case japanese(g) != "" && japanese(g) == japanese(u.Name):
			return true
		case latin(g) != "" && latin(g) == latin(u.NameEn):
			return true
		}
	}
	return false
}

// variants are forms of one character that one name is written with.
var variants = strings.NewReplacer("髙", "高", "﨑", "崎", "𠮷", "吉", "濵", "浜", "濱", "浜", "邊", "辺", "邉", "辺", "齋", "斎", "齊", "斎", "斉", "斎", "澤", "沢", "德", "徳", "廣", "広", "眞", "真", "惠", "恵", "國", "国", "嶋", "島", "嶌", "島", "櫻", "桜")

var blanks = strings.NewReplacer("^", "", " ", "", "\u3000", "")

// japanese is a name without blanks when it has a character beyond ASCII.
func japanese(s string) string {
	s = variants.Replace(blanks.Replace(width.Fold.String(s)))
	if strings.IndexFunc(s, func(r rune) bool { return r > 0x7f }) < 0 {
		return ""
	}
	return s
}

// latin is the words of a name in order of the alphabet; two at least: a family
// name alone is nobody's.
func latin(s string) string {
	words := strings.FieldsFunc(strings.ToLower(width.Fold.String(s)), func(r rune) bool { return r < 'a' || r > 'z' })
	if len(words) < 2 {
		return ""
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}
