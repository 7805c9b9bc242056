package main

import (
	"context"
	"log/slog"

	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/storage/db"
)

// alerts are how people outside the pages hear of limits.
type alerts struct {
	Webhook      string `help:"Escalations are posted here as JSON, without patient data." placeholder:"URL"`
	SMTP         string `name:"smtp" help:"Mail relay for notices to readers and coordinators." placeholder:"HOST:PORT"`
	SMTPFrom     string `name:"smtp-from" help:"Sender of notices." default:"dokuei@localhost"`
	SMTPUser     string `name:"smtp-user" help:"Account at the mail relay; only used over TLS."`
	SMTPPassword string `name:"smtp-password" help:"Its password."`
}

// keeper watches the limits of open items.
func (c alerts) keeper(d *db.DB, link string, log *slog.Logger) *clock.Keeper {
	o := clock.Options{Log: log, Link: link, Email: c.SMTP != "", Webhook: c.Webhook != "", Send: map[string]clock.Sender{}}
	if o.Email {
		o.Send["email"] = clock.SMTP(c.SMTP, c.SMTPFrom, c.SMTPUser, c.SMTPPassword)
	}
	if o.Webhook {
		o.Send["webhook"] = clock.Webhook(c.Webhook)
	}
	return clock.New(d, o)
}

// letters hands e-mail to the relay; nil without one.
func (c alerts) letters() func(context.Context, clock.Letter) error {
	if c.SMTP == "" {
		return nil
	}
	return clock.Relay{Address: c.SMTP, From: c.SMTPFrom, User: c.SMTPUser, Password: c.SMTPPassword}.Send
}
