package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

var errToken = problem(http.StatusUnprocessableEntity, "bad_token", "A token needs a name, a role, its hospital if the role has one, and a life of 1 to 730 days.")

// maxTokenDays bounds the life of a token made on the page.
const maxTokenDays = 730

type tokenView struct {
	ID         string        `json:"id"`
	Name       string        `json:"name"`
	Role       identity.Role `json:"role"`
	FacilityID string        `json:"facilityId"`
	CreatedAt  *time.Time    `json:"createdAt"`
	ExpiresAt  *time.Time    `json:"expiresAt"`
	RevokedAt  *time.Time    `json:"revokedAt"`
	Secret     string        `json:"secret,omitempty"` // once, when it is made
}

func viewToken(t identity.Token) tokenView {
	return tokenView{t.ID, t.Name, t.Role, t.FacilityID, moment(t.CreatedAt), moment(t.ExpiresAt), moment(t.RevokedAt), ""}
}

func (s *server) tokens(c *call) error {
	list, err := identity.Tokens(c.r.Context(), s.DB.Read(c.r.Context()))
	if err != nil {
		return err
	}
	view := []tokenView{}
	for _, t := range list {
		view = append(view, viewToken(t))
	}
	return c.json(http.StatusOK, view)
}

// createToken makes a token; its secret is in this answer and nowhere else.
func (s *server) createToken(c *call) error {
	var in struct {
		Name     string        `json:"name"`
		Role     identity.Role `json:"role"`
		Facility string        `json:"facility"`
		Days     int           `json:"days"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if strings.TrimSpace(in.Name) == "" || utf8.RuneCountInString(in.Name) > maxPersonText || strings.IndexFunc(in.Name, unicode.IsControl) >= 0 ||
		!in.Role.Valid() || in.Role.AtFacility() != (in.Facility != "") || in.Days < 1 || in.Days > maxTokenDays {
		return errToken
	}
	var view tokenView
	err := s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		if in.Facility != "" {
			if _, err := worklist.FacilityByID(ctx, tx, in.Facility); errors.Is(err, worklist.ErrNotFound) {
				return errToken.with("There is no such hospital.")
			} else if err != nil {
				return err
			}
		}
		secret, made, err := identity.CreateToken(ctx, tx, identity.Token{
			Name: in.Name, Role: in.Role, FacilityID: in.Facility, ExpiresAt: db.Now().AddDate(0, 0, in.Days),
		})
		if err != nil {
			return err
		}
		view = viewToken(made)
		view.Secret = secret
		return audit.Append(ctx, tx, audit.Record{Actor: c.who.UserID, Action: "token.created", Object: made.ID, FacilityID: in.Facility, Detail: "role " + string(in.Role)})
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, view)
}

func (s *server) revokeToken(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	return c.done(s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		if err := identity.RevokeToken(ctx, tx, id); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Record{Actor: c.who.UserID, Action: "token.revoked", Object: id})
	}))
}
