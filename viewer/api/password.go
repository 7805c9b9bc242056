package api

import (
	"errors"
	"net/http"

	"github.com/dokuei/dokuei/storage/identity"
)

var (
	errWeakPassword = problem(http.StatusUnprocessableEntity, "weak_password", "The new password is too short, too long or the same as the login.")
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
	if in.New == in.Current {
		return errSamePassword
	}
	err := s.Gate.ChangePassword(c.r.Context(), secretOf(c.r), in.Current, in.New, remoteHost(c.r))
	return c.done(asBadPassword(err))
}

// asBadPassword answers wrong credentials of somebody who is signed in: that is no
// reason to show the sign-in page.
func asBadPassword(err error) error {
	if errors.Is(err, identity.ErrBadCredentials) {
		return errBadPassword
	}
	return err
}
