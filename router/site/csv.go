package site

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
)

// Table is a part of the directory that is also written as a table, for people who
// keep it in a spreadsheet.
type Table string

// The tables.
const (
	FacilityTable Table = "facilities"
	UserTable     Table = "users"
	PanelTable    Table = "panels"
	RouteTable    Table = "destinations" // of all facilities
	ShiftTable    Table = "shifts"       // exceptions to the weeks of readers
	CodeTable     Table = "codes"        // what parts of JJ1017 codes are called
)

// Tables are all of them.
var Tables = []Table{FacilityTable, UserTable, PanelTable, RouteTable, ShiftTable, CodeTable}

// WriteCSV writes a table of the file: RFC 4180, UTF-8 with a byte order mark, by
// which spreadsheets know it. Retention and masks are in none of the tables.
func (f File) WriteCSV(w io.Writer, t Table) error {
	switch t {
	case FacilityTable:
		return writeTable(w, facilityColumns, f.Facilities)
	case UserTable:
		return writeTable(w, userColumns, f.Users)
	case PanelTable:
		return writeTable(w, panelColumns, f.Panels)
	case RouteTable:
		return writeTable(w, routeColumns, routesOf(f.Facilities))
	case ShiftTable:
		return writeTable(w, shiftColumns, f.Shifts)
	case CodeTable:
		return writeTable(w, codeColumns, f.Codes)
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
			line[i] = Defused(c.get(x))
		}
		_ = out.Write(line)
	}
	out.Flush()
	return out.Error()
}

// Defused keeps a spreadsheet from taking a cell for a formula.
func Defused(s string) string {
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
	var problems Problems
	var lines []int
	switch t { // what is wrong is found one by one: a row has no place but its line
	case FacilityTable:
		f.Facilities, lines, err = readTable(src, facilityColumns, 1, now.Facilities, Facility.key)
		for i := range f.Facilities {
			problems.at(lines[i], File{Facilities: f.Facilities[i : i+1]}.check())
		}
	case UserTable:
		f.Users, lines, err = readTable(src, userColumns, 1, now.Users, User.key)
		for i := range f.Users {
			problems.at(lines[i], File{Users: f.Users[i : i+1]}.check())
		}
	case PanelTable:
		f.Panels, lines, err = readTable(src, panelColumns, 1, now.Panels, Panel.key)
		for i := range f.Panels {
			problems.at(lines[i], File{Panels: f.Panels[i : i+1]}.check())
		}
	case RouteTable:
		var rows []route
		rows, lines, err = readTable(src, routeColumns, 2, routesOf(now.Facilities), route.key)
		f.Facilities = withRoutes(rows, lines, now.Facilities, &problems)
	case ShiftTable:
		f.Shifts, lines, err = readTable(src, shiftColumns, 3, nil, Shift.key)
		for i := range f.Shifts {
			problems.at(lines[i], File{Shifts: f.Shifts[i : i+1]}.check())
		}
	case CodeTable:
		f.Codes, lines, err = readTable(src, codeColumns, 2, now.Codes, Code.key)
		for i := range f.Codes {
			problems.at(lines[i], File{Codes: f.Codes[i : i+1]}.check())
		}
	default:
		err = fmt.Errorf("site: no table %q", t)
	}
	if err != nil {
		return File{}, err
	}
	f.checkDuplicates(&problems)
	return f, problems.err()
}

func (p *Problems) at(line int, more Problems) {
	for _, x := range more {
		p.add(line, "%s", x.Text)
	}
}

// readTable reads the rows of a table, the first columns of which say which row is which.
func readTable[T any](src []byte, columns []column[T], names int, now []T, key func(T) string) (rows []T, lines []int, err error) {
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
	for _, c := range columns[:names] {
		if _, there := seen[c.name]; !there {
			problems.add(1, "the column %s is missing: it says which row is which", c.name)
		}
	}
	if err := problems.err(); err != nil {
		return nil, nil, err
	}
	for {
		cells, err := in.Read()
		if err == io.EOF {
			return rows, lines, problems.err()
		}
		if wrong, is := errors.AsType[*csv.ParseError](err); is {
			problems.add(wrong.StartLine, "%v", wrong.Err) // FieldPos would panic: there may be no field
			return nil, nil, problems.err()
		} else if err != nil {
			return nil, nil, err
		}
		line, _ := in.FieldPos(0)
		if strings.Join(cells, "") == "" {
			continue
		}
		var named T
		for i, c := range used {
			if slices.ContainsFunc(columns[:names], func(n column[T]) bool { return n.name == c.name }) {
				_ = c.set(&named, strings.TrimSpace(cells[i])) // set below, with its error
			}
		}
		x, _ := find(now, key(named), key)
		for i, c := range used {
			if err := c.set(&x, strings.TrimSpace(strings.TrimPrefix(cells[i], "'"))); err != nil {
				problems.add(line, "%s: %s: %v", c.name, quote(cells[i]), err)
			}
		}
		rows, lines = append(rows, x), append(lines, line)
	}
}
