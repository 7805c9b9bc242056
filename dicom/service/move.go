package service

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/ul"
)

// Destination is where C-MOVE sends.
type Destination struct {
	AETitle string
	Address string      // host:port
	TLS     *tls.Config // nil: a plain connection
	Dialer  interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	}
}

// Destinations resolves a Move Destination (0000,0600) for the peer that asks;
// false is one that is not registered for it.
type Destinations func(ctx context.Context, q Query, aeTitle string) (Destination, bool, error)

// move serves a C-MOVE, PS3.7 9.1.4 and PS3.4 C.4.2: the instances go to the
// destination over associations of their own.
func (s *SCP) move(ctx context.Context, l *line, in dimse.Incoming, m *dimse.CMoveRQ) error {
	if s.cfg.Retrieve == nil || s.cfg.Destinations == nil {
		return answer(l.conn, in, m, dimse.UnrecognizedOperation, "")
	}
	q, err := readQuery(l.a, in, m, m.AffectedSOPClassUID)
	if err != nil {
		return s.refuse(l, in, m, err)
	}
	op := l.begin(ctx, m.MessageID)
	defer op.finish()
	var to Destination
	err = s.guard(l, "finding a destination", func() error {
		d, known, err := s.cfg.Destinations(op, q, m.MoveDestination)
		if err == nil && !known {
			err = &Refusal{dimse.MoveDestinationUnknown, "move destination is not registered"}
		}
		to = d
		return err
	})
	var list []Selected
	if err == nil {
		list, err = s.selection(op, q)
	}
	if op.lost() {
		return nil
	}
	if err != nil {
		return s.refuse(l, in, m, err)
	}
	v := &mover{retrieval: retrieval{scp: s, op: op, in: in, m: m}, to: to, batches: batches(list)}
	defer v.hangUp()
	v.respond = func(st dimse.Status, comment string, c dimse.SubOperations) dimse.Message {
		return &dimse.CMoveRSP{AffectedSOPClassUID: m.AffectedSOPClassUID, MessageIDBeingRespondedTo: m.MessageID, Status: st, ErrorComment: comment, SubOperations: c}
	}
	v.send, v.comment = v.store, v.reason
	return v.run(list)
}

// batch is what one association can carry: its contexts are at most 128 (PS3.8
// 9.3.2.2).
type batch struct {
	contexts []Context
	size     int // instances
}

const maxContexts = 128

func batches(list []Selected) []batch {
	var all []batch
	type kind struct{ class, ts string }
	proposed := map[kind]bool{}
	for _, one := range list {
		var fresh []Context
		for _, c := range OfferContexts(one.SOPClassUID, one.TransferSyntaxUID) {
			if !proposed[kind{c.AbstractSyntax, c.TransferSyntaxes[0]}] {
				fresh = append(fresh, c)
			}
		}
		if len(all) == 0 || len(all[len(all)-1].contexts)+len(fresh) > maxContexts {
			all = append(all, batch{})
			clear(proposed)
			fresh = OfferContexts(one.SOPClassUID, one.TransferSyntaxUID)
		}
		b := &all[len(all)-1]
		b.contexts = append(b.contexts, fresh...)
		b.size++
		for _, c := range fresh {
			proposed[kind{c.AbstractSyntax, c.TransferSyntaxes[0]}] = true
		}
	}
	return all
}

// mover sends to a destination.
type mover struct {
	retrieval
	to      Destination
	batches []batch
	client  *Client
	losses  int   // associations that did not survive, one after the other
	down    error // why it is no longer tried
	failure error // the last
}

// maxLosses is how many associations may be lost, with nothing answered in
// between, before the destination counts as down: a receiver may fall over one
// object and take the next.
const maxLosses = 5

func (v *mover) store(ctx context.Context, one Selected) (dimse.Status, error) {
	for v.batches[0].size == 0 {
		v.hangUp()
		v.batches = v.batches[1:]
	}
	v.batches[0].size--
	status, err := v.attempt(ctx, one)
	if err != nil {
		v.failure = err
	}
	return status, err
}

func (v *mover) attempt(ctx context.Context, one Selected) (dimse.Status, error) {
	if v.down != nil {
		return 0, v.down
	}
	o, file, err := v.open(ctx, one)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	if v.client == nil {
		if err := v.dial(ctx); err != nil {
			v.down = err
			return 0, err
		}
	}
	o.MoveOriginatorAE, o.MoveOriginatorMessageID = v.op.line.a.CallingAE, v.m.ID()
	status, err := v.client.Send(ctx, o)
	var refused *NoContextError
	switch {
	case err == nil:
		v.losses = 0
	case errors.As(err, &refused), errors.Is(err, ErrOdd): // nothing was sent
	default:
		v.hangUp()
		if v.losses++; v.losses == maxLosses {
			v.down = err
		}
	}
	return status, err
}

func (v *mover) dial(ctx context.Context) error {
	log := v.scp.cfg.Acceptor.Log
	c, err := Dial(ctx, v.to.Address, DialOptions{
		CallingAE: v.op.line.a.CalledAE, CalledAE: v.to.AETitle, Contexts: v.batches[0].contexts, TLS: v.to.TLS, Dialer: v.to.Dialer, Log: log,
	})
	if err != nil {
		if log != nil {
			log.Warn("move destination cannot be reached", "destination", ul.SafeAE(v.to.AETitle), "address", v.to.Address, "err", err)
		}
		return err
	}
	v.client = c
	return nil
}

func (v *mover) hangUp() {
	if v.client == nil {
		return
	}
	_ = v.client.Close(context.WithoutCancel(v.op)) // what counts are the answers to C-STORE
	v.client = nil
}

// reason says why sub-operations failed, without addresses.
func (v *mover) reason() string {
	var refused *NoContextError
	switch {
	case v.down != nil:
		return "destination cannot be reached"
	case errors.As(v.failure, &refused):
		return "destination does not accept the transfer syntax"
	}
	return ""
}
