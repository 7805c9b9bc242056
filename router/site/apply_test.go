package site_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

func parse(t testing.TB, text string) site.File {
	t.Helper()
	f, err := site.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func apply(t testing.TB, d *db.DB, f site.File) site.Result {
	t.Helper()
	res, err := site.Apply(t.Context(), d, f, "admin")
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// applyExample applies the example to a directory that has its users already,
// without passwords: hashing them is slow and belongs to another test.
func applyExample(t testing.TB, d *db.DB) {
	t.Helper()
	file := example(t)
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		for _, x := range file.Users {
			u := identity.User{
				Login: x.Login, Name: x.Name, NameEn: x.NameEn, Role: identity.Role(x.Role), FacilityID: x.Facility, License: x.License, Email: x.Email,
			}
			if _, err := identity.CreateUser(ctx, tx, u); err != nil {
				return err
			}
		}
		return nil
	})
	if res := apply(t, d, file); len(res.Passwords) != 0 {
		t.Errorf("users who are there got passwords: %v", res.Passwords)
	}
}

func export(t testing.TB, d *db.DB) string {
	t.Helper()
	f, err := site.Export(t.Context(), d.Read(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.WriteYAML(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func testApplyExample(t *testing.T, d *db.DB) {
	file := example(t)
	planned, err := site.Plan(t.Context(), d.Read(t.Context()), file)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range planned {
		if c.Op != '+' {
			t.Errorf("into an empty directory: %s", c)
		}
	}
	res := apply(t, d, file)
	if res.Diff.String() != planned.String() {
		t.Errorf("planned\n%sdone\n%s", planned, res.Diff)
	}
	if len(res.Passwords) != len(file.Users) {
		t.Fatalf("%d passwords for %d users", len(res.Passwords), len(file.Users))
	}
	seen := map[string]bool{}
	for _, p := range res.Passwords {
		u, err := identity.UserByLogin(t.Context(), d.Read(t.Context()), p.Login)
		if err != nil || len(p.Password) < 13 || seen[p.Password] || !identity.VerifyPassword(u.PasswordHash, p.Password) {
			t.Errorf("password of %s does not open the account: %v", p.Login, err)
		}
		seen[p.Password] = true
	}

	again := apply(t, d, file)
	if !again.Diff.Empty() || len(again.Diff) != 0 || len(again.Passwords) != 0 {
		t.Errorf("applied again:\n%s%v", again.Diff, again.Passwords)
	}
	f, ok, err := worklist.FacilityByAE(t.Context(), d.Read(t.Context()), "KAIFU_MR")
	if err != nil || !ok || f.ID != "kaifu" || f.Quiet != 30*time.Second || len(f.Destinations) != 2 || f.Destinations[0].Address() != "192.0.2.10:104" {
		t.Errorf("%+v, %v, %v", f, ok, err)
	}
	minami, err := worklist.FacilityByID(t.Context(), d.Read(t.Context()), "minami")
	if err != nil || minami.Destinations[1].String() != "MINAMI6@[2001:db8::10]:104" {
		t.Errorf("%+v, %v", minami, err)
	}
	set, err := rule.Load(t.Context(), d.Read(t.Context()))
	if err != nil || len(set.Rules) != 5 || set.Rules[0].PanelID != "neuro" || set.Fallback.PanelID != "npo" {
		t.Errorf("%+v, %v", set, err)
	}
	out := export(t, d)
	if strings.Contains(strings.ToLower(out), "password") {
		t.Error("an export holds a password")
	}
	if diff, err := site.Plan(t.Context(), d.Read(t.Context()), parse(t, out)); err != nil || len(diff) != 0 {
		t.Errorf("what was exported differs from what it was exported from: %v\n%s", err, diff)
	}
	if _, err := audit.Verify(t.Context(), d.Read(t.Context())); err != nil {
		t.Error(err)
	}
}

func testChanges(t *testing.T, d *db.DB) {
	applyExample(t, d)
	sato, err := identity.UserByLogin(t.Context(), d.Read(t.Context()), "sato")
	if err != nil {
		t.Fatal(err)
	}
	change := parse(t, `
facilities:
  - {id: kaifu, name: 海部病院, name_en: Kaifu Hospital, ae_titles: [MINAMI_CT], quiet: 1m} # two hospitals swap
  - {id: minami, name: 美波町立病院, name_en: Minami Town Hospital, ae_titles: [KAIFU_CT], quiet: 1m,
     destinations: [{name: PACS, to: "MINAMI@pacs:104", objects: [pdf]}]}
panels:
  - {id: npo, name: 県NPO読影班, name_en: Prefectural NPO panel, readers: [suzuki, tanaka]}
users:
  - {login: tanaka, name: 田中, role: reader, password: chosen-by-hand}
rules:
  - {name: 小児 children, when: {age: {max: 17}}, then: {panel: npo, priority: URGENT, within: 4h, alone: 20m}}
`)
	res := apply(t, d, change)
	want := `~ facility kaifu: AE titles KAIFU_CT KAIFU_MR KAIFU_PACS -> MINAMI_CT, quiet 30s -> 1m, mode both -> none, prefers panel npo -> none, prefers sato -> none, hours mon-fri 08:30-17:15 -> none, contract ROUTINE claim 0s final 16h working; STAT claim 10m final 30m; URGENT claim 1h final 4h -> none, HL7 senders KAIFU_HIS -> none
~ facility minami: AE titles MINAMI_CT -> KAIFU_CT
= destination kaifu/PACS: not in the file, left alone
= destination kaifu/workstation: not in the file, left alone
~ destination minami/PACS: to MINAMI@pacs.minami.example.jp:11112 -> MINAMI@pacs:104
= destination minami/PACS v6: not in the file, left alone
+ user tanaka: name 田中, role reader
= user admin: not in the file, left alone
= user coord: not in the file, left alone
= user kaifu: not in the file, left alone
= user minami: not in the file, left alone
= user sato: not in the file, left alone
= user suzuki: not in the file, left alone
~ panel npo: readers sato suzuki -> suzuki tanaka
= panel neuro: not in the file, left alone
~ rule 小児 children: when {"age":{"max":15}} -> {"age":{"max":17}}
= rule 脳卒中 stroke: not in the file, left alone
= rule 夜間の灌流 perfusion at night: not in the file, left alone
= rule 至急: not in the file, left alone
= rule 美波 Minami: not in the file, left alone
~ rules: order is now 小児 children, 脳卒中 stroke, 夜間の灌流 perfusion at night, 至急, 美波 Minami
= fallback: not in the file, left alone
`
	if res.Diff.String() != want {
		t.Errorf("got\n%s\nwant\n%s", res.Diff, want)
	}
	if len(res.Passwords) != 0 {
		t.Errorf("a password of the file is told: %v", res.Passwords)
	}
	tanaka, err := identity.UserByLogin(t.Context(), d.Read(t.Context()), "tanaka")
	if err != nil || !identity.VerifyPassword(tanaka.PasswordHash, "chosen-by-hand") {
		t.Errorf("tanaka's password: %v", err)
	}
	if again := apply(t, d, change); !again.Diff.Empty() {
		t.Errorf("applied again:\n%s", again.Diff)
	}
	after, err := identity.UserByLogin(t.Context(), d.Read(t.Context()), "sato")
	if err != nil || after.PasswordHash != sato.PasswordHash || after.ID != sato.ID {
		t.Errorf("sato changed: %v", err)
	}
	if f, ok, _ := worklist.FacilityByAE(t.Context(), d.Read(t.Context()), "MINAMI_CT"); !ok || f.ID != "kaifu" {
		t.Errorf("titles were not swapped: %+v", f)
	}
}

func testPrune(t *testing.T, d *db.DB) {
	applyExample(t, d)
	// A report waits for a destination that is about to go.
	a := worklisttest.Arrive(t, d, worklisttest.Study{Facility: "minami", StudyUID: uid.New()})
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		_, err := deliver.Enqueue(ctx, tx, deliver.Parcel{FacilityID: "minami", StudyID: a.StudyID, Objects: []deliver.Object{{InstanceID: a.InstanceID, Kind: deliver.PDF}}})
		return err
	})
	item := worklisttest.Item(t, d, worklisttest.Study{Facility: "kaifu"}, worklist.New{PanelID: "neuro"})
	small := parse(t, `
prune: true
facilities: [{id: kaifu, name: 海部病院, ae_titles: [KAIFU_CT]}]
panels: [{id: npo, name: NPO, readers: [suzuki]}]
users: [{login: suzuki, name: 鈴木 一郎, role: reader}]
fallback: {panel: npo, within: 24h}
`)
	_, err := site.Plan(t.Context(), d.Read(t.Context()), small)
	if err == nil || !strings.Contains(err.Error(), `panel "neuro" cannot be removed: 1 studies wait on it`) {
		t.Errorf("a panel with open items: %v", err)
	}
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		_, _, err := worklist.Reassign(ctx, tx, item.ID, "coord", worklist.Reassignment{PanelID: "npo"})
		return err
	})
	res := apply(t, d, small)
	var removed []string
	for _, c := range res.Diff {
		if c.Op == '=' {
			t.Errorf("left alone under prune: %s", c)
		}
		if c.Op == '-' {
			removed = append(removed, c.Kind+" "+c.Name)
		}
	}
	want := "facility minami, destination kaifu/PACS, destination kaifu/workstation, user admin, user coord, user kaifu, user minami, user sato, panel neuro, " +
		"rule 脳卒中 stroke, rule 夜間の灌流 perfusion at night, rule 至急, rule 小児 children, rule 美波 Minami"
	if got := strings.Join(removed, ", "); got != want {
		t.Errorf("removed %s; want %s", got, want)
	}
	if _, ok, _ := worklist.FacilityByAE(t.Context(), d.Read(t.Context()), "MINAMI_CT"); ok {
		t.Error("a removed hospital can still send")
	}
	if f, err := worklist.FacilityByID(t.Context(), d.Read(t.Context()), "minami"); err != nil || f.Active || f.Name == "" {
		t.Errorf("a removed hospital must keep its name for its studies: %+v, %v", f, err)
	}
	sato, err := identity.UserByLogin(t.Context(), d.Read(t.Context()), "sato")
	if err != nil || !sato.Disabled {
		t.Errorf("a removed user is not switched off: %v", err)
	}
	list, err := deliver.OfStudy(t.Context(), d.Read(t.Context()), identity.Everything(), a.StudyID)
	if err != nil || len(list) == 0 || list[0].State != deliver.Failed || !strings.Contains(list[0].LastError, "taken out") {
		t.Errorf("a delivery without a destination: %+v, %v", list, err)
	}
	if again := apply(t, d, small); !again.Diff.Empty() {
		t.Errorf("applied again:\n%s", again.Diff)
	}

	// And back: the same rows, a fresh password for who had been switched off.
	back := apply(t, d, example(t))
	again, err := identity.UserByLogin(t.Context(), d.Read(t.Context()), "sato")
	if err != nil || again.Disabled || again.ID != sato.ID || again.PasswordHash == sato.PasswordHash || len(back.Passwords) != 5 {
		t.Errorf("back: %d passwords, %v", len(back.Passwords), err)
	}
}

