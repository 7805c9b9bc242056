package api_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// listener is a client of /events.
type listener struct {
	t      *testing.T
	lines  *bufio.Scanner
	cancel context.CancelFunc
	last   string
	all    strings.Builder // every line that came
}

// listen opens the stream and reads its greeting.
func (v *visitor) listen(last string) *listener {
	v.t.Helper()
	ctx, cancel := context.WithCancel(v.t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.base+"/api/v1/events", nil)
	if err != nil {
		v.t.Fatal(err)
	}
	v.identify(req)
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Accept-Encoding", "gzip")
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() {
		cancel()
		res.Body.Close()
	})
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" || res.Header.Get("Content-Encoding") != "" {
		v.t.Fatalf("stream: %d %v", res.StatusCode, res.Header)
	}
	s := &listener{t: v.t, lines: bufio.NewScanner(res.Body), cancel: cancel}
	for s.lines.Scan() && s.lines.Text() != "" {
		s.note(s.lines.Text())
	}
	return s
}

func (s *listener) note(line string) {
	s.all.WriteString(line + "\n")
	if id, ok := strings.CutPrefix(line, "id: "); ok {
		s.last = id
	}
}

// until reads events until one's data has every word; it fails at the end of
// the stream.
func (s *listener) until(words ...string) (skipped []string) {
	s.t.Helper()
	for s.lines.Scan() {
		s.note(s.lines.Text())
		data, ok := strings.CutPrefix(s.lines.Text(), "data: ")
		if !ok {
			continue
		}
		found := true
		for _, w := range words {
			found = found && strings.Contains(data, w)
		}
		if found {
			return skipped
		}
		skipped = append(skipped, data)
	}
	s.t.Fatalf("the stream ended before %v came; it had %v", words, skipped)
	return nil
}

// What happens is told at once to those who may know, and to nobody else.
func TestEvents(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	reader := h.as(t, "sato").listen("")
	stranger := h.as(t, "mima").listen("")
	begin := reader.last

	s := h.SendStudy(t, "kaifu", "KF-1", 2)
	reader.until(`"kind":"workitem.created"`, s.WorkitemID)
	id := h.signed(t, s, "sato")
	reader.until(`"kind":"report.signed"`, id)

	// The stranger hears of his own study, and of nothing before it.
	own := h.SendStudy(t, "mima", "MI-1", 1)
	for _, data := range stranger.until(`"kind":"study.complete"`, own.StudyID) {
		if !strings.Contains(data, own.StudyID) {
			t.Errorf("a stranger was told %s", data)
		}
	}

	// A client that was away is told what it missed.
	again := h.as(t, "sato").listen(begin)
	again.until(`"kind":"workitem.created"`, s.WorkitemID)
	again.until(`"kind":"report.signed"`, id)
}

// A panel whose item is moved away is told so, although it may no longer see it.
func TestEventsOfWorkThatLeft(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	s := h.SendStudy(t, "kaifu", "KF-1", 1)
	loser, winner := h.as(t, "sato").listen(""), h.as(t, "kondo").listen("")
	path := "/api/v1/workitems/" + s.WorkitemID
	moved := h.as(t, "coord").do("POST", path+"/reassign", map[string]any{"panel": "univ"}).want(200, "")
	loser.until(`"kind":"workitem.`, s.WorkitemID)
	winner.until(`"kind":"workitem.`, moved["id"].(string))
	h.as(t, "sato").do("GET", path, nil).want(404, "not_found")
}

// One account cannot take every stream; a window that closes gives its place
// back.
func TestEventsAreBounded(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	v := h.as(t, "sato")
	var first *listener
	for i := range 16 {
		if l := v.listen(""); i == 0 {
			first = l
		}
	}
	v.do("GET", "/api/v1/events", nil).want(503, "busy")
	h.as(t, "kaifu").listen("")
	first.cancel()
	for began := time.Now(); ; { // the server notices when it next looks
		ctx, cancel := context.WithCancel(t.Context())
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.URL+"/api/v1/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		v.identify(req)
		res, err := v.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		cancel()
		if res.StatusCode == 200 {
			return
		}
		if time.Since(began) > time.Minute {
			t.Fatal("the place was never given back")
		}
	}
}

// A page learns from the greeting whether it is of the build that is served now; its
// own is the address of its script.
func TestEventsNameTheBuild(t *testing.T) {
	t.Parallel()
	for build, h := range map[string]*house{"/assets/index-a1b2c3.js": open(t, pages), "": open(t, nil)} {
		if s := h.as(t, "sato").listen(""); !strings.Contains(s.all.String(), "event: hello\ndata: "+build+"\n") {
			t.Errorf("the greeting of %q is %q", build, s.all.String())
		}
	}
}

// Close ends the streams, so that a shutdown need not wait for them.
func TestEventsEndOnClose(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	s := h.as(t, "sato").listen("")
	h.API.Close()
	for s.lines.Scan() {
	}
	if s.lines.Err() != nil {
		t.Errorf("the stream ended with %v", s.lines.Err())
	}
	h.anonymous(t).do("GET", "/api/v1/events", nil).want(401, "unauthenticated")
}
