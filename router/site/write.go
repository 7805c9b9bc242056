package site

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/dokuei/dokuei/router/commit"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/order"
)

// run executes statements until one fails.
func run(ctx context.Context, tx db.Tx, what string, statements ...statement) error {
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s.text, s.args...); err != nil {
			return fmt.Errorf("site: write %s: %w", what, err)
		}
	}
	return nil
}

type statement struct {
	text string
	args []any
}

func sql(text string, args ...any) statement { return statement{text, args} }

func (p planned) writeFacilities(ctx context.Context, tx db.Tx) error {
	now := db.Micros(db.Now())
	// Titles go first, all of them: two hospitals may swap theirs.
	for _, old := range p.now.Facilities {
		if err := run(ctx, tx, "AE titles",
			sql(`DELETE FROM facility_ae_titles WHERE facility_id = $1`, old.ID),
			sql(`DELETE FROM facility_certificates WHERE facility_id = $1`, old.ID),
			sql(`DELETE FROM facility_addresses WHERE facility_id = $1`, old.ID)); err != nil {
			return err
		}
		if _, stays := find(p.want.Facilities, old.ID, Facility.key); stays {
			continue
		}
		if err := run(ctx, tx, "facility", sql(`UPDATE facilities SET active = 0, updated_at = $1 WHERE id = $2`, now, old.ID)); err != nil {
			return err
		}
		if err := p.writeDestinations(ctx, tx, old, Facility{ID: old.ID}); err != nil {
			return err
		}
	}
	for _, x := range p.want.Facilities {
		old, _ := find(p.now.Facilities, x.ID, Facility.key)
		err := run(ctx, tx, "facility", sql(`INSERT INTO facilities (id, name, name_en, quiet_ms, active, created_at, updated_at)
 VALUES ($1, $2, $3, $4, 1, $5, $5)
 ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_en = excluded.name_en, quiet_ms = excluded.quiet_ms, active = 1, updated_at = excluded.updated_at`,
			x.ID, x.Name, x.NameEn, time.Duration(x.Quiet).Milliseconds(), now))
		if err != nil {
			return err
		}
		for i, ae := range x.AETitles {
			if err := run(ctx, tx, "AE title", sql(`INSERT INTO facility_ae_titles (ae_title, facility_id, position) VALUES ($1, $2, $3)`, ae, x.ID, i)); err != nil {
				return err
			}
		}
		for i, c := range x.Certificates {
			if err := run(ctx, tx, "certificate", sql(`INSERT INTO facility_certificates (facility_id, fingerprint, position) VALUES ($1, $2, $3)`, x.ID, c, i)); err != nil {
				return err
			}
		}
		for i, a := range x.Addresses {
			if err := run(ctx, tx, "address", sql(`INSERT INTO facility_addresses (facility_id, network, position) VALUES ($1, $2, $3)`, x.ID, a, i)); err != nil {
				return err
			}
		}
		if err := worklist.SetFacilityProfile(ctx, tx, x.ID, x.profile()); err != nil {
			return err
		}
		if err := x.Retention.write(ctx, tx, x.ID); err != nil {
			return err
		}
		if err := p.writeDestinations(ctx, tx, old, x); err != nil {
			return err
		}
	}
	return nil
}

