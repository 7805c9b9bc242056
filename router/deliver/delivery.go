package deliver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// State is where a delivery is.
type State string

// The states of a delivery.
const (
	Pending   State = "pending"
	Sending   State = "sending"
	Delivered State = "delivered"
	Failed    State = "failed"   // parked for somebody to look; still tried, at the longest interval
	GivenUp   State = "given-up" // by a coordinator: not tried any more
)

// Kinds of object.
const (
	SR  = "sr"
	PDF = "pdf"
	// What goes only where it is asked for.
	Enhanced     = "enhanced"     // the report as Enhanced SR
	Measurements = "measurements" // SR of TID 1500
	Keys         = "keys"         // key object selection
	Image        = "image"        // what was received, by a rule that forwards a study
	// By a route: made from the signed report when it is sent.
	ORU    = "oru"
	FHIR   = "fhir"
	Text   = "text"
	Notice = "notice" // that there is a report, without anything of a patient
)

// Kinds of the events appended; Event.Ref is the Delivery.
const (
	EventQueued    = "delivery.queued"
	EventDelayed   = "delivery.delayed" // an attempt was in vain
	EventFailed    = "delivery.failed"
	EventDelivered = "delivery.delivered"
	EventRetried   = "delivery.retried" // somebody asked for it to be tried now
	EventGivenUp   = "delivery.givenup" // somebody said that it is not to be tried any more
)

// Errors of this package.
var (
	// ErrNotFound says there is no such delivery, or none the caller may see.
	ErrNotFound = errors.New("deliver: not found")
	// ErrDelivered says there is nothing left to retry.
	ErrDelivered = errors.New("deliver: delivered already")
	// ErrNotParked says that only what is parked can be given up.
	ErrNotParked = errors.New("deliver: not parked")
	// ErrReason says that a delivery is given up for no reason, or for one too long.
	ErrReason = errors.New("deliver: a reason is needed")
)

// Delivery is one object on its way to one destination.
type Delivery struct {
	ID              string
	DestinationID   string
	DestinationName string
	FacilityID      string
	StudyID         string
	ReportID        string
	InstanceID      string
	Object          string // one of the kinds
	State           State
	Refused         bool // the receiver answered, and said no
	Attempts        int
	NextAt          time.Time
	LastError       string // in plain words; no patient data
	LastStatus      uint16 // of C-STORE-RSP, 0 when there was none
	Receipt         string // what the receiver said when it took the object
	GivenUpBy       string // user
	GivenUpWhy      string
	CreatedAt       time.Time
	DeliveredAt     time.Time
}

const (
	columns = `d.id, d.destination_id, t.name, d.facility_id, d.study_id, d.report_id, d.instance_id, d.object, d.state,
 d.refused, d.attempts, d.next_at, d.last_error, d.last_status, d.receipt, d.given_up_by, d.given_up_why, d.created_at, d.delivered_at`
	tables = `deliveries d JOIN destinations t ON t.id = d.destination_id`
)

func scan(row interface{ Scan(...any) error }) (Delivery, error) {
	var d Delivery
	var next, created int64
	var delivered sql.NullInt64
	err := row.Scan(&d.ID, &d.DestinationID, &d.DestinationName, &d.FacilityID, &d.StudyID, &d.ReportID, &d.InstanceID, &d.Object, &d.State,
		&d.Refused, &d.Attempts, &next, &d.LastError, &d.LastStatus, &d.Receipt, &d.GivenUpBy, &d.GivenUpWhy, &created, &delivered)
	if errors.Is(err, sql.ErrNoRows) {
		return Delivery{}, ErrNotFound
	}
	if err != nil {
		return Delivery{}, fmt.Errorf("deliver: read: %w", err)
	}
	d.NextAt, d.CreatedAt = db.FromMicros(next), db.FromMicros(created)
	if delivered.Valid {
		d.DeliveredAt = db.FromMicros(delivered.Int64)
	}
	return d, nil
}

