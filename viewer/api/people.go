package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

var (
	errPerson     = problem(http.StatusUnprocessableEntity, "bad_person", "Something about the account is not right.")
	errLoginTaken = problem(http.StatusConflict, "login_taken", "There is an account of this login already.")
)

type personView struct {
	named
	Login      string        `json:"login"`
	Role       identity.Role `json:"role"`
	Facility   *named        `json:"facility"`
	License    string        `json:"license"`
	Email      string        `json:"email"`
	Disabled   bool          `json:"disabled"`
	MustChange bool          `json:"mustChange"`
	Generator  bool          `json:"generator"`
	Passkeys   int           `json:"passkeys"`
	SSO        bool          `json:"sso"` // opened by the hospital's sign-on
	Changeable bool          `json:"changeable"`
}

// people lists every account.
func (s *server) people(c *call) error {
	list := func(ctx context.Context, tx db.Tx) ([]identity.User, error) { return identity.Users(ctx, tx, "") }
	return listed(s, c, list, func(b *book, u identity.User) (personView, error) { return b.person(c.who, u) })
}

// listed answers with the views of a list, all read at one moment.
func listed[T, V any](s *server, c *call, list func(ctx context.Context, tx db.Tx) ([]T, error), view func(b *book, one T) (V, error)) error {
	views := []V{}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		all, err := list(ctx, tx)
		if err != nil {
			return err
		}
		b := newBook(ctx, tx, c)
		for _, one := range all {
			v, err := view(b, one)
			if err != nil {
				return err
			}
			views = append(views, v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, views)
}

func (b *book) person(asks identity.Principal, u identity.User) (personView, error) {
	f, err := identity.FactorsOf(b.ctx, b.tx, u.ID)
	if err != nil {
		return personView{}, err
	}
	linked, err := identity.LinkedSSO(b.ctx, b.tx, u.ID)
	if err != nil {
		return personView{}, err
	}
	v := personView{
		named: named{u.ID, u.Name, u.NameEn}, Login: u.Login, Role: u.Role, License: u.License, Email: u.Email, Disabled: u.Disabled,
		MustChange: u.MustChange, Generator: f.Generator, Passkeys: len(f.Passkeys), SSO: linked, Changeable: mayChange(asks, u, u.Role) == nil,
	}
	if u.FacilityID != "" {
		at, err := b.facility(u.FacilityID)
		if err != nil {
			return personView{}, err
		}
		v.Facility = &at
	}
	return v, nil
}

// mayChange decides whether who may make u an account of a role.
func mayChange(who identity.Principal, u identity.User, to identity.Role) error {
	for _, role := range []identity.Role{u.Role, to} {
		d := identity.Decide(who, identity.ManageUsers, identity.Resource{Account: role, Self: u.ID != "" && u.ID == who.UserID})
		if !d.Allowed {
			return errForbidden.with("This account is not yours to change.")
		}
	}
	return nil
}

// personIn is an account as a coordinator writes it.
type personIn struct {
	Login    string        `json:"login,omitempty"`
	Name     string        `json:"name"`
	NameEn   string        `json:"nameEn"`
	Role     identity.Role `json:"role"`
	Facility string        `json:"facility"`
	License  string        `json:"license"`
	Email    string        `json:"email"`
	Disabled bool          `json:"disabled,omitempty"`
}

const maxPersonText = 200 // characters

func (in personIn) check(ctx context.Context, tx db.Tx) error {
	for _, s := range []string{in.Name, in.NameEn, in.License, in.Email} {
		if utf8.RuneCountInString(s) > maxPersonText || strings.IndexFunc(s, unicode.IsControl) >= 0 {
			return errPerson.with("A text is too long or holds control characters.")
		}
	}
	switch {
	case strings.TrimSpace(in.Name) == "":
		return errPerson.with("A name is needed: accounts are of people.")
	case !in.Role.Human():
		return errPerson.with("That is no role of a person.")
	case in.Role.AtFacility() != (in.Facility != ""):
		return errPerson.with("Roles of a hospital need a hospital, others have none.")
	}
	if in.Facility != "" {
		if _, err := worklist.FacilityByID(ctx, tx, in.Facility); errors.Is(err, worklist.ErrNotFound) {
			return errPerson.with("There is no such hospital.")
		} else if err != nil {
			return err
		}
	}
	return nil
}

type invitationView struct {
	Link      string     `json:"link"`
	ExpiresAt *time.Time `json:"expiresAt"`
}

// invitationLink is what the invited person opens. The secret is behind the #:
// browsers send that to no server.
func (s *server) invitationLink(r *http.Request, secret string) string {
	return s.origin(r) + "/#/invitation/" + secret
}

// addPerson makes an account that nobody can open yet, and the link by which its
// owner will.
func (s *server) addPerson(c *call) error {
	var in personIn
	if err := c.read(&in); err != nil {
		return err
	}
	if err := mayChange(c.who, identity.User{Role: in.Role}, in.Role); err != nil {
		return err
	}
	if !site.ValidLogin(in.Login) {
		return errPerson.with("A login has lower-case letters, digits and . _ - @, at most 64.")
	}
	var out struct {
		personView
		Invitation invitationView `json:"invitation"`
	}
	err := s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		if err := in.check(ctx, tx); err != nil {
			return err
		}
		if _, err := identity.UserByLogin(ctx, tx, in.Login); err == nil {
			return errLoginTaken
		} else if !errors.Is(err, identity.ErrNotFound) {
			return err
		}
		u := identity.User{Login: in.Login, Name: in.Name, NameEn: in.NameEn, Role: in.Role, FacilityID: in.Facility, License: in.License, Email: in.Email}
		var err error
		if u.ID, err = identity.CreateUser(ctx, tx, u); err != nil {
			return err
		}
		if err := audit.Append(ctx, tx, audit.Record{Actor: c.who.UserID, Action: "user.added", Object: u.ID, FacilityID: u.FacilityID, Detail: "role " + string(u.Role)}); err != nil {
			return err
		}
		secret, expires, err := identity.Invite(ctx, tx, u.ID, c.who.UserID)
		if err != nil {
			return err
		}
		out.Invitation = invitationView{s.invitationLink(c.r, secret), moment(expires)}
		out.personView, err = newBook(ctx, tx, c).person(c.who, u)
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, out)
}

