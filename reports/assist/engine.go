package assist

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"
)

// Errors of an engine.
var (
	// ErrOff says that the house has no such engine.
	ErrOff = errors.New("assist: no engine is configured")
	// ErrEngine says that the engine gave no usable answer.
	ErrEngine = errors.New("assist: the engine did not answer as it should")
)

// Bounds of a call.
const (
	MaxAudio  = 16 << 20 // bytes: some minutes uncompressed, an hour compressed
	maxAnswer = 256 << 10
	dictating = 2 * time.Minute
	drafting  = 3 * time.Minute
)

// Engine is a program of the house, reached over HTTP.
type Engine struct {
	url    string
	client *http.Client
}

// New takes the address of an engine, http or https; "" is none: a nil *Engine.
func New(address string) (*Engine, error) {
	if address == "" {
		return nil, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil, fmt.Errorf("assist: %q is no http or https address of an engine", address)
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: func(_, to string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(to)
		if err != nil || !inside(at.Addr().Unmap()) {
			return fmt.Errorf("%w: its address is outside the house", ErrEngine)
		}
		return nil
	}}
	return &Engine{url: address, client: &http.Client{
		Transport:     &http.Transport{DialContext: dialer.DialContext, Proxy: nil, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// inside reports addresses of this machine and of private networks.
func inside(ip netip.Addr) bool { return ip.IsLoopback() || ip.IsPrivate() }

// Transcript is what was dictated.
type Transcript struct {
	Text   string `json:"text"`
	Engine string `json:"engine"` // its name and version
}

// Dictation sends recorded speech and gets its text. mediaType is that of the
// recording, language ja or en.
func (e *Engine) Dictation(ctx context.Context, audio io.Reader, mediaType, language string) (t Transcript, err error) {
	if e == nil {
		return t, ErrOff
	}
	ctx, stop := context.WithTimeout(ctx, dictating)
	defer stop()
	if err := e.call(ctx, audio, mediaType, language, &t); err != nil {
		return t, err
	}
	return t, bounded(&t.Engine, &t.Text)
}

// Question is what a drafting engine is told.
type Question struct {
	Language   string            `json:"language"`
	Modalities []string          `json:"modalities"`
	BodyPart   string            `json:"bodyPart"`
	Request    string            `json:"request"`  // cleaned of who the patient is
	Sections   map[string]string `json:"sections"` // as written so far, by name
}

// Proposal is a draft: sections by name.
type Proposal struct {
	Engine   string            `json:"engine"`
	Sections map[string]string `json:"sections"`
}

// names are the sections that may be proposed.
var names = []string{"history", "technique", "comparison", "findings", "impression", "recommendation"}

// Draft asks for a proposal.
func (e *Engine) Draft(ctx context.Context, q Question) (p Proposal, err error) {
	if e == nil {
		return p, ErrOff
	}
	body, err := json.Marshal(q)
	if err != nil {
		return p, fmt.Errorf("assist: %w", err)
	}
	ctx, stop := context.WithTimeout(ctx, drafting)
	defer stop()
	if err := e.call(ctx, bytes.NewReader(body), "application/json", q.Language, &p); err != nil {
		return p, err
	}
	kept := map[string]string{}
	for _, n := range names {
		if text := p.Sections[n]; strings.TrimSpace(text) != "" {
			if err := bounded(&p.Engine, &text); err != nil {
				return p, err
			}
			kept[n] = text
		}
	}
	p.Sections = kept
	if len(kept) == 0 {
		return p, fmt.Errorf("%w: it proposed nothing", ErrEngine)
	}
	return p, nil
}

func (e *Engine) call(ctx context.Context, body io.Reader, mediaType, language string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, body)
	if err != nil {
		return fmt.Errorf("assist: %w", err)
	}
	r.Header.Set("Content-Type", mediaType)
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Content-Language", language)
	res, err := e.client.Do(r)
	if err != nil {
		// An address stands in the error, words of the patient do not.
		return fmt.Errorf("%w: %w", ErrEngine, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: status %d", ErrEngine, res.StatusCode)
	}
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil || len(answer) > maxAnswer {
		return fmt.Errorf("%w: its answer broke off or is too long", ErrEngine)
	}
	if json.Unmarshal(answer, into) != nil {
		return fmt.Errorf("%w: its answer is no JSON of the interface", ErrEngine)
	}
	return nil
}

// bounded makes sure that an answer names its engine and is text.
func bounded(engine, text *string) error {
	*engine = strings.TrimSpace(*engine)
	if *engine == "" || utf8.RuneCountInString(*engine) > 200 || !utf8.ValidString(*text) || strings.ContainsRune(*text, 0) {
		return fmt.Errorf("%w: it has to give its name and plain text", ErrEngine)
	}
	return nil
}
