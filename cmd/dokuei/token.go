package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make a bearer token for a machine client of the HTTP API; it is shown once."`
	List   tokenListCmd   `cmd:"" help:"The tokens there are, without their secrets."`
	Revoke tokenRevokeCmd `cmd:"" help:"End a token."`
}

type tokenCreateCmd struct {
	place    `embed:""`
	logging  `embed:""`
	Role     identity.Role `required:"" help:"What the client may do: a role of docs/RIGHTS.md, mostly service."`
	Facility string        `help:"The hospital the client belongs to (roles hospital and service)." placeholder:"ID"`
	Name     string        `help:"What the token is for, shown in lists." default:"token"`
	Expires  time.Duration `help:"Life time, 0 for none." default:"0s"`
}

// Run makes a token and prints its secret on standard output, alone.
func (t tokenCreateCmd) Run(ctx context.Context, con console) error {
	if !t.Role.Valid() {
		var names []string
		for _, r := range identity.Roles() {
			names = append(names, string(r))
		}
		return fmt.Errorf("unknown role %q; roles are %s", t.Role, strings.Join(names, ", "))
	}
	needs := t.Role.AtFacility()
	if needs && t.Facility == "" {
		return fmt.Errorf("the role %s belongs to a hospital: name it with --facility", t.Role)
	}
	if err := t.makeData(); err != nil {
		return err
	}
	d, err := db.Open(ctx, t.dbURL(), t.logger(con))
	if err != nil {
		return err
	}
	defer d.Close()
	token := identity.Token{Name: t.Name, Role: t.Role, FacilityID: t.Facility}
	if t.Expires > 0 {
		token.ExpiresAt = db.Now().Add(t.Expires)
	}
	var secret string
	err = d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if t.Facility != "" {
			if _, err := worklist.FacilityByID(ctx, tx, t.Facility); errors.Is(err, worklist.ErrNotFound) {
				return fmt.Errorf("there is no hospital %q; register it with `dokuei apply`", t.Facility)
			} else if err != nil {
				return err
			}
		}
		var made identity.Token
		if secret, made, err = identity.CreateToken(ctx, tx, token); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Record{Actor: "token create", Action: "token.created", Object: made.ID, FacilityID: t.Facility, Detail: "role " + string(t.Role)})
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(con.Err, "This token is shown only now. Send it as: Authorization: Bearer TOKEN")
	_, err = fmt.Fprintln(con.Out, secret)
	return err
}

type tokenListCmd struct {
	place   `embed:""`
	logging `embed:""`
	All     bool `help:"Also what has expired or was revoked."`
}

// Run lists the tokens.
func (t tokenListCmd) Run(ctx context.Context, con console) error {
	d, err := db.Open(ctx, t.dbURL(), t.logger(con))
	if err != nil {
		return err
	}
	defer d.Close()
	list, err := identity.Tokens(ctx, d.Read(ctx))
	if err != nil {
		return err
	}
	day := func(at time.Time) string {
		if at.IsZero() {
			return "-"
		}
		return at.Local().Format(time.DateOnly)
	}
	w := tabwriter.NewWriter(con.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tROLE\tHOSPITAL\tCREATED\tEXPIRES\tREVOKED")
	for _, one := range list {
		if t.All || one.RevokedAt.IsZero() && (one.ExpiresAt.IsZero() || one.ExpiresAt.After(time.Now())) {
			fmt.Fprintf(w, "%s\t%q\t%s\t%s\t%s\t%s\t%s\n", one.ID, one.Name, one.Role, cmp.Or(one.FacilityID, "-"), day(one.CreatedAt), day(one.ExpiresAt), day(one.RevokedAt))
		}
	}
	return w.Flush()
}

type tokenRevokeCmd struct {
	place   `embed:""`
	logging `embed:""`
	ID      string `arg:"" help:"ID of the token, see 'token list'."`
}

// Run ends a token.
func (t tokenRevokeCmd) Run(ctx context.Context, con console) error {
	d, err := db.Open(ctx, t.dbURL(), t.logger(con))
	if err != nil {
		return err
	}
	defer d.Close()
	err = d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := identity.RevokeToken(ctx, tx, t.ID); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Record{Actor: "token revoke", Action: "token.revoked", Object: t.ID})
	})
	if errors.Is(err, identity.ErrNotFound) {
		return fmt.Errorf("there is no token %s that is in force; `dokuei token list` has the IDs", t.ID)
	}
	if err == nil {
		fmt.Fprintln(con.Err, "revoked; it opens nothing from now on")
	}
	return err
}