func (p planned) writeDestinations(ctx context.Context, tx db.Tx, old, x Facility) error {
	now := db.Micros(db.Now())
	for _, d := range old.Destinations {
		if _, stays := find(x.Destinations, d.Name, Destination.key); stays {
			continue
		}
		if err := run(ctx, tx, "destination", sql(`UPDATE destinations SET active = 0, updated_at = $1 WHERE facility_id = $2 AND name = $3`, now, x.ID, d.Name)); err != nil {
			return err
		}
		if err := deliver.Abandon(ctx, tx, x.ID, d.Name); err != nil {
			return err
		}
	}
	for _, d := range x.Destinations {
		at, err := d.target()
		if err != nil {
			return fmt.Errorf("site: destination %q: %w", d.Name, err)
		}
		ask, performed := 0, 0
		if d.Commit {
			ask = 1
		}
		if d.Performed {
			performed = 1
		}
		err = run(ctx, tx, "destination", sql(`INSERT INTO destinations (id, facility_id, name, ae_title, host, port, objects, notify, tls, ask_commitment, route, performed, active, created_at, updated_at)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $10, $11, $12, $13, 1, $9, $9)
 ON CONFLICT (facility_id, name) DO UPDATE SET ae_title = excluded.ae_title, host = excluded.host, port = excluded.port,
 objects = excluded.objects, notify = excluded.notify, tls = excluded.tls, ask_commitment = excluded.ask_commitment, performed = excluded.performed, route = excluded.route, active = 1, updated_at = excluded.updated_at`,
			db.NewID(), x.ID, d.Name, at.AETitle, at.Host, at.Port, strings.Join(d.Objects, ","), d.Notify, now, d.TLS, ask, at.Route, performed))
		if err != nil {
			return err
		}
		if was, _ := find(old.Destinations, d.Name, Destination.key); was.To == d.To && was.TLS == d.TLS {
			continue
		}
		if err := deliver.Hasten(ctx, tx, x.ID, d.Name); err != nil {
			return err
		}
		if err := commit.Hasten(ctx, tx, x.ID, at.AETitle); err != nil {
			return err
		}
	}
	return nil
}

func (p planned) writeUsers(ctx context.Context, tx db.Tx, hashes map[string]string) error {
	for _, x := range p.want.Users {
		old, there := find(p.now.Users, x.Login, User.key)
		if there && all(old.fields()) == all(x.fields()) {
			continue
		}
		if !there && hashes[x.Login] == "" {
			return ErrMoved
		}
		if err := writeUser(ctx, tx, x, hashes[x.Login], !there); err != nil {
			return fmt.Errorf("site: user %q: %w", x.Login, err)
		}
	}
	for _, x := range p.now.Users {
		if _, stays := find(p.want.Users, x.Login, User.key); stays {
			continue
		}
		u, err := identity.UserByLogin(ctx, tx, x.Login)
		if err != nil {
			return fmt.Errorf("site: user %q: %w", x.Login, err)
		}
		u.Disabled = true
		if err := identity.UpdateUser(ctx, tx, u); err != nil {
			return fmt.Errorf("site: user %q: %w", x.Login, err)
		}
	}
	return nil
}

