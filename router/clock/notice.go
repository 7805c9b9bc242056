package clock

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
)

// Notice is a word to somebody outside. Nothing in it is of a patient.
type Notice struct {
	ID        string    `json:"id"`
	Kind      Kind      `json:"kind"`
	Workitem  string    `json:"workitem"`
	Facility  string    `json:"facility"` // its name
	Priority  string    `json:"priority"`
	Deadline  time.Time `json:"deadline"`
	Link      string    `json:"link"`
	Channel   string    `json:"-"`
	Recipient string    `json:"-"`
}

// enqueue writes the notices of a timer that had an effect, in its transaction.
func (k *Keeper) enqueue(ctx context.Context, tx db.Tx, w worklist.Workitem, kind Kind, now time.Time) error {
	f, err := worklist.FacilityByID(ctx, tx, w.FacilityID)
	if err != nil {
		return fmt.Errorf("clock: %w", err)
	}
	n := Notice{Kind: kind, Workitem: w.ID, Facility: f.Name, Priority: string(w.Priority), Deadline: w.Deadline, Link: k.opts.Link}
	put := func(channel, recipient string) error {
		n.ID = db.NewID()
		body, err := json.Marshal(n)
		if err == nil {
			_, err = tx.ExecContext(ctx, `INSERT INTO notices (id, workitem_id, facility_id, kind, channel, recipient, body, created_at, next_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)`,
				n.ID, w.ID, w.FacilityID, kind, channel, recipient, string(body), db.Micros(now))
		}
		if err != nil {
			return fmt.Errorf("clock: notice: %w", err)
		}
		return nil
	}
	if k.opts.Webhook && (kind == ClaimLate || kind == FinalLate) {
		if err := put("webhook", ""); err != nil {
			return err
		}
	}
	if !k.opts.Email {
		return nil
	}
	addresses, err := recipients(ctx, tx, w, kind, now)
	if err != nil {
		return err
	}
	for _, a := range addresses {
		if err := put("email", a); err != nil {
			return err
		}
	}
	return nil
}

// recipients are the addresses of those a timer concerns: coordinators when a limit
// was passed, the readers an offer reaches, or the holder whose time runs out.
func recipients(ctx context.Context, tx db.Tx, w worklist.Workitem, kind Kind, now time.Time) ([]string, error) {
	var list []string
	add := func(u identity.User) {
		if u.Email != "" && !u.Disabled {
			list = append(list, u.Email)
		}
	}
	if kind == ClaimLate || kind == FinalLate {
		all, err := identity.Users(ctx, tx, identity.Coordinator)
		if err != nil {
			return nil, fmt.Errorf("clock: coordinators: %w", err)
		}
		for _, u := range all {
			add(u)
		}
		return list, nil
	}
	var ids []string
	switch {
	case w.ClaimedBy != "":
		ids = []string{w.ClaimedBy}
	case w.Offer.Main != "" && w.Offer.Reached == worklist.ToMain:
		ids = []string{w.Offer.Main}
	case w.Offer.Reached == worklist.ToDeputy:
		ids = []string{w.Offer.Deputy}
	default:
		p, err := worklist.PanelByID(ctx, tx, w.PanelID)
		if err != nil {
			return nil, fmt.Errorf("clock: %w", err)
		}
		ids = append(ids, p.Readers...)
	}
	profiles, err := worklist.ReaderProfiles(ctx, tx)
	if err != nil {
		return nil, err
	}
	cal, err := worklist.Calendar(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if quiet(profiles[id], cal, w.Priority, now) {
			continue
		}
		u, err := identity.UserByID(ctx, tx, id)
		if err != nil {
			return nil, fmt.Errorf("clock: reader: %w", err)
		}
		add(u)
	}
	return list, nil
}

// quiet reports whether a reader is to be left alone.
func quiet(p worklist.ReaderProfile, cal calendar.Calendar, priority worklist.Priority, now time.Time) bool {
	return priority != worklist.STAT && p.Quiet(cal, now)
}

// lease is how long a process may try to send before another may.
const lease = time.Minute

// take leases the notices that are to be sent now.
func take(ctx context.Context, tx db.Tx, now time.Time) ([]Notice, error) {
	rows, err := tx.QueryContext(ctx, `UPDATE notices SET lease_until = $1, attempts = attempts + 1 WHERE id IN (
 SELECT id FROM notices WHERE sent_at = 0 AND next_at <= $2 AND lease_until <= $2 ORDER BY next_at LIMIT 16) RETURNING id, channel, recipient, body`,
		db.Micros(now.Add(lease)), db.Micros(now))
	if err != nil {
		return nil, fmt.Errorf("clock: notices: %w", err)
	}
	defer rows.Close()
	var list []Notice
	for rows.Next() {
		var n Notice
		var id, channel, recipient, body string
		if err := rows.Scan(&id, &channel, &recipient, &body); err != nil {
			return nil, fmt.Errorf("clock: notices: %w", err)
		}
		if err := json.Unmarshal([]byte(body), &n); err != nil {
			return nil, fmt.Errorf("clock: notices: %w", err)
		}
		n.ID, n.Channel, n.Recipient = id, channel, recipient
		list = append(list, n)
	}
	return list, rows.Err()
}

// settle writes what became of a notice: sent, or when it is tried again.
func settle(ctx context.Context, tx db.Tx, n Notice, failed error, now time.Time) error {
	var err error
	if failed == nil {
		_, err = tx.ExecContext(ctx, `UPDATE notices SET sent_at = $1, reason = '' WHERE id = $2`, db.Micros(now), n.ID)
	} else {
		_, err = tx.ExecContext(ctx, `UPDATE notices SET next_at = $1 + CASE WHEN attempts > 8 THEN 3600000000 ELSE attempts * attempts * 15000000 END, lease_until = 0, reason = $2 WHERE id = $3`,
			db.Micros(now), clip(failed.Error()), n.ID)
	}
	if err != nil {
		return fmt.Errorf("clock: notice: %w", err)
	}
	return nil
}

func clip(s string) string {
	s = strings.ToValidUTF8(s, "?")
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "")
	}
	return s
}

// Text is the notice in Japanese and English, subject and body of an e-mail.
func (n Notice) Text() (subject, body string) {
	what := map[Kind][2]string{
		OfferDeputy: {"読影の依頼（代理）", "A study is offered to you as deputy"},
		OfferPanel:  {"読影の依頼（班全員）", "A study is offered to the whole panel"},
		ClaimSoon:   {"未着手の検査", "A study nobody has taken yet"},
		ClaimLate:   {"着手期限を過ぎた検査", "A study was not taken in time"},
		FinalSoon:   {"報告期限が近い検査", "A report is due soon"},
		FinalLate:   {"報告期限を過ぎた検査", "A report is late"},
	}[n.Kind]
	deadline := n.Deadline.In(calendar.Tokyo).Format("2006-01-02 15:04")
	subject = fmt.Sprintf("[%s] %s / %s", n.Priority, what[0], what[1])
	body = fmt.Sprintf("%s\n施設: %s\n報告期限: %s\n\n%s\nHospital: %s\nReport due: %s\n\n%s\n", what[0], n.Facility, deadline, what[1], n.Facility, deadline, n.Link)
	return subject, body
}
