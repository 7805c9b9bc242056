package simulate

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// coordinator is the login of the one who is told of what is late.
const coordinator = "coordinator"

// readers is how many there are on the roster.
func (c Config) readers() int { return max(int(math.Round(float64(c.Readers)*c.Scale)), 1) }

// contract is that of a hospital of which the site says nothing.
var contract = map[string]site.Terms{
	string(worklist.STAT):    {Claim: site.Duration(10 * time.Minute), Final: site.Duration(30 * time.Minute)},
	string(worklist.Urgent):  {Claim: site.Duration(time.Hour), Final: site.Duration(4 * time.Hour)},
	string(worklist.Routine): {Final: site.Duration(24 * time.Hour)},
}

// network is the directory of a run: as many hospitals and readers as it asks for, of
// whom the first are those of the site.
func (c Config) network() site.File {
	out := site.File{Rules: slices.Clone(c.Site.Rules), Closures: c.Site.Closures}
	fallback := *c.Site.Fallback
	out.Fallback = &fallback
	if c.Policy != Ours { // whoever comes first, or is next, reads: nobody is chosen
		out.Fallback.Assign, out.Fallback.Alone = worklist.Offer, 0
		for i := range out.Rules {
			out.Rules[i].Then.Assign, out.Rules[i].Then.Alone = worklist.Offer, 0
		}
	}
	out.Users = c.roster()
	known := map[string]bool{}
	for _, u := range out.Users {
		known[u.Login] = true
	}
	for i := range c.Hospitals {
		f := site.Facility{ID: fmt.Sprintf("h%03d", i+1), Agreement: site.Agreement{Contract: contract}}
		if i < len(c.Site.Facilities) {
			f.ID, f.Agreement = c.Site.Facilities[i].ID, c.Site.Facilities[i].Agreement
			f.Senders = nil
			f.Readers = slices.DeleteFunc(slices.Clone(f.Readers), func(login string) bool { return !known[login] })
		}
		f.Name, f.AETitles = f.ID, []string{fmt.Sprintf("SIM%03d", i+1)}
		out.Facilities = append(out.Facilities, f)
	}
	total := max(len(readersOf(c.Site)), 1)
	for _, p := range c.Site.Panels {
		seats := len(out.Users)
		if len(p.Readers) > 0 { // its share of the readers, and at least two: one sleeps
			seats = min(max(int(math.Round(float64(seats*len(p.Readers))/float64(total))), 2), seats)
		}
		one := site.Panel{ID: p.ID, Name: p.Name}
		for _, u := range out.Users {
			if slices.Contains(p.Readers, u.Login) && len(one.Readers) < seats {
				one.Readers = append(one.Readers, u.Login)
			}
		}
		for i := 0; len(one.Readers) < seats; i++ {
			if login := out.Users[i].Login; !slices.Contains(one.Readers, login) {
				one.Readers = append(one.Readers, login)
			}
		}
		out.Panels = append(out.Panels, one)
	}
	c.qualify(&out)
	out.Users = append(out.Users, site.User{Login: coordinator, Name: coordinator, Role: string(identity.Coordinator), Email: coordinator})
	return out
}

// qualify sees to it that each rule which asks for subspecialties finds two readers on
// its panel, whatever the size of the run: one of them sleeps.
func (c Config) qualify(f *site.File) {
	for _, r := range f.Rules {
		at := slices.IndexFunc(f.Panels, func(p site.Panel) bool { return p.ID == r.Then.Panel })
		if at < 0 {
			continue
		}
		have := 0
		for _, lacking := range []bool{false, true} { // first those who have them are counted
			for i, u := range f.Users {
				if !slices.Contains(f.Panels[at].Readers, u.Login) {
					continue
				}
				lacks := slices.DeleteFunc(slices.Clone(r.Then.Requires), func(s string) bool { return slices.Contains(u.Subspecialties, s) })
				if (len(lacks) > 0) != lacking || have == 2 {
					continue
				}
				have++
				f.Users[i].Subspecialties = append(slices.Clone(u.Subspecialties), lacks...)
			}
		}
	}
}

func readersOf(f site.File) (list []site.User) {
	for _, u := range f.Users {
		if u.Role == string(identity.Reader) {
			list = append(list, u)
		}
	}
	return list
}

// roster is the readers with their weeks: three overlapping shifts, weekends in turn,
// nights on call in turn. Those of the site keep their name and what they read.
func (c Config) roster() []site.User {
	n, own := c.readers(), readersOf(c.Site)
	shifts := []string{"mon-fri 08:30-15:30", "mon-fri 12:00-19:00", "mon-fri 15:30-22:30"}
	weekends := []string{"sat,holiday 09:00-16:00", "sun 09:00-16:00", "sat,holiday 13:00-20:00"}
	nights := []string{"mon,thu,sun 19:00-09:00", "tue,fri 19:00-09:00", "wed,sat,holiday 19:00-09:00"}
	list := make([]site.User, n)
	for i := range list {
		u := site.User{Login: fmt.Sprintf("r%03d", i+1), Role: string(identity.Reader)}
		if i < len(own) {
			u.Login, u.Practice = own[i].Login, own[i].Practice
			u.QuietHours, u.MonitorTested, u.LicenseExpires = nil, "", ""
		}
		u.Name, u.License, u.Email = u.Login, fmt.Sprint(i+1), u.Login
		weekday := shifts[i%3]
		switch i % 4 { // some read beside other work
		case 1:
			weekday = "mon-fri 12:00-17:00"
		case 3:
			weekday = "mon-fri 08:30-17:30"
		}
		u.Hours = []string{weekday, weekends[(i/3+i)%3]}
		u.OnCall = []string{nights[i%3], "daily 07:00-22:30"}
		if n < 3 { // too few for shifts
			u.Hours, u.OnCall = []string{"daily 08:00-22:00"}, []string{"daily 00:00-24:00"}
		}
		list[i] = u
	}
	return list
}

// settle writes the directory of a run into its database, the way dokuei apply does.
// The people are made first, in the order of the roster and without passwords, whose
// hashes would take longer than the month.
func settle(ctx context.Context, d *db.DB, f site.File) error {
	err := d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		for _, u := range f.Users {
			if _, err := identity.CreateUser(ctx, tx, identity.User{Login: u.Login, Name: u.Name, Role: identity.Role(u.Role), License: u.License, Email: u.Email}); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		_, err = site.Apply(ctx, d, f, "simulate")
	}
	if err != nil {
		return fmt.Errorf("simulate: the site: %w", err)
	}
	return nil
}
