package api_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/viewer/bundle"
)

// kindsOf lists what a bundle holds.
func kindsOf(t *testing.T, raw []byte) string {
	t.Helper()
	var out []string
	for in := bundle.NewReader(bytes.NewReader(raw)); ; {
		r, err := in.Next()
		if err == io.EOF { //nolint:errorlint // what it says
			return strings.Join(out, " ")
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(r.Kind[:]))
	}
}

// whole asks until the bundle is finished; the first who asks gets it as it grows.
func whole(v *visitor, path string) *answer {
	v.t.Helper()
	for {
		a := v.do("GET", path, nil)
		a.want(200, "")
		if a.Header.Get("ETag") != "" {
			return a
		}
		if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Accept-Ranges") != "none" {
			v.t.Fatalf("a growing bundle has %v", a.Header)
		}
	}
}

func TestBundle(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	r := h.Send(t, "kaifu", reportstest.CT("2.25.31", "2.25.32", "2.25.33", 1, "KF-2"))
	h.Send(t, "kaifu", reportstest.CT("2.25.31", "2.25.32", "2.25.34", 2, "KF-2"))
	v := h.as(t, "kaifu")
	path := func() string {
		p, _ := at(v.do("GET", "/api/v1/studies/"+r.StudyID, nil).want(200, ""), "seriesList", 0, "bundle").(string)
		return p
	}
	url := path()
	a := whole(v, url)
	if got := kindsOf(t, a.Body); got != "head indx prev prev htj2 htj2" {
		t.Errorf("bundle of %s", got)
	}
	if ct, cc := a.Header.Get("Content-Type"), a.Header.Get("Cache-Control"); ct != "application/vnd.dokuei.bundle" || !strings.Contains(cc, "immutable") {
		t.Errorf("type %q, cache %q", ct, cc)
	}
	etag := a.Header.Get("ETag")
	if got := v.do("GET", url, nil, "If-None-Match", etag); got.Status != http.StatusNotModified {
		t.Errorf("what the browser holds is sent again: %d", got.Status)
	}
	part := v.do("GET", url, nil, "Range", "bytes=100-199", "If-Range", etag, "Accept-Encoding", "gzip")
	if part.Status != http.StatusPartialContent || !bytes.Equal(part.Body, a.Body[100:200]) {
		t.Errorf("range: %d with %d bytes", part.Status, len(part.Body))
	}
	current := url[:strings.LastIndex(url, "/")]
	if got := v.do("GET", current, nil); !bytes.Equal(got.Body, a.Body) || got.Header.Get("Cache-Control") != "private, no-cache" {
		t.Errorf("current bundle: %d bytes, cache %q", len(got.Body), got.Header.Get("Cache-Control"))
	}

	// A late image: another revision, and the old address is no more.
	h.Send(t, "kaifu", reportstest.CT("2.25.31", "2.25.32", "2.25.35", 3, "KF-2"))
	if path() == url {
		t.Error("the revision is that of before")
	}
	v.do("GET", url, nil).want(404, "superseded")
	if got := kindsOf(t, whole(v, path()).Body); got != "head indx prev prev prev htj2 htj2 htj2" {
		t.Errorf("bundle of %s", got)
	}

	// Other hospitals have no such series.
	h.as(t, "mima").do("GET", path(), nil).want(404, "not_found")
	h.as(t, "anonymous").do("GET", path(), nil).want(401, "")
	v.do("GET", "/api/v1/series/01234567-89ab-7def-8123-456789abcdef/bundle", nil).want(404, "not_found")
}
