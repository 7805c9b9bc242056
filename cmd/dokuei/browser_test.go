package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/internal/mp4/mp4test"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/viewer/sso/ssotest"
)

// The demo in a browser: a reader opens the CT, scrolls, writes and signs in
// Japanese; the hospital sees it; the coordinator sees it all. The script is
// viewer/web/e2e/main.mjs. SCREENSHOTS=DIR keeps its pictures of every page.
func TestDemoInBrowser(t *testing.T) {
	t.Parallel()
	builtPages(t)
	data := t.TempDir()
	s := start(t, data, "demo")
	coordinator := s.signIn(t, "sakiyama", demoPassword)
	// The demo waits for them before it says that it is ready, and half a minute at most.
	eventually(t, "three studies are on lists", func() bool { return len(coordinator.worklist("open")) == 3 })

	out, pictures := os.Getenv("SCREENSHOTS"), "1"
	if out == "" {
		out, pictures = t.TempDir(), "0"
	}
	log := browse(t, s, "main.mjs", "OUT_DIR="+out, "PICTURES="+pictures,
		"READER=yoshida:"+demoPassword, "COORDINATOR=sakiyama:"+demoPassword,
		"HOSPITAL=minamihama:"+demoPassword+" kitahara:"+demoPassword)
	steps := strings.Count(log, "ok ")
	t.Logf("%d steps in the browser", steps)

	// Stopped and started again, the demo finds its data and adds nothing.
	s.stop(t)
	s = start(t, data, "demo")
	coordinator = s.signIn(t, "sakiyama", demoPassword)
	if n := len(coordinator.studies()); n != 3 {
		t.Errorf("after a restart there are %d studies, want 3", n)
	}
	for _, st := range coordinator.studies() {
		if st.Conflicts != 0 || st.Reopened != 0 {
			t.Errorf("restart changed a study: %d conflicts, reopened %d", st.Conflicts, st.Reopened)
		}
	}
}

// Started again on another day, the demo finds its studies, which would have other UIDs.
func TestDemoOfAnotherDay(t *testing.T) {
	t.Parallel()
	data := newData(t, demoSite)
	s := serve(t, data)
	now := time.Now()
	before, today := examinations(now.AddDate(0, 0, -1))[2], examinations(now)[2]
	if before.study.StudyInstanceUID == today.study.StudyInstanceUID {
		t.Fatal("the days do not differ")
	}
	d, err := db.Open(t.Context(), filepath.Join(data, "dokuei.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if there, err := arrived(t.Context(), d, today); err != nil || there {
		t.Fatal(there, err)
	}
	if err := before.send(t.Context(), s.DICOM, "DOKUEI"); err != nil {
		t.Fatal(err)
	}
	if there, err := arrived(t.Context(), d, today); err != nil || !there {
		t.Error(there, err)
	}
}

// browser is builtPages for tests that need not be seen by the race detector: one walk
// through all pages, the demo's, is enough for it, and each takes minutes with it.
func browser(t testing.TB) (web string) {
	t.Helper()
	if raceEnabled {
		t.Skip("under the race detector only TestDemoInBrowser goes through the pages")
	}
	return builtPages(t)
}

// builtPages says where the front-end is, with its pages built and a browser to show
// them in; without either the test is left out.
func builtPages(t testing.TB) (web string) {
	t.Helper()
	tool(t, "chromium")
	tool(t, "node")
	web, err := filepath.Abs(filepath.Join("..", "..", "viewer", "web"))
	if err != nil {
		t.Fatal(err)
	}
	for _, need := range []string{"dist/index.html", "node_modules/playwright-core"} {
		if _, err := os.Stat(filepath.Join(web, filepath.FromSlash(need))); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("viewer/web/%s is missing: run make build first", need)
			}
			t.Skipf("viewer/web/%s is missing: run make build first; the pages are not tested", need)
		}
	}
	return web
}

// browse runs a script of viewer/web/e2e against a server and returns what it says.
func browse(t testing.TB, s *server, name string, environ ...string) string {
	t.Helper()
	return runScript(t, builtPages(t), name, append([]string{"BASE_URL=" + s.HTTP}, environ...)...)
}

// runScript runs viewer/web/e2e/name and returns what it says.
func runScript(t testing.TB, web, name string, environ ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), tool(t, "node"), "e2e/"+name)
	cmd.Dir = web
	cmd.Env = append(os.Environ(), environ...)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, log.String())
	}
	return log.String()
}

// pictures says where screenshots go: nowhere unless SCREENSHOTS names a folder.
func pictures(t *testing.T) []string {
	if out := os.Getenv("SCREENSHOTS"); out != "" {
		return []string{"OUT_DIR=" + out, "PICTURES=1"}
	}
	return []string{"OUT_DIR=" + t.TempDir(), "PICTURES=0"}
}

// How people get in, with Chromium's virtual authenticator and a hospital's own
// sign-on; a session that ends keeps what was typed. The script is people.mjs.
func TestPeopleInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	i := ssotest.New(t)
	i.Be(map[string]any{"sub": "s-tech"})
	data := t.TempDir()
	demo := start(t, data, "demo") // its studies and people
	demo.stop(t)
	asks := serve(t, data, "--second-factor", "staff", "--sso", i.File(t, "minamihama", ""), "--http-addr", "localhost:0")
	idles := serve(t, data, "--second-factor", "chosen", "--idle", "20s", "--http-addr", "localhost:0")
	local := func(s *server) string { return strings.Replace(s.HTTP, "127.0.0.1", "localhost", 1) }
	admin := strings.TrimSpace(mustRun(t, "invite", "root", "--data", data, "--public-url", local(asks), "--name", "管理 一郎", "--name-en", "Ichiro Kanri", "--role", "admin"))
	log := browse(t, asks, "people.mjs", append(pictures(t), "BASE_URL="+local(asks), "IDLE_URL="+local(idles), "IDLE_SECONDS=20",
		"COORDINATOR=sakiyama:"+demoPassword, "READER=yoshida:"+demoPassword, "ADMIN="+admin)...)
	if steps := strings.Count(log, "ok "); steps < 17 {
		t.Errorf("%d steps:\n%s", steps, log)
	}
	mustRun(t, "audit", "verify", "--data", data)
}

