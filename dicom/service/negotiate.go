package service

import (
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
)

// negotiate answers proposed contexts, PS3.8 9.3.3.2: a storage SOP class or
// Verification with the first proposed transfer syntax that PS3.6 knows. First,
// because the order is the sender's preference and we store what comes.
func (s *SCP) negotiate(rq *pdu.AssociateRQ) ul.Answer {
	var a ul.Answer
	for _, p := range rq.Contexts {
		a.Contexts = append(a.Contexts, s.answerContext(p))
	}
	for _, r := range rq.User.RoleSelections {
		// The requestor may be SCU as by default; SCP is for what C-GET sends
		// on this association (PS3.7 D.3.3.4, PS3.4 C.5.3).
		if s.offers(r.SOPClassUID) {
			a.Roles = append(a.Roles, pdu.RoleSelection{SOPClassUID: r.SOPClassUID, SCU: r.SCU, SCP: r.SCP && s.peerMayBeSCP(r.SOPClassUID)})
		}
	}
	for _, e := range rq.User.ExtendedNegotiations {
		if _, query := queryRetrieve[e.SOPClassUID]; query && s.offers(e.SOPClassUID) {
			a.Extended = append(a.Extended, pdu.ExtendedNegotiation{SOPClassUID: e.SOPClassUID, Information: queryInformation(e.Information)})
		}
		if s.cfg.StoreBegin != nil && uid.IsStorage(e.SOPClassUID) {
			a.Extended = append(a.Extended, pdu.ExtendedNegotiation{SOPClassUID: e.SOPClassUID, Information: storageInformation()})
		}
	}
	return a
}

// storageInformation is the service class application information of Storage,
// PS3.4 Table B.3-1: level 2 (full), signatures unspecified, no coercion.
func storageInformation() []byte { return []byte{2, 0, 0, 0, 0, 0} }

// queryInformation is the service class application information of
// Query/Retrieve, PS3.4 Tables C.5-1 to C.5-3: relational queries and retrieval
// when asked for; no combined date and time, fuzzy or time zone matching.
func queryInformation(asked []byte) []byte {
	b := make([]byte, min(len(asked), 4))
	if len(b) > 0 && asked[0] == 1 {
		b[0] = 1
	}
	return b
}

func (s *SCP) offers(abstractSyntax string) bool {
	if s.inNormalized(abstractSyntax) {
		return true
	}
	if q, ok := queryRetrieve[abstractSyntax]; ok {
		switch q.command {
		case dimse.FieldCFindRQ:
			return s.cfg.Find != nil
		case dimse.FieldCMoveRQ:
			return s.cfg.Retrieve != nil && s.cfg.Destinations != nil
		}
		return s.cfg.Retrieve != nil
	}
	return abstractSyntax == uid.Verification || (s.cfg.StoreBegin != nil || s.cfg.Retrieve != nil) && uid.IsStorage(abstractSyntax)
}

// withoutPixels says that data sets of the class are identifiers or attributes.
func (s *SCP) withoutPixels(abstractSyntax string) bool {
	return s.inNormalized(abstractSyntax) || queryRetrieve[abstractSyntax].root != ""
}

// inNormalized says that the class is one of the normalized services or worklists.
func (s *SCP) inNormalized(abstractSyntax string) bool {
	_, normalized := s.cfg.Normalized[abstractSyntax]
	_, worklist := s.cfg.Worklists[abstractSyntax]
	return normalized || worklist
}

func (s *SCP) answerContext(p pdu.PresentationContextRQ) pdu.PresentationContextAC {
	// A refused context still carries one transfer syntax, which is not
	// significant (PS3.8 Table 9-18).
	refused := pdu.PresentationContextAC{ID: p.ID, TransferSyntax: uid.ImplicitVRLittleEndian}
	if !s.offers(p.AbstractSyntax) {
		refused.Result = pdu.ContextAbstractSyntaxNotSupported
		return refused
	}
	for _, ts := range p.TransferSyntaxes {
		// An identifier has no pixels: encapsulation means nothing to it.
		if x, known := uid.LookupTransferSyntax(ts); known && !(x.Encapsulated && s.withoutPixels(p.AbstractSyntax)) {
			return pdu.PresentationContextAC{ID: p.ID, Result: pdu.ContextAccepted, TransferSyntax: ts}
		}
	}
	refused.Result = pdu.ContextTransferSyntaxesNotSupported
	return refused
}
