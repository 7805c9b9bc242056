package ul

import (
	"context"
	"crypto/tls"
	"net"

	"github.com/dokuei/dokuei/dicom/pdu"
)

// Request is what a Policy decides on: an A-ASSOCIATE indication (PS3.8 7.1)
// and where it came from.
type Request struct {
	CallingAE, CalledAE string
	RemoteAddr          net.Addr
	TLS                 *tls.ConnectionState // nil on a plain connection
	UserIdentity        *pdu.UserIdentityRQ  // nil when none was offered
	Contexts            []pdu.PresentationContextRQ
}

// Decision is the answer of a Policy.
type Decision struct {
	Accept bool
	// Reject is sent when Accept is false; its zero value stands for
	// RejectCallingAE.
	Reject Rejection
	// Peer is handed to whoever serves the association, unseen by this
	// package: the hospital that was recognised, for instance.
	Peer any
	// Holder is whose association it is, for MaxPerHolder: one hospital may call from
	// many addresses, and many from one. Empty: nobody's, counted by address alone.
	Holder string
	// UserIdentityResponse is returned to a requestor that asked for a
	// positive response (PS3.7 D.3.3.7.2).
	UserIdentityResponse []byte
}

// Policy decides whether a peer may open an association. It runs on the
// connection's goroutine, bounded by ARTIM.
type Policy func(ctx context.Context, r Request) Decision

// Rejection is the result, source and reason of an A-ASSOCIATE-RJ, PS3.8
// Table 9-21.
type Rejection struct{ Result, Source, Reason byte }

// The rejections this package and its callers send, PS3.8 Table 9-21.
var (
	RejectNoReason   = Rejection{pdu.RejectedPermanent, pdu.SourceServiceUser, 1}
	RejectACN        = Rejection{pdu.RejectedPermanent, pdu.SourceServiceUser, 2}
	RejectCallingAE  = Rejection{pdu.RejectedPermanent, pdu.SourceServiceUser, 3}
	RejectCalledAE   = Rejection{pdu.RejectedPermanent, pdu.SourceServiceUser, 7}
	RejectVersion    = Rejection{pdu.RejectedPermanent, pdu.SourceServiceProviderACSE, 2}
	RejectCongestion = Rejection{pdu.RejectedTransient, pdu.SourceServiceProviderPresentation, 1}
	RejectLocalLimit = Rejection{pdu.RejectedTransient, pdu.SourceServiceProviderPresentation, 2}
)
