package service

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"

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

// mover sends to a destination: as many instances are under way as its window has
// room for.
type mover struct {
	retrieval
	to      Destination
	batches []batch
	client  *Client
	under   []moved // oldest first
	// careful: an association was lost with several under way. From then on there is
	// one at a time, so that it shows which of them the destination does not survive.
	careful bool
	losses  int   // associations that did not survive, one after the other
	down    error // why it is no longer tried
	failure error // the last
}

// moved is an instance that was sent and is not answered.
type moved struct {
	message uint16
	one     Selected
}

// moveWindow is how many instances may be under way when the destination agrees.
const moveWindow = 8

// maxLosses is how many associations may be lost, with nothing answered in
// between, before the destination counts as down: a receiver may fall over one
// object and take the next.
const maxLosses = 5

func (v *mover) store(ctx context.Context, one *Selected) (ended []subOperation) {
	if one == nil {
		if len(v.under) > 0 {
			ended = v.answer(ctx)
		}
		return ended
	}
	for v.batches[0].size == 0 { // another association, for other contexts
		for len(v.under) > 0 {
			ended = append(ended, v.answer(ctx)...)
		}
		v.hangUp()
		v.batches = v.batches[1:]
	}
	v.batches[0].size--
	return append(ended, v.begin(ctx, *one)...)
}

// begin sends one instance, after as many answers as make room for it.
func (v *mover) begin(ctx context.Context, one Selected) (ended []subOperation) {
	fail := func(err error) []subOperation {
		v.failure = err
		return append(ended, subOperation{instance: one.SOPInstanceUID, err: err})
	}
	if v.down != nil {
		return fail(v.down)
	}
	o, file, err := v.open(ctx, one)
	if err != nil {
		return fail(err)
	}
	defer file.Close()
	if v.client == nil {
		if err := v.dial(ctx); err != nil {
			v.down = err
			return fail(err)
		}
	}
	o.MoveOriginatorAE, o.MoveOriginatorMessageID = v.op.line.a.CallingAE, v.m.ID()
	message, err := v.client.BeginStore(ctx, o)
	var refused *NoContextError
	switch {
	case errors.As(err, &refused), errors.Is(err, ErrOdd): // nothing was sent
		return fail(err)
	case err != nil:
		return append(ended, v.lost(ctx, err, append(v.under, moved{one: one}))...)
	}
	v.under = append(v.under, moved{message, one})
	for len(v.under) >= v.window() {
		ended = append(ended, v.answer(ctx)...)
	}
	return ended
}

func (v *mover) window() int {
	if v.client == nil || v.careful {
		return 1
	}
	return v.client.Window()
}

// answer waits for the answer to one of those under way.
func (v *mover) answer(ctx context.Context) []subOperation {
	message, status, err := v.client.Answer(ctx)
	if err != nil {
		return v.lost(ctx, err, v.under)
	}
	v.losses = 0
	i := slices.IndexFunc(v.under, func(m moved) bool { return m.message == message })
	one := v.under[i].one
	v.under = slices.Delete(v.under, i, i+1)
	return []subOperation{{one.SOPInstanceUID, status, nil}}
}

// lost ends an association that did not survive. The one instance under way has failed;
// of several it is not known which, and they are sent once more, one at a time.
func (v *mover) lost(ctx context.Context, err error, rest []moved) (ended []subOperation) {
	v.failure, v.under = err, nil
	v.hangUp()
	if v.losses++; v.losses == maxLosses {
		v.down = err
	}
	if len(rest) == 1 {
		return []subOperation{{instance: rest[0].one.SOPInstanceUID, err: err}}
	}
	v.careful = true
	for i, m := range rest {
		if v.op.lost() || v.op.wasCanceled() {
			for _, m := range rest[i:] {
				ended = append(ended, subOperation{instance: m.one.SOPInstanceUID, err: err})
			}
			break
		}
		ended = append(ended, v.begin(ctx, m.one)...)
	}
	return ended
}

func (v *mover) dial(ctx context.Context) error {
	log := v.scp.cfg.Acceptor.Log
	c, err := Dial(ctx, v.to.Address, DialOptions{
		CallingAE: v.op.line.a.CalledAE, CalledAE: v.to.AETitle, Contexts: v.batches[0].contexts, TLS: v.to.TLS, Dialer: v.to.Dialer, Log: log, Window: moveWindow,
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
