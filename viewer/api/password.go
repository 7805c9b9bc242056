package api

import (
	"errors"
	"net/http"

	"github.com/dokuei/dokuei/storage/identity"
)

var (
	errWeakPassword = problem(http.StatusUnprocessableEntity, "weak_password", "The new password is too short, too long or the same as the login.")
	errNoPassword   = problem(http.StatusUnprocessableEntity, "no_password", "A token has no password to change.")
	errSamePassword = problem(http.StatusUnprocessableEntity, "same_password", "The new password is the present one.")
)

// changePassword gives the user another password. Whoever sits there must know
// the present one; the other sessions of the account end, this one goes on.
func (s *server) changePassword(c *call) error {
	var in struct {
		Current string `json:"current"`
		New     string `json:"new"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if c.who.Kind != identity.KindSession {
		return errNoPassword
	}
	if in.New == in.Current {
		return errSamePassword
	}
	err := s.Gate.ChangePassword(c.r.Context(), secretOf(c.r), in.Current, in.New, remoteHost(c.r))
	switch {
	case errors.Is(err, identity.ErrWeakPassword):
		return errWeakPassword
	case errors.Is(err, identity.ErrBadCredentials):
		return errBadPassword
	case err != nil:
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
