package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/viewer/dicomweb"
)

const (
	public   identity.Action = "public"    // anybody, signed in or not
	signedIn identity.Action = "signed-in" // any role
	// On the way to a session that opens anything:
	entering  identity.Action = "entering"  // the first credential was right
	enrolling identity.Action = "enrolling" // and so was the second, if there is one
)

// eventsPattern is the route of the live stream.
const eventsPattern = "/events"

// route is one way in: its right is asked before its handler runs.
type route struct {
	method, pattern string // pattern below /api/v1, or all of it: see path
	right           identity.Action
	handle          func(*call) error
}

// declared reports whether the route says whom it is for.
func (rt route) declared() bool {
	return rt.right == public || rt.right == signedIn || rt.right == entering || rt.right == enrolling || rt.right.Valid()
}

// comparing are the routes that show one study.
var comparing = map[string]bool{
	"/studies/{id}": true, "/studies/{id}/priors": true, "/studies/{id}/annotations": true, "/studies/{id}/states": true, "/studies/{id}/measurements": true,
	"/series/{id}/bundle": true, "/series/{id}/bundle/{revision}": true,
	"/instances/{id}/thumbnail": true, "/instances/{id}/scroll": true, "/instances/{id}/preview": true, "/instances/{id}/frames/{n}": true,
	"/instances/{id}/presentation": true, "/instances/{id}/overlays": true, "/instances/{id}/file": true,
	"/reports/{id}": true, "/reports/{id}/changes": true, "/reports/{id}/pdf": true, "/reports/{id}/sr": true,
}

// compares reports whether a route shows one study, or what DICOMweb searches for: there
// the priors of other hospitals are, for those who may see them.
func (rt route) compares() bool {
	if rt.method != http.MethodGet {
		return false
	}
	for _, prefix := range []string{"/studies", "/series", "/instances"} {
		if strings.HasPrefix(rt.pattern, dicomweb.Base+prefix) {
			return true
		}
	}
	return comparing[rt.pattern]
}

