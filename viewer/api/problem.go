package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/internal/mp4"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/archive"
	"github.com/dokuei/dokuei/reports/assist"
	"github.com/dokuei/dokuei/reports/lint"
	"github.com/dokuei/dokuei/reports/loop"
	"github.com/dokuei/dokuei/reports/peer"
	"github.com/dokuei/dokuei/reports/template"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/router/orders"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/retention"
	"github.com/dokuei/dokuei/viewer/dicomweb"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/order"
	"github.com/dokuei/dokuei/worklist/room"
)

// Problem is an error answer, RFC 9457. Code is ours: stable, and what the
// pages translate.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail,omitempty"`

	// Sections that keep a report from being signed (extension members, §3.2).
	Missing []string `json:"missing,omitempty"`
	Blanks  []string `json:"blanks,omitempty"`
	Unseen  []string `json:"unseen,omitempty"`
	// Changed are the parts of a report that are not what its reader was shown.
	Changed []string `json:"changed,omitempty"`
	// What the rules ask about, when they keep it from being signed.
	Findings []lint.Finding `json:"findings,omitempty"`

	retryAfter int // seconds
}

func (p *Problem) Error() string { return p.Code + ": " + p.Title }

func problem(status int, code, title string) *Problem {
	return &Problem{Type: "about:blank", Status: status, Code: code, Title: title}
}

// with returns a copy that carries a detail. The detail is shown to the user:
// it must hold no data of others.
func (p *Problem) with(detail string) *Problem {
	q := *p
	q.Detail = detail
	return &q
}

var (
	errNotFound        = problem(http.StatusNotFound, "not_found", "There is nothing here, or nothing for you.")
	errForbidden       = problem(http.StatusForbidden, "forbidden", "Your role may not do this.")
	errUnauthenticated = problem(http.StatusUnauthorized, "unauthenticated", "Please sign in.")
	errBadCredentials  = problem(http.StatusUnauthorized, "bad_credentials", "The login or the password is wrong.")
	errCrossOrigin     = problem(http.StatusForbidden, "cross_origin", "The request came from another site.")
	errBadRequest      = problem(http.StatusBadRequest, "weak_input", "The request could not be understood.")
	errTooLarge        = problem(http.StatusRequestEntityTooLarge, "too_large", "The request is too large.")
	errMediaType       = problem(http.StatusUnsupportedMediaType, "not_json", "The body must be application/json.")
	errBadPassword     = problem(http.StatusForbidden, "bad_password", "The password is wrong.")
	errInternal        = problem(http.StatusInternalServerError, "internal", "Something went wrong here; it has been logged.")
	errReminding       = problem(http.StatusUnprocessableEntity, "bad_reminding", "This is no way of being reminded: name a hospital, its own routes and times of day.")
	errBadTemplate     = problem(http.StatusUnprocessableEntity, "bad_template", "The template or text cannot be kept.")
	errBadScore        = problem(http.StatusUnprocessableEntity, "bad_score", "A score is 1, 2a, 2b, 3a or 3b and says what differs; an outcome says what is known; a rule chooses 1 to 100 of a hundred.")
	errBusy            = problem(http.StatusServiceUnavailable, "busy", "Too much at once; please try again.")
	errNoSpace         = problem(http.StatusInsufficientStorage, "no_space", "The service has no disk space left; nothing was changed.")
)

// What a session that is not complete, or not fresh, is told to do next.
var (
	needProblems = map[identity.Need]*Problem{
		identity.NeedFactor:   problem(http.StatusForbidden, "need_second_factor", "Show your second factor first."),
		identity.NeedPassword: problem(http.StatusForbidden, "need_password", "Choose a password of your own first."),
		identity.NeedEnrol:    problem(http.StatusForbidden, "need_enrol", "Set up a passkey or a code generator first."),
	}
	errNoAccount      = problem(http.StatusForbidden, "no_account", "A token has no account of a person.")
	errReauthenticate = problem(http.StatusForbidden, "reauthenticate", "Show once more who you are.")
)

