package main

import (
	"bytes"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	if out, _, err := tryRun(t, "version"); err != nil || !strings.HasPrefix(out, "dokuei ") {
		t.Errorf("%q, %v", out, err)
	}
}

// The names that others script against are in the help.
func TestServeHelp(t *testing.T) {
	t.Parallel()
	out, _, err := tryRun(t, "serve", "--help")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"--data", "--db", "--objects", "--dicom-addr", "--http-addr", "--ae-title", "--unknown-ae", "--config", "$DOKUEI_DATA", "$DOKUEI_DICOM_ADDR"} {
		if !strings.Contains(out, name) {
			t.Errorf("help does not name %s:\n%s", name, out)
		}
	}
}

func TestUnknownKeysAreErrors(t *testing.T) {
	t.Parallel()
	config := writeFile(t, filepath.Join(t.TempDir(), "c.yaml"), "data: x\ndicom-adr: \":1\"\n")
	for name, tc := range map[string]struct {
		environ []string
		args    []string
		want    string
	}{
		"file":        {nil, []string{"serve", "--config", config}, "dicom-adr"},
		"environment": {[]string{"DOKUEI_DAT=x"}, []string{"serve"}, "DOKUEI_DAT"},
		"flag":        {nil, []string{"serve", "--dat", "x"}, "--dat"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, stderr, err := tryRunWith(t, tc.environ, tc.args...); err == nil || !strings.Contains(stderr, tc.want) {
				t.Errorf("%v: the message does not name %s:\n%s", err, tc.want, stderr)
			}
		})
	}
}

// Flags win over the environment, the environment over the file.
func TestOrderOfStrength(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	site := writeFile(t, filepath.Join(dir, "site.yaml"), network)
	inFile, inEnv, inFlag := filepath.Join(dir, "file"), filepath.Join(dir, "env"), filepath.Join(dir, "flag")
	config := writeFile(t, filepath.Join(dir, "c.yaml"), "data: "+inFile+"\n")
	exists := func(d string) bool {
		m, _ := filepath.Glob(filepath.Join(d, "dokuei.db"))
		return len(m) == 1
	}
	if _, _, err := tryRun(t, "apply", "-f", site, "--config", config); err != nil || !exists(inFile) {
		t.Fatalf("file: %v, %v", err, exists(inFile))
	}
	if _, _, err := tryRunWith(t, []string{"DOKUEI_CONFIG=" + config, "DOKUEI_DATA=" + inEnv}, "apply", "-f", site); err != nil || !exists(inEnv) {
		t.Fatalf("environment: %v, %v", err, exists(inEnv))
	}
	if _, _, err := tryRunWith(t, []string{"DOKUEI_CONFIG=" + config, "DOKUEI_DATA=" + inEnv}, "apply", "-f", site, "--data", inFlag); err != nil || !exists(inFlag) {
		t.Fatalf("flag: %v, %v", err, exists(inFlag))
	}
}

// apply shows the difference, applies it, and finds nothing to do the second
// time; a running server works by the new directory at once.
func TestApply(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, site := filepath.Join(dir, "data"), writeFile(t, filepath.Join(dir, "site.yaml"), network)
	out := mustRun(t, "apply", "-f", site, "--data", data, "--dry-run")
	if !strings.Contains(out, "minami") {
		t.Errorf("dry run shows %q", out)
	}
	if first := mustRun(t, "apply", "-f", site, "--data", data); first != out {
		t.Errorf("apply shows\n%s\nthe dry run showed\n%s", first, out)
	}
	if again := mustRun(t, "apply", "-f", site, "--data", data); strings.ContainsAny(again, "+~") {
		t.Errorf("the second time it would change\n%s", again)
	}

	s := serve(t, data)
	slice, _ := slices(t, 1)
	if _, _, err := tryRun(t, "send", "--to", s.DICOM, "--aet", "NEW_CT", "--aec", "DOKUEI", "--no-resume", slice); err == nil {
		t.Fatal("an unregistered AE title was let in")
	}
	more := writeFile(t, filepath.Join(dir, "more.yaml"), `
facilities:
  - {id: nishi, name: 西病院, name_en: Nishi Hospital, ae_titles: [NEW_CT], quiet: 1s}
users:
  - {login: nishi, name: 西病院, name_en: Nishi, role: hospital, facility: nishi}
`)
	out = mustRun(t, "apply", "-f", more, "--data", data)
	_, first, ok := strings.Cut(out, "first password of nishi: ")
	if !ok {
		t.Fatalf("no first password in %q", out)
	}
	s.send(t, "NEW_CT", slice)
	if n := len(s.signIn(t, "nishi", strings.TrimSpace(first)).studies()); n != 1 {
		t.Errorf("the new hospital sees %d studies", n)
	}

	bad := writeFile(t, filepath.Join(dir, "bad.yaml"), "facilities:\n  - {id: x, nmae: y}\n")
	if _, stderr, err := tryRun(t, "apply", "-f", bad, "--data", data); err == nil || !strings.Contains(stderr, "nmae") {
		t.Errorf("unknown key: %v, %s", err, stderr)
	}
}

