package site_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/router/site"
)

func example(t testing.TB) site.File {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "examples", "site.yaml"))
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

func TestExample(t *testing.T) {
	t.Parallel()
	f := example(t)
	if len(f.Facilities) != 2 || len(f.Facilities[1].Destinations) != 2 || len(f.Panels) != 2 || len(f.Users) != 6 || len(f.Rules) != 5 || f.Fallback == nil {
		t.Errorf("%+v", f)
	}
	if r := f.Rules[0]; *r.When.Age.Min != 18 || time.Duration(r.Then.Within) != 30*time.Minute {
		t.Errorf("%+v", r)
	}
}

// TestProblems: each mistake is found, told with its line, and all at once.
func TestProblems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, yaml, want string }{
		{"empty", "", "the file is empty"},
		{"not YAML", "facilities: [", "did not find"},
		{"not a mapping", "- a", "line 1: expected keys with values, found a list"},
		{"two documents", "prune: true\n---\nprune: true", "second document"},
		{"unknown key at the top", "facilities: []\nhospitals: []", `line 2: unknown key "hospitals"`},
		{"unknown key in a facility", "facilities:\n  - id: a\n    name: A\n    color: red", `line 4: unknown key "color"`},
		{"unknown key in a condition", "rules:\n  - name: r\n    when: {modalities: [CT]}\n    then: {panel: p, within: 1h}", `line 3: unknown key "modalities"`},
		{"key twice", "facilities: []\nfacilities: []", `key "facilities" is given twice, first in line 1`},
		{"duration without a unit", "facilities:\n  - {id: a, name: A,\n     quiet: 30}", `line 3: a duration is written like 30s`},
		{"duration of a list", "facilities: [{id: a, name: A, quiet: [3s]}]", "a duration is written like"},
		{"quiet too short", "facilities:\n  - id: a\n    name: A\n    quiet: 10ms", "line 4: facility \"a\": quiet time 10ms is not between 1s and 24h"},
		{"id", "facilities: [{id: Kaifu, name: A}]", `line 1: facility id "Kaifu"`},
		{"id that climbs", "facilities: [{id: ../etc, name: A}]", "facility id"},
		{"id of a device", "facilities: [{id: con, name: A}]", "facility id"},
		{"no name", "facilities: [{id: a}]", `facility "a" needs a name`},
		{"control character", "facilities: [{id: a, name: \"A\\eB\"}]", "needs a name"},
		{"AE too long", "facilities:\n  - id: a\n    name: A\n    ae_titles: [ABCDEFGHIJKLMNOPQ]", "line 4: facility \"a\": AE title \"ABCDEFGHIJKLMNOPQ\" is longer than 16"},
		{"AE with a backslash", `facilities: [{id: a, name: A, ae_titles: ['A\B']}]`, "only ASCII"},
		{"AE in Japanese", "facilities: [{id: a, name: A, ae_titles: [海部]}]", "only ASCII"},
		{"AE of spaces", "facilities: [{id: a, name: A, ae_titles: ['   ']}]", "AE title is empty"},
		{"AE twice in two hospitals", "facilities:\n  - {id: a, name: A, ae_titles: [X]}\n  - {id: b, name: B, ae_titles: ['X ']}", `line 3: AE title "X" is given twice, first in line 2`},
		{"certificate by name", "facilities:\n  - id: a\n    name: A\n    certificates: [kaifu.example.jp]", `line 4: facility "a": certificate "kaifu.example.jp" is not a SHA-256`},
		{"certificate twice", "facilities: [{id: a, name: A, certificates: [" + strings.Repeat("aA", 32) + ", '" + strings.Repeat("AA:", 31) + "AA']}]", "is given twice"},
		{"workstation of a coordinator", "users:\n  - login: a\n    name: A\n    role: coordinator\n    ae_titles: [X]", `line 5: user "a": only role reader has a workstation`},
		{"AE of a hospital and a reader", "facilities:\n  - {id: a, name: A, ae_titles: [X]}\nusers:\n  - {login: a, name: A, role: reader, ae_titles: [X]}", `line 4: AE title "X" is given twice, first in line 2`},
		{"facility twice", "facilities:\n  - {id: a, name: A}\n  - {id: a, name: B}", `line 3: facility id "a" is given twice`},
		{"destination without AE", "facilities: [{id: a, name: A, destinations: [{name: P, to: 'host:104'}]}]", "is not AE@host:port"},
		{"destination without port", "facilities: [{id: a, name: A, destinations: [{name: P, to: P@host}]}]", "is not AE@host:port"},
		{"destination port", "facilities: [{id: a, name: A, destinations: [{name: P, to: 'P@host:99999'}]}]", "port \"99999\""},
		{"destination host", "facilities: [{id: a, name: A, destinations: [{name: P, to: 'P@a b:104'}]}]", "neither a host name"},
		{"destination twice", "facilities: [{id: a, name: A, destinations: [{name: P, to: 'P@h:1'}, {name: P, to: 'P@h:2'}]}]", `destination "P" is given twice`},
		{"object", "facilities: [{id: a, name: A, destinations: [{name: P, to: 'P@h:1', objects: [hl7]}]}]", "none of sr, pdf, enhanced"},
		{"login", "users: [{login: 'A B', name: A, role: admin}]", "login \"A B\""},
		{"role", "users: [{login: a, name: A, role: boss}]", "is none of technologist"},
		{"role of machines", "users: [{login: a, name: A, role: service}]", "is none of technologist"},
		{"hospital without facility", "users: [{login: a, name: A, role: hospital}]", "needs a facility"},
		{"reader with facility", "users: [{login: a, name: A, role: reader, facility: k}]", "role reader belongs to no facility"},
		{"e-mail", "users: [{login: a, name: A, role: reader, email: 'x'}]", "not an e-mail address"},
		{"password", "users: [{login: a, name: A, role: reader, password: abc}]", "8 to 256 characters"},
		{"login twice", "users:\n  - {login: a, name: A, role: reader}\n  - {login: a, name: A, role: admin}", `line 3: login "a" is given twice`},
		{"reader twice", "panels: [{id: p, name: P, readers: [a, a]}]", `reader "a" is given twice`},
		{"rule without panel", "rules: [{name: r, then: {within: 1h}}]", `rule "r": no panel`},
		{"rule without deadline", "rules: [{name: r, then: {panel: p}}]", "within must be between"},
		{"rule named as the fallback", "rules: [{name: fallback, then: {panel: p, within: 1h}}]", "belongs to the fallback"},
		{"rule priority", "rules: [{name: r, then: {panel: p, within: 1h, priority: HIGH}}]", "none of STAT, URGENT, ROUTINE"},
		{"condition priority", "rules: [{name: r, when: {priority: [now]}, then: {panel: p, within: 1h}}]", "none of STAT, URGENT, ROUTINE"},
		{"ages", "rules: [{name: r, when: {age: {min: 20, max: 10}}, then: {panel: p, within: 1h}}]", "age from 20 to 10 is nobody"},
		{"empty word", "rules: [{name: r, when: {words: ['*']}, then: {panel: p, within: 1h}}]", "would match everything"},
		{"rule twice", "rules:\n  - {name: r, then: {panel: p, within: 1h}}\n  - {name: r, then: {panel: p, within: 1h}}", `line 3: rule "r" is given twice`},
		{"fallback", "fallback: {panel: p, within: 1s}", "fallback: within must be between"},
		{"wrong type", "facilities:\n  - {id: [a], name: A}", "line 2: expected text, found a list"},
		{"alias bomb", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\nfacilities: [*d]", ""},
		{"too large", strings.Repeat("#", site.MaxSize+1), "larger than"},
	} {
		_, err := site.Parse(strings.NewReader(c.yaml))
		var p site.Problems
		if !errors.As(err, &p) || len(p) == 0 || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.name, err, c.want)
		}
	}
	_, err := site.Parse(strings.NewReader("facilities:\n  - {id: A, name: A}\nusers:\n  - {login: a, name: A, role: x}\nrules:\n  - {name: r, then: {panel: p}}"))
	var p site.Problems
	if !errors.As(err, &p) || len(p) != 3 || p[0].Line != 2 || p[1].Line != 4 || p[2].Line != 6 {
		t.Errorf("all problems at once, in order: %v", err)
	}
}

