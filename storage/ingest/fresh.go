package ingest

import "sync"

// freshMost is how many studies are remembered; a region receives fewer at once.
const freshMost = 4096

// fresh remembers the studies whose last instance was new. The next one nearly
// always is, too: it need not be looked up, since the transaction fails when it is
// known. A study that is sent again is not here from
// its first repetition on, and what is known of it is found before anything is
// committed.
type fresh struct {
	mu      sync.Mutex
	studies map[study]struct{}
}

type study struct{ facilityID, uid string }

func (f *fresh) has(s study) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, ok := f.studies[s]
	return ok
}

// saw remembers whether the last instance of s was new.
func (f *fresh) saw(s study, isNew bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case !isNew:
		delete(f.studies, s)
	case f.studies == nil, len(f.studies) >= freshMost:
		f.studies = map[study]struct{}{s: {}}
	default:
		f.studies[s] = struct{}{}
	}
}
