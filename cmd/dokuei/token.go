package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make a bearer token for a machine client of the HTTP API; it is shown once."`
}

type tokenCreateCmd struct {
	place    `embed:""`
	logging  `embed:""`
	Role     identity.Role `required:"" help:"What the client may do: reader, coordinator, hospital, admin or service."`
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
