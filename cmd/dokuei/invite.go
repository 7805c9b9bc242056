package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

type inviteCmd struct {
	place     `embed:""`
	logging   `embed:""`
	Login     string        `arg:"" help:"Login of the account. One that exists gets another link, and opens by it again."`
	Name      string        `help:"Real name, for a new account."`
	NameEn    string        `name:"name-en" help:"The same in Latin letters."`
	Role      identity.Role `help:"Role of a new account, as in docs/RIGHTS.md." placeholder:"ROLE"`
	Facility  string        `help:"Hospital of a new account, for the roles of a hospital." placeholder:"ID"`
	License   string        `help:"Medical licence number of a reader, without which nobody signs reports."`
	PublicURL string        `name:"public-url" required:"" help:"Address of the pages as browsers see it." placeholder:"https://HOST"`
}

// Run prints the link by which the owner of an account opens it, once.
func (c inviteCmd) Run(ctx context.Context, con console) error {
	origin, err := publicOrigin(c.PublicURL)
	if err != nil {
		return err
	}
	if err := c.makeData(); err != nil {
		return err
	}
	d, err := db.Open(ctx, c.dbURL(), c.logger(con))
	if err != nil {
		return err
	}
	defer d.Close()
	var secret string
	err = d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		u, err := identity.UserByLogin(ctx, tx, c.Login)
		switch {
		case errors.Is(err, identity.ErrNotFound):
			if u, err = c.make(ctx, tx); err != nil {
				return err
			}
		case err != nil:
			return err
		case c.Role != "" && c.Role != u.Role || c.Facility != "" && c.Facility != u.FacilityID:
			return fmt.Errorf("%s is there already, with the role %s: change it on the page of accounts, or leave --role and --facility out", c.Login, u.Role)
		case u.Disabled:
			return fmt.Errorf("%s is locked: unlock it on the page of accounts first", c.Login)
		}
		secret, _, err = identity.Invite(ctx, tx, u.ID, "invite")
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(con.Err, "Good once, for %s. Bring it to its owner on a path only they read.\n", identity.InvitationLife)
	_, err = fmt.Fprintln(con.Out, origin+"/#/invitation/"+secret)
	return err
}

// make adds the account.
func (c inviteCmd) make(ctx context.Context, tx db.Tx) (u identity.User, err error) {
	switch {
	case !site.ValidLogin(c.Login):
		return u, fmt.Errorf("%q is no login: lower-case letters, digits and . _ - @, at most 64", c.Login)
	case strings.TrimSpace(c.Name) == "" || c.Role == "":
		return u, fmt.Errorf("there is no account %s: make it by giving --name and --role", c.Login)
	case !c.Role.Human():
		return u, fmt.Errorf("%q is no role of a person: see docs/RIGHTS.md", c.Role)
	case c.Role.AtFacility() != (c.Facility != ""):
		return u, fmt.Errorf("roles of a hospital need --facility, others have none")
	}
	if c.Facility != "" {
		if _, err := worklist.FacilityByID(ctx, tx, c.Facility); errors.Is(err, worklist.ErrNotFound) {
			return u, fmt.Errorf("there is no hospital %q; register it with `dokuei apply`", c.Facility)
		} else if err != nil {
			return u, err
		}
	}
	u = identity.User{Login: c.Login, Name: c.Name, NameEn: c.NameEn, Role: c.Role, FacilityID: c.Facility, License: c.License}
	if u.ID, err = identity.CreateUser(ctx, tx, u); err != nil {
		return u, err
	}
	return u, audit.Append(ctx, tx, audit.Record{Actor: "invite", Action: "user.added", Object: u.ID, FacilityID: u.FacilityID, Detail: "role " + string(u.Role)})
}