func list(ctx context.Context, tx db.Tx, query string, args ...any) ([]Delivery, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("deliver: list: %w", err)
	}
	defer rows.Close()
	var out []Delivery
	for rows.Next() {
		d, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("deliver: list: %w", err)
	}
	return out, nil
}

// scopedBy lists the deliveries whose column has a value, of studies in scope,
// in the order they were enqueued.
func scopedBy(ctx context.Context, tx db.Tx, scope identity.Scope, column, value string) ([]Delivery, error) {
	cond, args := scope.StudyFilter(2)
	return list(ctx, tx, `SELECT `+columns+` FROM `+tables+` JOIN studies ON studies.id = d.study_id
 WHERE d.`+column+` = $1 AND `+cond+` ORDER BY d.created_at, d.seq, t.name`, append([]any{value}, args...)...)
}

// OfStudy lists the deliveries of a study in scope.
func OfStudy(ctx context.Context, tx db.Tx, scope identity.Scope, studyID string) ([]Delivery, error) {
	return scopedBy(ctx, tx, scope, "study_id", studyID)
}

// OfReport lists the deliveries of a report in scope.
func OfReport(ctx context.Context, tx db.Tx, scope identity.Scope, reportID string) ([]Delivery, error) {
	return scopedBy(ctx, tx, scope, "report_id", reportID)
}

// ByID reads one delivery in scope.
func ByID(ctx context.Context, tx db.Tx, scope identity.Scope, id string) (Delivery, error) {
	all, err := scopedBy(ctx, tx, scope, "id", id)
	if err != nil {
		return Delivery{}, err
	}
	if len(all) == 0 {
		return Delivery{}, ErrNotFound
	}
	return all[0], nil
}

// Counts are deliveries by state; what is being sent counts as pending.
type Counts struct{ Delivered, Pending, Failed, GivenUp int }

func (c *Counts) add(s State, n int) {
	switch s {
	case Delivered:
		c.Delivered += n
	case Failed:
		c.Failed += n
	case GivenUp:
		c.GivenUp += n
	default:
		c.Pending += n
	}
}

// CountsOf counts the deliveries of studies in scope, by study.
func CountsOf(ctx context.Context, tx db.Tx, scope identity.Scope, studyIDs ...string) (map[string]Counts, error) {
	in, args := db.In(studyIDs)
	cond, more := scope.StudyFilter(len(args) + 1)
	// The condition is hidden from the planner, which would begin with what a hospital has.
	return countBy(ctx, tx, `SELECT d.study_id, d.state, COUNT(*) FROM deliveries d JOIN studies ON studies.id = d.study_id
 WHERE d.study_id IN `+in+` AND CASE WHEN `+cond+` THEN 1 ELSE 0 END = 1 GROUP BY d.study_id, d.state`, append(args, more...)...)
}

// CountsByDestination counts deliveries by destination ID, for those who see
// the whole directory.
func CountsByDestination(ctx context.Context, tx db.Tx) (map[string]Counts, error) {
	return countBy(ctx, tx, `SELECT destination_id, state, COUNT(*) FROM deliveries GROUP BY destination_id, state`)
}

// countBy adds up the rows of a query: of what, the state, how many.
func countBy(ctx context.Context, tx db.Tx, query string, args ...any) (map[string]Counts, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("deliver: count: %w", err)
	}
	defer rows.Close()
	out := map[string]Counts{}
	for rows.Next() {
		var id string
		var s State
		var n int
		if err := rows.Scan(&id, &s, &n); err != nil {
			return nil, fmt.Errorf("deliver: count: %w", err)
		}
		c := out[id]
		c.add(s, n)
		out[id] = c
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("deliver: count: %w", err)
	}
	return out, nil
}

func event(ctx context.Context, tx db.Tx, d Delivery, kind string) error {
	err := catalog.AppendEvent(ctx, tx, catalog.Event{Kind: kind, FacilityID: d.FacilityID, StudyID: d.StudyID, Ref: d.ID})
	if err != nil {
		return fmt.Errorf("deliver: event: %w", err)
	}
	return nil
}
