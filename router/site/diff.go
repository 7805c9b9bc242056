package site

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/worklist"
)

// Change is one difference between a file and the directory.
type Change struct {
	Op   byte   // '+' added, '~' changed, '-' removed, '=' left alone
	Kind string // facility, destination, panel, user, rule, fallback
	Name string
	Text string // what it is, or what changes
}

// String is the line shown to a person.
func (c Change) String() string {
	s := string(c.Op) + " " + c.Kind
	if c.Name != "" {
		s += " " + c.Name
	}
	if c.Text != "" {
		s += ": " + c.Text
	}
	return s
}

// Diff is everything that applying a file would do, and what it would not.
type Diff []Change

// Empty reports whether applying would change nothing.
func (d Diff) Empty() bool {
	return !slices.ContainsFunc(d, func(c Change) bool { return c.Op != '=' })
}

// String is one line for each change.
func (d Diff) String() string {
	var b strings.Builder
	for _, c := range d {
		b.WriteString(c.String())
		b.WriteByte('\n')
	}
	return b.String()
}

// compare tells the way from one directory to another.
func compare(now, want, file File) Diff {
	var d Diff
	diffList(&d, "facility", "", now.Facilities, want.Facilities, file.Facilities, Facility.key, Facility.fields)
	for _, x := range want.Facilities {
		old, _ := find(now.Facilities, x.ID, Facility.key)
		in, _ := find(file.Facilities, x.ID, Facility.key)
		diffList(&d, "destination", x.ID+"/", old.Destinations, x.Destinations, in.Destinations, Destination.key, Destination.fields)
	}
	diffList(&d, "user", "", now.Users, want.Users, file.Users, User.key, User.fields)
	d = append(d, diffShifts(now.Shifts, want.Shifts)...)
	diffList(&d, "panel", "", now.Panels, want.Panels, file.Panels, Panel.key, Panel.fields)
	d = append(d, diffCodes(now.Codes, want.Codes)...)
	diffList(&d, "rule", "", now.Rules, want.Rules, file.Rules, Rule.key, Rule.fields)
	d.order(now, want)
	if !slices.Equal(now.Closures, want.Closures) {
		d = append(d, Change{'~', "closures", "", or(strings.Join(now.Closures, " "), "none") + " -> " + or(strings.Join(want.Closures, " "), "none")})
	}
	for _, year := range slices.Sorted(maps.Keys(want.Targets)) {
		switch old, there := now.Targets[year]; {
		case !there:
			d = append(d, Change{'+', "target", year, strconv.Itoa(want.Targets[year])})
		case old != want.Targets[year]:
			d = append(d, Change{'~', "target", year, fmt.Sprintf("%d -> %d", old, want.Targets[year])})
		}
	}
	switch {
	case want.Fallback == nil:
	case now.Fallback == nil:
		d = append(d, Change{'+', "fallback", "", want.Fallback.text()})
	case file.Fallback == nil:
		d = append(d, Change{'=', "fallback", "", "not in the file, left alone"})
	case now.Fallback.text() != want.Fallback.text():
		d = append(d, Change{'~', "fallback", "", now.Fallback.text() + " -> " + want.Fallback.text()})
	}
	return d
}