// A study leaves the house by two people and comes back, and the page of the store. The
// script is deletion.mjs.
func TestDeletionInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	s := serve(t, newData(t, strings.Replace(network, "quiet: 1s}", "quiet: 1s, retention: {images: 0d, reports: 0d, trash: 9d}}", 1)))
	dir, _ := slices(t, 2)
	s.send(t, "MINAMI_CT", dir)
	s.signIn(t, "coord", password).firstTask()
	log := browse(t, s, "deletion.mjs", append(pictures(t), "HOSPITAL=minami:"+password, "COORDINATOR=coord:"+password)...)
	if steps := strings.Count(log, "ok "); steps != 6 {
		t.Errorf("%d steps:\n%s", steps, log)
	}
}

// A ward and its reader talk about a study, in two browsers and two languages. The
// script is room.mjs.
func TestRoomInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	s := start(t, t.TempDir(), "demo")
	film := writeFile(t, filepath.Join(t.TempDir(), "film.mov"), string(mp4test.Film{Secret: "+34.0657+134.5593/", Sound: true, Turned: true, Seconds: 3}.MOV()))
	log := browse(t, s, "room.mjs", append(pictures(t), "FILM="+film, "READER=yoshida:"+demoPassword, "SPECIALISTS=takahashi:"+demoPassword+" sato:"+demoPassword, "HOSPITALS=minamihama:"+demoPassword+" kitahara:"+demoPassword)...)
	if steps := strings.Count(log, "ok "); steps < 3 {
		t.Errorf("%d steps:\n%s", steps, log)
	}
}

// A reader and a doctor on a phone look at the same images; on record stands who
// began, came, led and left.
func TestLookTogetherInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	s := start(t, t.TempDir(), "demo")
	log := browse(t, s, "look.mjs", append(pictures(t), "READER=yoshida:"+demoPassword, "HOSPITAL=minamihama:"+demoPassword+" kitahara:"+demoPassword)...)
	t.Log("\n" + log)
}

// axe-core finds nothing serious on any page, and all of it is within reach of the
// keyboard. The script is axe.mjs.
func TestAccessibleInBrowser(t *testing.T) {
	t.Parallel()
	web := browser(t)
	if _, err := os.Stat(filepath.Join(web, "node_modules", "axe-core")); err != nil {
		t.Skip("viewer/web/node_modules/axe-core is missing: accessibility is not looked at")
	}
	s := start(t, t.TempDir(), "demo")
	log := browse(t, s, "axe.mjs", "READER=yoshida:"+demoPassword, "COORDINATOR=sakiyama:"+demoPassword,
		"HOSPITAL=minamihama:"+demoPassword+" kitahara:"+demoPassword)
	t.Log("\n" + log)
}

// A reader of hospitals that hide their patients, and a desk where a consent is written
// down. The script is private.mjs.
func TestPrivateInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	data := t.TempDir()
	s := start(t, data, "demo")
	coordinator := s.signIn(t, "sakiyama", demoPassword)
	var known struct {
		Items []struct {
			Accession string
			Patient   struct{ Name, Ideographic, Phonetic, PatientID, BirthDate string }
		}
	}
	coordinator.must("GET", "/studies?limit=200", nil, &known)
	var identifiers []string
	typed := ""
	for _, st := range known.Items {
		p := st.Patient
		b := p.BirthDate
		identifiers = append(identifiers, p.PatientID, st.Accession, b, b[:4]+"-"+b[4:6]+"-"+b[6:], b[:4]+"/"+b[4:6]+"/"+b[6:])
		for _, name := range []string{p.Name, p.Ideographic, p.Phonetic} {
			identifiers = append(identifiers, name)
			identifiers = append(identifiers, strings.Split(name, "^")...)
		}
		typed = strings.Split(p.Ideographic, "^")[0]
	}
	var long []string
	for _, one := range identifiers {
		if len(one) > 3 { // not a given name of one kanji, which stands in many words
			long = append(long, one)
		}
	}
	list, err := json.Marshal(long)
	if err != nil {
		t.Fatal(err)
	}
	mustRun(t, "apply", "--data", data, "-f", writeFile(t, filepath.Join(t.TempDir(), "site.yaml"), `facilities:
  - {id: minamihama, name: 南浜町立病院, name_en: Minamihama Town Hospital, ae_titles: [MINAMIHAMA_CT, MINAMIHAMA_MR], quiet: 3s, pseudonymous: true}
  - {id: kitahara, name: 北原中央病院, name_en: Kitahara Central Hospital, ae_titles: [KITAHARA_CT], quiet: 3s, pseudonymous: true}
`))
	log := browse(t, s, "private.mjs", append(pictures(t), "READER=yoshida:"+demoPassword, "HOSPITAL=minamihama:"+demoPassword,
		"IDENTIFIERS="+string(list), "TYPED="+typed)...)
	if steps := strings.Count(log, "ok "); steps < 7 {
		t.Errorf("%d steps:\n%s", steps, log)
	}
	t.Log(log)
}
