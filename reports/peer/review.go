package peer

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Score is that of RADPEER: 1 concur; 2 a discrepancy that is not ordinarily
// expected to be made otherwise, 3 one that should be made most of the time; a
// unlikely, b likely to matter to the patient.
type Score string

// Scores are all of them.
var Scores = []Score{"1", "2a", "2b", "3a", "3b"}

// Discrepant says that the second reader would have reported otherwise.
func (s Score) Discrepant() bool { return s != "" && s != "1" }

// Review is a second look. Reviewer is empty for whom it is not to be known by.
type Review struct {
	ID, ReportID, StudyID, PanelID string
	ReaderID, ReviewerID           string
	Why                            string
	Score                          Score
	Note, Reply                    string
	CreatedAt, DoneAt, SeenAt      time.Time
}

const columns = `r.id, r.report_id, r.study_id, r.panel_id, r.reader_id, r.reviewer_id, r.why, r.score, r.note, r.reply, r.created_at, r.done_at, r.seen_at`

// Open lists the reviews a reader may write: of reports of others on their panels,
// the oldest first.
func Open(ctx context.Context, tx db.Tx, p identity.Principal) ([]Review, error) {
	cond, args := p.Scope().StudyFilter(2)
	return list(ctx, tx, `r.done_at IS NULL AND r.reader_id <> $1 AND `+onPanel+` AND `+cond+` ORDER BY r.created_at, r.id LIMIT 200`, append([]any{p.UserID}, args...)...)
}

const onPanel = `EXISTS (SELECT 1 FROM panel_members m WHERE m.panel_id = r.panel_id AND m.user_id = $1 AND m.trainee = 0)`

// About lists the reviews of a reader's own reports, without who wrote them.
func About(ctx context.Context, tx db.Tx, readerID string) ([]Review, error) {
	out, err := list(ctx, tx, `r.done_at IS NOT NULL AND r.reader_id = $1 ORDER BY r.done_at DESC LIMIT 200`, readerID)
	for i := range out {
		out[i].ReviewerID = ""
	}
	return out, err
}

// Discrepancies lists the reviews that did not concur, for the coordinator, the
// newest first.
func Discrepancies(ctx context.Context, tx db.Tx) ([]Review, error) {
	return list(ctx, tx, `r.done_at IS NOT NULL AND r.score <> '1' ORDER BY r.done_at DESC LIMIT 200`)
}

func list(ctx context.Context, tx db.Tx, where string, args ...any) ([]Review, error) {
	rows, err := tx.QueryContext(ctx, `SELECT `+columns+` FROM peer_reviews r JOIN studies ON studies.id = r.study_id WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("peer: list: %w", err)
	}
	defer rows.Close()
	var out []Review
	for rows.Next() {
		var r Review
		var created int64
		var done, seen sql.NullInt64
		if err := rows.Scan(&r.ID, &r.ReportID, &r.StudyID, &r.PanelID, &r.ReaderID, &r.ReviewerID, &r.Why, &r.Score, &r.Note, &r.Reply, &created, &done, &seen); err != nil {
			return nil, fmt.Errorf("peer: list: %w", err)
		}
		r.CreatedAt = db.FromMicros(created)
		if done.Valid {
			r.DoneAt = db.FromMicros(done.Int64)
		}
		if seen.Valid {
			r.SeenAt = db.FromMicros(seen.Int64)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// maxNote bounds what is written, in characters.
const maxNote = 2000

// Write is the second look of a principal: a reader of the panel, no trainee, and
// not who wrote the report. A discrepancy says what it is.
func Write(ctx context.Context, tx db.Tx, p identity.Principal, id string, score Score, note string) error {
	note = strings.TrimSpace(note)
	if !slices.Contains(Scores, score) || utf8.RuneCountInString(note) > maxNote || score.Discrepant() && note == "" {
		return ErrScore
	}
	cond, args := p.Scope().StudyFilter(3)
	found, err := list(ctx, tx, `r.reader_id <> $1 AND `+onPanel+` AND r.id = $2 AND `+cond, append([]any{p.UserID, id}, args...)...)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return ErrNotFound
	}
	r := found[0]
	res, err := tx.ExecContext(ctx, `UPDATE peer_reviews SET reviewer_id = $1, score = $2, note = $3, done_at = $4 WHERE id = $5 AND done_at IS NULL`,
		p.UserID, string(score), note, db.Micros(db.Now()), id)
	if err != nil {
		return fmt.Errorf("peer: write: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return ErrDone
	}
	// No event: whoever may see the study hears those, and the trail does not tell
	// one score from another.
	return record(ctx, tx, "report.reviewed", r.StudyID, r.ReportID, p.UserID)
}

// See notes that the reader has seen what was said of their report, and keeps what
// they answer.
func See(ctx context.Context, tx db.Tx, readerID, id, reply string) error {
	if reply = strings.TrimSpace(reply); utf8.RuneCountInString(reply) > maxNote {
		return ErrScore
	}
	res, err := tx.ExecContext(ctx, `UPDATE peer_reviews SET seen_at = COALESCE(seen_at, $1), reply = CASE WHEN $2 = '' THEN reply ELSE $2 END
 WHERE id = $3 AND reader_id = $4 AND done_at IS NOT NULL`, db.Micros(db.Now()), reply, id, readerID)
	if err != nil {
		return fmt.Errorf("peer: see: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return ErrNotFound
	}
	return nil
}

// tell appends an event to the study's stream and the audit trail.
func tell(ctx context.Context, tx db.Tx, kind, studyID, reportID, actor string) error {
	st, err := catalog.StudyByID(ctx, tx, identity.Everything(), studyID)
	if err != nil {
		return fmt.Errorf("peer: study: %w", err)
	}
	if err := catalog.AppendEvent(ctx, tx, catalog.Event{Kind: kind, FacilityID: st.FacilityID, StudyID: studyID, Ref: reportID}); err != nil {
		return fmt.Errorf("peer: event: %w", err)
	}
	return record(ctx, tx, kind, studyID, reportID, actor)
}

func record(ctx context.Context, tx db.Tx, action, studyID, reportID, actor string) error {
	st, err := catalog.StudyByID(ctx, tx, identity.Everything(), studyID)
	if err != nil {
		return fmt.Errorf("peer: study: %w", err)
	}
	if err := audit.Append(ctx, tx, audit.Record{Actor: actor, Action: action, Object: reportID, FacilityID: st.FacilityID}); err != nil {
		return fmt.Errorf("peer: audit: %w", err)
	}
	return nil
}
