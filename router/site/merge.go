package site

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// merge lays a file over the directory in force: what is named takes the form
// of the file, what is not stays, or goes when the file prunes. The fallback
// and the panel of last resort always stay.
func merge(now, file File) File {
	want := File{
		Facilities: overlay(now.Facilities, file.Facilities, file.Prune, Facility.key),
		Panels:     overlay(now.Panels, file.Panels, file.Prune, Panel.key),
		Users:      overlay(now.Users, file.Users, file.Prune, User.key),
		Rules:      overlay(now.Rules, file.Rules, file.replaces(ReplaceRules), Rule.key),
		Fallback:   now.Fallback,
		Closures:   now.Closures,
	}
	want.Codes = overlay(now.Codes, file.Codes, file.replaces(ReplaceCodes), Code.key)
	slices.SortFunc(want.Codes, func(a, b Code) int { return cmp.Compare(a.key(), b.key()) })
	want.Shifts = mergeShifts(now, file, want.Users)
	if file.Closures != nil {
		want.Closures = file.Closures
	}
	if file.Fallback != nil {
		want.Fallback = file.Fallback
	}
	want.Targets = maps.Clone(now.Targets)
	for year, n := range file.Targets {
		if want.Targets == nil {
			want.Targets = Targets{}
		}
		want.Targets[year] = n
	}
	for i, x := range want.Facilities {
		if old, ok := find(now.Facilities, x.ID, Facility.key); ok {
			want.Facilities[i].Destinations = overlay(old.Destinations, x.Destinations, file.replaces(ReplaceDestinations), Destination.key)
		}
	}
	if last, ok := find(now.Panels, worklist.PanelUnassigned, Panel.key); ok {
		if _, ok := find(want.Panels, last.ID, Panel.key); !ok {
			want.Panels = append(want.Panels, last)
		}
	}
	return want
}

func (x Facility) key() string    { return x.ID }
func (x Destination) key() string { return x.Name }
func (x Panel) key() string       { return x.ID }
func (x User) key() string        { return x.Login }
func (x Rule) key() string        { return x.Name }
func (x Code) key() string        { return string(x.Part) + " " + x.Code }

func find[T any](list []T, key string, of func(T) string) (T, bool) {
	if i := slices.IndexFunc(list, func(x T) bool { return of(x) == key }); i >= 0 {
		return list[i], true
	}
	var none T
	return none, false
}

// overlay is the file's entries in its order, then those it leaves alone.
func overlay[T any](now, file []T, prune bool, of func(T) string) []T {
	out := slices.Clone(file)
	if prune {
		return out
	}
	for _, x := range now {
		if _, named := find(file, of(x), of); !named {
			out = append(out, x)
		}
	}
	return out
}

// checkWhole finds what is wrong with a directory as a whole: names that point
// nowhere, AE titles of two hospitals.
func (f File) checkWhole() Problems {
	var p Problems
	titles, senders := map[string]string{}, map[string]string{}
	for _, x := range f.Facilities {
		for _, s := range x.Senders {
			if other, taken := senders[s]; taken && other != x.ID {
				p.add(x.line("hl7_senders"), "facility %s: HL7 sender %s belongs to facility %s", quote(x.ID), quote(s), quote(other))
			}
			senders[s] = x.ID
		}
		for _, ae := range x.AETitles {
			if other, taken := titles[ae]; taken && other != x.ID {
				p.add(x.line("ae_titles"), "facility %s: AE title %s belongs to facility %s", quote(x.ID), quote(ae), quote(other))
			}
			titles[ae] = x.ID
		}
	}
	for _, x := range f.Users {
		for _, ae := range x.AETitles {
			ae, _, _ := station(ae) // checked before
			if other, taken := titles[ae]; taken {
				p.add(x.line("ae_titles"), "user %s: AE title %s belongs to %s", quote(x.Login), quote(ae), quote(other))
			}
			titles[ae] = x.Login
		}
		if _, ok := find(f.Facilities, x.Facility, Facility.key); x.Facility != "" && !ok {
			p.add(x.line("facility"), "user %s: there is no facility %s", quote(x.Login), quote(x.Facility))
		}
	}
	for _, x := range f.Panels {
		verifies := 0
		for _, login := range x.Readers {
			u, ok := find(f.Users, login, User.key)
			if identity.Role(u.Role) == identity.Reader && !slices.Contains(x.Trainees, login) {
				verifies++
			}
			switch {
			case !ok:
				p.add(x.line("readers"), "panel %s: there is no user %s", quote(x.ID), quote(login))
			case !identity.Role(u.Role).Reads():
				p.add(x.line("readers"), "panel %s: user %s has the role %s, which reads nothing", quote(x.ID), quote(login), u.Role)
			}
		}
		switch {
		case len(x.Readers) > 0 && verifies == 0:
			p.add(x.line("readers"), "panel %s: every reader is a trainee; somebody has to verify", quote(x.ID))
		case x.Readings == 2 && verifies < 2:
			p.add(x.line("readings"), "panel %s: two readings need two readers who are no trainees", quote(x.ID))
		}
	}
	users := map[string]User{}
	for _, x := range f.Users {
		users[x.Login] = x
	}
	for _, x := range f.Shifts {
		if !identity.Role(users[x.Login].Role).Reads() {
			p.add(x.line("login"), "shift %s: there is no reader %s", quote(x.key()), quote(x.Login))
		}
	}
	for _, x := range f.Rules {
		f.checkPanel(&p, x.Then, "rule "+quote(x.Name))
		for _, id := range x.When.Facility {
			if _, ok := find(f.Facilities, id, Facility.key); !ok {
				p.add(x.line("when"), "rule %s: there is no facility %s", quote(x.Name), quote(id))
			}
		}
	}
	if f.Fallback != nil {
		f.checkPanel(&p, *f.Fallback, "fallback")
	}
	f.checkAgreements(&p)
	return p
}

func (f File) checkPanel(p *Problems, a Action, who string) {
	panel, ok := find(f.Panels, a.Panel, Panel.key)
	if !ok {
		p.add(a.line("panel"), "%s: there is no panel %s", who, quote(a.Panel))
		return
	}
	if len(a.Requires) == 0 || a.Hold {
		return
	}
	need, have := 1, 0
	if panel.Readings == 2 || a.Task == worklist.Double {
		need = 2
	}
	for _, login := range panel.Readers {
		if u, ok := find(f.Users, login, User.key); ok && len(u.profile().Lacks(a.Requires)) == 0 {
			have++
		}
	}
	if have < need {
		p.add(a.line("requires"), "%s: requires %s: %d of the readers of panel %s have it and %d are needed; give it to a reader or ask for less",
			who, quote(strings.Join(a.Requires, ", ")), have, quote(a.Panel), need)
	}
}