// routes is every route there is.
func (s *server) routes() []route {
	return append(slices.Concat(s.dicomWeb(), s.fhirRoutes(), s.routingRoutes()), []route{
		{"POST", "/session", public, s.signIn},
		{"GET", "/session", entering, s.me},
		{"DELETE", "/session", entering, s.signOut},
		{"POST", "/session/password", enrolling, s.changePassword},
		{"POST", "/session/factor", entering, s.showFactor},
		{"POST", "/session/proof", signedIn, s.prove},
		{"POST", "/session/passkey", public, s.askPasskey},
		{"POST", "/session/passkey/answer", public, s.signInPasskey},
		{"GET", "/sso", public, s.ssoProviders},
		{"POST", "/sso/{id}", public, s.beginSSO},
		{"GET", "/sso/{id}/callback", public, s.finishSSO},
		{"POST", "/invitation", public, s.invitation},
		{"POST", "/invitation/accept", public, s.acceptInvitation},

		{"GET", "/account", enrolling, s.account},
		{"POST", "/account/passkeys", enrolling, s.beginPasskey},
		{"POST", "/account/passkeys/answer", enrolling, s.finishPasskey},
		{"DELETE", "/account/passkeys/{id}", signedIn, s.removePasskey},
		{"POST", "/account/generator", enrolling, s.beginGenerator},
		{"POST", "/account/generator/confirm", enrolling, s.confirmGenerator},
		{"DELETE", "/account/generator", signedIn, s.removeGenerator},
		{"POST", "/account/recovery", signedIn, s.newRecovery},
		{"DELETE", "/account/devices", signedIn, s.endOtherDevices},
		{"DELETE", "/account/devices/{id}", signedIn, s.endDevice},

		{"GET", eventsPattern, identity.ViewStudy, s.events},

		{"GET", "/worklist", identity.ReadWorklist, s.worklist},
		{"POST", "/worklist/search", identity.ReadWorklist, s.searchWorklist},
		{"GET", "/workitems/{id}", identity.ReadWorklist, s.workitem},
		{"GET", "/workitems/{id}/opening", identity.ReadWorklist, s.opening},
		{"POST", "/workitems/{id}/claim", identity.ClaimWork, s.claim},
		{"POST", "/workitems/{id}/release", identity.ClaimWork, s.release},
		{"POST", "/workitems/{id}/reassign", identity.ReassignWork, s.reassign},
		{"GET", "/workitems/{id}/draft", identity.ClaimWork, s.draft},
		{"PUT", "/workitems/{id}/draft", identity.ClaimWork, s.saveDraft},
		{"POST", "/workitems/{id}/lint", identity.ClaimWork, s.lint},
		{"POST", "/workitems/{id}/dictation", identity.ClaimWork, s.dictate},
		{"POST", "/workitems/{id}/proposal", identity.ClaimWork, s.propose},
		{"GET", "/workitems/{id}/annotations", identity.ClaimWork, s.annotations},
		{"PUT", "/workitems/{id}/annotations", identity.ClaimWork, s.saveAnnotations},
		{"GET", "/studies/{id}/priors", identity.ViewStudy, s.priors},
		{"GET", "/preferences/{name}", signedIn, s.preference},
		{"PUT", "/preferences/{name}", signedIn, s.savePreference},
		{"GET", "/studies/{id}/annotations", identity.ViewStudy, s.studyAnnotations},
		{"GET", "/studies/{id}/states", identity.ViewImages, s.states},
		{"GET", "/studies/{id}/measurements", identity.ViewImages, s.measurements},
		{"GET", "/workitems/{id}/preview", identity.ClaimWork, s.previewReport},
		{"POST", "/workitems/{id}/sign", identity.SignReport, s.sign},
		{"GET", "/templates", signedIn, s.templates},
		{"GET", "/templates/mrrt", signedIn, s.exportTemplate},
		{"POST", "/templates/mrrt", identity.ClaimWork, s.importTemplate},
		{"GET", "/texts", identity.ClaimWork, s.texts},
		{"PUT", "/texts", identity.ClaimWork, s.keepText},
		{"POST", "/texts/remove", identity.ClaimWork, s.removeText},

		{"GET", "/studies", identity.ViewStudy, s.studies},
		{"POST", "/studies/search", identity.ViewStudy, s.searchStudies},
		{"GET", "/studies/{id}", identity.ViewStudy, s.study},
		{"GET", "/studies/{id}/consents", identity.RecordConsent, s.consents},
		{"POST", "/studies/{id}/consents", identity.RecordConsent, s.recordConsent},
		{"GET", "/studies/{id}/links", identity.LinkPatients, s.studyLinks},
		{"GET", "/links", identity.LinkPatients, s.links},
		{"POST", "/links", identity.LinkPatients, s.proposeLink},
		{"POST", "/links/{id}/review", identity.LinkPatients, s.reviewLink},
		{"POST", "/links/{id}/end", identity.LinkPatients, s.endLink},
		{"POST", "/studies/{id}/addendum", identity.AmendReport, s.addendum},
		{"POST", "/studies/{id}/received", identity.AcknowledgeStudy, s.received},

		{"GET", "/studies/{id}/retention", identity.ViewStudy, s.keeping},
		{"POST", "/studies/{id}/deletion", identity.AskDeletion, s.askDeletion},
		{"POST", "/studies/{id}/hold", identity.PlaceHold, s.placeHold},
		{"DELETE", "/studies/{id}/hold", identity.PlaceHold, s.releaseHold},
		{"GET", "/store", identity.ViewDirectory, s.store},
		{"GET", "/deletions", identity.DecideDeletion, s.deletions},
		{"POST", "/deletions/{id}/approve", identity.DecideDeletion, s.approveDeletion},
		{"POST", "/deletions/{id}/refuse", identity.DecideDeletion, s.refuseDeletion},
		{"POST", "/deletions/{id}/restore", identity.DecideDeletion, s.restoreDeletion},

		{"GET", "/series/{id}/bundle", identity.ViewImages, s.bundle},
		{"GET", "/series/{id}/bundle/{revision}", identity.ViewImages, s.bundle},
		{"GET", "/instances/{id}/thumbnail", identity.ViewImages, s.thumbnail},
		{"GET", "/instances/{id}/scroll", identity.ViewImages, s.scroll},
		{"GET", "/instances/{id}/preview", identity.ViewImages, s.preview},
		{"GET", "/instances/{id}/frames/{n}", identity.ViewImages, s.frame},
		{"GET", "/instances/{id}/presentation", identity.ViewImages, s.presentation},
		{"GET", "/instances/{id}/overlays", identity.ViewImages, s.overlays},
		{"GET", "/instances/{id}/file", identity.ExportStudy, s.file},

		{"GET", "/reports/{id}", identity.ViewReport, s.report},
		{"POST", "/reports/search", identity.ViewReport, s.searchReports},
		{"POST", "/reports/research", identity.ExportResearch, s.exportReports},
		{"GET", "/loop", identity.ViewReport, s.unread},
		{"GET", "/quality", identity.ViewQuality, s.quality},
		{"PUT", "/quality/rules", identity.ChangeDirectory, s.setPeerRules},
		{"POST", "/reviews", identity.ReviewReports, s.writeReview},
		{"POST", "/reviews/seen", identity.ViewQuality, s.seeReview},
		{"GET", "/reports/{id}/outcomes", identity.ViewReport, s.outcomes},
		{"POST", "/reports/{id}/outcomes", identity.RecordOutcome, s.tellOutcome},
		{"GET", "/reports/{id}/receipts", identity.ViewReport, s.receipts},
		{"POST", "/reports/{id}/receipts", identity.AcknowledgeStudy, s.receipt},
		{"POST", "/studies/{id}/orderer", identity.AcknowledgeStudy, s.orderer},
		{"GET", "/reminding", identity.SetReminding, s.reminding},
		{"PUT", "/reminding", identity.SetReminding, s.setReminding},
		{"POST", "/criticals/{id}/contacts", identity.RecordContact, s.contact},
		{"GET", "/reports/{id}/changes", identity.ViewReport, s.reportChanges},
		{"GET", "/reports/{id}/pdf", identity.ViewReport, s.reportPDF},
		{"GET", "/reports/{id}/sr", identity.ViewReport, s.reportSR},
		{"GET", "/deliveries", identity.RetryDelivery, s.parked},
		{"POST", "/deliveries/retry", identity.RetryDelivery, s.retryParked},
		{"POST", "/deliveries/{id}/retry", identity.RetryDelivery, s.retryDelivery},
		{"POST", "/deliveries/{id}/giveup", identity.GiveUpDelivery, s.giveUpDelivery},

		{"GET", "/orders", identity.ManageOrders, s.orders},
		{"POST", "/orders", identity.ManageOrders, s.createOrder},
		{"GET", "/orders/codes", identity.ManageOrders, s.orderCodes},
		{"GET", "/orders/{id}", identity.ManageOrders, s.order},
		{"PUT", "/orders/{id}", identity.ManageOrders, s.changeOrder},
		{"DELETE", "/orders/{id}", identity.ManageOrders, s.cancelOrder},

		{"GET", "/rooms", identity.JoinRooms, s.rooms},
		{"POST", "/rooms/search", identity.JoinRooms, s.searchRooms},
		{"GET", "/rooms/{id}", identity.JoinRooms, s.room},
		{"GET", "/rooms/{id}/export", identity.JoinRooms, s.exportRoom},
		{"POST", "/rooms/{id}/messages", identity.JoinRooms, s.sayIn},
		{"POST", "/rooms/{id}/pictures", identity.JoinRooms, s.showIn},
		{"POST", "/rooms/{id}/read", identity.JoinRooms, s.readRoom},
		{"GET", "/rooms/{id}/look", identity.JoinRooms, s.together},
		{"GET", lookPattern, identity.JoinRooms, s.lookAlong},
		{"POST", "/rooms/{id}/look", identity.JoinRooms, s.joinLook},
		{"PUT", "/rooms/{id}/look", identity.JoinRooms, s.showLook},
		{"POST", "/rooms/{id}/look/leader", identity.JoinRooms, s.leadLook},
		{"DELETE", "/rooms/{id}/look", identity.JoinRooms, s.leaveLook},
		{"POST", "/rooms/{id}/answer", identity.JoinRooms, s.answerConsult},
		{"GET", "/rooms/{id}/candidates", identity.InviteToRooms, s.candidates},
		{"POST", "/rooms/{id}/invitations", identity.InviteToRooms, s.invite},
		{"POST", "/rooms/{id}/consults", identity.InviteToRooms, s.consult},
		{"POST", "/rooms/{id}/decision", identity.InviteToRooms, s.decideConsult},
		{"GET", "/messages/{id}/picture", identity.JoinRooms, s.messagePicture},

		{"GET", "/facilities", identity.ViewDirectory, s.facilities},
		{"GET", "/panels", identity.ViewDirectory, s.panels},
		{"GET", "/readers", identity.ViewDirectory, s.readers},
		{"GET", "/rules", identity.ViewDirectory, s.rules},

		{"POST", "/audit/search", identity.ViewAudit, s.searchAudit},
		{"GET", "/people", identity.ManageUsers, s.people},
		{"POST", "/people", identity.ManageUsers, s.addPerson},
		{"PUT", "/people/{id}", identity.ManageUsers, s.changePerson},
		{"POST", "/people/{id}/invitation", identity.ManageUsers, s.invitePerson},
		{"PUT", "/people/{id}/sso", identity.ManageUsers, s.linkPerson},
		{"DELETE", "/people/{id}/sso", identity.ManageUsers, s.unlinkPerson},
		{"DELETE", "/people/{id}/factors", identity.ManageUsers, s.resetFactors},
		{"DELETE", "/people/{id}/devices", identity.ManageUsers, s.endDevicesOf},
		{"GET", "/tokens", identity.ManageTokens, s.tokens},
		{"POST", "/tokens", identity.ManageTokens, s.createToken},
		{"DELETE", "/tokens/{id}", identity.ManageTokens, s.revokeToken},
		{"POST", "/emergencies", identity.BreakGlass, s.openEmergency},
		{"GET", "/emergencies", identity.ReviewEmergency, s.emergencies},
		{"POST", "/emergencies/{id}/review", identity.ReviewEmergency, s.reviewEmergency},
	}...)
}
