package site

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"

	"github.com/dokuei/dokuei/worklist"
)

// Table is a part of the directory that is also written as a table, for people who
// keep it in a spreadsheet.
type Table string

// The tables.
const (
	FacilityTable Table = "facilities"
	UserTable     Table = "users"
)

// column is a cell of a row: how it is read and written. A list has its values
// apart by semicolons.
type column[T any] struct {
	name string
	get  func(T) string
	set  func(*T, string) error
}

func text[T any](name string, at func(*T) *string) column[T] {
	return column[T]{name, func(x T) string { return *at(&x) }, func(x *T, s string) error { *at(x) = s; return nil }}
}

func list[T any](name string, at func(*T) *[]string) column[T] {
	return column[T]{name, func(x T) string { return strings.Join(*at(&x), "; ") }, func(x *T, s string) error { *at(x) = split(s); return nil }}
}

func split(s string) []string {
	var out []string
	for part := range strings.SplitSeq(s, ";") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func contract(p worklist.Priority) column[Facility] {
	return column[Facility]{
		"contract " + string(p),
		func(x Facility) string {
			t, ok := x.Contract[string(p)]
			if !ok {
				return ""
			}
			out := Terms{Claim: t.Claim, Final: t.Final}
			words := []string{dash(out.Claim), dash(out.Final)}
			if t.Time != "" {
				words = append(words, t.Time)
			}
			return strings.Join(words, " ")
		},
		func(x *Facility, s string) error {
			words := strings.Fields(s)
			x.Contract = maps.Clone(x.Contract) // it may be that of the directory in force
			if delete(x.Contract, string(p)); len(words) == 0 {
				return nil
			}
			var t Terms
			for i, d := range []*Duration{&t.Claim, &t.Final} {
				if i >= len(words) || words[i] == "-" {
					continue
				}
				v, err := time.ParseDuration(words[i])
				if err != nil {
					return fmt.Errorf("a contract is written like \"10m 30m\" or \"- 16h working\": until it is taken, until it is signed")
				}
				*d = Duration(v)
			}
			if len(words) > 2 {
				t.Time = words[2]
			}
			if x.Contract == nil {
				x.Contract = map[string]Terms{}
			}
			x.Contract[string(p)] = t
			return nil
		},
	}
}

func dash(d Duration) string {
	if d == 0 {
		return "-"
	}
	return d.String()
}

var facilityColumns = []column[Facility]{
	text("id", func(x *Facility) *string { return &x.ID }),
	text("name", func(x *Facility) *string { return &x.Name }),
	text("name_en", func(x *Facility) *string { return &x.NameEn }),
	list("ae_titles", func(x *Facility) *[]string { return &x.AETitles }),
	list("addresses", func(x *Facility) *[]string { return &x.Addresses }),
	list("certificates", func(x *Facility) *[]string { return &x.Certificates }),
	{
		"quiet", func(x Facility) string { return dash(x.Quiet) },
		func(x *Facility, s string) error {
			if s == "" || s == "-" {
				return nil
			}
			v, err := time.ParseDuration(s)
			x.Quiet = Duration(v)
			return err
		},
	},
	text("mode", func(x *Facility) *string { return &x.Mode }),
	text("panel", func(x *Facility) *string { return &x.Panel }),
	list("readers", func(x *Facility) *[]string { return &x.Readers }),
	text("language", func(x *Facility) *string { return &x.Language }),
	list("hours", func(x *Facility) *[]string { return &x.Hours }),
	contract(worklist.STAT), contract(worklist.Urgent), contract(worklist.Routine),
}

var userColumns = []column[User]{
	text("login", func(x *User) *string { return &x.Login }),
	text("name", func(x *User) *string { return &x.Name }),
	text("name_en", func(x *User) *string { return &x.NameEn }),
	text("role", func(x *User) *string { return &x.Role }),
	text("facility", func(x *User) *string { return &x.Facility }),
	text("email", func(x *User) *string { return &x.Email }),
	text("license", func(x *User) *string { return &x.License }),
	text("license_expires", func(x *User) *string { return &x.LicenseExpires }),
	list("subspecialties", func(x *User) *[]string { return &x.Subspecialties }),
	list("modalities", func(x *User) *[]string { return &x.Modalities }),
	list("languages", func(x *User) *[]string { return &x.Languages }),
	text("home", func(x *User) *string { return &x.Home }),
	list("conflicts", func(x *User) *[]string { return &x.Conflicts }),
	{
		"capacity", func(x User) string {
			if x.Capacity == 0 {
				return ""
			}
			return strconv.Itoa(x.Capacity)
		},
		func(x *User, s string) (err error) {
			if s != "" {
				x.Capacity, err = strconv.Atoi(s)
			}
			return err
		},
	},
	text("monitor_tested", func(x *User) *string { return &x.MonitorTested }),
	list("hours", func(x *User) *[]string { return &x.Hours }),
	list("on_call", func(x *User) *[]string { return &x.OnCall }),
	list("quiet_hours", func(x *User) *[]string { return &x.QuietHours }),
	list("ae_titles", func(x *User) *[]string { return &x.AETitles }),
	list("certificates", func(x *User) *[]string { return &x.Certificates }),
}

// WriteCSV writes a table of the file: RFC 4180, UTF-8 with a byte order mark, by
// which spreadsheets know it. Destinations and panels are not in it.
func (f File) WriteCSV(w io.Writer, t Table) error {
	switch t {
	case FacilityTable:
		return writeTable(w, facilityColumns, f.Facilities)
	case UserTable:
		return writeTable(w, userColumns, f.Users)
	}
	return fmt.Errorf("site: no table %q", t)
}

func writeTable[T any](w io.Writer, columns []column[T], rows []T) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("site: write: %w", err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	line := make([]string, len(columns))
	for i, c := range columns {
		line[i] = c.name
	}
	_ = out.Write(line) // Flush has the error
	for _, x := range rows {
		for i, c := range columns {
			line[i] = defused(c.get(x))
		}
		_ = out.Write(line)
	}
	out.Flush()
	return out.Error()
}

// defused keeps a spreadsheet from taking a cell for a formula.
func defused(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) && s != "-" && !strings.HasPrefix(s, "- ") {
		return "'" + s
	}
	return s
}

