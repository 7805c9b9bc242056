package reports_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/router/completeness"
	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
	"github.com/dokuei/dokuei/worklist/order"
)

// playSite has a rule for each way in which a reader is found, and a reader against
// whom each hard constraint speaks.
const playSite = `
facilities:
  - {id: kaifu, name: K, ae_titles: [KAIFU_CT], quiet: 1s, hours: ["mon-fri 08:30-17:15"], readers: [dan], contract: {STAT: {claim: 10m, final: 30m}, ROUTINE: {claim: 4h, final: 16h, time: working}}}
  - {id: mima, name: M, ae_titles: [MIMA_CT], quiet: 20s}
users:
  - {login: ann, name: A, role: reader, license: "1", subspecialties: [neuro], hours: ["mon-sat 08:00-20:00"], on_call: ["daily 00:00-24:00"]}
  - {login: bob, name: B, role: reader, license: "2", home: kaifu, capacity: 2}
  - {login: cat, name: C, role: reader, license: "3", conflicts: [mima], subspecialties: [neuro]}
  - {login: dan, name: D, role: reader, license: "4", license_expires: "2026-11-21"}
  - {login: eve, name: E, role: reader, license: "5", modalities: [CT, MR]}
  - {login: kid, name: K, role: trainee, license: "6"}
  - {login: boss, name: X, role: coordinator}
panels:
  - {id: npo, name: N, readers: [ann, bob, cat, dan, eve]}
  - {id: pair, name: P, readers: [ann, bob, eve], readings: 2}
  - {id: school, name: S, readers: [cat, eve, kid]}
rules:
  - {name: neuro, when: {words: [neuro]}, then: {panel: npo, within: 4h, assign: direct, requires: [neuro]}}
  - {name: twice, when: {words: [twice]}, then: {panel: npo, within: 8h, task: double, assign: deputy}}
  - {name: pair, when: {words: [pair]}, then: {panel: pair, within: 8h}}
  - {name: school, when: {words: [school]}, then: {panel: school, within: 24h}}
  - {name: opinion, when: {words: [opinion]}, then: {panel: npo, within: 24h, task: opinion}}
  - {name: held, when: {words: [held]}, then: {panel: npo, within: 24h, hold: true}}
  - {name: stat, when: {priority: [STAT]}, then: {panel: npo, within: 30m, assign: deputy}}
fallback: {panel: npo, within: 24h, assign: direct}
`

var playLogins = []string{"ann", "bob", "cat", "dan", "eve", "kid"}

// step is one thing that happens. Numbers are taken modulo what there is, so that any
// part of a play is a play.
type step struct {
	what    string
	a, b, c int
}

func (s step) String() string { return fmt.Sprintf("{%q, %d, %d, %d}", s.what, s.a, s.b, s.c) }

// steps are what may happen, as often as they are named.
var steps = strings.Fields(`receive receive receive late order order claim claim claim claim release take-over decline decline hand hand
 presence shift licence glance glance tick tick tick tick tick node sign sign sign sign sign addendum restart`)

func plays(seed uint64, n int) []step {
	random := rand.New(rand.NewPCG(seed, 7))
	list := make([]step, n)
	for i := range list {
		list[i] = step{steps[random.IntN(len(steps))], random.IntN(1000), random.IntN(1000), random.IntN(1000)}
	}
	return list
}

// Whatever happens in whatever order: no study is without a Workitem, none has two open
// ones, nobody is given or takes what a hard constraint or their own no keeps from them,
// nothing of the clock happens twice, two readings have two readers; and the same again gives the same
// decisions. DOKUEI_PLAYS plays more of them, DOKUEI_PLAY one seed alone.
func TestPlays(t *testing.T) {
	t.Parallel()
	seeds, length := 8, 100
	if n, err := strconv.Atoi(os.Getenv("DOKUEI_PLAYS")); err == nil {
		seeds, length = n, 500
	}
	for seed := range uint64(seeds) {
		if one := os.Getenv("DOKUEI_PLAY"); one != "" && one != fmt.Sprint(seed) {
			continue
		}
		log := plays(seed, length)
		first, err := play(t, log)
		if err != nil {
			log, err = shrunk(t, log, err)
			t.Fatalf("seed %d: %v, by\n%v", seed, err, log)
		}
		if again, err := play(t, log); err != nil || again != first {
			t.Fatalf("seed %d: played again it went otherwise (%v):\n%s", seed, err, apart(first, again))
		}
	}
}

