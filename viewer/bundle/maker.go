package bundle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/dokuei/dokuei/viewer/preview"
)

// ErrClosed is returned after Close.
var ErrClosed = errors.New("bundle: maker is closed")

// Options of a Maker. Pictures and Dir are needed; other zero fields take the value
// said.
type Options struct {
	Pictures *preview.Pipeline
	Dir      string // of the finished bundles
	MaxBytes int64  // of the finished bundles; 16 GiB
	// Key of 32 bytes under which they are sealed on the disk; nil: they are plain.
	Key []byte
	// Room tells whether the disk has room for a bundle to be kept; nil: always.
	// Without room bundles are made for whoever asks, and not kept.
	Room func() bool
	// Busy tells that others need the processors, those who receive images above all;
	// nil: never. Builds that nobody reads along wait meanwhile.
	Busy func() bool
	Log  *slog.Logger
}

// Maker makes, keeps and gives bundles.
type Maker struct {
	opt   Options
	shelf *shelf

	ctx    context.Context
	cancel context.CancelFunc
	flying sync.WaitGroup

	studies chan string   // of Prepare
	coding  chan struct{} // a token for each frame being coded, as many as processors

	mu     sync.Mutex
	closed bool
	making map[string]*growth // by file name
}

// New opens the folder of the finished bundles.
func New(o Options) (*Maker, error) {
	if o.MaxBytes <= 0 {
		o.MaxBytes = 16 << 30
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s, err := openShelf(o.Dir, o.MaxBytes, o.Key)
	if err != nil {
		return nil, err
	}
	m := &Maker{opt: o, shelf: s, making: map[string]*growth{}, studies: make(chan string, queueMost), coding: make(chan struct{}, runtime.GOMAXPROCS(0))}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	return m, nil
}

// Close ends the work in hand and waits for it.
func (m *Maker) Close() {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	m.cancel()
	m.flying.Wait()
}

// Bundle is an opened bundle: a File that is whole, or a Stream that grows while it
// is read.
type Bundle struct {
	Revision string
	File     io.ReadSeeker
	Size     int64 // of File
	Stream   io.Reader
	close    func() error
}

// Close ends the reading.
func (b *Bundle) Close() error { return b.close() }

// Open gives the bundle of a series, which is not Empty: the finished one, or one
// that is being made, for which this call may be the reason. ctx ends the reading;
// the making goes on, because it is wanted anyway.
func (m *Maker) Open(ctx context.Context, s Series) (*Bundle, error) {
	rev := s.Revision()
	f, err := m.shelf.open(s.ID, rev)
	if err == nil {
		return &Bundle{Revision: rev, File: f.ReadSeeker, Size: f.size, close: f.close}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	g, err := m.grow(s, rev, true)
	if err != nil {
		return nil, err
	}
	r := &reader{ctx: ctx, g: g}
	return &Bundle{Revision: rev, Stream: r, close: r.Close}, nil
}

// grow joins the making of a bundle, or begins it; reads tells that the caller reads
// along. The caller leaves it again.
func (m *Maker) grow(s Series, rev string, reads bool) (*growth, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, ErrClosed
	}
	n := name(s.ID, rev)
	g, ok := m.making[n]
	if !ok {
		f, err := m.shelf.create(s.ID, rev)
		if err != nil {
			return nil, fmt.Errorf("bundle: %w", err)
		}
		g = newGrowth(f)
		m.making[n] = g
		m.flying.Add(1)
		go m.make(s, rev, g)
	}
	g.join(reads)
	return g, nil
}

func (m *Maker) make(s Series, rev string, g *growth) {
	defer m.flying.Done()
	begun := time.Now()
	b := build{m: m, series: s, g: g, old: openOlder(m.shelf.older(s.ID))}
	err := b.run(m.ctx)
	kept := false
	if err == nil && (m.opt.Room == nil || m.opt.Room()) {
		var kerr error
		if kept, kerr = m.shelf.keep(g.file, s.ID, rev); kerr != nil {
			m.opt.Log.Warn("bundles of series not kept in order", "series", s.ID, "error", kerr)
		}
	}
	if !kept {
		// Readers have it open: on Windows it stays until the next start.
		_ = os.Remove(g.file.Name())
	}
	m.mu.Lock()
	delete(m.making, name(s.ID, rev))
	m.mu.Unlock()
	g.end(err)
	switch {
	case err == nil:
		m.opt.Log.Debug("series bundle made", "series", s.ID, "frames", len(b.index), "ms", time.Since(begun).Milliseconds())
	case m.ctx.Err() == nil:
		m.opt.Log.Warn("series bundle could not be made", "series", s.ID, "error", err)
	}
}