// A token opens the API for a machine of one hospital, and nothing else.
func TestToken(t *testing.T) {
	t.Parallel()
	data := newData(t, network)
	s := serve(t, data)
	dir, _ := slices(t, 1)
	s.send(t, "MINAMI_CT", dir)
	count := func(facility string) int {
		secret := strings.TrimSpace(mustRun(t, "token", "create", "--role", "hospital", "--facility", facility, "--data", data))
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.HTTP+"/api/v1/studies", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+secret)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("status %d", resp.StatusCode)
		}
		var body bytes.Buffer
		_, _ = body.ReadFrom(resp.Body)
		return strings.Count(body.String(), `"facility":`)
	}
	if n := count("minami"); n != 1 {
		t.Errorf("own hospital: %d studies", n)
	}
	if n := count("kita"); n != 0 {
		t.Errorf("other hospital: %d studies", n)
	}
	if _, stderr, err := tryRun(t, "token", "create", "--role", "hospital", "--facility", "nowhere", "--data", data); err == nil || !strings.Contains(stderr, "nowhere") {
		t.Errorf("unknown hospital: %v, %s", err, stderr)
	}
}

// A token is listed without its secret, and revoked it opens nothing.
func TestTokenListAndRevoke(t *testing.T) {
	t.Parallel()
	data := newData(t, network)
	s := serve(t, data)
	secret := strings.TrimSpace(mustRun(t, "token", "create", "--role", "service", "--facility", "minami", "--name", "gateway \x1b[31m", "--data", data))
	list := mustRun(t, "token", "list", "--data", data)
	if !strings.Contains(list, "minami") || strings.Contains(list, secret) || strings.Contains(list, "\x1b") {
		t.Fatalf("list:\n%s", list)
	}
	id, _, _ := strings.Cut(strings.Split(strings.TrimSpace(list), "\n")[1], " ")
	status := func() int {
		res, _, err := fetch(t, http.DefaultClient, s.HTTP+"/api/v1/session", "Authorization", "Bearer "+secret)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode
	}
	if n := status(); n != 200 {
		t.Errorf("before: %d", n)
	}
	mustRun(t, "token", "revoke", "--data", data, id)
	if n := status(); n != 401 {
		t.Errorf("after: %d", n)
	}
	if _, stderr, err := tryRun(t, "token", "revoke", "--data", data, id); err == nil || !strings.Contains(stderr, "token list") {
		t.Errorf("twice: %v %s", err, stderr)
	}
	if list := mustRun(t, "token", "list", "--data", data); strings.Contains(list, id) {
		t.Errorf("still listed:\n%s", list)
	}
}

// An account is made and opened by the link that the command prints, once.
func TestInvite(t *testing.T) {
	t.Parallel()
	data := newData(t, network)
	s := serve(t, data)
	link := strings.TrimSpace(mustRun(t, "invite", "nurse", "--data", data, "--public-url", "https://dokuei.example/", "--name", "看護 花子", "--role", "ward", "--facility", "minami"))
	secret, ok := strings.CutPrefix(link, "https://dokuei.example/#/invitation/")
	if !ok {
		t.Fatal(link)
	}
	u := s.visitor(t)
	accept := map[string]string{"invitation": secret, "password": "kaki no tane to sencha"}
	u.must("POST", "/invitation/accept", accept, nil)
	if status := s.visitor(t).call("POST", "/invitation/accept", accept, nil); status != 410 {
		t.Errorf("twice: %d", status)
	}
	again := strings.TrimSpace(mustRun(t, "invite", "nurse", "--data", data, "--public-url", "https://dokuei.example"))
	if again == link || !strings.HasPrefix(again, "https://dokuei.example/#/invitation/") {
		t.Error(again)
	}
	for want, args := range map[string][]string{
		"by giving --name and --role": {"nobody"},
		"with the role ward":          {"nurse", "--role", "reader"},
		"need --facility":             {"x", "--name", "x", "--role", "ward"},
		"no hospital":                 {"x", "--name", "x", "--role", "ward", "--facility", "nowhere"},
		"is no role of a person":      {"x", "--name", "x", "--role", "service"},
		"is no login":                 {"X Y", "--name", "x", "--role", "reader"},
	} {
		if _, stderr, err := tryRun(t, append([]string{"invite", "--data", data, "--public-url", "https://dokuei.example"}, args...)...); err == nil || !strings.Contains(stderr, want) {
			t.Errorf("%v: %v %s", args, err, stderr)
		}
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	s := serve(t, newData(t, network))
	u := s.visitor(t)
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if status, _, _ := u.raw("GET", s.HTTP+path, nil); status != http.StatusOK {
			t.Errorf("%s: status %d", path, status)
		}
	}
	if _, raw, _ := u.raw("GET", s.HTTP+"/metrics", nil); !strings.Contains(string(raw), "dokuei_dicom_associations") {
		t.Error("metrics do not count associations")
	}
}

// Any AE may be let in as a hospital, which is made when there is none.
func TestUnknownAE(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := serve(t, data, "--unknown-ae", "main")
	dir, _ := slices(t, 1)
	s.send(t, "ANYBODY", dir)
	secret := strings.TrimSpace(mustRun(t, "token", "create", "--role", "hospital", "--facility", "main", "--data", data))
	if !strings.HasPrefix(secret, "dk_") {
		t.Errorf("token %q", secret)
	}
}
