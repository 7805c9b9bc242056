package assist

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestOnlyTheHouse(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]bool{
		"127.0.0.1": true, "::1": true, "10.1.2.3": true, "192.168.0.9": true, "172.16.3.4": true, "fd00::1": true,
		"8.8.8.8": false, "169.254.169.254": false, "0.0.0.0": false, "2001:db8::1": false, "224.0.0.1": false, "172.32.0.1": false,
	} {
		if got := inside(netip.MustParseAddr(ip)); got != want {
			t.Errorf("%s inside the house: %v", ip, got)
		}
	}
	e, err := New("http://192.0.2.1:9/")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Draft(t.Context(), Question{}); !errors.Is(err, ErrEngine) || !strings.Contains(err.Error(), "outside the house") {
		t.Errorf("a public address: %v", err)
	}
	for _, bad := range []string{"ftp://10.0.0.1/", "http://", "10.0.0.1:9000", "http://user:pass@10.0.0.1/"} {
		if _, err := New(bad); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
	var none *Engine
	if _, err := none.Dictation(t.Context(), nil, "", ""); !errors.Is(err, ErrOff) {
		t.Errorf("no engine: %v", err)
	}
}

// Whatever an engine answers, nothing that is no text of its interface comes in.
func TestAnswersOfEngines(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		ok     bool
	}{
		"as it should":       {200, `{"engine":"m 1","sections":{"findings":"左被殻に出血。","billing":"x"}}`, true},
		"no name":            {200, `{"sections":{"findings":"x"}}`, false},
		"nothing":            {200, `{"engine":"m 1","sections":{"findings":"  "}}`, false},
		"no JSON":            {200, `<html>`, false},
		"an error":           {500, `{"engine":"m 1","sections":{"findings":"x"}}`, false},
		"elsewhere":          {302, ``, false},
		"too much":           {200, `{"engine":"m","sections":{"findings":"` + strings.Repeat("x", maxAnswer) + `"}}`, false},
		"a control sign":     {200, `{"engine":"m","sections":{"findings":"a\u0000b"}}`, false},
		"sections no object": {200, `{"engine":"m","sections":[1]}`, false},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Content-Language") != "ja" {
				t.Errorf("language %q", r.Header.Get("Content-Language"))
			}
			w.Header().Set("Location", "http://example.com/")
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
		}))
		e, err := New(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		p, err := e.Draft(t.Context(), Question{Language: "ja"})
		s.Close()
		if c.ok != (err == nil) || err != nil && !errors.Is(err, ErrEngine) {
			t.Errorf("%s: %v", name, err)
		}
		if c.ok && (len(p.Sections) != 1 || p.Sections["findings"] != "左被殻に出血。") {
			t.Errorf("%s: %v", name, p)
		}
	}
}

func TestPassages(t *testing.T) {
	t.Parallel()
	given := "左被殻に高吸収域を認めます。\n正常。Midline shift of 3 mm."
	for text, want := range map[string]bool{
		"左被殻に高吸収域を認めます":        true,
		"左 被殻に\n高吸収域を認めます。追加。": true, // blanks change nothing
		"正常。": false,
		"右被殻に高吸収域を認めます":                  false,
		"Ｍidline shift of 3 mm is noted": true,
	} {
		if got := stands(given, plain(text)); got != want {
			t.Errorf("%q has a passage: %v", text, got)
		}
	}
}
