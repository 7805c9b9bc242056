package dicomweb

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist/ups"
)

// Stream is what a request that lasts needs of the house.
type Stream struct {
	Wake  <-chan struct{} // is sent to when something has changed
	Leave func()
	// Who is the principal as it is now; an error when its session has ended or the
	// channel is no longer its own.
	Who    func() (identity.Principal, error)
	Ending <-chan struct{} // the service stops
}

const (
	lookAgain  = 15 * time.Second // at what nobody has woken us for; and the peer is asked whether it is there
	frameLimit = 10 * time.Second // for a peer to take a message
)

// listener is the account under the AE title of the address.
func listener(q *Request) (ups.Listener, error) {
	ae := strings.TrimSpace(q.R.PathValue("aetitle"))
	if ae == "" || len(ae) > 16 || strings.ContainsFunc(ae, func(r rune) bool { return r < ' ' || r > '~' || r == '\\' }) {
		return ups.Listener{}, refuse(http.StatusBadRequest, "the subscriber of the address is not an AE title")
	}
	return ups.Listener{UserID: q.Who.UserID, AETitle: ae}, nil
}

// subscribe is Subscribe, §11.10: the changes are told on the channel of the answer.
// The keys of a filtered global subscription stand in filter=NAME=VALUE, or plainly.
func (s *Server) subscribe(q *Request) error {
	l, err := listener(q)
	if err != nil {
		return err
	}
	var filter *dataset.Dataset
	if step := q.R.PathValue("workitem"); step == uid.UPSFilteredGlobalSubscription {
		if filter, err = filterKeys(q); err != nil {
			return err
		}
	}
	if err := s.Steps.Subscribe(q.R.Context(), s.performer(q), l, q.R.PathValue("workitem"), filter); err != nil {
		return q.refuseSubscription(err)
	}
	q.W.Header().Set("Content-Location", "ws"+strings.TrimPrefix(q.root(), "http")+"/subscribers/"+l.AETitle)
	q.W.WriteHeader(http.StatusCreated)
	return nil
}

func filterKeys(q *Request) (*dataset.Dataset, error) {
	values := q.R.URL.Query()
	values.Del("deletionlock")
	for _, f := range values["filter"] { // one or more NAME=VALUE, by comma
		for _, one := range strings.Split(f, ",") {
			name, value, ok := strings.Cut(one, "=")
			if !ok {
				return nil, refuse(http.StatusBadRequest, "filter is NAME=VALUE")
			}
			values.Add(name, value)
		}
	}
	values.Del("filter")
	key, _, _, err := stepKeys(values)
	return key, err
}

func (s *Server) unsubscribe(q *Request) error { return s.endSubscription(q, s.Steps.Unsubscribe) }

func (s *Server) suspend(q *Request) error { return s.endSubscription(q, s.Steps.Suspend) }

func (s *Server) endSubscription(q *Request, how func(context.Context, ups.Caller, ups.Listener, string) error) error {
	l, err := listener(q)
	if err != nil {
		return err
	}
	if err := how(q.R.Context(), s.performer(q), l, q.R.PathValue("workitem")); err != nil {
		return q.refuseSubscription(err)
	}
	q.W.WriteHeader(http.StatusOK)
	return nil
}

func (q *Request) refuseSubscription(err error) error {
	switch {
	case errors.Is(err, ups.ErrNoStep):
		return q.refuseStep(http.StatusNotFound, "there is no such workitem")
	case errors.Is(err, ups.ErrNotGlobal):
		return q.refuseStep(http.StatusBadRequest, "only a global subscription is suspended")
	case errors.Is(err, ups.ErrTooMany):
		return q.refuseStep(http.StatusRequestEntityTooLarge, "too many subscriptions of this account")
	}
	return err
}

