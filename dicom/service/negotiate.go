package service

import (
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
		// The requestor may be SCU as by default; SCP is for services that
		// send on this association, of which there are none (PS3.7 D.3.3.4).
		if s.offers(r.SOPClassUID) {
			a.Roles = append(a.Roles, pdu.RoleSelection{SOPClassUID: r.SOPClassUID, SCU: r.SCU})
		}
	}
	for _, e := range rq.User.ExtendedNegotiations {
		if s.cfg.Store != nil && uid.IsStorage(e.SOPClassUID) {
			a.Extended = append(a.Extended, pdu.ExtendedNegotiation{SOPClassUID: e.SOPClassUID, Information: storageInformation()})
		}
	}
	return a
}

// storageInformation is the service class application information of Storage,
// PS3.4 Table B.3-1: level 2 (full), signatures unspecified, no coercion.
func storageInformation() []byte { return []byte{2, 0, 0, 0, 0, 0} }

func (s *SCP) offers(abstractSyntax string) bool {
	return abstractSyntax == uid.Verification || s.cfg.Store != nil && uid.IsStorage(abstractSyntax)
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
		if _, known := uid.LookupTransferSyntax(ts); known {
			return pdu.PresentationContextAC{ID: p.ID, Result: pdu.ContextAccepted, TransferSyntax: ts}
		}
	}
	refused.Result = pdu.ContextTransferSyntaxesNotSupported
	return refused
}
