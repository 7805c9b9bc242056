package ingest

import (
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

// Begun is an instance of which all has come that stands before its native Pixel Data
// (PS3.5 A.4), little endian, of which the first bytes are there.
type Begun struct {
	Meta
	Header *dataset.Dataset // what the catalog wants of it; not to be changed
	Length int64            // of the Pixel Data
}

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
	Duplicate  bool // its content was here
	Conflict   bool // its UID was here with other content; kept beside
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

	mu   sync.Mutex     // held by Sweep while it deletes
	held map[string]int // keys between Commit of the object and its transaction
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
	return &Ingester{objects: objects, db: d, opt: opt, held: make(map[string]int)}
}

// hold keeps Sweep away from key until the returned function is called.
func (i *Ingester) hold(key string) (release func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.held[key]++
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		if i.held[key]--; i.held[key] == 0 {
			delete(i.held, key)
		}
	}
}

func (i *Ingester) tell(s Stored) {
	switch {
	case i.opt.OnStored != nil:
		i.opt.OnStored(s)
	case s.Watcher != nil:
		s.Watcher.Close()
	}
}
