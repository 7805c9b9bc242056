package api_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
	"github.com/dokuei/dokuei/worklist/calendar"
)

// The day of a study: it arrives, is read, signed, seen and acknowledged.
func TestStory(t *testing.T) {
	t.Parallel()
	h, today := open(t, pages), calendar.DayOf(time.Now())
	s := h.SendStudy(t, "kaifu", "KF-1", 3)

	reader := h.anonymous(t)
	in := reader.do("POST", "/api/v1/session", map[string]string{"login": "sato", "password": reportstest.Password})
	me := in.want(200, "")
	if me["role"] != "reader" || at(me, "panels", 0, "id") != "npo" || me["facility"] != nil {
		t.Errorf("me %v", me)
	}
	cookie := in.Header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("cookie without %s: %s", want, cookie)
		}
	}
	reader.cookie = strings.TrimPrefix(strings.Split(cookie, ";")[0], "dokuei_session=")

	// The list.
	list := reader.do("GET", "/api/v1/worklist?state=open", nil).want(200, "")
	item := at(list, "items", 0)
	if at(item, "id") != s.WorkitemID || at(item, "study", "patient", "ideographic") != "山田^太郎" || at(item, "study", "reportState") != "none" ||
		at(list, "counts", "open") != 1.0 || at(item, "reasons", 0, "rule") == nil || at(item, "study", "patient", "age") != 78.0 {
		t.Errorf("worklist %v", list)
	}

	// Claim, draft, stale draft.
	base := "/api/v1/workitems/" + s.WorkitemID
	reader.do("GET", base+"/draft", nil).want(409, "not_claimed")
	claimed := reader.do("POST", base+"/claim", map[string]any{}).want(200, "")
	if claimed["state"] != "IN PROGRESS" || at(claimed, "claimedBy", "nameEn") != "Hanako Sato" {
		t.Errorf("claimed %v", claimed)
	}
	other := h.as(t, "suzuki")
	other.do("POST", base+"/claim", map[string]any{}).want(409, "already_claimed")
	other.do("GET", base+"/draft", nil).want(409, "not_holder")
	draft := reader.do("GET", base+"/draft", nil).want(200, "")
	if draft["revision"] != 0.0 || draft["template"] != "" || at(draft, "sections", "findings") != "" || draft["savedAt"] != nil {
		t.Errorf("draft %v", draft)
	}
	text := map[string]any{"revision": 0, "language": "ja", "template": "head-ct", "sections": map[string]string{
		"findings": "𠮷 右被殻に高吸収域。", "impression": "", "recommendation": "",
	}}
	saved := reader.do("PUT", base+"/draft", text).want(200, "")
	if saved["revision"] != 1.0 || saved["savedAt"] == nil {
		t.Errorf("saved %v", saved)
	}
	reader.do("PUT", base+"/draft", text).want(409, "stale_draft")
	if got := reader.do("GET", base, nil).want(200, ""); at(got, "study", "reportState") != "draft" {
		t.Errorf("a saved draft shows as %v", at(got, "study", "reportState"))
	}

	// Signing.
	incomplete := reader.do("POST", base+"/sign", map[string]any{"revision": 1}).want(422, "incomplete_report")
	if at(incomplete, "missing", 0) != "impression" {
		t.Errorf("incomplete %v", incomplete)
	}
	text["revision"] = 1
	text["sections"].(map[string]string)["impression"] = "右被殻出血。"
	reader.do("PUT", base+"/draft", text).want(200, "")
	reader.do("POST", base+"/sign", map[string]any{"revision": 1}).want(409, "stale_draft")
	reader.do("POST", base+"/sign", map[string]any{"revision": 2, "password": "wrong"}).want(403, "bad_password")
	// The rules: a haemorrhage that nobody is to be told of.
	asked := reader.do("POST", base+"/sign", map[string]any{"revision": 2}).want(422, "lint")
	if at(asked, "findings", 0, "rule") != "critical" || at(asked, "findings", 0, "section") != "impression" {
		t.Errorf("asked %v", asked)
	}
	marks := map[string]any{"critical": map[string]string{"level": "red", "finding": "右被殻出血"}}
	var found []any
	if a := reader.do("POST", base+"/lint", map[string]any{"sections": text["sections"], "marks": marks}); json.Unmarshal(a.Body, &found) != nil || len(found) != 0 {
		t.Errorf("still asked: %s", a.Body)
	}
	text["revision"], text["marks"] = 2, marks
	reader.do("PUT", base+"/draft", text).want(200, "")
	seen := reader.do("GET", base+"/preview", nil).want(200, "")
	if seen["revision"] != 3.0 || seen["kind"] != "final" || at(seen, "sections", "impression") != "右被殻出血。" || at(seen, "marks", "critical", "level") != "red" {
		t.Errorf("preview %v", seen)
	}
	other.do("GET", base+"/preview", nil).want(409, "not_holder")
	parts := maps.Clone(at(seen, "shown", "parts").(map[string]any))
	parts["impression"] = parts["findings"]
	differs := reader.do("POST", base+"/sign", map[string]any{"revision": 3, "shown": map[string]any{"hash": at(seen, "shown", "hash"), "parts": parts}}).want(409, "not_as_shown")
	if len(differs["changed"].([]any)) != 1 || at(differs, "changed", 0) != "impression" {
		t.Errorf("not as shown: %v", differs)
	}
	report := reader.do("POST", base+"/sign", map[string]any{"revision": 3, "shown": seen["shown"], "password": reportstest.Password}).want(200, "")
	id := report["id"].(string)
	if report["version"] != 1.0 || at(report, "sections", 0, "heading") != "所見" || at(report, "author", "license") != "123456" ||
		at(report, "deliveries", 1, "object") != "pdf" || len(report["contentHash"].(string)) != 64 {
		t.Errorf("report %v", report)
	}
	reader.do("POST", base+"/sign", map[string]any{"revision": 3}).want(409, "final")

	// The hospital's side.
	hospital := h.as(t, "kaifu")
	study := hospital.do("GET", "/api/v1/studies/"+s.StudyID, nil).want(200, "")
	if study["reportState"] != "final" || study["reportId"] != id || at(study, "deliveries", "pending") != 2.0 || study["receivedAck"] != nil {
		t.Errorf("study %v", study)
	}
	origins := []any{}
	for _, series := range study["seriesList"].([]any) {
		origins = append(origins, at(series, "instances", 0, "origin"), at(series, "instances", 0, "displayable"))
	}
	if !slices.Equal(origins, []any{"received", "image", "dokuei", "document", "dokuei", "document"}) {
		t.Errorf("series %v", origins)
	}
	file := hospital.do("GET", "/api/v1/reports/"+id+"/pdf", nil)
	file.want(200, "")
	if !bytes.HasPrefix(file.Body, []byte("%PDF-")) || file.Header.Get("Content-Type") != "application/pdf" {
		t.Error("the PDF is none")
	}
	if again := hospital.do("GET", "/api/v1/reports/"+id+"/pdf", nil, "If-None-Match", file.Header.Get("ETag")); again.Status != 304 {
		t.Errorf("the PDF is sent again with status %d", again.Status)
	}
	document := hospital.do("GET", "/api/v1/reports/"+id+"/sr", nil)
	document.want(200, "")
	_, d, _, err := dataset.ReadFile(bytes.NewReader(document.Body), stream.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := sr.Parse(d); err != nil || r.ContentHash != report["contentHash"] {
		t.Errorf("SR of hash %v, %v", r, err)
	}
	ack := hospital.do("POST", "/api/v1/studies/"+s.StudyID+"/received", map[string]any{}).want(200, "")
	if at(ack, "receivedAck", "by", "id") == nil {
		t.Errorf("acknowledged %v", ack)
	}
	delivery := at(study, "deliveryList", 0, "id").(string)
	if got := hospital.do("POST", "/api/v1/deliveries/"+delivery+"/retry", map[string]any{}).want(200, ""); got["state"] != "pending" || got["destination"] != "PACS" {
		t.Errorf("delivery %v", got)
	}

	// The coordinator's side.
	coordinator := h.as(t, "coord")
	for path, want := range map[string]string{
		"/facilities": `"studies":1`, "/panels": `"佐藤 花子"`, "/readers": `"doneToday":`, "/rules": `"withinSeconds":7200`,
	} {
		if a := coordinator.do("GET", "/api/v1"+path, nil); a.Status != 200 || !strings.Contains(string(a.Body), want) {
			t.Errorf("%s answers %d %s, without %s", path, a.Status, a.Body, want)
		}
	}
	readers := coordinator.do("GET", "/api/v1/readers", nil)
	if calendar.DayOf(time.Now()) == today && !strings.Contains(string(readers.Body), `"doneToday":1`) {
		t.Errorf("nothing was done today: %s", readers.Body)
	}

	for query, english := range map[string]bool{"?lang=en": true, "": false} {
		a := coordinator.do("GET", "/api/v1/rules"+query, nil, "Accept-Language", "ja-JP,ja;q=0.9,en;q=0.8")
		if strings.Contains(string(a.Body), "every study") != english {
			t.Errorf("rules%s answers %s", query, a.Body)
		}
	}

	out := reader.do("DELETE", "/api/v1/session", nil)
	out.want(204, "")
	if got := out.Header.Get("Clear-Site-Data"); got != `"cache"` {
		t.Errorf("signing out leaves the pictures in the browser: %q", got)
	}
	reader.do("GET", "/api/v1/session", nil).want(401, "unauthenticated")
	// Nor does a session that ended without its browser: the next word clears it.
	for cookie, want := range map[string]string{"dokuei_session=ended": `"cache"`, "": ""} {
		late := h.anonymous(t).do("GET", "/api/v1/session", nil, "Cookie", cookie)
		late.want(401, "unauthenticated")
		if got := late.Header.Get("Clear-Site-Data"); got != want {
			t.Errorf("with %q the browser is told to clear %q", cookie, got)
		}
	}

	// What was logged of all this.
	for _, secret := range []string{"山田", "YAMADA", "KF-1", "被殻", reportstest.Password, reader.cookie, s.StudyInstanceUID} {
		if strings.Contains(h.log.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
	if !strings.Contains(h.log.String(), `"route":"POST /api/v1/workitems/{id}/sign"`) {
		t.Errorf("the access log does not name the route:\n%s", h.log.String())
	}
}

func TestReleaseAndReassign(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	s := h.SendStudy(t, "kaifu", "KF-1", 1)
	base := "/api/v1/workitems/"
	reader := h.as(t, "sato")
	reader.do("POST", base+s.WorkitemID+"/release", map[string]any{"reason": ""}).want(409, "")
	reader.do("POST", base+s.WorkitemID+"/claim", map[string]any{}).want(200, "")
	out := reader.do("POST", base+s.WorkitemID+"/release", map[string]any{"reason": "call"}).want(200, "")
	if at(out, "released", "state") != "CANCELED" || at(out, "replacement", "state") != "SCHEDULED" || at(out, "replacement", "replaces") != s.WorkitemID {
		t.Errorf("released %v", out)
	}
	next := at(out, "replacement", "id").(string)
	coordinator := h.as(t, "coord")
	coordinator.do("POST", base+next+"/reassign", map[string]any{"panel": "nobody"}).want(422, "unknown_panel")
	moved := coordinator.do("POST", base+next+"/reassign", map[string]any{"panel": "univ", "priority": "STAT"}).want(200, "")
	if at(moved, "panel", "id") != "univ" || moved["priority"] != "STAT" {
		t.Errorf("moved %v", moved)
	}
	// The first panel sees it no longer, the second does.
	h.as(t, "suzuki").do("GET", base+moved["id"].(string), nil).want(404, "not_found")
	h.as(t, "kondo").do("GET", base+moved["id"].(string), nil).want(200, "")
}

// A reader adds to a signed report; the hospital sees both versions.
func TestAddendum(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	s := h.SendStudy(t, "kaifu", "KF-1", 1)
	v := h.as(t, "sato")
	path := "/api/v1/studies/" + s.StudyID + "/addendum"
	v.do("POST", path, map[string]any{}).want(404, "not_found") // nothing signed yet
	first := h.signed(t, s, "sato")
	item := v.do("POST", path, map[string]any{}).want(201, "")
	if item["kind"] != "addendum" || item["state"] != "IN PROGRESS" {
		t.Errorf("item %v", item)
	}
	v.do("POST", path, map[string]any{}).want(409, "open_exists")
	base := "/api/v1/workitems/" + item["id"].(string)
	v.do("PUT", base+"/draft", map[string]any{"revision": 0, "language": "ja", "template": "", "sections": map[string]string{
		"findings": "", "impression": "", "recommendation": "", "addendum": "左右を訂正します。",
	}}).want(200, "")
	second := v.do("POST", base+"/sign", map[string]any{"revision": 1}).want(200, "")
	if second["version"] != 2.0 || second["predecessor"] != first || at(second, "sections", 2, "text") != "左右を訂正します。" {
		t.Errorf("second version %v", second)
	}
	study := h.as(t, "kaifu").do("GET", "/api/v1/studies/"+s.StudyID, nil).want(200, "")
	if study["reportState"] != "addendum" || study["reportId"] != second["id"] || at(study, "reports", 0, "id") != first || at(study, "deliveries", "pending") != 4.0 {
		t.Errorf("study %v", study)
	}
}

func TestImages(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	s := h.SendStudy(t, "kaifu", "KF-1", 2)
	v := h.as(t, "sato")
	base := "/api/v1/instances/" + s.InstanceIDs[0]

	frame := v.do("GET", base+"/frames/1", nil, "Accept-Encoding", "identity")
	frame.want(200, "")
	if len(frame.Body) != 512 || frame.Body[0] != 0xE9 || frame.Body[1] != 0x03 { // 1001, little endian
		t.Errorf("frame of %d bytes begins % x", len(frame.Body), frame.Body[:2])
	}
	for name, want := range map[string]string{
		"X-Dokuei-Rows": "16", "X-Dokuei-Columns": "16", "X-Dokuei-Samples": "1", "X-Dokuei-Bits": "16", "X-Dokuei-Signed": "true",
		"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff",
	} {
		if got := frame.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if again := v.do("GET", base+"/frames/1", nil, "If-None-Match", frame.Header.Get("ETag")); again.Status != 304 || len(again.Body) != 0 {
		t.Errorf("a cached frame is answered %d", again.Status)
	}
	for _, n := range []string{"0", "2", "-1", "x", "99999999999999999999"} {
		v.do("GET", base+"/frames/"+n, nil).want(404, "not_found")
	}
	for _, size := range []string{"thumbnail", "preview"} {
		p := v.do("GET", base+"/"+size, nil)
		p.want(200, "")
		if p.Header.Get("Content-Type") != "image/jpeg" || !bytes.HasPrefix(p.Body, []byte{0xFF, 0xD8}) || p.Header.Get("X-Dokuei-Placeholder") != "" {
			t.Errorf("%s is %s", size, p.Header.Get("Content-Type"))
		}
	}
	original := v.do("GET", base+"/file", nil)
	original.want(200, "")
	if !bytes.Equal(original.Body[128:132], []byte("DICM")) || !strings.HasPrefix(original.Header.Get("Content-Disposition"), "attachment") {
		t.Error("the file is no DICOM file to download")
	}

	// Our own document has a sign in place of a picture, and no frames.
	id := h.signed(t, s, "sato")
	study := v.do("GET", "/api/v1/studies/"+s.StudyID, nil).want(200, "")
	series := study["seriesList"].([]any)
	document := at(series[len(series)-1], "instances", 0, "id").(string)
	sign := v.do("GET", "/api/v1/instances/"+document+"/thumbnail", nil)
	sign.want(200, "")
	if sign.Header.Get("X-Dokuei-Placeholder") != "document" {
		t.Errorf("the thumbnail of report %s is marked %q", id, sign.Header.Get("X-Dokuei-Placeholder"))
	}
	v.do("GET", "/api/v1/instances/"+document+"/frames/1", nil).want(422, "no_pixels")
}

func TestCompression(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	h.SendStudy(t, "kaifu", "KF-1", 1)
	v := h.as(t, "sato")
	packed := v.do("GET", "/api/v1/worklist", nil, "Accept-Encoding", "br, gzip;q=0.8")
	if packed.Header.Get("Content-Encoding") != "gzip" || packed.Header.Get("Content-Length") == "" && packed.Header.Get("Vary") == "" {
		t.Fatalf("headers %v", packed.Header)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed.Body))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if same := v.do("GET", "/api/v1/worklist", nil, "Accept-Encoding", "gzip;q=0"); same.Header.Get("Content-Encoding") != "" || !bytes.Equal(same.Body, plain) {
		t.Error("packed and plain differ")
	}
	if short := v.do("GET", "/api/v1/session", nil, "Accept-Encoding", "gzip"); short.Header.Get("Content-Encoding") != "" {
		t.Error("a short answer was packed")
	}
}
