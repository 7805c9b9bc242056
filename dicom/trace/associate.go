package trace

import (
	"fmt"
	"strconv"

	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/uid"
)

// shownBytes is the most of an unstructured field that is printed.
const shownBytes = 32

// named is a UID with what it stands for.
func named(u string) string {
	name := uid.Name(u)
	if u == "" || name == u || name == "" {
		return text(u)
	}
	return u + " " + name
}

// text makes what a peer wrote fit for a terminal.
func text(s string) string {
	q := strconv.QuoteToASCII(s)
	if s != "" && q == `"`+s+`"` {
		return s
	}
	return q
}

// request prints an A-ASSOCIATE-RQ, PS3.8 Table 9-11.
func (s *Side) request(p *pdu.AssociateRQ) {
	s.a.contexts = [256]context{}
	s.line("%s calls %s, protocol version %d, %s", text(p.CallingAE), text(p.CalledAE), p.Version, named(p.ApplicationContext))
	for _, c := range p.Contexts {
		s.a.contexts[c.ID].abstract = c.AbstractSyntax
		s.line("context %d: %s", c.ID, named(c.AbstractSyntax))
		for _, ts := range c.TransferSyntaxes {
			s.line("    %s", named(ts))
		}
	}
	s.user(&p.User)
}

// results are those of PS3.8 Table 9-18.
var results = map[byte]string{
	pdu.ContextUserRejection:                "refused by the user",
	pdu.ContextNoReason:                     "refused without reason",
	pdu.ContextAbstractSyntaxNotSupported:   "abstract syntax not supported",
	pdu.ContextTransferSyntaxesNotSupported: "transfer syntaxes not supported",
}

// acceptance prints an A-ASSOCIATE-AC, PS3.8 Table 9-17.
func (s *Side) acceptance(p *pdu.AssociateAC) {
	s.line("protocol version %d, %s", p.Version, named(p.ApplicationContext))
	for _, c := range p.Contexts {
		known := &s.a.contexts[c.ID]
		if c.Result == pdu.ContextAccepted {
			known.transfer = c.TransferSyntax
			s.line("context %d: %s accepted in %s", c.ID, named(known.abstract), named(c.TransferSyntax))
			continue
		}
		why, ok := results[c.Result]
		if !ok {
			why = fmt.Sprintf("result %d", c.Result)
		}
		s.line("context %d: %s %s", c.ID, named(known.abstract), why)
	}
	s.user(&p.User)
}

// user prints the user information, PS3.7 D.3.3. An identity is not shown.
func (s *Side) user(u *pdu.UserInformation) {
	if u.MaximumLength != nil {
		s.line("maximum length %d", u.MaximumLength.Received)
	}
	s.line("implementation %s %s", text(u.ImplementationClassUID), text(u.ImplementationVersionName))
	if w := u.AsyncOperationsWindow; w != nil {
		s.line("asynchronous operations: invokes %d, performs %d", w.Invoked, w.Performed)
	}
	for _, r := range u.RoleSelections {
		s.line("roles for %s: SCU %t, SCP %t", named(r.SOPClassUID), r.SCU, r.SCP)
	}
	for _, e := range u.ExtendedNegotiations {
		s.line("extended negotiation of %s: % X", named(e.SOPClassUID), e.Information[:min(len(e.Information), shownBytes)])
	}
	for _, e := range u.CommonExtended {
		s.line("common extended negotiation of %s: %s", named(e.SOPClassUID), named(e.ServiceClassUID))
	}
	if i := u.UserIdentityRQ; i != nil {
		s.line("user identity of type %d: %d and %d bytes (masked), response wanted %t", i.Kind, len(i.Primary), len(i.Secondary), i.PositiveResponseRequested)
	}
	if i := u.UserIdentityAC; i != nil {
		s.line("user identity accepted: %d bytes (masked)", len(i.ServerResponse))
	}
}