// ParseCSV reads a table as a part of a file and checks it as Parse does. The first
// row names the columns, in any order; what it does not name stays as it is in the
// directory now. Spreadsheets of Japan write Shift JIS: that is read too. Lines of
// problems are those of the table.
func ParseCSV(r io.Reader, t Table, now File) (File, error) {
	src, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return File{}, fmt.Errorf("site: read: %w", err)
	}
	if len(src) > MaxSize {
		return File{}, Problems{{0, fmt.Sprintf("larger than %d bytes", MaxSize)}}
	}
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	if !utf8.Valid(src) {
		if src, err = japanese.ShiftJIS.NewDecoder().Bytes(src); err != nil || bytes.ContainsRune(src, utf8.RuneError) {
			return File{}, Problems{{0, "the text is neither UTF-8 nor Shift JIS"}}
		}
	}
	var f File
	var lines []int
	switch t {
	case FacilityTable:
		f.Facilities, lines, err = readTable(src, facilityColumns, now.Facilities, Facility.key)
	case UserTable:
		f.Users, lines, err = readTable(src, userColumns, now.Users, User.key)
	default:
		err = fmt.Errorf("site: no table %q", t)
	}
	if err != nil {
		return File{}, err
	}
	var problems Problems
	for i := range f.Facilities { // what is wrong is found one by one: a row has no place but its line
		problems.at(lines[i], File{Facilities: f.Facilities[i : i+1]}.check())
	}
	for i := range f.Users {
		problems.at(lines[i], File{Users: f.Users[i : i+1]}.check())
	}
	f.checkDuplicates(&problems)
	return f, problems.err()
}

func (p *Problems) at(line int, more Problems) {
	for _, x := range more {
		p.add(line, "%s", x.Text)
	}
}

func readTable[T any](src []byte, columns []column[T], now []T, key func(T) string) (rows []T, lines []int, err error) {
	in := csv.NewReader(bytes.NewReader(src))
	head, err := in.Read()
	if err != nil {
		return nil, nil, Problems{{1, "the table has no first row that names its columns"}}
	}
	var problems Problems
	used := make([]column[T], len(head))
	seen := once{}
	for i, name := range head {
		name = strings.TrimSpace(name)
		at := slices.IndexFunc(columns, func(c column[T]) bool { return c.name == name })
		if at < 0 {
			problems.add(1, "there is no column %s", quote(name))
			continue
		}
		used[i] = columns[at]
		seen.see(&problems, 1, "column", name)
	}
	if !slices.ContainsFunc(used, func(c column[T]) bool { return c.name == columns[0].name }) {
		problems.add(1, "the column %s is missing: it says which row is which", columns[0].name)
	}
	if err := problems.err(); err != nil {
		return nil, nil, err
	}
	for {
		cells, err := in.Read()
		if err == io.EOF {
			return rows, lines, problems.err()
		}
		line, _ := in.FieldPos(0)
		if err != nil {
			problems.add(line, "%v", err)
			return nil, nil, problems.err()
		}
		if strings.Join(cells, "") == "" {
			continue
		}
		var x T
		for i, c := range used {
			if c.name == columns[0].name {
				if old, there := find(now, strings.TrimSpace(cells[i]), key); there {
					x = old
				}
			}
		}
		for i, c := range used {
			if err := c.set(&x, strings.TrimSpace(strings.TrimPrefix(cells[i], "'"))); err != nil {
				problems.add(line, "%s: %s: %v", c.name, quote(cells[i]), err)
			}
		}
		rows, lines = append(rows, x), append(lines, line)
	}
}
