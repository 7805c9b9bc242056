package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// preferenceNames are what can be chosen; the pages know what stands in each.
var preferenceNames = []string{"hanging", "keys", "monitor", "worklist"}

// maxPreference bounds one of them, in bytes of JSON.
const maxPreference = 64 << 10

var errStalePreference = problem(http.StatusConflict, "stale_preference", "It was changed on another page meanwhile. Load it again.")

type preferenceView struct {
	Revision int64           `json:"revision"`
	Value    json.RawMessage `json:"value"`
}

func (c *call) preferenceName() (string, error) {
	name := c.r.PathValue("name")
	if !slices.Contains(preferenceNames, name) || c.who.UserID == "" {
		return "", errNotFound
	}
	return name, nil
}

// preference answers with what the person has chosen; null when nothing yet.
func (s *server) preference(c *call) error {
	name, err := c.preferenceName()
	if err != nil {
		return err
	}
	p, err := identity.PreferenceOf(c.r.Context(), s.DB.Read(c.r.Context()), c.who.UserID, name)
	if err != nil {
		return err
	}
	if p.Value == nil {
		p.Value = json.RawMessage("null")
	}
	return c.json(http.StatusOK, preferenceView{p.Revision, p.Value})
}

// savePreference keeps it, if its revision is still the newest.
func (s *server) savePreference(c *call) error {
	name, err := c.preferenceName()
	if err != nil {
		return err
	}
	var in preferenceView
	if err := c.read(&in); err != nil {
		return err
	}
	if in.Revision < 0 || len(in.Value) == 0 || len(in.Value) > maxPreference {
		return errBadRequest.with("value is JSON of at most 64 KiB")
	}
	var revision int64
	err = s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) (err error) {
		revision, err = identity.SavePreference(ctx, tx, c.who.UserID, name, identity.Preference{Revision: in.Revision, Value: in.Value})
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, struct {
		Revision int64 `json:"revision"`
	}{revision})
}
