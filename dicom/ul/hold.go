package ul

import "time"

// Hold says that the peer owes us nothing while a long operation of ours is
// under way: waiting for its next message neither expires nor ends because the
// server is stopping. The returned function ends that; a wait that is going on
// then has the idle time left. Hold comes before the wait it is for; the
// returned function may be called by another goroutine than the one that reads.
func (a *Association) Hold() (resume func()) {
	a.in.hold()
	return func() { a.in.unhold(a.cfg.Idle) }
}

func (m *meter) hold() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held = true
}

func (m *meter) unhold(idle time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held = false
	if !m.blocked || m.interrupt != nil {
		return
	}
	deadline := time.Now().Add(idle)
	if m.draining {
		deadline = time.Unix(1, 0)
	}
	_ = m.conn.SetReadDeadline(deadline) // fails only on a closed connection
}
