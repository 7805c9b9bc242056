package simulate

import (
	"fmt"
	"reflect"
	"testing"
	"time"
)

func play(t testing.TB, c Config) Result {
	t.Helper()
	r, err := Run(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func base() Config {
	return Config{Hospitals: 11, PerDay: 75, Readers: 6, Days: 30, Scale: 1, Seed: 1}
}

// The targets of the service, and the other policies on the same month.
func TestTargets(t *testing.T) {
	t.Parallel()
	for _, scale := range []float64{1, 1.41, 3} {
		t.Run(fmt.Sprint(scale), func(t *testing.T) {
			t.Parallel()
			c := base()
			if c.Scale = scale; scale > 1 {
				c.Days = 14
			}
			by := map[Policy]Result{}
			for _, p := range Policies {
				c.Policy = p
				by[p] = play(t, c)
			}
			r := by[Ours]
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
			for _, p := range []Policy{RoundRobin, FirstClaim} {
				if r.Late >= by[p].Late {
					t.Errorf("late: ours %.2f%%, %s %.2f%%", 100*r.Late, p, 100*by[p].Late)
				}
				if r.Gini >= by[p].Gini {
					t.Errorf("Gini: ours %.3f, %s %.3f", r.Gini, p, by[p].Gini)
				}
				if r.Studies != by[p].Studies {
					t.Errorf("another month for %s: %d studies, not %d", p, by[p].Studies, r.Studies)
				}
			}
		})
	}
}

// A third of the readers does not come: whatever is late, somebody was told.
func TestNoShow(t *testing.T) {
	t.Parallel()
	c := base()
	c.NoShow, c.Policy = 1.0/3, Ours
	r := play(t, c)
	if r.Unescalated != 0 {
		t.Errorf("%d STAT were late and nobody was told", r.Unescalated)
	}
	if r.Unread != 0 {
		t.Errorf("%d studies were never read", r.Unread)
	}
}

func TestSameSeedSameMonth(t *testing.T) {
	t.Parallel()
	c := base()
	c.Policy, c.Days = Ours, 10
	if a, b := play(t, c), play(t, c); !reflect.DeepEqual(a.Stat, b.Stat) || !reflect.DeepEqual(a.Loads, b.Loads) {
		t.Error("two runs of one seed differ")
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for _, change := range []func(*Config){
		func(c *Config) { c.Hospitals = 0 }, func(c *Config) { c.Readers = -1 }, func(c *Config) { c.Days = 1000 }, func(c *Config) { c.PerDay = 1e9 }, func(c *Config) { c.Scale = 1000 },
	} {
		c := base()
		change(&c)
		if _, err := Run(c); err == nil {
			t.Errorf("%+v was played", c)
		}
	}
}
