package assign

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// Verdict is what rules say of a study.
type Verdict struct {
	Rule     string
	PanelID  string
	Priority worklist.Priority
	Task     worklist.Purpose
	Forward  string // destinations, comma between them
	Priors   rule.Priors
	Requires string // subspecialties, comma between them
}

// Difference is a study that would have gone another way.
type Difference struct {
	StudyID       string
	At            time.Time
	Before, After Verdict
}

// Replayed is what other rules would have made of the past.
type Replayed struct {
	Studies     int
	Changed     int
	Truncated   bool              // more studies than MaxReplay: the latest were asked about
	Differences []Difference      // the latest MaxDifferences
	Rules       map[string][2]int // by rule name: studies before, after
}

// Limits of a replay.
const (
	MaxReplay      = 20_000
	MaxDifferences = 200
)

// Replay asks two sets of rules about the studies decided since a time. Nothing is
// changed. The same studies and rules give the same answer.
func Replay(ctx context.Context, tx db.Tx, since time.Time, before, after rule.Set) (Replayed, error) {
	out := Replayed{Rules: map[string][2]int{}}
	rows, err := tx.QueryContext(ctx, `SELECT study_id, at FROM rule_decisions WHERE at >= $1 AND outcome = 'created' ORDER BY at DESC, id DESC LIMIT $2`, db.Micros(since), MaxReplay+1)
	if err != nil {
		return out, fmt.Errorf("assign: replay: %w", err)
	}
	defer rows.Close()
	type past struct {
		study string
		at    int64
	}
	var list []past
	for rows.Next() {
		var p past
		if err := rows.Scan(&p.study, &p.at); err != nil {
			return out, fmt.Errorf("assign: replay: %w", err)
		}
		list = append(list, p)
	}
	if err := rows.Err(); err != nil {
		return out, fmt.Errorf("assign: replay: %w", err)
	}
	if out.Truncated = len(list) > MaxReplay; out.Truncated {
		list = list[:MaxReplay]
	}
	old, changed := before.Compile(), after.Compile()
	for _, p := range list {
		s, err := catalog.StudyByID(ctx, tx, identity.Everything(), p.study)
		if err != nil {
			return out, fmt.Errorf("assign: replay: %w", err)
		}
		subject, err := subjectOf(ctx, tx, s, db.FromMicros(p.at))
		if err != nil {
			return out, err
		}
		a, b := verdict(old.Evaluate(subject)), verdict(changed.Evaluate(subject))
		out.Studies++
		count := out.Rules[a.Rule]
		count[0]++
		out.Rules[a.Rule] = count
		count = out.Rules[b.Rule]
		count[1]++
		out.Rules[b.Rule] = count
		if a == b {
			continue
		}
		out.Changed++
		if len(out.Differences) < MaxDifferences {
			out.Differences = append(out.Differences, Difference{StudyID: s.ID, At: db.FromMicros(p.at), Before: a, After: b})
		}
	}
	return out, nil
}

func verdict(d rule.Decision) Verdict {
	return Verdict{d.Rule.Name, d.Rule.PanelID, d.Priority, d.Rule.Task, strings.Join(d.Rule.Forward, ","), d.Rule.Priors, strings.Join(d.Rule.Requires, ",")}
}

// Try says what rules would decide about a study now, with every rule's reason.
func Try(ctx context.Context, tx db.Tx, s catalog.Study, set rule.Set) (rule.Decision, error) {
	subject, err := subjectOf(ctx, tx, s, db.NowIn(ctx))
	if err != nil {
		return rule.Decision{}, err
	}
	return set.Evaluate(subject), nil
}

// TryOn is [Try] for a study that was never received, described by an object of it.
func TryOn(ctx context.Context, tx db.Tx, a catalog.Arrival, set rule.Set) (rule.Decision, error) {
	series := a.Series
	series.InstanceCount = 1
	subject, err := situate(ctx, tx, SubjectOf(a.Study, []catalog.Series{series}), db.NowIn(ctx))
	if err != nil {
		return rule.Decision{}, err
	}
	return set.Evaluate(subject), nil
}