// diffCodes does not name those that stay: there are hundreds.
func diffCodes(now, want []Code) (d Diff) {
	is := map[string]Code{}
	for _, x := range now {
		is[x.key()] = x
	}
	for _, x := range want {
		old, there := is[x.key()]
		delete(is, x.key())
		if text := differences(old.fields(), x.fields()); !there {
			d = append(d, Change{'+', "code", x.key(), all(x.fields())})
		} else if text != "" {
			d = append(d, Change{'~', "code", x.key(), text})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(is)) {
		d = append(d, Change{'-', "code", key, ""})
	}
	return d
}

// field is one thing said about an entry.
type field struct{ name, value string }

func diffList[T any](d *Diff, kind, prefix string, now, want, file []T, key func(T) string, fields func(T) []field) {
	for _, x := range want {
		old, there := find(now, key(x), key)
		_, named := find(file, key(x), key)
		name := prefix + key(x)
		switch {
		case !there:
			*d = append(*d, Change{'+', kind, name, all(fields(x))})
		case !named:
			if key(x) != worklist.PanelUnassigned {
				*d = append(*d, Change{'=', kind, name, "not in the file, left alone"})
			}
		default:
			if text := differences(fields(old), fields(x)); text != "" {
				*d = append(*d, Change{'~', kind, name, text})
			}
		}
	}
	for _, x := range now {
		if _, stays := find(want, key(x), key); !stays {
			*d = append(*d, Change{'-', kind, prefix + key(x), ""})
		}
	}
}

func all(fields []field) string {
	var list []string
	for _, f := range fields {
		if f.value != "" {
			list = append(list, f.name+" "+f.value)
		}
	}
	return strings.Join(list, ", ")
}

func differences(old, now []field) string {
	var list []string
	for i, f := range now {
		if f.value != old[i].value {
			list = append(list, fmt.Sprintf("%s %s -> %s", f.name, or(old[i].value, "none"), or(f.value, "none")))
		}
	}
	return strings.Join(list, ", ")
}

func or(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}

func (x Facility) fields() []field {
	return append([]field{
		{"name", x.Name},
		{"name_en", x.NameEn},
		{"AE titles", strings.Join(x.AETitles, " ")},
		{"certificates", strings.Join(x.Certificates, " ")},
		{"addresses", strings.Join(x.Addresses, " ")},
		{"quiet", x.Quiet.String()},
		{"retention", x.Retention.text()},
	}, x.Agreement.fields()...)
}

func (x Destination) fields() []field {
	objects := strings.Join(x.Objects, "+")
	if x.RetrieveOnly {
		objects = "none, retrieve only"
	}
	return []field{{"to", x.To}, {"objects", objects}, {"notify", x.Notify}, {"performed", strconv.FormatBool(x.Performed)}, {"commit", strconv.FormatBool(x.Commit)}, {"tls", x.TLS}}
}

func (x Panel) fields() []field {
	return []field{
		{"name", x.Name},
		{"name_en", x.NameEn},
		{"readers", strings.Join(x.Readers, " ")},
		{"trainees", strings.Join(x.Trainees, " ")},
		{"readings", strconv.Itoa(max(x.Readings, 1))},
	}
}

func (x Code) fields() []field { return []field{{"name", x.Name}, {"name_en", x.NameEn}} }

func (x User) fields() []field {
	return append([]field{
		{"name", x.Name},
		{"name_en", x.NameEn},
		{"role", x.Role},
		{"facility", x.Facility},
		{"license", x.License},
		{"email", x.Email},
		{"AE titles", strings.Join(x.AETitles, " ")},
		{"certificates", strings.Join(x.Certificates, " ")},
	}, x.Practice.fields()...)
}

func (x Rule) fields() []field {
	when, err := json.Marshal(x.When)
	if err != nil { // strings and numbers only: cannot fail
		panic(err)
	}
	return []field{{"when", string(when)}, {"if", x.If}, {"from", x.From}, {"until", x.Until}, {"then", x.Then.text()}}
}

func (x Action) text() string {
	text := fmt.Sprintf("panel %s, priority %s, within %s", x.Panel, or(string(x.Priority), "as requested"), x.Within)
	if x.Assign != "" {
		text += ", assign " + string(x.Assign)
	}
	if x.Alone != 0 {
		text += ", alone " + x.Alone.String()
	}
	if x.Hold {
		text += ", held for the coordinator"
	}
	if x.Task != "" {
		text += ", task " + string(x.Task)
	}
	if len(x.Requires) > 0 {
		text += ", requires " + strings.Join(x.Requires, ", ")
	}
	if len(x.Forward) > 0 {
		text += ", forwarded to " + strings.Join(x.Forward, ", ")
	}
	if x.Priors != nil {
		text += ", priors " + rule.Priors{From: x.Priors.From, Most: x.Priors.Most, Months: x.Priors.Months}.String()
	}
	return text
}

// order adds a line when rules that stay change places.
func (d *Diff) order(now, want File) {
	var before, after []string
	for _, r := range now.Rules {
		if _, stays := find(want.Rules, r.Name, Rule.key); stays {
			before = append(before, r.Name)
		}
	}
	for _, r := range want.Rules {
		if _, there := find(now.Rules, r.Name, Rule.key); there {
			after = append(after, r.Name)
		}
	}
	if !slices.Equal(before, after) {
		var names []string
		for _, r := range want.Rules {
			names = append(names, r.Name)
		}
		*d = append(*d, Change{'~', "rules", "", "order is now " + strings.Join(names, ", ")})
	}
}