// TestWhole: mistakes that only show against the directory.
func TestWhole(t *testing.T) {
	t.Parallel()
	d := worklisttest.Open(t)
	applyExample(t, d)
	before := export(t, d)
	for _, c := range []struct{ yaml, want string }{
		{"facilities:\n  - {id: c, name: C,\n     ae_titles: [KAIFU_CT]}", `AE title "KAIFU_CT" belongs to facility`},
		{"panels: [{id: p, name: P, readers: [nobody]}]", `line 1: panel "p": there is no user "nobody"`},
		{"panels: [{id: p, name: P, readers: [coord]}]", `user "coord" has the role coordinator, which reads nothing`},
		{"users: [{login: t, name: T, role: trainee}]\npanels: [{id: p, name: P, readers: [t]}]", `panel "p": every reader is a trainee; somebody has to verify`},
		{"users: [{login: t, name: T, role: trainee}]\npanels: [{id: p, name: P, readings: 2, readers: [t, sato]}]", `panel "p": two readings need two readers who are no trainees`},
		{"users: [{login: sato, name: S, role: admin}]", `user "sato" has the role admin, which reads nothing`},
		{"users: [{login: x, name: X, role: hospital, facility: nowhere}]", `there is no facility "nowhere"`},
		{"rules:\n  - name: r\n    then: {panel: nowhere, within: 1h}", `line 3: rule "r": there is no panel "nowhere"`},
		{"rules: [{name: r, when: {facility: [nowhere]}, then: {panel: npo, within: 1h}}]", `rule "r": there is no facility "nowhere"`},
		{"fallback: {panel: nowhere, within: 1h}", `fallback: there is no panel "nowhere"`},
		{"prune: true\nfacilities: [{id: kaifu, name: K}]", `fallback: there is no panel "npo"`},
	} {
		_, err := site.Apply(t.Context(), d, parse(t, c.yaml), "admin")
		var p site.Problems
		if !errors.As(err, &p) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.yaml, err, c.want)
		}
	}
	if after := export(t, d); after != before {
		t.Errorf("a refused file changed the directory:\n%s", after)
	}
}

