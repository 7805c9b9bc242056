package service

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/ul"
)

// refuse answers a request with the status of a *Refusal, and with C000 when
// something went wrong here, which the log tells and the peer does not hear.
// Any other error before the data set is read is one of the association.
func (s *SCP) refuse(l *line, in dimse.Incoming, m dimse.Request, err error) error {
	var r *Refusal
	var own *ownError
	switch {
	case errors.As(err, &r):
		return answer(l.conn, in, m, r.Status, r.Comment)
	case errors.As(err, &own):
		if log := s.cfg.Acceptor.Log; log != nil {
			log.Error("request failed", "calling_ae", ul.SafeAE(l.a.CallingAE), "request", m.Field().String(), "err", err)
		}
		return answer(l.conn, in, m, dimse.CannotUnderstand, "internal error")
	}
	return err
}

// ownError is a failure of a handler.
type ownError struct{ error }

func (e *ownError) Unwrap() error { return e.error }

// guard keeps what goes wrong in a handler to its own request.
func (s *SCP) guard(l *line, doing string, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.acceptor.Stats().Panics.Add(1)
			if log := s.cfg.Acceptor.Log; log != nil {
				log.Error("panic while "+doing, "calling_ae", ul.SafeAE(l.a.CallingAE), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			}
			err = &ownError{errors.New("panic")}
		}
	}()
	if err = f(); err != nil {
		err = &ownError{err}
	}
	return err
}
