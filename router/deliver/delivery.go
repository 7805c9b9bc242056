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
	Failed    State = "failed" // still tried, at the longest interval
)

// Kinds of object.
const (
	SR  = "sr"
	PDF = "pdf"
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
)

// Errors of this package.
var (
	// ErrNotFound says there is no such delivery, or none the caller may see.
	ErrNotFound = errors.New("deliver: not found")
	// ErrDelivered says there is nothing left to retry.
	ErrDelivered = errors.New("deliver: delivered already")
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
	Object          string // sr, pdf
	State           State
	Refused         bool // the receiver answered, and said no
	Attempts        int
	NextAt          time.Time
	LastError       string // in plain words; no patient data
	LastStatus      uint16 // of C-STORE-RSP, 0 when there was none
	Receipt         string // what the receiver said when it took the object
	CreatedAt       time.Time
	DeliveredAt     time.Time
}

const (
	columns = `d.id, d.destination_id, t.name, d.facility_id, d.study_id, d.report_id, d.instance_id, d.object, d.state,
 d.refused, d.attempts, d.next_at, d.last_error, d.last_status, d.receipt, d.created_at, d.delivered_at`
	tables = `deliveries d JOIN destinations t ON t.id = d.destination_id`
)

func scan(row interface{ Scan(...any) error }) (Delivery, error) {
	var d Delivery
	var next, created int64
	var delivered sql.NullInt64
	err := row.Scan(&d.ID, &d.DestinationID, &d.DestinationName, &d.FacilityID, &d.StudyID, &d.ReportID, &d.InstanceID, &d.Object, &d.State,
		&d.Refused, &d.Attempts, &next, &d.LastError, &d.LastStatus, &d.Receipt, &created, &delivered)
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
type Counts struct{ Delivered, Pending, Failed int }

func (c *Counts) add(s State, n int) {
	switch s {
	case Delivered:
		c.Delivered += n
	case Failed:
		c.Failed += n
	default:
		c.Pending += n
	}
}

// CountsOf counts the deliveries of one study in scope.
func CountsOf(ctx context.Context, tx db.Tx, scope identity.Scope, studyID string) (Counts, error) {
	var c Counts
	all, err := OfStudy(ctx, tx, scope, studyID)
	for _, d := range all {
		c.add(d.State, 1)
	}
	return c, err
}

// CountsByDestination counts deliveries by destination ID, for those who see
// the whole directory.
func CountsByDestination(ctx context.Context, tx db.Tx) (map[string]Counts, error) {
	rows, err := tx.QueryContext(ctx, `SELECT destination_id, state, COUNT(*) FROM deliveries GROUP BY destination_id, state`)
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
