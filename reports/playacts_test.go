package reports_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/router/completeness"
	"github.com/dokuei/dokuei/router/orders"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/order"
)

// receive lets the first image of a study in, whose request says which rule is its own.
func (s *stage) receive(x step) error {
	n := len(s.studies)
	s.studies = append(s.studies, sent{
		uid: uid.FromName("play", fmt.Sprint(n)), facility: []string{"kaifu", "mima"}[x.b%2], accession: fmt.Sprintf("%s-%d", strings.Fields("neuro twice pair school opinion held 至急 plain plain plain")[x.a%10], n),
	})
	return s.slice(n)
}

func (s *stage) slice(n int) error {
	x := &s.studies[n]
	x.slices++
	d := reportstest.CT(x.uid, x.uid+".1", fmt.Sprintf("%s.1.%d", x.uid, x.slices), x.slices, fmt.Sprintf("P%d", n%4))
	word, _, _ := strings.Cut(x.accession, "-")
	d.SetString(tag.AccessionNumber, "SH", fmt.Sprintf("A%d", n))
	d.SetString(tag.StudyDescription, "LO", "CT "+word)
	x.id = s.h.Send(s.t, x.facility, d).StudyID
	s.labels[x.id] = fmt.Sprintf("study %d", n)
	return nil
}

// order is that of a study that is here, or is still to come.
func (s *stage) order(x step) error {
	n := x.a % (len(s.studies) + 2)
	facility := []string{"kaifu", "mima"}[x.b%2]
	if n < len(s.studies) {
		facility = s.studies[n].facility
	}
	return s.answered(fmt.Sprintf("order of %d", n), s.write(func(ctx context.Context, tx db.Tx) error {
		f, err := worklist.FacilityByID(ctx, tx, facility)
		if err != nil {
			return err
		}
		_, err = orders.Do(ctx, tx, f, orders.Wish{Act: orders.Put, Order: order.Order{
			PatientID: fmt.Sprintf("P%d", n%4), PatientName: "YAMADA^TARO", AccessionNumber: fmt.Sprintf("A%d", n), Priority: []string{"STAT", "ROUTINE", "HIGH"}[x.c%3],
			Step: order.Step{Modality: "CT", Description: "CT"},
		}}, "his", s.now)
		return err
	}))
}

// look does what is due now. Studies are released one after the other: the order of two
// that are released at once is nobody's choice, and who is given the one counts for the
// other.
func (s *stage) look() error {
	for {
		due, err := catalog.Due(s.ctx, s.h.DB.Read(s.ctx), s.now, 1)
		if err != nil {
			return err
		}
		if len(due) == 0 {
			break
		}
		err = s.write(func(ctx context.Context, tx db.Tx) error {
			_, _, err := completeness.Release(ctx, tx, due[0])
			return err
		})
		if err != nil {
			return err
		}
	}
	if _, err := s.ledger.Look(s.ctx); err != nil { // late images, and what is offered early
		return err
	}
	for {
		sleep, err := s.keeper.Look(s.ctx)
		if err != nil || sleep > 0 {
			return err
		}
	}
}