// answers maps the errors of the rooms below to what is answered.
var answers = []struct {
	err error
	is  *Problem
}{
	{catalog.ErrNotFound, errNotFound},
	{worklist.ErrNotFound, errNotFound},
	{identity.ErrNotFound, errNotFound},
	{object.ErrNotFound, errNotFound},
	{catalog.ErrCursor, errBadRequest},
	{worklist.ErrBadCursor, errBadRequest},
	{worklist.ErrList, problem(http.StatusUnprocessableEntity, "bad_list", "A shared list has a name of at most 60 characters, and a panel at most 100 of them.")},
	{worklist.ErrListOwner, problem(http.StatusConflict, "not_owner", "Who shared the list, or a coordinator, takes it away.")},
	{worklist.ErrBadSort, errBadRequest.with("sort is up to 4 columns of the list")},
	{identity.ErrUnauthenticated, errUnauthenticated},
	{identity.ErrBadCredentials, errBadCredentials},
	{identity.ErrBadCode, problem(http.StatusForbidden, "bad_code", "The code is wrong or was used already.")},
	{identity.ErrNoPending, problem(http.StatusConflict, "no_generator", "Begin the set-up of the code generator again.")},
	{identity.ErrPasskey, problem(http.StatusUnprocessableEntity, "bad_passkey", "The passkey was not accepted; try again.")},
	{identity.ErrInvitation, problem(http.StatusGone, "invitation_gone", "The invitation was used or is too old; ask for another.")},
	{identity.ErrSSOUnknown, problem(http.StatusForbidden, "sso_unknown", "Your sign-on is linked to no account here: ask for an invitation.")},
	{identity.ErrSSOTaken, problem(http.StatusConflict, "sso_taken", "This sign-on is linked to another account.")},
	{identity.ErrSSOLost, problem(http.StatusGone, "sso_lost", "The sign-on took too long or was begun elsewhere; begin again.")},
	{identity.ErrWeakPassword, errWeakPassword},
	{identity.ErrCommonPassword, problem(http.StatusUnprocessableEntity, "common_password", "That password is one that guessers try first.")},
	{identity.ErrReason, problem(http.StatusUnprocessableEntity, "bad_reason", "Give the reason in 10 to 1000 characters.")},
	{identity.ErrOwnEmergency, problem(http.StatusForbidden, "own_emergency", "Somebody else reviews your emergency access.")},
	{worklist.ErrAlreadyClaimed, problem(http.StatusConflict, "already_claimed", "Another reader has claimed this.")},
	{worklist.ErrNotHolder, problem(http.StatusConflict, "not_holder", "You have not claimed this, or no longer hold it.")},
	{worklist.ErrFinal, problem(http.StatusConflict, "final", "This task is finished or has been replaced.")},
	{worklist.ErrNotInProgress, problem(http.StatusConflict, "not_claimed", "Claim the study first.")},
	{worklist.ErrOffered, problem(http.StatusConflict, "offered", "This study is offered to another reader now. Take it over with a reason, or wait.")},
	{worklist.ErrNotOnPanel, problem(http.StatusForbidden, "not_on_panel", "You do not sit on the panel of this study.")},
	{worklist.ErrOwnReading, problem(http.StatusForbidden, "own_reading", "You read this study first; another reader has to take this.")},
	{worklist.ErrDeclined, problem(http.StatusForbidden, "declined", "You have declined this study; the coordinator can give it to you again.")},
	{worklist.ErrTrainee, problem(http.StatusForbidden, "trainee", "This asks for a reader whose reports need no verification.")},
	{worklist.ErrUnfit, problem(http.StatusForbidden, "unfit", "The licence has expired, the study is of the reader's own hospital, a conflict was declared, or a subspecialty is missing.")},
	{worklist.ErrOpenExists, problem(http.StatusConflict, "open_exists", "The study is being read already.")},
	{worklist.ErrUnknownPanel, problem(http.StatusUnprocessableEntity, "unknown_panel", "There is no such panel.")},
	{reports.ErrNotFound, errNotFound},
	{retention.ErrNotFound, errNotFound},
	{retention.ErrHeld, problem(http.StatusConflict, "held", "The study is under legal hold.")},
	{retention.ErrNotHeld, problem(http.StatusConflict, "not_held", "The study is under no legal hold.")},
	{retention.ErrReceiving, problem(http.StatusConflict, "receiving", "Images of the study are still coming in; try again when it is complete.")},
	{retention.ErrOpen, problem(http.StatusConflict, "deletion_open", "The deletion of this study has been asked for already.")},
	{retention.ErrSamePerson, problem(http.StatusForbidden, "same_person", "Somebody else has to agree to a deletion that you asked for.")},
	{retention.ErrState, problem(http.StatusConflict, "deletion_past", "Somebody was faster: the deletion is past that.")},
	{identity.ErrStalePreference, errStalePreference},
	{reports.ErrAnnotations, problem(http.StatusUnprocessableEntity, "bad_annotations", "The marks or key images pass their limits and were not saved.")},
	{template.ErrStale, problem(http.StatusConflict, "stale_text", "The text was changed on another page meanwhile, or is not yours. Load it again.")},
	{reports.ErrStale, problem(http.StatusConflict, "stale_draft", "The draft was saved elsewhere meanwhile.")},
	{reports.ErrTooLong, errTooLarge},
	{reports.ErrLanguage, errBadRequest.with("language is ja or en")},
	{reports.ErrLicense, problem(http.StatusForbidden, "no_license", "Only a reader with a licence number in the directory signs reports; ask the administrator.")},
	{reports.ErrMarks, errBadRequest.with("a figure, measurement or mark is out of bounds")},
	{reports.ErrNoImages, problem(http.StatusUnprocessableEntity, "no_images", "The study has no readable image to report on.")},
	{loop.ErrNotFound, errNotFound},
	{loop.ErrNotOrderer, problem(http.StatusConflict, "not_orderer", "Only the doctor who ordered the study can do this; the hospital can name another.")},
	{loop.ErrNoSuchDoctor, problem(http.StatusUnprocessableEntity, "no_such_doctor", "The hospital has no such account.")},
	{loop.ErrClosed, problem(http.StatusConflict, "closed", "The finding is closed.")},
	{loop.ErrStep, errBadRequest.with("step is acknowledged or acted; a contact names who was told and how, and only one who was reached reads back")},
	{assist.ErrOff, problem(http.StatusConflict, "no_engine", "The house has no such engine.")},
	{assist.ErrEngine, problem(http.StatusBadGateway, "engine", "The engine did not answer as it should; nothing was changed. Type, or try again.")},
	{archive.ErrCursor, errBadRequest},
	{peer.ErrNotFound, errNotFound},
	{peer.ErrDone, problem(http.StatusConflict, "review_done", "Another reader has written this review.")},
	{deliver.ErrNotFound, errNotFound},
	{order.ErrNotFound, errNotFound},
	{order.ErrCursor, errBadRequest},
	{order.ErrExists, problem(http.StatusConflict, "order_exists", "There is an order of this number that says something else; change that one.")},
	{order.ErrCanceled, problem(http.StatusConflict, "order_canceled", "The order was canceled; a new one needs a number of its own.")},
	{loop.ErrReminding, errReminding},
	{deliver.ErrNotParked, problem(http.StatusConflict, "not_parked", "Only a delivery that has failed can be given up. Load the list again.")},
	{deliver.ErrReason, problem(http.StatusUnprocessableEntity, "no_reason", "Say why in a few words (at most 500 characters).")},
	{deliver.ErrDelivered, problem(http.StatusConflict, "delivered", "This has been delivered already.")},

	{room.ErrNotFound, errNotFound},
	{room.ErrText, problem(http.StatusUnprocessableEntity, "room_text", "The text is empty or too long.")},
	{room.ErrTaken, problem(http.StatusConflict, "room_taken", "There is another message of this ID.")},
	{room.ErrNoMember, problem(http.StatusUnprocessableEntity, "room_member", "Only members of the room can be mentioned.")},
	{room.ErrInvitee, problem(http.StatusUnprocessableEntity, "room_invitee", "This person or role cannot be asked here.")},
	{room.ErrClosed, problem(http.StatusConflict, "room_closed", "This has been answered or closed already.")},
	{room.ErrNotAsked, problem(http.StatusConflict, "room_not_asked", "This is for somebody else to answer.")},
	{room.ErrNoLook, problem(http.StatusConflict, "no_look", "Nobody looks at images together here.")},
	{room.ErrNotLeader, problem(http.StatusConflict, "not_leader", "Somebody else leads.")},
	{room.ErrFull, problem(http.StatusConflict, "look_full", "No seat is left.")},
	{room.ErrState, problem(http.StatusUnprocessableEntity, "look_state", "This is no place in a study.")},
	{room.ErrPicture, problem(http.StatusUnprocessableEntity, "room_picture", "Only JPEG and PNG pictures of up to 10 MB and 16 megapixels, and films as MP4 or MOV.")},
	{mp4.ErrFormat, problem(http.StatusUnprocessableEntity, "film_format", "No film that a camera app writes as MP4 or MOV: take it with the camera app and send that file.")},
	{mp4.ErrDamaged, problem(http.StatusUnprocessableEntity, "film_damaged", "The film is damaged or was not copied to its end: copy it from the camera again.")},
	{mp4.ErrCodec, problem(http.StatusUnprocessableEntity, "film_codec", "Films of H.264, H.265, AV1 or VP9 with AAC sound and up to 4K: set the camera to that, or convert the film.")},
	{mp4.ErrEdited, problem(http.StatusUnprocessableEntity, "film_edited", "The film is put together from pieces: save it as a new film and send that file.")},
	{mp4.ErrLong, problem(http.StatusUnprocessableEntity, "film_long", "Films of up to one minute: cut it, or send it in parts.")},

	{object.ErrNoSpace, errNoSpace},
	{db.ErrFull, errNoSpace},
	{db.ErrClosed, errBusy},
	{db.ErrSilent, errBusy},
	{context.DeadlineExceeded, errBusy}, // a query within db.Read
}

