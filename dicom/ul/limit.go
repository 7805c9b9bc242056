package ul

import "net"

// register makes an association known for draining; false when the server is
// past the point of taking any.
func (s *Acceptor) register(a *Association) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return false
	}
	s.open[a] = struct{}{}
	return true
}

func (s *Acceptor) unregister(a *Association) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, a)
}

// drain asks every association to end after its current message.
func (s *Acceptor) drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draining = true
	for a := range s.open {
		a.in.drain()
	}
}

// interrupt ends what did not end by itself.
func (s *Acceptor) interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for a := range s.open {
		a.in.stop(ErrCanceled)
	}
}

// admit takes a place under the limits for a peer: by its address, because an AE title
// is no secret and makes no identity, and by whose the policy says it is, so that one
// hospital leaves room for the others.
func (s *Acceptor) admit(addr net.Addr, holder string) (release func(), ok bool) {
	host, _, err := net.SplitHostPort(addr.String())
	if err != nil {
		host = addr.String()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining || s.stats.Associations.Load() >= int64(s.cfg.MaxAssociations) || s.perPeer[host] >= s.cfg.MaxPerPeer ||
		holder != "" && s.perHolder[holder] >= s.cfg.MaxPerHolder {
		return nil, false
	}
	s.stats.Associations.Add(1)
	s.perPeer[host]++
	s.perHolder[holder]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.stats.Associations.Add(-1)
		less(s.perPeer, host)
		less(s.perHolder, holder)
	}, true
}

// less takes one away and forgets what has none.
func less(m map[string]int, key string) {
	if m[key]--; m[key] <= 0 {
		delete(m, key)
	}
}
