package clock

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
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
	put := func(channel string, to recipient) error {
		n.ID = db.NewID()
		body, err := json.Marshal(n)
		if err == nil && to.reader != "" {
			err = supersede(ctx, tx, w.ID, to.reader, now)
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, `INSERT INTO notices (id, workitem_id, facility_id, kind, channel, recipient, reader_id, body, created_at, next_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
				n.ID, w.ID, w.FacilityID, kind, channel, to.address, to.reader, string(body), db.Micros(now), db.Micros(to.at))
		}
		if err != nil {
			return fmt.Errorf("clock: notice: %w", err)
		}
		return nil
	}
	if k.opts.Webhook && kind.Escalates() {
		if err := put("webhook", recipient{at: now}); err != nil {
			return err
		}
	}
	if !k.opts.Email {
		return nil
	}
	list, err := recipients(ctx, tx, w, kind, now)
	if err != nil {
		return err
	}
	for _, a := range list {
		if err := put("email", a); err != nil {
			return err
		}
	}
	return nil
}

// recipient is somebody who is to be told, and when.
type recipient struct {
	address string
	reader  string // user; empty: not told as a reader
	at      time.Time
}

// recipients are those a timer concerns: coordinators when a limit was passed or
// everybody has declined, the readers an offer reaches, or the holder whose time runs out.
func recipients(ctx context.Context, tx db.Tx, w worklist.Workitem, kind Kind, now time.Time) ([]recipient, error) {
	var list []recipient
	add := func(u identity.User, reader string, at time.Time) {
		if u.Email != "" && !u.Disabled {
			list = append(list, recipient{u.Email, reader, at})
		}
	}
	if kind.Escalates() {
		all, err := identity.Users(ctx, tx, identity.Coordinator)
		if err != nil {
			return nil, fmt.Errorf("clock: coordinators: %w", err)
		}
		for _, u := range all {
			add(u, "", now)
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
		if ids, err = willing(ctx, tx, w.ID, p.Readers); err != nil {
			return nil, err
		}
	}
	duties, err := worklist.DutiesAt(ctx, tx, now)
	if err != nil {
		return nil, err
	}
	cal, err := worklist.Calendar(ctx, tx)
	if err != nil {
		return nil, err
	}
	if kind == Offered || kind == Raise && w.ClaimedBy == "" {
		ids = onDuty(ids, duties)
	}
	for _, id := range ids {
		at := now
		if w.Priority != worklist.STAT {
			var ok bool
			if at, ok = duties.Profile(id).QuietUntil(cal, now); !ok {
				continue // who is never to be told
			}
		}
		u, err := identity.UserByID(ctx, tx, id)
		if err != nil {
			return nil, fmt.Errorf("clock: reader: %w", err)
		}
		add(u, id, at)
	}
	return list, nil
}

// willing are those of the readers who have not declined an item.
func willing(ctx context.Context, tx db.Tx, item string, ids []string) ([]string, error) {
	declines, err := worklist.Declines(ctx, tx, item)
	if err != nil {
		return nil, fmt.Errorf("clock: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		return slices.ContainsFunc(declines, func(d worklist.Declined) bool { return d.ReaderID == id })
	}), nil
}

// onDuty are those of the readers who read or are on call now; all of them when nobody
// is, for somebody must hear of a STAT.
func onDuty(ids []string, duties worklist.Duties) []string {
	var list []string
	for _, id := range ids {
		if d := duties.Of(id); d == worklist.Reading || d == worklist.OnCall {
			list = append(list, id)
		}
	}
	if len(list) == 0 {
		return ids
	}
	return list
}

// Text is the notice in Japanese and English, subject and body of an e-mail.
func (n Notice) Text() (subject, body string) {
	what := map[Kind][2]string{
		Offered:     {"至急の読影依頼", "A STAT study is offered to you"},
		Raise:       {"緊急度が上がった検査", "A study has become more urgent"},
		OfferDeputy: {"読影の依頼（代理）", "A study is offered to you as deputy"},
		OfferPanel:  {"読影の依頼（班全員）", "A study is offered to the whole panel"},
		ClaimSoon:   {"未着手の検査", "A study nobody has taken yet"},
		ClaimLate:   {"着手期限を過ぎた検査", "A study was not taken in time"},
		FinalSoon:   {"報告期限が近い検査", "A report is due soon"},
		FinalLate:   {"報告期限を過ぎた検査", "A report is late"},
		Declined:    {"全員が辞退した検査", "Every reader has declined a study"},
	}[n.Kind]
	deadline := n.Deadline.In(calendar.Tokyo).Format("2006-01-02 15:04")
	subject = fmt.Sprintf("[%s] %s / %s", n.Priority, what[0], what[1])
	body = fmt.Sprintf("%s\n施設: %s\n報告期限: %s\n\n%s\nHospital: %s\nReport due: %s\n\n%s\n", what[0], n.Facility, deadline, what[1], n.Facility, deadline, n.Link)
	return subject, body
}