func TestCheckAETitle(t *testing.T) {
	t.Parallel()
	for ae, ok := range map[string]bool{
		"A": true, "KAIFU CT": true, " A ": true, "ABCDEFGHIJKLMNOP": true, "a.b-c_d#1": true,
		"": false, " ": false, "ABCDEFGHIJKLMNOPQ": false, "A\\B": false, "A\tB": false, "é": false, "A\x7f": false,
	} {
		if err := site.CheckAETitle(ae); (err == nil) != ok {
			t.Errorf("%q: %v", ae, err)
		}
	}
}

func TestWrittenFormReadsBack(t *testing.T) {
	t.Parallel()
	var first, second bytes.Buffer
	f := example(t)
	if err := f.WriteYAML(&first); err != nil {
		t.Fatal(err)
	}
	g, err := site.Parse(bytes.NewReader(first.Bytes()))
	if err != nil {
		t.Fatalf("%v in\n%s", err, first.String())
	}
	if err := g.WriteYAML(&second); err != nil || second.String() != first.String() {
		t.Errorf("%v\n%s\nread and written again\n%s", err, first.String(), second.String())
	}
}

// FuzzParse: whatever the bytes, Parse answers, and what it accepts it can
// write and read again.
func FuzzParse(f *testing.F) {
	if b, err := os.ReadFile(filepath.Join("..", "..", "examples", "site.yaml")); err == nil {
		f.Add(b)
	}
	f.Add([]byte("facilities: [{id: a, name: A, ae_titles: [X], quiet: 1s}]"))
	f.Add([]byte("rules: [{name: r, when: {age: {min: 1}}, then: {panel: p, within: 1h}}]\nfallback: {panel: p, within: 1h}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := site.Parse(bytes.NewReader(b))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := file.WriteYAML(&out); err != nil {
			t.Fatal(err)
		}
		if _, err := site.Parse(bytes.NewReader(out.Bytes())); err != nil && strings.TrimSpace(out.String()) != "{}" {
			t.Fatalf("%v in\n%s", err, out.String())
		}
	})
}
