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

// admit takes a place under the limits for a peer, by its address: an AE title
// is no secret and makes no identity.
func (s *Acceptor) admit(addr net.Addr) (release func(), ok bool) {
	host, _, err := net.SplitHostPort(addr.String())
	if err != nil {
		host = addr.String()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining || s.stats.Associations.Load() >= int64(s.cfg.MaxAssociations) || s.perPeer[host] >= s.cfg.MaxPerPeer {
		return nil, false
	}
	s.stats.Associations.Add(1)
	s.perPeer[host]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.stats.Associations.Add(-1)
		if s.perPeer[host]--; s.perPeer[host] == 0 {
			delete(s.perPeer, host)
		}
	}, true
}
