package fsobject

import "sync"

// folderSync shares syncs of one folder: all who ask while one is under way are
// served by the next.
type folderSync struct {
	running sync.Mutex // held by the round that syncs

	mu   sync.Mutex
	next *round // not begun; nil: none
}

// round is one sync for all who joined before it began.
type round struct {
	done chan struct{}
	err  error
}

// do returns when a sync that began after the call has ended.
func (f *folderSync) do(sync func() error) error {
	f.mu.Lock()
	if r := f.next; r != nil {
		f.mu.Unlock()
		<-r.done
		return r.err
	}
	r := &round{done: make(chan struct{})}
	f.next = r
	f.mu.Unlock()

	f.running.Lock()
	defer f.running.Unlock()
	f.mu.Lock()
	f.next = nil // who comes now has changed the folder after this sync began, or may have
	f.mu.Unlock()
	defer close(r.done)
	r.err = sync()
	return r.err
}
