package simulate

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/router/site"
)

func play(t testing.TB, c Config) Result {
	t.Helper()
	r, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func base() Config {
	return Config{Hospitals: 11, PerDay: 75, Readers: 6, Days: 7, Scale: 1, Seed: 1}
}

// example is the site that comes with the program.
func example(t testing.TB) site.File {
	t.Helper()
	f, err := os.Open("../../examples/site.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	file, err := site.Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// whole reports whether the long form of the tests is played, as `make simulate` does:
// the short one has the same claims of fewer days.
func whole() bool { return os.Getenv("SIMULATE") == "whole" }

// days is how many a test plays: of the whole form, or of the short one.
func days(short, long int) int {
	switch {
	case whole():
		return long
	case raceEnabled:
		return 1
	}
	return short
}

// The targets of the service, and the other policies on the same days: the network as
// it is, grown by two fifths, three times as large, and by the rules of the example.
// `make simulate` plays them of more days, and months of several seeds.
func TestTargets(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name        string
		scale       float64
		short, long int // days; none: of the whole form alone
		seed        uint64
		site        site.File
	}{
		{"as it is", 1, 5, 7, 1, site.File{}}, {"grown", 1.41, 0, 5, 2, site.File{}}, {"three times", 3, 1, 2, 3, site.File{}}, {"example", 1, 3, 14, 1, example(t)},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			if !whole() && (x.short == 0 || raceEnabled && x.name != "as it is") {
				t.Skip("SIMULATE=whole plays it, as make simulate does")
			}
			c := base()
			c.Scale, c.Days, c.Seed, c.Site = x.scale, days(x.short, x.long), x.seed, x.site
			c.Policy = Ours
			r := play(t, c)
			if p := Percentile(r.Stat.Claim, 95); p > 10*time.Minute {
				t.Errorf("STAT claim p95 %s", p)
			}
			if p := Percentile(r.Stat.Final, 95); p > 30*time.Minute {
				t.Errorf("STAT final p95 %s", p)
			}
			if r.ByNext < 0.8 {
				t.Errorf("%.1f%% by the next clinical day", 100*r.ByNext)
			}
			if r.Within48 < 1 || r.Unread != 0 {
				t.Errorf("%.2f%% within 48 h, %d unread", 100*r.Within48, r.Unread)
			}
			if !whole() && (raceEnabled || x.name != "as it is") {
				return // too few days to tell the policies apart
			}
			by := map[Policy]Result{}
			for _, p := range []Policy{RoundRobin, FirstClaim} {
				c.Policy = p
				by[p] = play(t, c)
				if r.Late >= by[p].Late {
					t.Errorf("late: ours %.2f%%, %s %.2f%%", 100*r.Late, p, 100*by[p].Late)
				}
				if r.Gini >= by[p].Gini {
					t.Errorf("Gini: ours %.3f, %s %.3f", r.Gini, p, by[p].Gini)
				}
				if r.Studies != by[p].Studies {
					t.Errorf("other days for %s: %d studies, not %d", p, by[p].Studies, r.Studies)
				}
			}
		})
	}
}

// A third of the readers does not come: whatever is late, somebody was told.
func TestNoShow(t *testing.T) {
	t.Parallel()
	for _, s := range []site.File{{}, example(t)} {
		c := base()
		c.NoShow, c.Policy, c.Site, c.Days = 1.0/3, Ours, s, days(2, 7)
		r := play(t, c)
		if r.Unescalated != 0 {
			t.Errorf("%d STAT were late and nobody was told", r.Unescalated)
		}
		if r.Unread != 0 {
			t.Errorf("%d studies were never read", r.Unread)
		}
	}
}

func TestSameSeedSameDays(t *testing.T) {
	t.Parallel()
	c := base()
	c.Policy, c.Days = Ours, days(2, 7)
	a, b := play(t, c), play(t, c)
	if len(a.Loads) != len(b.Loads) {
		t.Fatal("two runs of one seed differ")
	}
	for i := range a.Loads { // readers are made anew: their IDs differ
		a.Loads[i].Reader, b.Loads[i].Reader = "", ""
	}
	if !reflect.DeepEqual(a.Stat, b.Stat) || !reflect.DeepEqual(a.Routine, b.Routine) || !reflect.DeepEqual(a.Loads, b.Loads) {
		t.Error("two runs of one seed differ")
	}
	var table, plot strings.Builder
	if err := WriteTable(&table, []Result{a}); err != nil || !strings.Contains(table.String(), "ours") {
		t.Errorf("%s %v", table.String(), err)
	}
	if err := WriteSVG(&plot, []Result{a}); err != nil || strings.Count(plot.String(), "<path") < 4 {
		t.Errorf("%s %v", plot.String(), err)
	}
}

// Arrivals are those of the region: as many as were asked for, two thirds CT, one in
// twenty STAT, most in the morning, a quarter of a working day's on a Sunday.
func TestArrivals(t *testing.T) {
	t.Parallel()
	c := base()
	c.Days = 364
	c = c.filled()
	list := c.calibration()
	within := func(what string, got, least, most float64) {
		t.Helper()
		if got < least || got > most {
			t.Errorf("%s: %.3f, want %.3f to %.3f", what, got, least, most)
		}
	}
	within("studies a year", float64(list.studies), 20_400, 22_000) // 75 on each of 243 working days, Mondays with their fifth, free days with their quarter
	within("CT", list.ct, 0.63, 0.67)
	within("STAT", list.stat, 0.045, 0.055)
	within("from 10 to 12", list.morning, 0.17, 0.23)
	within("weekend to working day", list.weekend, 0.2, 0.27)
	within("largest to second hospital", list.largest, 1.6, 1.9) // 2^0.8
	within("known patients", list.known, 0.53, 0.57)
	within("median minutes", list.median, 12.2, 13.2) // 13, of STAT 9
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for _, change := range []func(*Config){
		func(c *Config) { c.Hospitals = 0 }, func(c *Config) { c.Readers = -1 }, func(c *Config) { c.Days = 1000 }, func(c *Config) { c.PerDay = 1e9 },
		func(c *Config) { c.Scale = 1000 }, func(c *Config) { c.NoShow = 1 },
	} {
		c := base()
		change(&c)
		if _, err := Run(t.Context(), c); err == nil {
			t.Errorf("%s was played", fmt.Sprint(c.Hospitals, c.Readers, c.Days, c.PerDay, c.Scale, c.NoShow))
		}
	}
}