// channel is Open Event Channel, §11.13: a WebSocket (RFC 6455) of the reports of the
// subscriber. It begins with the state of each step that was subscribed to by itself;
// what happened while no channel was open is in that.
func (s *Server) channel(q *Request) error {
	l, err := listener(q)
	if err != nil {
		return err
	}
	if !strings.EqualFold(q.R.Header.Get("Upgrade"), "websocket") {
		q.W.Header().Set("Upgrade", "websocket")
		return refuse(http.StatusUpgradeRequired, "this is a WebSocket: open it as one")
	}
	stream, err := q.Listen()
	if err != nil {
		return err
	}
	defer stream.Leave()
	// A page of another site is refused: the origin is to be the host of the request.
	conn, err := websocket.Accept(q.W, q.R, nil)
	if err != nil {
		return nil //nolint:nilerr // it has answered
	}
	defer conn.CloseNow() //nolint:errcheck // it is gone
	conn.SetReadLimit(1)
	ctx := conn.CloseRead(context.WithoutCancel(q.R.Context())) // nothing is said by the peer
	c := &channelOf{server: s, q: q, conn: conn, listener: l, stream: stream}
	status, reason := c.run(ctx)
	_ = conn.Close(status, reason) // the peer may be gone
	return nil
}

// channelOf is an open channel.
type channelOf struct {
	server   *Server
	q        *Request
	conn     *websocket.Conn
	listener ups.Listener
	stream   Stream
	message  uint16 // Message ID of the last report
}

// run tells until the peer, the session or the service ends.
func (c *channelOf) run(ctx context.Context) (websocket.StatusCode, string) {
	list, seq, err := c.server.Steps.Opened(ctx, c.server.performer(c.q), c.listener)
	beat := time.NewTicker(lookAgain)
	defer beat.Stop()
	for {
		if err == nil {
			err = c.tell(ctx, list)
		}
		if err != nil {
			return websocket.StatusInternalError, "open the channel again"
		}
		var next int64
		if list, next, err = c.server.Steps.Since(ctx, c.server.performer(c.q), c.listener, seq); err == nil && len(list) > 0 {
			if !c.still() { // rights may have been taken away since
				return websocket.StatusPolicyViolation, "the session has ended"
			}
			list, next, err = c.server.Steps.Since(ctx, c.server.performer(c.q), c.listener, seq)
		}
		if err == nil {
			if seq = next; len(list) > 0 {
				continue
			}
		}
		select {
		case <-ctx.Done():
			return websocket.StatusNormalClosure, ""
		case <-c.stream.Ending:
			return websocket.StatusGoingAway, "the service stops"
		case <-c.stream.Wake:
		case <-beat.C:
			if !c.still() {
				return websocket.StatusPolicyViolation, "the session has ended"
			}
			limit, cancel := context.WithTimeout(ctx, frameLimit)
			err = c.conn.Ping(limit)
			cancel()
		}
	}
}

// still looks again at who listens; false when they may no longer.
func (c *channelOf) still() bool {
	who, err := c.stream.Who()
	if err != nil {
		return false
	}
	c.q.Who, c.q.Scope = who, who.Scope()
	return true
}

func (c *channelOf) tell(ctx context.Context, list []ups.Report) error {
	for _, r := range list {
		c.message++
		raw, err := json.Marshal(reportModel(r, c.message))
		if err != nil {
			return err
		}
		limit, cancel := context.WithTimeout(ctx, frameLimit)
		err = c.conn.Write(limit, websocket.MessageText, raw)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

// reportModel is the message of a report, §11.13.4: the fields of the command of an
// N-EVENT-REPORT with its Event Information.
func reportModel(r ups.Report, message uint16) model {
	m := modelOf(r.Information, "")
	delete(m, key(tag.SpecificCharacterSet)) // JSON is UTF-8
	m["00000002"] = element{VR: "UI", Value: []any{uid.UPSPush}}
	m["00000110"] = element{VR: "US", Value: []any{message}}
	m["00001000"] = element{VR: "UI", Value: []any{r.SOPInstanceUID}}
	m["00001002"] = element{VR: "US", Value: []any{r.EventTypeID}}
	return m
}
