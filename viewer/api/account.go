package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image/png"
	"net/http"
	"time"

	"github.com/pquerna/otp"

	"github.com/dokuei/dokuei/storage/identity"
)

// qrSize is the edge of the picture of a generator's secret, in pixels.
const qrSize = 264

type passkeyView struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	CreatedAt *time.Time `json:"createdAt"`
	UsedAt    *time.Time `json:"usedAt"`
}

type deviceView struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"`
	Address  string     `json:"address"`
	Method   string     `json:"method"`
	OpenedAt *time.Time `json:"openedAt"`
	SeenAt   *time.Time `json:"seenAt"`
	Current  bool       `json:"current"`
}

type accountView struct {
	Passkeys  []passkeyView `json:"passkeys"`
	Generator bool          `json:"generator"`
	Recovery  int           `json:"recovery"`
	Devices   []deviceView  `json:"devices"`
	Shortest  int           `json:"shortestPassword"`
}

// account answers what opens the account of who asks, and where it is open.
func (s *server) account(c *call) error {
	ctx := c.r.Context()
	f, err := identity.FactorsOf(ctx, s.DB.Read(ctx), c.who.UserID)
	if err != nil {
		return err
	}
	devices, err := s.Gate.Devices(ctx, c.who, secretOf(c.r))
	if err != nil {
		return err
	}
	view := accountView{Passkeys: []passkeyView{}, Generator: f.Generator, Recovery: f.Recovery, Devices: []deviceView{}, Shortest: identity.MinPasswordLength}
	if f.Generator || len(f.Passkeys) > 0 {
		view.Shortest = identity.MinPasswordBesideFactor
	}
	for _, k := range f.Passkeys {
		view.Passkeys = append(view.Passkeys, passkeyView{k.ID, k.Name, moment(k.CreatedAt), moment(k.UsedAt)})
	}
	for _, d := range devices {
		view.Devices = append(view.Devices, deviceView{d.ID, d.Name, d.Address, d.Method, moment(d.OpenedAt), moment(d.SeenAt), d.Current})
	}
	return c.json(http.StatusOK, view)
}

// passkeyQuestion is what an authenticator is asked, and under which ID it answers.
type passkeyQuestion struct {
	ID      string `json:"id"`
	Options any    `json:"options"`
}

// answerOf is what the browser brings back from an authenticator.
type answerOf struct {
	ID         string          `json:"id"`
	Name       string          `json:"name,omitempty"`
	Credential json.RawMessage `json:"credential"`
}

func (s *server) askPasskey(c *call) error {
	id, options, err := s.Gate.AskPasskey(c.r.Context(), s.party(c.r))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, passkeyQuestion{id, options})
}

// signInPasskey opens a session, or proves the one there is.
func (s *server) signInPasskey(c *call) error {
	var in answerOf
	if err := c.read(&in); err != nil {
		return err
	}
	secret, p, err := s.Gate.SignInPasskey(c.r.Context(), secretOf(c.r), s.party(c.r), in.ID, in.Credential, remoteHost(c.r))
	if err != nil {
		return err
	}
	return s.enter(c, secret, p)
}

// showFactor completes a sign-in by a code.
func (s *server) showFactor(c *call) error {
	var in struct {
		Code string `json:"code"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if err := s.Gate.ShowFactor(c.r.Context(), secretOf(c.r), in.Code, remoteHost(c.r)); err != nil {
		return err
	}
	return s.again(c)
}

// prove renews the proof of a session.
func (s *server) prove(c *call) error {
	var in struct {
		Password string `json:"password"`
		Code     string `json:"code"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if err := s.Gate.Prove(c.r.Context(), secretOf(c.r), in.Password, in.Code, remoteHost(c.r)); err != nil {
		return asBadPassword(err)
	}
	return s.again(c)
}

// again answers who the principal is after the session has changed.
func (s *server) again(c *call) error {
	who, err := s.Gate.Authenticate(c.r.Context(), secretOf(c.r))
	if err != nil {
		return err
	}
	c.who = who
	return s.me(c)
}

func (s *server) beginPasskey(c *call) error {
	id, options, err := s.Gate.BeginPasskey(c.r.Context(), c.who, s.party(c.r))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, passkeyQuestion{id, options})
}

func (s *server) finishPasskey(c *call) error {
	var in answerOf
	if err := c.read(&in); err != nil {
		return err
	}
	if err := s.Gate.FinishPasskey(c.r.Context(), secretOf(c.r), s.party(c.r), in.ID, in.Name, in.Credential); err != nil {
		return err
	}
	return s.again(c)
}

func (s *server) removePasskey(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	return c.done(s.Gate.RemovePasskey(c.r.Context(), c.who, id))
}

// beginGenerator answers the secret of a code generator, as text and as a picture
// drawn here: no other server learns it.
func (s *server) beginGenerator(c *call) error {
	made, err := s.Gate.BeginGenerator(c.r.Context(), c.who)
	if err != nil {
		return err
	}
	key, err := otp.NewKeyFromURL(made.URI)
	if err != nil {
		return err
	}
	picture, err := key.Image(qrSize, qrSize)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return err
	}
	return c.json(http.StatusOK, struct {
		Secret string `json:"secret"`
		QR     string `json:"qr"`
	}{made.Secret, "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())})
}

type recoveryView struct {
	Recovery []string `json:"recovery"`
}

func (s *server) confirmGenerator(c *call) error {
	var in struct {
		Code string `json:"code"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	codes, err := s.Gate.ConfirmGenerator(c.r.Context(), secretOf(c.r), in.Code)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, recoveryView{codes})
}

func (s *server) removeGenerator(c *call) error {
	return c.done(s.Gate.RemoveGenerator(c.r.Context(), c.who))
}

func (s *server) newRecovery(c *call) error {
	codes, err := s.Gate.NewRecovery(c.r.Context(), c.who)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, recoveryView{codes})
}

func (s *server) endDevice(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	return c.done(s.Gate.EndDevice(c.r.Context(), c.who, id))
}

func (s *server) endOtherDevices(c *call) error {
	return c.done(s.Gate.EndOtherDevices(c.r.Context(), c.who, secretOf(c.r)))
}

// invitation answers whose a link is.
func (s *server) invitation(c *call) error {
	var in struct {
		Invitation string `json:"invitation"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	u, err := s.Gate.Invited(c.r.Context(), in.Invitation)
	if err != nil {
		return err
	}
	view := struct {
		Login  string         `json:"login"`
		Name   string         `json:"name"`
		NameEn string         `json:"nameEn"`
		SSO    []providerView `json:"sso"` // of the hospital: instead of a password
	}{u.Login, u.Name, u.NameEn, []providerView{}}
	for _, p := range s.SSO {
		if p.Facility == u.FacilityID {
			view.SSO = append(view.SSO, providerOf(p))
		}
	}
	return c.json(http.StatusOK, view)
}

func (s *server) acceptInvitation(c *call) error {
	var in struct {
		Invitation string `json:"invitation"`
		Password   string `json:"password"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	secret, p, err := s.Gate.Accept(c.r.Context(), in.Invitation, in.Password, remoteHost(c.r))
	if err != nil {
		return err
	}
	return s.enter(c, secret, p)
}

// done answers an act that has nothing to say.
func (c *call) done(err error) error {
	if err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
