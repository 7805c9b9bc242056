package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/pressly/goose/v3"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
)

// From every state of the schema that was ever in use, with rows in every table, the
// schema goes forward to the same end, and no row is lost on the way.
func TestUpgradeKeepsEveryRow(t *testing.T) {
	t.Parallel()
	order := landed(t)
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		upgrades(t, order, 1, func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "dokuei.db") })
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		server := dbtest.Start(t)
		upgrades(t, order, 3, func(t *testing.T) string { return server.Database(t) })
	})
}

// upgrades takes every step-th state.
func upgrades(t *testing.T, order []int64, step int, fresh func(t *testing.T) string) {
	whole := schemaOf(t, openAt(t, fresh(t), nil))
	for n := 1; n <= len(order); n += step {
		state := order[:n]
		t.Run(fmt.Sprintf("%02d-%05d", n, state[n-1]), func(t *testing.T) {
			// What the rows may be is read from the schema in SQLite.
			model := openAt(t, "sqlite:"+filepath.Join(t.TempDir(), "model.db"), state)
			tables := tablesOf(t, model)
			url := fresh(t)
			d := openAt(t, url, state)
			if err := d.fill(t.Context(), tables); err != nil {
				t.Fatal(err)
			}
			before := d.rows(t, slices.Collect(maps.Keys(tables)))
			d.end()

			d = openAt(t, url, nil)
			after := d.rows(t, slices.Collect(maps.Keys(tables)))
			for table, rows := range before {
				if len(rows) < 2 && table != "scrub" {
					t.Errorf("%s was not filled: %v", table, rows)
				}
				if table == "sessions" && !slices.Contains(state, 70) {
					continue // 00070 ends them, and says why
				}
				for _, row := range rows {
					if !slices.ContainsFunc(after[table], row.in) {
						t.Errorf("%s has lost %v", table, row)
					}
				}
				if len(rows) > len(after[table]) {
					t.Errorf("%s has %d rows, had %d", table, len(after[table]), len(rows))
				}
			}
			now := schemaOf(t, d)
			for what, text := range whole {
				if got := now[what]; got != text {
					t.Errorf("%s became\n%s\nand is in a new database\n%s", what, got, text)
				}
			}
		})
	}
}

// Items of before they had the name of their patient to be sorted by have it afterwards.
func TestPatientOrderIsFilled(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"sqlite": filepath.Join(t.TempDir(), "dokuei.db"), "postgres": dbtest.Postgres(t)} {
		t.Run(name, func(t *testing.T) {
			before := slices.DeleteFunc(landed(t), func(n int64) bool { return n >= 400 })
			tables := tablesOf(t, openAt(t, "sqlite:"+filepath.Join(t.TempDir(), "model.db"), before))
			d := openAt(t, url, before)
			if err := d.fill(t.Context(), tables); err != nil {
				t.Fatal(err)
			}
			if _, err := d.ExecContext(t.Context(), `UPDATE study_names SET attribute = 'patient' WHERE component = (SELECT MIN(component) FROM study_names)`); err != nil {
				t.Fatal(err)
			}
			d.end()
			d = openAt(t, url, nil)
			var filled, empty int
			err := d.QueryRowContext(t.Context(), `SELECT (SELECT COUNT(*) FROM workitems w JOIN study_names n ON n.study_id = w.study_id AND n.attribute = 'patient' AND n.folded = w.patient_key),
				(SELECT COUNT(*) FROM workitems WHERE patient_key = '')`).Scan(&filled, &empty)
			if err != nil || filled != 1 || empty != 1 {
				t.Errorf("%d of two items have the name, %d none: %v", filled, empty, err)
			}
		})
	}
}

