package site

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
)

// Shift is an exception to a reader's week. A file adds to those that are planned;
// with replace: [shifts] those it does not name are taken back. prune leaves them: most
// are planned on the pages.
type Shift struct {
	place `yaml:"-"`
	Login string `yaml:"login"`
	From  string `yaml:"from"` // in Japan: 2026-12-01 09:00
	To    string `yaml:"to"`
	Kind  string `yaml:"kind"` // reading, on-call, absent
}

// key is who and when: two exceptions of one reader at one time are one.
func (x Shift) key() string { return x.Login + " " + x.From + " to " + x.To }

// shiftTimes are how the times of a shift may be written; the first is how they are.
var shiftTimes = []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", time.RFC3339}

func shiftTime(text string) (time.Time, error) {
	for _, form := range shiftTimes {
		if at, err := time.ParseInLocation(form, text, calendar.Tokyo); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%s is not a time: 2026-12-01 09:00", quote(text))
}

func writeShiftTime(at time.Time) string {
	at = at.In(calendar.Tokyo)
	if at.Second() != 0 {
		return at.Format(shiftTimes[1])
	}
	return at.Format(shiftTimes[0])
}

func (x Shift) shift(userID string) (worklist.Shift, error) {
	from, err := shiftTime(x.From)
	if err != nil {
		return worklist.Shift{}, err
	}
	to, err := shiftTime(x.To)
	if err != nil {
		return worklist.Shift{}, err
	}
	s := worklist.Shift{UserID: userID, Kind: worklist.Duty(x.Kind), From: from, To: to}
	return s, s.Check()
}

func (x Shift) check(p *Problems) {
	if _, err := x.shift(""); err != nil {
		p.add(x.line("from"), "shift of %s: %s", quote(x.Login), strings.TrimPrefix(err.Error(), "worklist: "))
	}
}

// normal writes the times in one way.
func (x Shift) normal() Shift {
	for _, text := range []*string{&x.From, &x.To} {
		if at, err := shiftTime(*text); err == nil {
			*text = writeShiftTime(at)
		}
	}
	return x
}

func (f *File) exportShifts(ctx context.Context, tx db.Tx, logins map[string]string) error {
	list, err := worklist.AllShifts(ctx, tx)
	if err != nil {
		return fmt.Errorf("site: export: %w", err)
	}
	for _, s := range list {
		if login, ok := logins[s.UserID]; ok {
			f.Shifts = append(f.Shifts, Shift{Login: login, From: writeShiftTime(s.From), To: writeShiftTime(s.To), Kind: string(s.Kind)})
		}
	}
	return nil
}

// mergeShifts is the exceptions in force with those of a file over them; those of who
// reads no more go.
func mergeShifts(now, file File, users []User) []Shift {
	named, reads := map[string]bool{}, map[string]bool{}
	for _, u := range users {
		reads[u.Login] = identity.Role(u.Role).Reads()
	}
	var out []Shift
	for _, x := range file.Shifts {
		named[x.key()] = true
		out = append(out, x)
	}
	for _, x := range now.Shifts {
		if !named[x.key()] && reads[x.Login] && !file.replacesShifts() {
			out = append(out, x)
		}
	}
	return out
}

// shiftChanges are what a file changes in the exceptions.
func shiftChanges(now, want []Shift) (gone, come []Shift) {
	kinds := map[string]string{}
	for _, x := range now {
		kinds[x.key()] = x.Kind
	}
	for _, x := range want {
		if kinds[x.key()] != x.Kind {
			come = append(come, x)
		}
		if kinds[x.key()] == x.Kind {
			delete(kinds, x.key())
		}
	}
	for _, x := range now {
		if _, stays := kinds[x.key()]; stays {
			gone = append(gone, x)
		}
	}
	return gone, come
}

// diffShifts tells of them; those that stay as they are are too many to be named.
func diffShifts(now, want []Shift) Diff {
	var d Diff
	gone, come := shiftChanges(now, want)
	was := map[string]string{}
	for _, x := range gone {
		was[x.key()] = x.Kind
	}
	for _, x := range come {
		if old, there := was[x.key()]; there {
			d = append(d, Change{'~', "shift", x.key(), "kind " + old + " -> " + x.Kind})
			delete(was, x.key())
			continue
		}
		d = append(d, Change{'+', "shift", x.key(), "kind " + x.Kind})
	}
	for _, x := range gone {
		if _, still := was[x.key()]; still {
			d = append(d, Change{'-', "shift", x.key(), ""})
		}
	}
	return d
}

func (p planned) writeShifts(ctx context.Context, tx db.Tx) error {
	gone, come := shiftChanges(p.now.Shifts, p.want.Shifts)
	if len(gone)+len(come) == 0 {
		return nil
	}
	logins, ids := map[string]string{}, map[string]string{}
	rows, err := tx.QueryContext(ctx, `SELECT id, login FROM users`)
	if err != nil {
		return fmt.Errorf("site: write shift: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, login string
		if err := rows.Scan(&id, &login); err != nil {
			return fmt.Errorf("site: write shift: %w", err)
		}
		logins[id], ids[login] = login, id
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("site: write shift: %w", err)
	}
	list, err := worklist.AllShifts(ctx, tx)
	if err != nil {
		return fmt.Errorf("site: write shift: %w", err)
	}
	taken := map[string]bool{}
	for _, x := range gone {
		taken[x.key()] = true
	}
	for _, s := range list {
		x := Shift{Login: logins[s.UserID], From: writeShiftTime(s.From), To: writeShiftTime(s.To)}
		if !taken[x.key()] {
			continue
		}
		if err := worklist.DeleteShift(ctx, tx, s.ID, p.actor); err != nil {
			return fmt.Errorf("site: write shift: %w", err)
		}
	}
	for _, x := range come {
		s, err := x.shift(ids[x.Login])
		if err == nil {
			_, err = worklist.AddShift(ctx, tx, s, p.actor)
		}
		if err != nil {
			return fmt.Errorf("site: write shift of %s: %w", quote(x.Login), err)
		}
	}
	return nil
}
