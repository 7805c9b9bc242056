package retention

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
)

// Period is a length of time as laws count it.
type Period struct{ Years, Days int }

var period = regexp.MustCompile(`^(\d{1,3})y$|^(\d{1,5})d$`)

// ParsePeriod reads 5y or 90d.
func ParsePeriod(s string) (Period, error) {
	m := period.FindStringSubmatch(s)
	if m == nil {
		return Period{}, errors.New("retention: a period is written like 5y or 90d")
	}
	years, _ := strconv.Atoi(m[1]) // digits or nothing
	days, _ := strconv.Atoi(m[2])
	return Period{years, days}, nil
}

// String is the written form.
func (p Period) String() string {
	if p.Years > 0 {
		return strconv.Itoa(p.Years) + "y"
	}
	return strconv.Itoa(p.Days) + "d"
}

// After is the end of the period that begins at t.
func (p Period) After(t time.Time) time.Time { return t.AddDate(p.Years, 0, p.Days) }

// Policy is how long the studies of a hospital are kept.
type Policy struct {
	Images  Period // after the last image of a study that has become complete
	Reports Period // after the last signature
	Trash   Period // between the decision to delete and the deletion
}

// Default is the policy of a hospital that has none of its own: images as the records
// of treatment under the rules of health insurance (療養担当規則 §9, three years; 医療法
// 施行規則 §20 asks two for films), reports as charts (医師法 §24, five years).
var Default = Policy{Images: Period{Years: 3}, Reports: Period{Years: 5}, Trash: Period{Days: 30}}

// Longest is the later end of the two periods that begin at t: until when an object
// that is stored at t may be wanted.
func (p Policy) Longest(t time.Time) time.Time {
	return later(p.Images.After(t), p.Reports.After(t))
}

// PolicyOf is the policy of a hospital.
func PolicyOf(ctx context.Context, tx db.Tx, facilityID string) (Policy, error) {
	p, ok, err := Own(ctx, tx, facilityID)
	if err != nil || !ok {
		return Default, err
	}
	return p, nil
}

// LongestOfAll is the end of the longest period of any hospital that begins at t.
func LongestOfAll(ctx context.Context, tx db.Tx, t time.Time) (time.Time, error) {
	until := Default.Longest(t)
	facilities, err := ids(ctx, tx, `SELECT facility_id FROM retention_policies`)
	if err != nil {
		return until, err
	}
	for _, id := range facilities {
		p, err := PolicyOf(ctx, tx, id)
		if err != nil {
			return until, err
		}
		until = later(until, p.Longest(t))
	}
	return until, nil
}

// Own is the policy that a hospital has of its own, if it has one.
func Own(ctx context.Context, tx db.Tx, facilityID string) (p Policy, ok bool, err error) {
	var text [3]string
	err = tx.QueryRowContext(ctx, `SELECT images, reports, trash FROM retention_policies WHERE facility_id = $1`, facilityID).Scan(&text[0], &text[1], &text[2])
	if errors.Is(err, sql.ErrNoRows) {
		return Policy{}, false, nil
	}
	for i, to := range []*Period{&p.Images, &p.Reports, &p.Trash} {
		if err == nil {
			*to, err = ParsePeriod(text[i])
		}
	}
	if err != nil {
		return Policy{}, false, fmt.Errorf("retention: policy of facility: %w", err)
	}
	return p, true, nil
}

// SetPolicy writes the policy of a hospital; nil: it has none of its own.
func SetPolicy(ctx context.Context, tx db.Tx, facilityID string, p *Policy) error {
	before, err := PolicyOf(ctx, tx, facilityID)
	if err != nil {
		return err
	}
	now := Default
	if p != nil {
		now = *p
	}
	if now != before {
		if err := catalog.AppendEvent(ctx, tx, catalog.Event{Kind: EventPolicy, FacilityID: facilityID}); err != nil {
			return err
		}
	}
	if p == nil {
		_, err = tx.ExecContext(ctx, `DELETE FROM retention_policies WHERE facility_id = $1`, facilityID)
	} else {
		_, err = tx.ExecContext(ctx, `INSERT INTO retention_policies (facility_id, images, reports, trash) VALUES ($1, $2, $3, $4)
			ON CONFLICT (facility_id) DO UPDATE SET images = excluded.images, reports = excluded.reports, trash = excluded.trash`,
			facilityID, p.Images.String(), p.Reports.String(), p.Trash.String())
	}
	if err != nil {
		return fmt.Errorf("retention: policy of facility: %w", err)
	}
	return nil
}
