package site_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/worklist"
)

const shiftsSite = `
users: [{login: sato, name: S, role: reader}, {login: ito, name: I, role: reader}, {login: coord, name: C, role: coordinator}]
panels: [{id: npo, name: N, readers: [sato, ito]}]
fallback: {panel: npo, within: 24h}
shifts:
  - {login: sato, from: 2026-12-01 09:00, to: 2026-12-01 17:00, kind: absent}
  - {login: ito, from: "2026-12-01T22:00:00+09:00", to: 2026-12-02 07:00, kind: on-call}
`

// The exceptions to the readers' weeks go out to a file and a table, and in again: what
// is said twice changes nothing, and what a file does not name stays, unless it replaces.
func TestShifts(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, t.TempDir()+"/dokuei.db")
	apply := func(f site.File, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		done, err := site.Apply(t.Context(), d, f, "test")
		if err != nil {
			t.Fatal(err)
		}
		var changes []string
		for _, c := range done.Diff {
			if c.Op != '=' {
				changes = append(changes, c.String())
			}
		}
		return strings.Join(changes, "; ")
	}
	text := func(s string) string { t.Helper(); return apply(site.Parse(strings.NewReader(s))) }
	now := func() (site.File, string, string) {
		t.Helper()
		f, err := site.Export(t.Context(), d.Read(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		var yaml, csv bytes.Buffer
		if err := f.WriteYAML(&yaml); err != nil {
			t.Fatal(err)
		}
		if err := f.WriteCSV(&csv, site.ShiftTable); err != nil {
			t.Fatal(err)
		}
		return f, yaml.String(), csv.String()
	}
	if got := text(shiftsSite); !strings.Contains(got, "+ shift sato 2026-12-01 09:00 to 2026-12-01 17:00: kind absent; + shift ito 2026-12-01 22:00 to 2026-12-02 07:00: kind on-call") {
		t.Error(got)
	}
	f, yaml, csv := now()
	if csv != "\ufefflogin,from,to,kind\r\nsato,2026-12-01 09:00,2026-12-01 17:00,absent\r\nito,2026-12-01 22:00,2026-12-02 07:00,on-call\r\n" {
		t.Error(csv)
	}
	for name, again := range map[string]string{"the file": shiftsSite, "the export": yaml, "a file without": "users: [{login: sato, name: S, role: reader}]", "one that prunes rules": "replace: [rules]"} {
		if got := text(again); got != "" {
			t.Errorf("%s changes %s", name, got)
		}
	}
	if got := apply(site.ParseCSV(strings.NewReader(csv), site.ShiftTable, f)); got != "" {
		t.Error(got)
	}
	more := "login,from,to,kind\nsato,2026-12-01 09:00,2026-12-01 17:00,reading\nsato,2026-12-24 09:00,2026-12-25 09:00,absent\n"
	if got := apply(site.ParseCSV(strings.NewReader(more), site.ShiftTable, f)); got != "~ shift sato 2026-12-01 09:00 to 2026-12-01 17:00: kind absent -> reading; + shift sato 2026-12-24 09:00 to 2026-12-25 09:00: kind absent" {
		t.Error(got)
	}
	if got := text("replace: [shifts]\nshifts: [{login: ito, from: 2026-12-01 22:00, to: 2026-12-02 07:00, kind: on-call}]"); strings.Count(got, "- shift sato") != 2 || strings.Contains(got, "ito") {
		t.Error(got)
	}
	list, err := worklist.AllShifts(t.Context(), d.Read(t.Context()))
	if err != nil || len(list) != 1 || list[0].Kind != worklist.OnCall || list[0].From.UTC().Format("2006-01-02 15:04") != "2026-12-01 13:00" {
		t.Errorf("%+v %v", list, err)
	}
	for bad, want := range map[string]string{
		"kind: asleep, from: 2026-12-01 09:00, to: 2026-12-01 17:00": "a shift is reading, on-call or absent",
		"kind: absent, from: 2026-12-01 09:00, to: 2026-12-01 08:00": "ends after it begins",
		"kind: absent, from: tomorrow, to: 2026-12-01 08:00":         "is not a time",
		"kind: absent, from: 2026-12-01 09:00, to: 2028-12-01 08:00": "at most a year",
	} {
		if _, err := site.Parse(strings.NewReader("shifts: [{login: sato, " + bad + "}]")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	file, err := site.Parse(strings.NewReader("shifts: [{login: coord, from: 2026-12-01 09:00, to: 2026-12-01 17:00, kind: absent}]"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := site.Apply(t.Context(), d, file, "test"); err == nil || !strings.Contains(err.Error(), "no reader") {
		t.Error(err)
	}
	// Who reads no more has no exceptions either.
	if got := text("users: [{login: ito, name: I, role: coordinator}]\npanels: [{id: npo, name: N, readers: [sato]}]"); !strings.Contains(got, "- shift ito") {
		t.Error(got)
	}
}
