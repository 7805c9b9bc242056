package api

import (
	"sync"

	"github.com/dokuei/dokuei/storage/catalog"
)

// maxFaces bounds the memory of faces; a full one begins anew.
const maxFaces = 1 << 14

// faces remembers which instance stands for a study in lists: finding it reads
// every instance of the study, and a list has a hundred studies. An entry counts
// as long as the study has as many instances as when it was made.
type faces struct {
	mu sync.Mutex
	by map[string]face // study
}

type face struct {
	instances int
	id        string // "" for a study without images
}

func (f *faces) of(st catalog.Study, find func() (string, error)) (string, error) {
	f.mu.Lock()
	known, ok := f.by[st.ID]
	f.mu.Unlock()
	if ok && known.instances == st.Instances {
		return known.id, nil
	}
	id, err := find()
	if err != nil {
		return "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.by == nil || len(f.by) >= maxFaces {
		f.by = make(map[string]face)
	}
	f.by[st.ID] = face{st.Instances, id}
	return id, nil
}
