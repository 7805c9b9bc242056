package rule

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Load reads the rules in force. A database that was never given a fallback
// answers with that of [BuiltIn].
func Load(ctx context.Context, tx db.Tx) (Set, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, name, is_fallback, condition, panel_id, priority, within_ms, expression, valid_from, valid_until, assign, hold, task, forward, prior_from, prior_most, prior_months, requires, alone_ms FROM rules ORDER BY position, id`)
	if err != nil {
		return Set{}, fmt.Errorf("rule: load: %w", err)
	}
	defer rows.Close()
	set := BuiltIn()
	for rows.Next() {
		r, fallback, err := scanRule(rows)
		if err != nil {
			return Set{}, err
		}
		if fallback {
			set.Fallback = r
		} else {
			set.Rules = append(set.Rules, r)
		}
	}
	if err := rows.Err(); err != nil {
		return Set{}, fmt.Errorf("rule: load: %w", err)
	}
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(version), 0) FROM rule_sets`).Scan(&set.Version); err != nil {
		return Set{}, fmt.Errorf("rule: version: %w", err)
	}
	return set, nil
}

func scanRule(rows *sql.Rows) (r Rule, fallback bool, err error) {
	var condition, forward, requires string
	var within, alone int64
	var isFallback, hold int
	if err := rows.Scan(&r.ID, &r.Name, &isFallback, &condition, &r.PanelID, &r.Priority, &within, &r.If, &r.From, &r.Until, &r.Assign, &hold, &r.Task, &forward, &r.Priors.From, &r.Priors.Most, &r.Priors.Months, &requires, &alone); err != nil {
		return Rule{}, false, fmt.Errorf("rule: load: %w", err)
	}
	if err := json.Unmarshal([]byte(condition), &r.When); err != nil {
		return Rule{}, false, fmt.Errorf("rule: condition of %q: %w", r.Name, err)
	}
	r.Within, r.Alone = time.Duration(within)*time.Millisecond, time.Duration(alone)*time.Millisecond
	r.Hold = hold == 1
	if forward != "" {
		r.Forward = strings.Split(forward, ",")
	}
	if requires != "" {
		r.Requires = strings.Split(requires, ",")
	}
	return r, isFallback == 1, nil
}

// Save makes the set the rules in force. A rule keeps its ID, and with it its
// count of matches, as long as it keeps its name. A set without a fallback
// leaves that of BuiltIn in force. The sets that were in force before are kept, by
// their versions.
func Save(ctx context.Context, tx db.Tx, set Set, actor string) error {
	old, err := Load(ctx, tx)
	if err != nil {
		return err
	}
	ids := map[string]string{old.Fallback.Name: old.Fallback.ID}
	for _, r := range old.Rules {
		ids[r.Name] = r.ID
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM rules`); err != nil {
		return fmt.Errorf("rule: save: %w", err)
	}
	list := append([]Rule(nil), set.Rules...)
	if set.Fallback.PanelID != "" {
		set.Fallback.Name, set.Fallback.When = FallbackName, Condition{}
		list = append(list, set.Fallback)
	}
	for i, r := range list {
		r.ID = ids[r.Name]
		if r.ID == "" {
			r.ID = db.NewID()
		}
		if err := insert(ctx, tx, r, i+1, i == len(set.Rules)); err != nil {
			return err
		}
	}
	return keep(ctx, tx, set, old, actor)
}

// keep writes the version of a set that is not the one in force already.
func keep(ctx context.Context, tx db.Tx, set, old Set, actor string) error {
	raw, err := json.Marshal(set.anonymous())
	if err != nil {
		return fmt.Errorf("rule: keep version: %w", err)
	}
	before, err := json.Marshal(old.anonymous())
	if err != nil {
		return fmt.Errorf("rule: keep version: %w", err)
	}
	if string(raw) == string(before) {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO rule_sets (version, at, actor, rules) VALUES ($1, $2, $3, $4)`, old.Version+1, db.Micros(db.Now()), actor, string(raw)); err != nil {
		return fmt.Errorf("rule: keep version: %w", err)
	}
	return nil
}

// anonymous is the set without what the database counts.
func (s Set) anonymous() Set {
	out := Set{Fallback: s.Fallback}
	out.Fallback.ID = ""
	for _, r := range s.Rules {
		r.ID = ""
		out.Rules = append(out.Rules, r)
	}
	return out
}

func insert(ctx context.Context, tx db.Tx, r Rule, position int, fallback bool) error {
	condition, err := json.Marshal(r.When)
	if err != nil {
		return fmt.Errorf("rule: condition of %q: %w", r.Name, err)
	}
	now := db.Micros(db.Now())
	_, err = tx.ExecContext(ctx, `INSERT INTO rules (id, name, position, is_fallback, condition, panel_id, priority, within_ms, updated_at, expression, valid_from, valid_until, assign, hold, task, forward, prior_from, prior_most, prior_months, requires, alone_ms)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
		r.ID, r.Name, position, bit(fallback), string(condition), r.PanelID, r.Priority, r.Within.Milliseconds(), now, r.If, r.From, r.Until, r.Assign, bit(r.Hold), r.Task, strings.Join(r.Forward, ","),
		r.Priors.From, r.Priors.Most, r.Priors.Months, strings.Join(r.Requires, ","), r.Alone.Milliseconds())
	if err != nil {
		return fmt.Errorf("rule: save %q: %w", r.Name, err)
	}
	return nil
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Matches counts, by rule ID, the studies each rule has sent on.
func Matches(ctx context.Context, tx db.Tx) (map[string]int, error) {
	rows, err := tx.QueryContext(ctx, `SELECT rule_id, COUNT(*) FROM rule_decisions GROUP BY rule_id`)
	if err != nil {
		return nil, fmt.Errorf("rule: matches: %w", err)
	}
	defer rows.Close()
	counts := map[string]int{}
	for rows.Next() {
		var id string
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, fmt.Errorf("rule: matches: %w", err)
		}
		counts[id] = n
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("rule: matches: %w", err)
	}
	return counts, nil
}

// Version is a set of rules that was in force.
type Version struct {
	Set
	At    time.Time // from
	Actor string    // user, or the login of who ran a command
}

// Versions lists the sets that were ever in force, the newest first.
func Versions(ctx context.Context, tx db.Tx, limit int) ([]Version, error) {
	rows, err := tx.QueryContext(ctx, `SELECT version, at, actor, rules FROM rule_sets ORDER BY version DESC LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("rule: versions: %w", err)
	}
	defer rows.Close()
	var list []Version
	for rows.Next() {
		var v Version
		var version, at int64
		var raw string
		if err := rows.Scan(&version, &at, &v.Actor, &raw); err != nil {
			return nil, fmt.Errorf("rule: versions: %w", err)
		}
		if err := json.Unmarshal([]byte(raw), &v.Set); err != nil {
			return nil, fmt.Errorf("rule: version %d: %w", version, err)
		}
		v.Version, v.At = version, db.FromMicros(at)
		list = append(list, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("rule: versions: %w", err)
	}
	return list, nil
}
