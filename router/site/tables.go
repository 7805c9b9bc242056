package site

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/order"
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

// number is a number of which zero is not written.
func number[T any](name string, at func(*T) *int) column[T] {
	return column[T]{
		name, func(x T) string {
			if *at(&x) == 0 {
				return ""
			}
			return strconv.Itoa(*at(&x))
		},
		func(x *T, s string) (err error) {
			if *at(x) = 0; s != "" {
				*at(x), err = strconv.Atoi(s)
			}
			return err
		},
	}
}

func yes[T any](name string, at func(*T) *bool) column[T] {
	return column[T]{
		name, func(x T) string {
			if *at(&x) {
				return "yes"
			}
			return ""
		},
		func(x *T, s string) error {
			switch strings.ToLower(s) {
			case "", "no", "false", "0":
				*at(x) = false
			case "yes", "true", "1":
				*at(x) = true
			default:
				return errors.New("it is yes or empty")
			}
			return nil
		},
	}
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
	list("hl7_senders", func(x *Facility) *[]string { return &x.Senders }),
	yes("pseudonymous", func(x *Facility) *bool { return &x.Pseudonymous }),
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
	number("capacity", func(x *User) *int { return &x.Capacity }),
	text("monitor_tested", func(x *User) *string { return &x.MonitorTested }),
	list("hours", func(x *User) *[]string { return &x.Hours }),
	list("on_call", func(x *User) *[]string { return &x.OnCall }),
	list("quiet_hours", func(x *User) *[]string { return &x.QuietHours }),
	list("ae_titles", func(x *User) *[]string { return &x.AETitles }),
	list("certificates", func(x *User) *[]string { return &x.Certificates }),
}

var panelColumns = []column[Panel]{
	text("id", func(x *Panel) *string { return &x.ID }),
	text("name", func(x *Panel) *string { return &x.Name }),
	text("name_en", func(x *Panel) *string { return &x.NameEn }),
	list("readers", func(x *Panel) *[]string { return &x.Readers }),
	list("trainees", func(x *Panel) *[]string { return &x.Trainees }),
	number("readings", func(x *Panel) *int { return &x.Readings }),
}

var shiftColumns = []column[Shift]{
	text("login", func(x *Shift) *string { return &x.Login }),
	text("from", func(x *Shift) *string { return &x.From }),
	text("to", func(x *Shift) *string { return &x.To }),
	text("kind", func(x *Shift) *string { return &x.Kind }),
}

var codeColumns = []column[Code]{
	{"part", func(x Code) string { return string(x.Part) }, func(x *Code, s string) error { x.Part = order.Part(s); return nil }},
	text("code", func(x *Code) *string { return &x.Code }),
	text("name", func(x *Code) *string { return &x.Name }),
	text("name_en", func(x *Code) *string { return &x.NameEn }),
}

// route is a destination with the hospital it belongs to: a row of its table.
type route struct {
	Facility string
	Destination
}

func (x route) key() string { return x.Facility + "/" + x.Name }

var routeColumns = []column[route]{
	text("facility", func(x *route) *string { return &x.Facility }),
	text("name", func(x *route) *string { return &x.Name }),
	text("to", func(x *route) *string { return &x.To }),
	list("objects", func(x *route) *[]string { return &x.Objects }),
	yes("retrieve_only", func(x *route) *bool { return &x.RetrieveOnly }),
	text("notify", func(x *route) *string { return &x.Notify }),
	yes("performed", func(x *route) *bool { return &x.Performed }),
	yes("commit", func(x *route) *bool { return &x.Commit }),
	text("tls", func(x *route) *string { return &x.TLS }),
}

func routesOf(list []Facility) []route {
	var out []route
	for _, f := range list {
		for _, d := range f.Destinations {
			out = append(out, route{f.ID, d})
		}
	}
	return out
}

// withRoutes are the hospitals of the directory whose destinations are among the rows,
// as they are but for those.
func withRoutes(rows []route, lines []int, now []Facility, problems *Problems) []Facility {
	var out []Facility
	for i, r := range rows {
		f, there := find(now, r.Facility, Facility.key)
		if !there {
			problems.add(lines[i], "there is no facility %s: it has to be there before its destinations", quote(r.Facility))
			continue
		}
		f.Destinations = []Destination{r.Destination}
		problems.at(lines[i], File{Facilities: []Facility{f}}.check())
		if at := indexOf(out, f.ID); at >= 0 {
			out[at].Destinations = append(out[at].Destinations, r.Destination)
		} else {
			out = append(out, f)
		}
	}
	return out
}

func indexOf(list []Facility, id string) int {
	return slices.IndexFunc(list, func(x Facility) bool { return x.ID == id })
}
