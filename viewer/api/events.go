package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dokuei/dokuei/storage/catalog"
)

const (
	maxStreams    = 512                    // live event streams at once
	maxOwnStreams = 16                     // of them, of one account: windows, not a flood
	eventPage     = 200                    // events looked at in one read
	heartbeat     = 15 * time.Second       // keeps proxies from closing a quiet stream, and ends one whose session has ended
	eventPoll     = 300 * time.Millisecond // how soon another process's changes are seen
)

// feed wakes streams when what they watch, mostly the outbox, has changed. It looks
// at the database while anybody listens, so that changes made by another process
// (apply, a second node) are seen like our own.
type feed struct {
	last  func(context.Context) (int64, error)
	every time.Duration

	mu      sync.Mutex
	streams map[chan struct{}]string // by account
	stop    context.CancelFunc       // of the loop, nil when nobody listens
}

func newFeed(every time.Duration, last func(context.Context) (int64, error)) *feed {
	return &feed{last: last, every: every, streams: map[chan struct{}]string{}}
}

// listen gives a channel that is sent to after changes; false when there are too
// many already.
func (f *feed) listen(account string) (wake chan struct{}, leave func(), ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	own := 0
	for _, a := range f.streams {
		if a == account {
			own++
		}
	}
	if len(f.streams) >= maxStreams || own >= maxOwnStreams {
		return nil, nil, false
	}
	wake = make(chan struct{}, 1)
	f.streams[wake] = account
	if f.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		f.stop = stop
		go f.loop(ctx)
	}
	return wake, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.streams, wake)
		if len(f.streams) == 0 && f.stop != nil {
			f.stop()
			f.stop = nil
		}
	}, true
}

func (f *feed) loop(ctx context.Context) {
	tick := time.NewTicker(f.every)
	defer tick.Stop()
	var seen int64
	for {
		if last, err := f.last(ctx); err == nil && last != seen {
			seen = last
			f.wakeAll()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (f *feed) wakeAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for wake := range f.streams {
		select {
		case wake <- struct{}{}:
		default: // already awake
		}
	}
}

type eventView struct {
	Kind       string `json:"kind"`
	StudyID    string `json:"studyId,omitempty"`
	WorkitemID string `json:"workitemId,omitempty"`
	ReportID   string `json:"reportId,omitempty"`
}

// events streams what happens within the principal's scope (Server-Sent Events,
// HTML Living Standard §9.2). Last-Event-ID resumes; without it the stream
// begins now. Its greeting names the build of the pages: one that stayed open while
// the service was renewed learns so when it connects again.
func (s *server) events(c *call) error {
	ctx := c.r.Context()
	wake, leave, ok := s.feed.listen(c.who.UserID)
	if !ok {
		return errBusy
	}
	defer leave()
	seq, err := strconv.ParseInt(c.r.Header.Get("Last-Event-ID"), 10, 64)
	if err != nil {
		if seq, err = catalog.LastEvent(ctx, s.DB.Read(ctx)); err != nil {
			return err
		}
	}
	out := http.NewResponseController(c.w)
	_ = out.SetWriteDeadline(time.Time{}) // this answer lasts
	c.w.Header().Set("Content-Type", "text/event-stream")
	c.w.Header().Set("Cache-Control", "no-store")
	c.w.Header().Set("X-Accel-Buffering", "no")
	c.w.WriteHeader(http.StatusOK)
	if _, err := fmt.Fprintf(c.w, "id: %d\nretry: 2000\nevent: hello\ndata: %s\n\n", seq, s.build); err != nil {
		return nil
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		for {
			seen, next, err := catalog.VisibleEventsAfter(ctx, s.DB.Read(ctx), c.scope, seq, eventPage)
			if err == nil && len(seen) > 0 { // rights may have been taken away since
				if err = c.still(); err == nil {
					seen, next, err = catalog.VisibleEventsAfter(ctx, s.DB.Read(ctx), c.scope, seq, eventPage)
				}
			}
			if err != nil {
				return nil // the stream has begun: the client reconnects
			}
			if err := writeEvents(c.w, seen); err != nil {
				return nil
			}
			if next == seq {
				break
			}
			seq = next
		}
		if out.Flush() != nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.closing:
			return nil
		case <-wake:
		case <-beat.C:
			if c.still() != nil {
				return nil
			}
			if _, err := fmt.Fprint(c.w, ": \n\n"); err != nil {
				return nil
			}
		}
	}
}

// writeEvents writes a batch, once for each thing it is about: three hundred
// instances of one study are one piece of news.
func writeEvents(w http.ResponseWriter, batch []catalog.Event) error {
	last := map[eventView]int{}
	views := make([]eventView, len(batch))
	for i, e := range batch {
		views[i] = viewEvent(e)
		last[views[i]] = i
	}
	for i, e := range batch {
		if last[views[i]] != i {
			continue
		}
		data, err := json.Marshal(views[i])
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n\n", e.Seq, eventName(e.Kind), data); err != nil {
			return err
		}
	}
	return nil
}

func viewEvent(e catalog.Event) eventView {
	v := eventView{Kind: e.Kind, StudyID: e.StudyID}
	switch eventName(e.Kind) {
	case "workitem":
		v.WorkitemID = e.Ref
	case "report":
		v.ReportID = e.Ref
	}
	return v
}

// eventName is the part of a kind before the dot, with everything about images
// told as news of their study.
func eventName(kind string) string {
	name, _, _ := strings.Cut(kind, ".")
	switch name {
	case "workitem", "report", "delivery", "emergency", "room":
		return name
	}
	return "study"
}
