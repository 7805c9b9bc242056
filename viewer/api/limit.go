package api

import (
	"math"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/dokuei/dokuei/storage/identity"
)

// Limits bound how fast the door is knocked at. A Rate of zero is no limit. They are
// for programs that run away and for strangers: a person who pages through a study
// of thousands of images does not meet them.
type Limits struct {
	Principal Rate // requests of one account or token
	Address   Rate // requests from one address, behind which a whole hospital may be
	Stranger  Rate // requests from one address that show nothing valid
}

// Rate is so many requests a second, and so many at once after a rest.
type Rate struct {
	PerSecond float64
	Burst     int
}

var errTooMany = problem(http.StatusTooManyRequests, "too_many", "Too many requests at once; please wait.")

// maxCounted bounds the table of a limit. Who comes when it is full shares one count
// with all others who do.
const maxCounted = 1 << 16

// meter counts by name against one rate.
type meter struct {
	rate Rate
	now  func() time.Time

	mu    sync.Mutex
	by    map[string]*rate.Limiter
	swept time.Time
	rest  *rate.Limiter
}

func newMeter(r Rate) *meter {
	return &meter{rate: r, now: time.Now, by: map[string]*rate.Limiter{}, rest: r.limiter()}
}

func (r Rate) limiter() *rate.Limiter { return rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst) }

// take counts one request and says how long to wait when it is one too many.
func (m *meter) take(name string) (wait time.Duration) {
	if m.rate.PerSecond <= 0 {
		return 0
	}
	now := m.now()
	r := m.of(name, now).ReserveN(now, 1)
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

func (m *meter) of(name string, now time.Time) *rate.Limiter {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l := m.by[name]; l != nil {
		return l
	}
	if full := time.Duration(float64(m.rate.Burst) / m.rate.PerSecond * float64(time.Second)); len(m.by) >= maxCounted || now.Sub(m.swept) > max(full, time.Minute) {
		m.swept = now
		for k, l := range m.by { // who has rested long enough counts like one who never came
			if l.TokensAt(now) >= float64(m.rate.Burst) {
				delete(m.by, k)
			}
		}
	}
	if len(m.by) >= maxCounted {
		return m.rest
	}
	l := m.rate.limiter()
	m.by[name] = l
	return l
}

// limits are the meters of the door.
type limits struct{ principal, address, stranger *meter }

func newLimits(l Limits) limits {
	return limits{newMeter(l.Principal), newMeter(l.Address), newMeter(l.Stranger)}
}

// tooMany refuses for a while, and counts that.
func (s *server) tooMany(by string, wait time.Duration) error {
	if s.OnLimited != nil {
		s.OnLimited(by)
	}
	p := *errTooMany
	p.retryAfter = max(1, int(math.Ceil(wait.Seconds())))
	return &p
}

// limited counts every request for its address.
func (s *server) limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wait := s.limits.address.take(neighbourhood(r)); wait > 0 {
			fail(w, r, s.Log, s.tooMany("address", wait))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// strange counts a request that showed nothing valid. Who shows something valid from
// the same address, a hospital's perhaps, is not kept waiting for it.
func (s *server) strange(r *http.Request) error {
	if wait := s.limits.stranger.take(neighbourhood(r)); wait > 0 {
		return s.tooMany("stranger", wait)
	}
	return nil
}

// admitted counts a request for who asks.
func (s *server) admitted(who identity.Principal) error {
	if wait := s.limits.principal.take(who.UserID); wait > 0 {
		return s.tooMany("principal", wait)
	}
	return nil
}

// neighbourhood is whom an address counts for: itself, or its /64 (a household's or
// a hospital's share of IPv6).
func neighbourhood(r *http.Request) string {
	a, err := netip.ParseAddr(remoteHost(r))
	if err != nil {
		return remoteHost(r)
	}
	if a = a.Unmap(); a.Is6() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// Connections bounds the open connections of a server: of one address, and all.
// It is an http.Server's ConnState. Proxies are exempt from the first: everybody
// comes through them.
type Connections struct {
	PerAddress, All int
	Proxies         []netip.Prefix

	mu   sync.Mutex
	by   map[netip.Addr]int
	open map[net.Conn]netip.Addr
}

// State closes a new connection that is one too many.
func (c *Connections) State(conn net.Conn, s http.ConnState) {
	switch s {
	case http.StateNew:
		if !c.enter(conn) {
			_ = conn.Close()
		}
	case http.StateClosed, http.StateHijacked:
		c.leave(conn)
	}
}

func (c *Connections) enter(conn net.Conn) bool {
	var a netip.Addr
	if at, err := netip.ParseAddrPort(conn.RemoteAddr().String()); err == nil {
		a = at.Addr().Unmap()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by, c.open = map[netip.Addr]int{}, map[net.Conn]netip.Addr{}
	}
	if len(c.open) >= c.All || c.by[a] >= c.PerAddress && !within(a, c.Proxies) {
		return false
	}
	c.by[a]++
	c.open[conn] = a
	return true
}

func (c *Connections) leave(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.open[conn]
	if !ok {
		return
	}
	delete(c.open, conn)
	if c.by[a]--; c.by[a] <= 0 {
		delete(c.by, a)
	}
}