// shrunk takes from a play what it does not fail without.
func shrunk(t *testing.T, log []step, failed error) ([]step, error) {
	for size := len(log) / 2; size > 0; size /= 2 {
		for at := 0; at+size <= len(log); {
			less := slices.Delete(slices.Clone(log), at, at+size)
			if _, err := play(t, less); err != nil {
				log, failed = less, err
			} else {
				at += size
			}
		}
	}
	return log, failed
}

func apart(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range x {
		if i >= len(y) || x[i] != y[i] {
			return fmt.Sprintf("line %d\n%s\n%s", i, x[i], strings.Join(y[min(i, len(y)):min(i+1, len(y))], ""))
		}
	}
	return "the second is longer"
}

// stage is a service under way, on its own time.
type stage struct {
	t       *testing.T
	dir     string
	ctx     context.Context
	now     time.Time
	h       *reportstest.House
	objects *fsobject.Store
	desk    *reports.Desk
	ledger  *completeness.Ledger
	keeper  *clock.Keeper
	users   map[string]identity.Principal
	names   map[string]string // login by user
	studies []sent
	labels  map[string]string // a stable name for what has a random one
	checked int               // choices that were looked at
	trace   strings.Builder
}

type sent struct {
	id, uid, facility, accession string
	slices                       int
}

var (
	staged sync.Once
	scene  []byte
)

// play performs a log on a fresh service and returns what was decided, in words that
// do not depend on what is random.
func play(t *testing.T, log []step) (string, error) {
	staged.Do(func() { scene = furnish(t) })
	s := &stage{t: t, dir: t.TempDir(), now: time.Date(2026, 11, 20, 9, 0, 0, 0, calendar.Tokyo), users: map[string]identity.Principal{}, names: map[string]string{}, labels: map[string]string{}}
	s.ctx = db.WithNow(t.Context(), func() time.Time { return s.now })
	if err := os.WriteFile(filepath.Join(s.dir, "dokuei.db"), scene, 0o600); err != nil {
		return "", err
	}
	if err := s.open(); err != nil {
		return "", err
	}
	defer func() { _ = errors.Join(s.h.DB.Close(), s.objects.Close()) }()
	for i, x := range append(log, step{what: "tick", a: 600}, step{what: "tick", a: 600}) {
		err := s.do(x)
		if err == nil {
			err = s.holds()
		}
		if err != nil {
			return "", fmt.Errorf("step %d %v: %w", i, x, err)
		}
	}
	return s.trace.String(), s.end()
}