// TestApplyBesideAServer: a second process applies while the first writes, and
// the first sees the result at once.
func TestApplyBesideAServer(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/dokuei.db"
	server, other := worklisttest.OpenAt(t, path), worklisttest.OpenAt(t, path)
	worklisttest.Facility(t, server, "busy", "BUSY")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan int)
	go func() {
		n := 0
		tick := time.NewTicker(5 * time.Millisecond) // SQLite's write lock is not fair: a pause lets others in
		defer tick.Stop()
		for ; ctx.Err() == nil; n++ {
			<-tick.C
			err := server.Write(context.Background(), func(ctx context.Context, tx db.Tx) error {
				return catalog.AppendEvent(ctx, tx, catalog.Event{Kind: "test"})
			})
			if err != nil {
				t.Errorf("the server could not write: %v", err)
				break
			}
		}
		done <- n
	}()
	file := example(t)
	file.Users = file.Users[:2] // each password costs time
	file.Panels, file.Rules = file.Panels[:1], nil
	res := apply(t, other, file)
	cancel()
	if n := <-done; n == 0 {
		t.Error("the server did not get to write")
	}
	if len(res.Passwords) != 2 {
		t.Errorf("%d passwords", len(res.Passwords))
	}
	if _, ok, err := worklist.FacilityByAE(t.Context(), server.Read(t.Context()), "KAIFU_CT"); err != nil || !ok {
		t.Errorf("the server does not see the new hospital: %v", err)
	}
}