// changePerson changes an account. Another role ends its sessions.
func (s *server) changePerson(c *call) error {
	var in personIn
	if err := c.read(&in); err != nil {
		return err
	}
	var out personView
	err := s.onPerson(c, in.Role, func(ctx context.Context, tx db.Tx, u identity.User) error {
		if err := in.check(ctx, tx); err != nil {
			return err
		}
		if in.Login != "" && in.Login != u.Login {
			return errPerson.with("A login stays what it is.")
		}
		before := u
		u.Name, u.NameEn, u.Role, u.FacilityID = in.Name, in.NameEn, in.Role, in.Facility
		u.License, u.Email, u.Disabled = in.License, in.Email, in.Disabled
		if err := identity.UpdateUser(ctx, tx, u); err != nil {
			return err
		}
		if before.Role != u.Role || before.FacilityID != u.FacilityID {
			if err := identity.RevokeSessions(ctx, tx, u.ID); err != nil {
				return err
			}
			if !u.Role.Reads() {
				if err := identity.SetPanels(ctx, tx, u.ID, nil); err != nil {
					return err
				}
			}
		}
		detail := "role " + string(before.Role) + " to " + string(u.Role)
		if before.Disabled != u.Disabled {
			detail = map[bool]string{true: "disabled", false: "enabled"}[u.Disabled]
		}
		if err := audit.Append(ctx, tx, audit.Record{Actor: c.who.UserID, Action: "user.changed", Object: u.ID, FacilityID: u.FacilityID, Detail: detail}); err != nil {
			return err
		}
		var err error
		out, err = newBook(ctx, tx, c).person(c.who, u)
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, out)
}

// onPerson runs an act on the account of the path, if it is the asker's to change.
// to is the role it shall have; empty leaves it.
func (s *server) onPerson(c *call, to identity.Role, act func(context.Context, db.Tx, identity.User) error) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	return s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		u, err := identity.UserByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if to == "" {
			to = u.Role
		}
		if err := mayChange(c.who, u, to); err != nil {
			return err
		}
		return act(ctx, tx, u)
	})
}

// invitePerson makes another link, for one who has lost the first or the password.
func (s *server) invitePerson(c *call) error {
	var out invitationView
	err := s.onPerson(c, "", func(ctx context.Context, tx db.Tx, u identity.User) error {
		secret, expires, err := identity.Invite(ctx, tx, u.ID, c.who.UserID)
		out = invitationView{s.invitationLink(c.r, secret), moment(expires)}
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, out)
}

func (s *server) resetFactors(c *call) error {
	return c.done(s.onPerson(c, "", func(ctx context.Context, tx db.Tx, u identity.User) error {
		if err := identity.ResetFactors(ctx, tx, u.ID); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Record{Actor: c.who.UserID, Action: "factor.removed", Object: u.ID, FacilityID: u.FacilityID, Detail: "all"})
	}))
}

func (s *server) endDevicesOf(c *call) error {
	return c.done(s.onPerson(c, "", func(ctx context.Context, tx db.Tx, u identity.User) error {
		if err := identity.RevokeSessions(ctx, tx, u.ID); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Record{Actor: c.who.UserID, Action: "session.revoked", Object: u.ID, FacilityID: u.FacilityID, Detail: "all"})
	}))
}
