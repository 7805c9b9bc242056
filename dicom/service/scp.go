package service

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/ul"
)

// SCPConfig configures a provider. Acceptor's Negotiate and Serve are set by
// NewSCP; its other fields keep their defaults when zero.
type SCPConfig struct {
	Acceptor ul.AcceptorConfig
	// Store keeps what C-STORE brings. Without it only Verification is
	// offered.
	Store StoreHandler
	// StoreBegin is Store in two steps, and takes its place.
	StoreBegin StoreBeginner
	// Find answers C-FIND.
	Find Finder
	// Retrieve serves C-GET and, together with Destinations, C-MOVE.
	Retrieve     Retriever
	Destinations Destinations
	// Normalized provides SOP classes of the normalized services, by the
	// abstract syntax of the presentation context.
	Normalized map[string]Normalized
	// Worklists answer C-FIND of classes without levels (PS3.4 K, CC), by the
	// abstract syntax of the presentation context.
	Worklists map[string]WorklistFinder
	// MaxMatches is the most a C-FIND is answered with; beyond, A700. Default
	// 10,000.
	MaxMatches int
}

// SCP provides Verification, Storage, Query/Retrieve and what Normalized holds.
type SCP struct {
	cfg      SCPConfig
	acceptor *ul.Acceptor
}

// NewSCP checks the configuration.
func NewSCP(cfg SCPConfig) (*SCP, error) {
	if cfg.MaxMatches <= 0 {
		cfg.MaxMatches = defaultMaxMatches
	}
	if cfg.StoreBegin == nil && cfg.Store != nil {
		store := cfg.Store
		cfg.StoreBegin = func(ctx context.Context, r StoreRequest) (func(context.Context) dimse.Status, dimse.Status) {
			return nil, store(ctx, r)
		}
	}
	s := &SCP{cfg: cfg}
	cfg.Acceptor.Negotiate = s.negotiate
	cfg.Acceptor.Serve = s.serve
	var err error
	if s.acceptor, err = ul.NewAcceptor(cfg.Acceptor); err != nil {
		return nil, err
	}
	return s, nil
}

// Serve accepts associations on l until ctx ends; see ul.Acceptor.Serve.
func (s *SCP) Serve(ctx context.Context, l net.Listener) error { return s.acceptor.Serve(ctx, l) }

// Stats gives the live counters of the upper layer.
func (s *SCP) Stats() *ul.Stats { return s.acceptor.Stats() }

// serve answers the messages of one association until it ends.
func (s *SCP) serve(ctx context.Context, a *ul.Association) error {
	conn := dimse.NewConn(a)
	rep := newReports(conn)
	defer rep.close()
	l := &line{a: a, conn: conn, reports: rep}
	defer l.close()
	storing, end := newStoring(ctx, a)
	defer end()
	for {
		in, err := l.receive()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, ok := in.Message.(*dimse.CStoreRQ); !ok {
			storing.wait() // only C-STOREs run beside each other
		}
		if rq, ok := in.Message.(dimse.Request); ok && !mayAsk(in.Context, rq) {
			if err := answer(conn, in, rq, dimse.SOPClassNotSupported, "role selection gave the caller another role for this class"); err != nil {
				return err
			}
			continue
		}
		switch m := in.Message.(type) {
		case *dimse.CEchoRQ:
			err = answer(conn, in, m, dimse.Success, "")
		case *dimse.CStoreRQ:
			err = s.store(ctx, storing, conn, in, m)
		case *dimse.CFindRQ:
			err = s.find(ctx, l, in, m)
		case *dimse.CGetRQ:
			err = s.get(ctx, l, in, m)
		case *dimse.CMoveRQ:
			err = s.move(ctx, l, in, m)
		case *dimse.CCancelRQ:
			// Too late, nothing is pending: PS3.7 9.3.2.3 lets it go unanswered.
		case *dimse.NActionRQ, *dimse.NCreateRQ, *dimse.NDeleteRQ, *dimse.NEventReportRQ, *dimse.NGetRQ, *dimse.NSetRQ:
			rq, _ := m.(dimse.Request) // all of them are
			err = s.normalized(ctx, l, rep, in, rq)
		case *dimse.NEventReportRSP:
			rep.answer(m)
		case dimse.Request:
			err = answer(conn, in, m, dimse.UnrecognizedOperation, "")
		default:
			err = &dimse.ProtocolError{Reason: m.Field().String() + " without a request"}
		}
		if err != nil {
			return err
		}
	}
}

// mayAsk says whether the role that was agreed on lets the peer make a request, PS3.7
// D.3.3.4: events are reported by an SCP, everything else is asked by an SCU.
func mayAsk(c ul.Context, rq dimse.Request) bool {
	if rq.Field() == dimse.FieldNEventReportRQ {
		return true // who reports without the role is heard: it has nothing else to say
	}
	return c.PeerSCU
}

// answer drops what is left of the data set, which the peer will finish before
// it listens, and sends the response.
func answer(conn *dimse.Conn, in dimse.Incoming, rq dimse.Request, s dimse.Status, comment string) error {
	if in.Data != nil {
		if err := in.Data.Drain(); err != nil {
			return err
		}
	}
	return conn.Send(in.Context.ID, rq.Response(s, comment), nil)
}