// drawFile makes a file whose references hold.
func drawFile(t *rapid.T) site.File {
	var f site.File
	f.Prune = rapid.Bool().Draw(t, "prune")
	titles := rapid.SliceOfNDistinct(rapid.IntRange(0, 9), 0, 6, rapid.ID[int]).Draw(t, "titles")
	for i := range rapid.IntRange(0, 3).Draw(t, "facilities") {
		x := site.Facility{ID: fmt.Sprint("f", i), Name: rapid.SampledFrom([]string{"海部", "Minami", "A: b # c"}).Draw(t, "name"), Quiet: site.Duration(time.Duration(rapid.IntRange(1, 90).Draw(t, "quiet")) * time.Second)}
		for j, n := range titles {
			if j%3 == i {
				x.AETitles = append(x.AETitles, fmt.Sprint("AE", n))
			}
		}
		for j := range rapid.IntRange(0, 2).Draw(t, "destinations") {
			x.Destinations = append(x.Destinations, site.Destination{Name: fmt.Sprint("D", j), To: fmt.Sprintf("PACS@h:%d", rapid.IntRange(1, 9).Draw(t, "port")), Objects: rapid.SampledFrom([][]string{nil, {"sr"}, {"pdf", "sr"}}).Draw(t, "objects")})
		}
		f.Facilities = append(f.Facilities, x)
	}
	for i := range rapid.IntRange(1, 2).Draw(t, "panels") {
		f.Panels = append(f.Panels, site.Panel{ID: fmt.Sprint("p", i), Name: rapid.SampledFrom([]string{"班", "yes", "1.0"}).Draw(t, "panel")})
	}
	for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 4), 0, 4, rapid.ID[int]).Draw(t, "rules") {
		f.Rules = append(f.Rules, site.Rule{Name: fmt.Sprint("r", i), When: rule.Condition{Words: rapid.SliceOfN(rapid.SampledFrom([]string{"麻痺", "no", "'"}), 0, 2).Draw(t, "words")}, Then: site.Action{Panel: "p0", Within: site.Duration(time.Duration(rapid.IntRange(1, 9).Draw(t, "within")) * time.Hour)}})
	}
	if rapid.Bool().Draw(t, "with fallback") || f.Prune {
		f.Fallback = &site.Action{Panel: "p0", Within: site.Duration(time.Hour)}
	}
	return f
}

// TestApplyIsIdempotent: after any sequence of files, applying the last again
// changes nothing, and the export stands for the directory.
func TestApplyIsIdempotent(t *testing.T) {
	t.Parallel()
	d := worklisttest.Open(t)
	rapid.Check(t, func(rt *rapid.T) {
		file := drawFile(rt)
		var text bytes.Buffer
		if err := file.WriteYAML(&text); err != nil {
			rt.Fatal(err)
		}
		back, err := site.Parse(bytes.NewReader(text.Bytes()))
		if err != nil {
			rt.Fatalf("%v in\n%s", err, text.String())
		}
		planned, err := site.Plan(t.Context(), d.Read(t.Context()), back)
		var problems site.Problems
		if errors.As(err, &problems) { // left-alone rows can hold an AE title or a panel of the new file
			before := export(t, d)
			if _, err := site.Apply(t.Context(), d, back, "admin"); err == nil || export(t, d) != before {
				rt.Fatalf("planning said %v, applying %v", problems, err)
			}
			return
		}
		if err != nil {
			rt.Fatal(err)
		}
		res, err := site.Apply(t.Context(), d, back, "admin")
		if err != nil || !reflect.DeepEqual(res.Diff, planned) {
			rt.Fatalf("%v\nplanned\n%sdone\n%s", err, planned, res.Diff)
		}
		if again, err := site.Plan(t.Context(), d.Read(t.Context()), back); err != nil || !again.Empty() {
			rt.Fatalf("%v, after it was applied:\n%s", err, again)
		}
		full := parse(t, export(t, d))
		full.Prune = true
		if diff, err := site.Plan(t.Context(), d.Read(t.Context()), full); err != nil || len(diff) != 0 {
			rt.Fatalf("%v, the export differs from the directory:\n%s", err, diff)
		}
	})
}