func furnish(t *testing.T) []byte {
	path := filepath.Join(t.TempDir(), "scene.db")
	d, err := db.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	file, err := site.Parse(strings.NewReader(playSite))
	if err != nil {
		t.Fatal(err)
	}
	err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		for _, u := range file.Users { // without passwords, whose hashes take longer than a play
			if _, err := identity.CreateUser(ctx, tx, identity.User{Login: u.Login, Name: u.Name, Role: identity.Role(u.Role), License: u.License, Email: u.Login + "@example.jp"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		_, err = site.Apply(t.Context(), d, file, "test")
	}
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// open starts what a process has; what it had kept in memory is gone.
func (s *stage) open() error {
	d, err := db.Open(s.ctx, filepath.Join(s.dir, "dokuei.db"), nil)
	if err != nil {
		return err
	}
	if s.objects, err = fsobject.Open(filepath.Join(s.dir, "objects"), fsobject.Options{Reserve: -1}); err != nil {
		return err
	}
	now := func() time.Time { return s.now }
	s.h = &reportstest.House{DB: d, Objects: s.objects, Ingest: ingest.New(s.objects, d, ingest.Options{Now: now})}
	s.desk = reports.NewDesk(reports.Deps{DB: d, Objects: s.objects, Ingest: s.h.Ingest, Writers: []reports.Writer{sr.Writer{}}, Now: now})
	s.ledger = completeness.New(d, completeness.Options{})
	s.keeper = clock.New(d, clock.Options{Now: now, Email: true})
	for _, login := range append(slices.Clone(playLogins), "boss") {
		s.users[login] = s.h.Principal(s.t, login)
		s.names[s.users[login].UserID] = login
	}
	return nil
}

func (s *stage) write(fn func(ctx context.Context, tx db.Tx) error) error {
	return s.h.DB.Write(s.ctx, fn)
}

// say keeps a line of what was decided.
func (s *stage) say(format string, args ...any) { fmt.Fprintf(&s.trace, format+"\n", args...) }

// refusals are the answers that are no faults.
var refusals = []error{
	worklist.ErrAlreadyClaimed, worklist.ErrNotHolder, worklist.ErrOffered, worklist.ErrFinal, worklist.ErrNotInProgress, worklist.ErrNotOnPanel,
	worklist.ErrOpenExists, worklist.ErrOwnReading, worklist.ErrTrainee, worklist.ErrUnfit, worklist.ErrDeclined, order.ErrExists,
}

// answered notes an answer; a fault stays one.
func (s *stage) answered(what string, err error) error {
	for _, r := range refusals {
		if errors.Is(err, r) {
			s.say("%s: %v", what, r)
			return nil
		}
	}
	if err == nil {
		s.say("%s", what)
	}
	return err
}

func (s *stage) do(x step) error {
	s.now = s.now.Add(time.Second)
	login := playLogins[x.a%len(playLogins)]
	who := s.users[login]
	switch x.what {
	case "receive":
		return s.receive(x)
	case "late":
		if len(s.studies) == 0 {
			return nil
		}
		return s.slice(x.a % len(s.studies))
	case "order":
		return s.order(x)
	case "tick":
		s.now = s.now.Add(2*time.Second + time.Duration(x.a%240)*time.Minute)
		return s.look()
	case "glance": // seconds: what is still arriving may be offered
		s.now = s.now.Add(time.Duration(x.a%8) * time.Second)
		return s.look()
	case "node":
		s.now = s.now.Add(time.Duration(x.a%60) * time.Minute)
		return s.node()
	case "restart":
		if err := errors.Join(s.h.DB.Close(), s.objects.Close()); err != nil {
			return err
		}
		return s.open()
	case "presence":
		p := worklist.Presence{State: []string{"present", "away", ""}[x.b%3], Until: s.now.Add(time.Duration(1+x.c%20) * time.Hour)}
		return s.answered("presence", s.write(func(ctx context.Context, tx db.Tx) error { return worklist.SetPresence(ctx, tx, who.UserID, p) }))
	case "shift":
		from := s.now.Add(time.Duration(x.b%48-12) * time.Hour)
		shift := worklist.Shift{UserID: who.UserID, Kind: []worklist.Duty{worklist.Reading, worklist.OnCall, worklist.Absent}[x.c%3], From: from, To: from.Add(8 * time.Hour)}
		return s.answered("shift", s.write(func(ctx context.Context, tx db.Tx) error {
			_, err := worklist.AddShift(ctx, tx, shift, "boss")
			return err
		}))
	case "licence":
		return s.write(func(ctx context.Context, tx db.Tx) error {
			p, err := worklist.ProfileOfReader(ctx, tx, who.UserID)
			if err != nil {
				return err
			}
			if p.LicenseExpires = ""; x.b%2 == 0 {
				p.LicenseExpires = calendar.DayOf(s.now.AddDate(0, 0, x.c%3-1)).String()
			}
			return worklist.SetReaderProfile(ctx, tx, who.UserID, p)
		})
	case "addendum":
		return s.addendum(x)
	}
	return s.work(x, login, who)
}
