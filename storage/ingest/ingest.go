package ingest

import (
	"log/slog"
	"sync"
	"time"

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
	Log      *slog.Logger     // discard
	Now      func() time.Time // db.Now
	Limits   stream.Limits    // scanLimits
	OnStored func(Stored)     // called after the commit of a new instance; must not block
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
	if i.opt.OnStored != nil {
		i.opt.OnStored(s)
	}
}