// node is three more processes that look at the clocks at once.
func (s *stage) node() error {
	errs := make([]error, 3)
	var wait sync.WaitGroup
	for i := range errs {
		wait.Go(func() {
			_, errs[i] = clock.New(s.h.DB, clock.Options{Now: func() time.Time { return s.now }, Email: true}).Look(s.ctx)
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// open lists the open items in the order they were made.
func (s *stage) openItems() (list []worklist.Workitem, err error) {
	rows, err := s.h.DB.Read(s.ctx).QueryContext(s.ctx, `SELECT study_id FROM workitems WHERE state IN ('SCHEDULED', 'IN PROGRESS') ORDER BY rowid`)
	if err != nil {
		return nil, err
	}
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	for _, id := range ids {
		w, err := worklist.OpenOfStudy(s.ctx, s.h.DB.Read(s.ctx), id)
		if err != nil {
			return nil, err
		}
		list = append(list, *w)
	}
	return list, nil
}

// work is something that is done with an open item.
func (s *stage) work(x step, login string, who identity.Principal) error {
	open, err := s.openItems()
	if err != nil || len(open) == 0 {
		return err
	}
	w := open[x.b%len(open)]
	what := fmt.Sprintf("%s %s %s", login, x.what, s.labels[w.StudyID])
	switch x.what {
	case "claim":
		err = s.write(func(ctx context.Context, tx db.Tx) error {
			_, err := worklist.Claim(ctx, tx, w.ID, who.UserID)
			return err
		})
	case "release":
		if w.State != worklist.InProgress {
			return nil
		}
		err = s.write(func(ctx context.Context, tx db.Tx) error {
			_, _, err := worklist.Release(ctx, tx, w.ID, w.ClaimedBy, "called away")
			return err
		})
	case "take-over":
		err = s.write(func(ctx context.Context, tx db.Tx) error {
			_, err := worklist.TakeOver(ctx, tx, w.ID, who.UserID, "it is late")
			return err
		})
	case "decline":
		err = s.write(func(ctx context.Context, tx db.Tx) error {
			_, err := assign.Decline(ctx, tx, w.ID, who.UserID, "not today")
			return err
		})
	case "hand":
		to := worklist.Reassignment{Reason: "by hand", PanelID: []string{"", "", "npo", "school", "pair"}[x.c%5], Priority: []worklist.Priority{"", "", worklist.STAT}[x.c/5%3]}
		reader := who.UserID
		if x.c%2 == 0 {
			reader = ""
		}
		err = s.write(func(ctx context.Context, tx db.Tx) error {
			_, err := assign.Hand(ctx, tx, w.ID, s.users["boss"].UserID, reader, to)
			return err
		})
	case "sign":
		return s.sign(open, x)
	}
	if err := s.answered(what, err); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// sign signs one of the items that are held.
func (s *stage) sign(open []worklist.Workitem, x step) error {
	open = slices.DeleteFunc(open, func(w worklist.Workitem) bool { return w.State != worklist.InProgress })
	if len(open) == 0 {
		return nil
	}
	w := open[x.b%len(open)]
	holder := s.users[s.names[w.ClaimedBy]]
	d, err := reports.OpenDraft(s.ctx, s.h.DB, holder, w.ID)
	if err != nil {
		return err
	}
	d.Sections = reports.Sections{Findings: "異常を認めません。", Impression: "異常なし。", Recommendation: "なし。", Reason: "誤記"}
	if d, err = reports.SaveDraft(s.ctx, s.h.DB, holder, d); err != nil {
		return err
	}
	r, err := s.desk.Sign(s.ctx, holder, w.ID, d.Revision)
	if err != nil {
		return fmt.Errorf("%s signs %+v: %w", holder.Login, w, err)
	}
	s.say("%s signs %s: %s", holder.Login, s.labels[w.StudyID], r.Kind)
	if r.Kind != reports.Preliminary {
		return nil
	}
	next, err := worklist.OpenOfStudy(s.ctx, s.h.DB.Read(s.ctx), w.StudyID)
	if err == nil && next == nil {
		err = errors.New("a preliminary report has left nothing to do")
	}
	return err
}

// addendum begins one on a study that has a report.
func (s *stage) addendum(x step) error {
	if len(s.studies) == 0 {
		return nil
	}
	id := s.studies[x.a%len(s.studies)].id
	last, err := worklist.LatestCompleted(s.ctx, s.h.DB.Read(s.ctx), id)
	if err != nil || last == nil {
		return err
	}
	return s.answered("addendum to "+s.labels[id], s.write(func(ctx context.Context, tx db.Tx) error {
		w, err := worklist.Create(ctx, tx, worklist.New{StudyID: id, FacilityID: last.FacilityID, Kind: worklist.Addendum, PanelID: last.PanelID, Priority: last.Priority, Deadline: s.now.Add(time.Hour)})
		if err != nil {
			return err
		}
		_, err = worklist.Claim(ctx, tx, w.ID, last.ClaimedBy)
		return err
	}))
}

// never are what no state of the service may hold.
var never = map[string]string{
	"a complete study without a Workitem": `SELECT s.id FROM studies s WHERE s.state = 'complete' AND NOT EXISTS (SELECT 1 FROM workitems w WHERE w.study_id = s.id AND w.state IN ('SCHEDULED', 'IN PROGRESS', 'COMPLETED'))`,
	"two open items of a study":           `SELECT study_id FROM workitems WHERE state IN ('SCHEDULED', 'IN PROGRESS') GROUP BY study_id HAVING COUNT(*) > 1`,
	"a second reading by the first":       `SELECT id FROM workitems WHERE not_for <> '' AND not_for = claimed_by AND state <> 'CANCELED'`,
	"a trainee who verifies":              `SELECT w.id FROM workitems w JOIN users u ON u.id = w.claimed_by WHERE u.role = 'trainee' AND (w.purpose <> '' OR w.kind <> 'interpretation') AND w.state <> 'CANCELED'`,
	"a holder who is not on the panel":    `SELECT w.id FROM workitems w WHERE w.state = 'IN PROGRESS' AND NOT EXISTS (SELECT 1 FROM panel_members m WHERE m.panel_id = w.panel_id AND m.user_id = w.claimed_by)`,
	"a replacement of what is open":       `SELECT w.id FROM workitems w JOIN workitems o ON o.id = w.replaces WHERE o.state <> 'CANCELED'`,
	"a limit passed twice":                `SELECT w.id FROM workitems w WHERE w.escalated > (SELECT 2 + SUM(CASE e.kind WHEN 'workitem.raised' THEN 2 WHEN 'workitem.declined' THEN 1 ELSE 0 END) FROM events e WHERE e.ref = w.id)`,
	"declined, and read all the same":     `SELECT w.id FROM workitems w JOIN declines d ON d.workitem_id = w.id AND d.reader_id = w.claimed_by WHERE w.state IN ('IN PROGRESS', 'COMPLETED')`,
	"declined, and offered again":         `SELECT w.id FROM workitems w JOIN declines d ON d.workitem_id = w.id AND d.reader_id IN (w.main_reader, w.deputy) WHERE w.state = 'SCHEDULED' AND w.offer_state <> 'panel'`,
	"a no that its replacement forgot":    `SELECT w.id FROM workitems w JOIN declines d ON d.workitem_id = w.replaces WHERE NOT EXISTS (SELECT 1 FROM declines x WHERE x.workitem_id = w.id AND x.reader_id = d.reader_id) AND w.main_reader <> d.reader_id`,

	"more escalations than are shown": `SELECT w.id FROM workitems w WHERE w.escalated <> (SELECT COUNT(*) FROM events e WHERE e.ref = w.id AND e.kind = 'workitem.escalated')`,
	"a notice told twice":             `SELECT n.workitem_id FROM notices n WHERE n.kind <> 'priority.raised' GROUP BY n.workitem_id, n.kind, n.recipient HAVING COUNT(*) > 1 + (SELECT COUNT(*) FROM events e WHERE e.ref = n.workitem_id AND e.kind IN ('workitem.raised', 'workitem.reoffered'))`,
}

// holds checks what must hold after every step, and notes how everything stands.
func (s *stage) holds() error {
	tx := s.h.DB.Read(s.ctx)
	for what, query := range never {
		var id string
		if err := tx.QueryRowContext(s.ctx, query+` LIMIT 1`).Scan(&id); err == nil {
			return fmt.Errorf("%s: %s %s", what, id, s.labels[id])
		}
	}
	duties, err := worklist.DutiesAt(s.ctx, tx, s.now)
	if err != nil {
		return err
	}
	rows, err := tx.QueryContext(s.ctx, `SELECT w.study_id, w.state, w.kind, w.purpose || w.task, w.panel_id, w.priority, w.readiness, w.main_reader, w.deputy, w.offer_state, COALESCE(w.claimed_by, ''),
 w.deadline, w.claim_due, w.escalated, w.requires, w.facility_id, COALESCE(w.claimed_at, 0) FROM workitems w ORDER BY w.rowid`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var study, state, kind, purpose, panel, priority, ready, main, deputy, reached, holder, requires, facility string
		var deadline, due, claimed, escalated int64
		if err := rows.Scan(&study, &state, &kind, &purpose, &panel, &priority, &ready, &main, &deputy, &reached, &holder, &deadline, &due, &escalated, &requires, &facility, &claimed); err != nil {
			return err
		}
		s.say("  %s %s %s/%s %s %s %s to %s/%s/%s by %s until %d/%d, %d", s.labels[study], state, kind, purpose, panel, priority, ready, s.names[main], s.names[deputy], reached, s.names[holder], deadline, due, escalated)
		if claimed != db.Micros(s.now) || holder == "" { // was not claimed in this step
			continue
		}
		p := duties.Profile(holder)
		if p.Expired(s.now) || p.Home == facility || slices.Contains(p.Conflicts, facility) || requires != "" && !slices.Contains(p.Subspecialties, requires) {
			return fmt.Errorf("%s has taken %s against a hard constraint", s.names[holder], s.labels[study])
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return s.choices()
}

// choices looks at those made in the last step: none is of whom a hard constraint speaks
// against, and everybody else of the panel has a reason or a score.
func (s *stage) choices() error {
	tx := s.h.DB.Read(s.ctx)
	rows, err := tx.QueryContext(s.ctx, `SELECT a.rowid, a.workitem_id, a.at FROM assignments a WHERE a.rowid > $1 ORDER BY a.rowid`, s.checked)
	if err != nil {
		return err
	}
	type made struct {
		item string
		at   int64
	}
	var items []made
	for rows.Next() {
		var m made
		if err := rows.Scan(&s.checked, &m.item, &m.at); err != nil {
			return err
		}
		items = append(items, m)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, m := range items {
		id, at := m.item, db.FromMicros(m.at)
		duties, err := worklist.DutiesAt(s.ctx, tx, at) // then: a long step has many times
		if err != nil {
			return err
		}
		c, _, err := assign.ChoiceOf(s.ctx, tx, id)
		if err != nil {
			return err
		}
		entry, err := worklist.Get(s.ctx, tx, identity.Everything(), id)
		if err != nil {
			return err
		}
		w := entry.Workitem
		panel, err := worklist.PanelByID(s.ctx, tx, w.PanelID)
		if err != nil {
			return err
		}
		if len(c.Candidates) != len(panel.Readers) {
			return fmt.Errorf("%d of %d readers were considered for %s", len(c.Candidates), len(panel.Readers), s.labels[w.StudyID])
		}
		s.say("  %s is for %s/%s of", s.labels[w.StudyID], s.names[c.Main], s.names[c.Deputy])
		for _, x := range c.Candidates {
			s.say("    %s %d %s", s.names[x.Reader], x.Score, x.Reason["en"])
			if !x.Fit() && (x.Reason["ja"] == "" || x.Reason["en"] == "") {
				return errors.New("somebody was passed over without a reason")
			}
			p, named := duties.Profile(x.Reader), x.Reader == c.Main || x.Reader == c.Deputy
			hard := p.Expired(at) || p.Home == w.FacilityID || slices.Contains(p.Conflicts, w.FacilityID) || len(w.Requires) > 0 && !slices.Contains(p.Subspecialties, w.Requires[0])
			duty := duties.Of(x.Reader)
			away := duty == worklist.Absent || duty == worklist.OffDuty || duty == worklist.OnCall && w.Priority != worklist.STAT
			if hard && (named || x.Fit()) || away && x.Fit() && w.CreatedAt.Equal(at) {
				return fmt.Errorf("%s was thought fit for %s (named %v, duty %q)", s.names[x.Reader], s.labels[w.StudyID], named, duty)
			}
			if named && !x.Fit() && w.Reasons != nil && c.Mode != worklist.Direct {
				return fmt.Errorf("%s was named and is unfit", s.names[x.Reader])
			}
		}
	}
	return nil
}

// end checks what holds when nothing more happens for a long time: everything that is
// open is watched, and what is late was brought to the coordinator.
func (s *stage) end() error {
	s.now = s.now.AddDate(0, 0, 14)
	for range 3 {
		if err := s.look(); err != nil {
			return err
		}
	}
	for what, query := range map[string]string{
		"a study that was not released":          `SELECT id FROM studies WHERE state <> 'complete' LIMIT 1`,
		"an open item nobody watches":            `SELECT w.id FROM workitems w WHERE w.state IN ('SCHEDULED', 'IN PROGRESS') AND NOT EXISTS (SELECT 1 FROM timers t WHERE t.workitem_id = w.id) LIMIT 1`,
		"a timer that did not fire":              `SELECT workitem_id FROM timers t JOIN workitems w ON w.id = t.workitem_id WHERE t.fired_at = 0 AND w.state IN ('SCHEDULED', 'IN PROGRESS') LIMIT 1`,
		"something late that nobody was told of": `SELECT id FROM workitems WHERE state IN ('SCHEDULED', 'IN PROGRESS') AND escalated = 0 LIMIT 1`,
	} {
		var id string
		if err := s.h.DB.Read(s.ctx).QueryRowContext(s.ctx, query).Scan(&id); err == nil {
			return fmt.Errorf("%s: %s %s", what, id, s.labels[id])
		}
	}
	return s.holds()
}