// A database that a newer program has used is left as it is, in words.
func TestNewerIsRefused(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"sqlite": filepath.Join(t.TempDir(), "dokuei.db"), "postgres": dbtest.Postgres(t)} {
		t.Run(name, func(t *testing.T) {
			d := openAt(t, url, nil)
			if _, err := d.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99990, $1)`, true); err != nil {
				t.Fatal(err)
			}
			d.end()
			_, err := db.Open(t.Context(), url, nil)
			if !errors.Is(err, db.ErrNewer) || !strings.Contains(err.Error(), "99990") || !strings.Contains(err.Error(), "restore the backup") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// landed is the order in which migrations came into use.
func landed(t *testing.T) (order []int64) {
	t.Helper()
	text, err := os.ReadFile("migrations/landed.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, word := range strings.Fields(line) {
			n, err := strconv.ParseInt(word, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			order = append(order, n)
		}
	}
	names, err := fs.Glob(os.DirFS("migrations/sqlite"), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		n, err := goose.NumericComponent(name)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(order, n) {
			order = append(order, n)
		}
	}
	return order
}

// schemaDB is a database at some state of its schema.
type schemaDB struct {
	*sql.DB
	engine string
	end    func()
}

// openAt brings a database to a state of the schema, in its order; nil: to the newest,
// as Open does.
func openAt(t *testing.T, url string, state []int64) schemaDB {
	t.Helper()
	engine, schema, dialect, files, end, err := db.Bare(url)
	if err != nil {
		t.Fatal(err)
	}
	d := schemaDB{DB: schema, engine: engine, end: sync.OnceFunc(func() {
		if err := end(); err != nil {
			t.Error(err)
		}
	})}
	t.Cleanup(d.end)
	if state == nil {
		o, err := db.Open(t.Context(), url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := o.Close(); err != nil {
			t.Fatal(err)
		}
		return d
	}
	g, err := goose.NewProvider(dialect, schema, files, goose.WithAllowOutofOrder(true), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range state {
		if _, err := g.ApplyVersion(t.Context(), v, true); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// definition is a table as its CREATE TABLE says.
type definition []string // columns and constraints

func (d schemaDB) definitions(t *testing.T) map[string]definition {
	t.Helper()
	rows, err := d.QueryContext(t.Context(), `SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'goose_db_version'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]definition{}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		all[name] = parts(text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

var comment = regexp.MustCompile(`--[^\n]*`)

// parts splits what stands in the brackets of CREATE TABLE at its commas.
func parts(text string) (list definition) {
	text = comment.ReplaceAllString(text, "")
	text = text[strings.Index(text, "(")+1 : strings.LastIndex(text, ")")]
	depth, from := 0, 0
	for i, c := range text + "," {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			list = append(list, strings.Join(strings.Fields(text[from:i]), " "))
			from = i + 1
		}
	}
	return list
}

// schemaOf describes the schema in a way that does not depend on the order in which
// columns came.
func schemaOf(t *testing.T, d schemaDB) map[string]string {
	t.Helper()
	all := map[string]string{}
	queries := []string{`SELECT name, sql FROM sqlite_master WHERE type <> 'table' AND sql IS NOT NULL`}
	if d.engine == "sqlite" {
		for name, def := range d.definitions(t) {
			slices.Sort(def)
			all[name] = strings.ReplaceAll(strings.Join(def, "\n"), " (", "(") // both ways of writing REFERENCES
		}
	} else {
		queries = []string{
			`SELECT table_name || '.' || column_name, concat_ws(' ', data_type, is_nullable, column_default, identity_generation, collation_name)
				FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'goose_db_version'`,
			`SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'goose_db_version'`,
			`SELECT conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace`,
			`SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal`,
		}
	}
	for _, q := range queries {
		rows, err := d.QueryContext(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var name, text string
			if err := rows.Scan(&name, &text); err != nil {
				t.Fatal(err)
			}
			all[name] = text
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
	}
	return all
}

// cell says what may stand in a column.
type cell struct {
	name       string
	text       bool
	values     []string // to choose from, row by row; none: one that tells rows apart
	refs       string   // table
	refsColumn string
}

var (
	oneOf      = regexp.MustCompile(`\b(\w+) IN \(([^)]*)\)`)
	between    = regexp.MustCompile(`\b(\w+) BETWEEN (\d+)`)
	exactly    = regexp.MustCompile(`CHECK \((\w+) = (\d+)\)`)
	references = regexp.MustCompile(`REFERENCES (\w+) ?\(([^)]*)\)`)
	foreign    = regexp.MustCompile(`FOREIGN KEY ?\(([^)]*)\) REFERENCES (\w+) ?\(([^)]*)\)`)
	constraint = regexp.MustCompile(`^(UNIQUE|PRIMARY|CHECK|FOREIGN|CONSTRAINT)\b`)
)

// Where a condition over several columns leaves one choice.
var chosen = map[string][]string{"workitems.state": {"COMPLETED"}}

func tablesOf(t *testing.T, d schemaDB) map[string][]cell {
	t.Helper()
	tables := map[string][]cell{}
	for table, def := range d.definitions(t) {
		var cells []cell
		for _, p := range def {
			if constraint.MatchString(p) {
				continue
			}
			words := strings.Fields(p)
			c := cell{name: words[0], text: words[1] == "TEXT", values: chosen[table+"."+words[0]]}
			if m := references.FindStringSubmatch(p); m != nil {
				c.refs, c.refsColumn = m[1], m[2]
			}
			if m := oneOf.FindStringSubmatch(p); m != nil && c.values == nil {
				for v := range strings.SplitSeq(m[2], ", ") {
					if v = strings.Trim(v, "'"); v != "" { // nothing to know a row by
						c.values = append(c.values, v)
					}
				}
			}
			if m := between.FindStringSubmatch(p); m != nil {
				c.values = []string{m[2]}
			}
			if m := exactly.FindStringSubmatch(p); m != nil {
				c.values = []string{m[2]}
			}
			cells = append(cells, c)
		}
		for _, p := range def {
			m := foreign.FindStringSubmatch(p)
			if m == nil {
				continue
			}
			theirs := strings.Split(m[3], ", ")
			for n, ours := range strings.Split(m[1], ", ") {
				at := slices.IndexFunc(cells, func(c cell) bool { return c.name == ours })
				cells[at].refs, cells[at].refsColumn = m[2], theirs[n]
			}
		}
		tables[table] = cells
	}
	return tables
}

// value is what row n of a table has in a column.
func value(tables map[string][]cell, table, column string, n int) any {
	at := slices.IndexFunc(tables[table], func(c cell) bool { return c.name == column })
	switch c := tables[table][at]; {
	case c.refs != "":
		return value(tables, c.refs, c.refsColumn, n)
	case c.text && c.values != nil:
		return c.values[(n-1)%len(c.values)]
	case c.text:
		return fmt.Sprintf("%s 山田 %d", column, n)
	case c.values != nil:
		v, _ := strconv.Atoi(c.values[(n-1)%len(c.values)])
		return v
	default:
		return 100*n + at
	}
}

// fill puts two rows into every table.
func (d schemaDB) fill(ctx context.Context, tables map[string][]cell) error {
	done := map[string]bool{}
	var put func(table string) error
	put = func(table string) error {
		if done[table] {
			return nil
		}
		done[table] = true
		for _, c := range tables[table] {
			if c.refs != "" {
				if err := put(c.refs); err != nil {
					return err
				}
			}
		}
		if table == "scrub" {
			return nil // has its only row
		}
		for n := 1; n <= 2; n++ {
			var names, marks []string
			var args []any
			for _, c := range tables[table] {
				names, args = append(names, c.name), append(args, value(tables, table, c.name, n))
				marks = append(marks, "$"+strconv.Itoa(len(args)))
			}
			_, err := d.ExecContext(ctx, `INSERT INTO `+table+` (`+strings.Join(names, ", ")+`) VALUES (`+strings.Join(marks, ", ")+`)`, args...)
			if err != nil {
				return fmt.Errorf("fill %s %v: %w", table, args, err)
			}
		}
		return nil
	}
	for table := range tables {
		if err := put(table); err != nil {
			return err
		}
	}
	return nil
}

// kept is a row by its columns.
type kept map[string]string

// in reports whether all that a row said is said by another.
func (r kept) in(other kept) bool {
	for column, v := range r {
		if got, ok := other[column]; !ok || got != v {
			return false
		}
	}
	return true
}

func (d schemaDB) rows(t *testing.T, tables []string) map[string][]kept {
	t.Helper()
	all := map[string][]kept{}
	for _, table := range tables {
		rows, err := d.QueryContext(t.Context(), `SELECT * FROM `+table)
		if err != nil {
			t.Fatal(err)
		}
		names, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values, to := make([]any, len(names)), make([]any, len(names))
			for i := range values {
				to[i] = &values[i]
			}
			if err := rows.Scan(to...); err != nil {
				t.Fatal(err)
			}
			row := kept{}
			for i, name := range names {
				row[name] = fmt.Sprint(values[i])
			}
			all[table] = append(all[table], row)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
	}
	return all
}