// writeWorkstations writes the AE titles and certificates of readers, all of
// them: two may swap theirs.
func (p planned) writeWorkstations(ctx context.Context, tx db.Tx) error {
	err := run(ctx, tx, "workstations", sql(`DELETE FROM reader_ae_titles`), sql(`DELETE FROM reader_certificates`))
	if err != nil {
		return err
	}
	for _, x := range p.want.Users {
		for i, s := range x.AETitles {
			ae, address, err := station(s)
			if err != nil {
				return err
			}
			if err := run(ctx, tx, "AE title", sql(`INSERT INTO reader_ae_titles (ae_title, user_id, position, address) VALUES ($1, (SELECT id FROM users WHERE login = $3), $2, $4)`,
				ae, i, x.Login, address)); err != nil {
				return err
			}
		}
		for i, c := range x.Certificates {
			if err := run(ctx, tx, "certificate", sql(`INSERT INTO reader_certificates (user_id, fingerprint, position) VALUES ((SELECT id FROM users WHERE login = $3), $1, $2)`, c, i, x.Login)); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeUser makes or changes one user. One who was switched off and comes
// back gets a new password, as a new one does.
func writeUser(ctx context.Context, tx db.Tx, x User, hash string, fresh bool) error {
	u, err := identity.UserByLogin(ctx, tx, x.Login)
	exists := err == nil
	if err != nil && !errors.Is(err, identity.ErrNotFound) {
		return err
	}
	u.Login, u.Name, u.NameEn, u.Role, u.FacilityID = x.Login, x.Name, x.NameEn, identity.Role(x.Role), x.Facility
	u.License, u.Email, u.Disabled = x.License, x.Email, false
	if !exists {
		u.PasswordHash = hash
		id, err := identity.CreateUser(ctx, tx, u)
		if err != nil {
			return err
		}
		return worklist.SetReaderProfile(ctx, tx, id, x.profile())
	}
	if err := identity.UpdateUser(ctx, tx, u); err != nil {
		return err
	}
	if err := worklist.SetReaderProfile(ctx, tx, u.ID, x.profile()); err != nil {
		return err
	}
	if fresh {
		return identity.SetPassword(ctx, tx, u.ID, hash, x.Password == "")
	}
	return nil
}

func (p planned) writePanels(ctx context.Context, tx db.Tx) error {
	now := db.Micros(db.Now())
	for _, x := range p.now.Panels {
		if _, stays := find(p.want.Panels, x.ID, Panel.key); stays {
			continue
		}
		err := run(ctx, tx, "panel",
			sql(`UPDATE panels SET active = 0, updated_at = $1 WHERE id = $2`, now, x.ID),
			sql(`DELETE FROM panel_members WHERE panel_id = $1`, x.ID))
		if err != nil {
			return err
		}
	}
	for _, x := range p.want.Panels {
		if old, there := find(p.now.Panels, x.ID, Panel.key); there && reflect.DeepEqual(old.fields(), x.fields()) {
			continue
		}
		err := run(ctx, tx, "panel",
			sql(`INSERT INTO panels (id, name, name_en, readings, active, created_at, updated_at) VALUES ($1, $2, $3, $5, 1, $4, $4)
 ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_en = excluded.name_en, readings = excluded.readings, active = 1,
 updated_at = excluded.updated_at`, x.ID, x.Name, x.NameEn, now, max(x.Readings, 1)),
			sql(`DELETE FROM panel_members WHERE panel_id = $1`, x.ID))
		if err != nil {
			return err
		}
		for _, login := range x.Readers {
			trainee := 0
			if slices.Contains(x.Trainees, login) {
				trainee = 1
			}
			if err := run(ctx, tx, "panel reader", sql(`INSERT INTO panel_members (panel_id, user_id, trainee) SELECT $1, id, $3 FROM users WHERE login = $2`, x.ID, login, trainee)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p planned) writeCodes(ctx context.Context, tx db.Tx) error {
	if len(diffCodes(p.now.Codes, p.want.Codes)) == 0 {
		return nil
	}
	var list []order.Code
	for _, x := range p.want.Codes {
		list = append(list, order.Code{Part: x.Part, Code: x.Code, Name: x.Name, NameEn: x.NameEn})
	}
	return order.SetCodeTable(ctx, tx, list)
}

func (p planned) writeClosures(ctx context.Context, tx db.Tx) error {
	return worklist.SetClosures(ctx, tx, p.want.Closures)
}

func (p planned) writeRules(ctx context.Context, tx db.Tx) error {
	return rule.Save(ctx, tx, p.want.RuleSet(), p.actor)
}

// RuleSet is the rules of the file. Its fallback is empty when the file has none.
func (f File) RuleSet() rule.Set {
	var set rule.Set
	for _, x := range f.Rules {
		set.Rules = append(set.Rules, x.rule())
	}
	if f.Fallback != nil {
		set.Fallback = Rule{Name: rule.FallbackName, Then: *f.Fallback}.rule()
	}
	return set
}

func (x Rule) rule() rule.Rule {
	a := x.Then
	r := rule.Rule{
		Name: x.Name, When: x.When, If: x.If, From: x.From, Until: x.Until,
		PanelID: a.Panel, Priority: a.Priority, Within: time.Duration(a.Within), Assign: a.Assign, Alone: time.Duration(a.Alone), Hold: a.Hold, Task: a.Task, Forward: a.Forward, Requires: a.Requires,
	}
	if a.Priors != nil {
		r.Priors = rule.Priors{From: a.Priors.From, Most: a.Priors.Most, Months: a.Priors.Months}
	}
	return r
}