// problemOf finds the answer for an error; known is false for what only the log
// should see.
func problemOf(err error) (p *Problem, known bool) {
	if errors.As(err, &p) {
		return p, true
	}
	var web *dicomweb.Error
	if errors.As(err, &web) {
		return problem(web.Status, "dicomweb", web.Text), true
	}
	var slow *identity.SlowDownError
	if errors.As(err, &slow) {
		p := problem(http.StatusTooManyRequests, "slow_down", "Too many failed sign-ins; please wait.")
		p.retryAfter = int(math.Ceil(slow.RetryAfter.Seconds()))
		return p, true
	}
	var incomplete *reports.IncompleteError
	if errors.As(err, &incomplete) {
		p := problem(http.StatusUnprocessableEntity, "incomplete_report", "The report is not complete.")
		p.Missing, p.Blanks, p.Unseen = incomplete.Missing, incomplete.Blanks, incomplete.Unseen
		return p, true
	}
	var shown *reports.ShownError
	if errors.As(err, &shown) {
		p := problem(http.StatusConflict, "not_as_shown", "The report is no longer what you were shown: read it once more, then sign.")
		p.Changed = shown.Changed
		return p, true
	}
	var asked *reports.LintError
	if errors.As(err, &asked) {
		p := problem(http.StatusUnprocessableEntity, "lint", "The rules ask about the report: change it, or say why it stands.")
		p.Findings = asked.Findings
		return p, true
	}
	var value *order.ValueError
	if errors.As(err, &value) {
		return errOrderValue.with(value.Attribute + " " + value.Reason), true
	}
	var content *orders.ContentError
	if errors.As(err, &content) {
		return errOrderValue.with(content.Error()), true
	}
	if errors.Is(err, template.ErrTemplate) {
		return errBadTemplate.with(err.Error()), true
	}
	if errors.Is(err, peer.ErrScore) {
		return errBadScore, true
	}
	for _, a := range answers {
		if errors.Is(err, a.err) {
			return a.is, true
		}
	}
	return errInternal, false
}

// fail answers a request with the problem of err. It answers nothing when the
// client has gone.
func fail(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return
	}
	p, known := problemOf(err)
	if !known {
		log.ErrorContext(r.Context(), "request failed", "route", r.Pattern, "error", err)
	}
	if p.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	w.Header().Set("Cache-Control", "no-store")
	if r.URL.Path == fhirBase || strings.HasPrefix(r.URL.Path, fhirBase+"/") {
		failFHIR(w, p, err)
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}
