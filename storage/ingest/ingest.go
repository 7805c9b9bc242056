package ingest

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/object"
)

// DefaultQuiet is the time without an instance after which a study is released,
// when its Source does not say otherwise.
const DefaultQuiet = 30 * time.Second

// Options of an Ingester. Zero values take the defaults in the comments.
type Options struct {
	Log    *slog.Logger     // discard
	Now    func() time.Time // db.Now
	Limits stream.Limits    // scanLimits
	// OnStored is called after the commit of a new instance, before its sender is told:
	// as long as it takes, the sender waits.
	OnStored func(Stored)
	// Watch is asked who wants to see the Pixel Data of an instance come; nil: nobody.
	Watch func(Begun) Watcher
}

// Begun is an instance of which all has come that stands before its Pixel Data: native ones,
// little endian, or fragments (PS3.5 A.4), whose bytes a Watcher sees one after another.
type Begun struct {
	Meta
	Header *dataset.Dataset // what the catalog wants of it; not to be changed
	Length int64            // of native Pixel Data, or Fragments
}

// Fragments is the length of encapsulated Pixel Data, which is not known.
const Fragments = -1

// Watcher sees the Pixel Data of an instance while they come. Nobody may be shown what
// it makes of them before it is handed on with Stored.
type Watcher interface {
	// See takes the next bytes; they are gone when it returns.
	See(pixels []byte)
	// Close says that there is nothing more to come of it: the instance was refused,
	// or known. Whoever is given the Watcher with Stored closes it otherwise.
	Close()
}

// Source is where an instance comes from. The facility decides identity.
type Source struct {
	FacilityID string
	CallingAE  string
	CalledAE   string
	RemoteAddr string
	Quiet      time.Duration // DefaultQuiet when 0
}

// Meta is what the C-STORE command and its presentation context say.
type Meta struct {
	SOPClassUID       string
	SOPInstanceUID    string
	TransferSyntaxUID string
}

// Result tells what became of an instance.
type Result struct {
	InstanceID string
	StudyID    string
	SeriesID   string // of a new instance
	Duplicate  bool   // its content was here
	Conflict   bool   // its UID was here with other content; kept beside
}

// Stored names a new instance to whoever works on it next.
type Stored struct {
	InstanceID string
	StudyID    string
	SeriesID   string
	FacilityID string
	ObjectKey  string
	Origin     catalog.Origin
	Watcher    Watcher // nil: none
}

// Ingester stores instances.
type Ingester struct {
	objects object.Store
	db      *db.DB
	opt     Options

	scanners sync.Pool // *stream.Scanner
	fresh    fresh

	mu       sync.Mutex
	held     map[string]int           // keys between Commit of the object and its transaction
	dropping map[string]chan struct{} // keys whose object is being deleted; closed when it is over
}

// New gives an Ingester that keeps bytes in objects and rows in d.
func New(objects object.Store, d *db.DB, opt Options) *Ingester {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = db.Now
	}
	opt.Limits = scanLimits(opt.Limits)
	return &Ingester{objects: objects, db: d, opt: opt, held: make(map[string]int), dropping: make(map[string]chan struct{})}
}

// hold keeps Sweep away from key until the returned function is called. It waits for one
// that is at this key, and for no other: a store that answers slowly must not keep what
// arrives waiting.
func (i *Ingester) hold(ctx context.Context, key string) (release func(), err error) {
	for {
		i.mu.Lock()
		over := i.dropping[key]
		if over == nil {
			i.held[key]++
			i.mu.Unlock()
			return func() { i.release(key) }, nil
		}
		i.mu.Unlock()
		select {
		case <-over:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (i *Ingester) release(key string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.held[key]--; i.held[key] == 0 {
		delete(i.held, key)
	}
}

// seize is for who deletes the object under key: nobody can pass hold meanwhile. ok is
// false when it is held, or being deleted.
func (i *Ingester) seize(key string) (over func(), ok bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.held[key] > 0 || i.dropping[key] != nil {
		return nil, false
	}
	done := make(chan struct{})
	i.dropping[key] = done
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		delete(i.dropping, key)
		close(done)
	}, true
}

func (i *Ingester) tell(s Stored) {
	switch {
	case i.opt.OnStored != nil:
		i.opt.OnStored(s)
	case s.Watcher != nil:
		s.Watcher.Close()
	}
}
