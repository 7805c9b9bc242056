package preview

import (
	"container/list"
	"sync"
)

// large holds the latest previews of the size that is not kept on disk, up to a
// number of bytes: a page asks for those of one study again and again.
type large struct {
	mu    sync.Mutex
	limit int
	bytes int
	byID  map[string]*list.Element
	order *list.List // of largeOne, the latest first
}

type largeOne struct {
	id  string
	pic []byte
}

func newLarge(limit int) *large {
	return &large{limit: limit, byID: map[string]*list.Element{}, order: list.New()}
}

func (l *large) get(id string) ([]byte, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.byID[id]
	if !ok {
		return nil, false
	}
	l.order.MoveToFront(e)
	return e.Value.(largeOne).pic, true
}

func (l *large) put(id string, pic []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.byID[id]; ok || len(pic) > l.limit {
		return
	}
	l.byID[id] = l.order.PushFront(largeOne{id, pic})
	for l.bytes += len(pic); l.bytes > l.limit; {
		last := l.order.Remove(l.order.Back()).(largeOne)
		delete(l.byID, last.id)
		l.bytes -= len(last.pic)
	}
}
