package ingest

import (
	"context"
	"errors"
	"io"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/object"
)

const (
	headerMax = 1 << 20  // bytes of wanted values kept of one object
	valueMax  = 64 << 10 // a longer value is not something the catalog shows
	itemsMax  = 4        // items kept of a wanted sequence; the first frame is enough
)

// scanLimits fills the limits of the check. Values are not kept by it, so a long
// object may have many elements without costing memory.
func scanLimits(l stream.Limits) stream.Limits {
	if l.MaxElements == 0 {
		l.MaxElements = 16 << 20
	}
	if l.MaxHeaderBytes == 0 {
		l.MaxHeaderBytes = 1 << 30
	}
	return l
}

// spool writes the meta group and then the data set from r to p, while it checks
// the structure of the data set to its end and collects what the catalog wants.
func (i *Ingester) spool(ctx context.Context, p object.Pending, m Meta, r io.Reader) (*dataset.Dataset, Watcher, error) {
	if _, err := stream.WriteMeta(p, stream.Meta{
		MediaStorageSOPClassUID:    m.SOPClassUID,
		MediaStorageSOPInstanceUID: m.SOPInstanceUID,
		TransferSyntaxUID:          m.TransferSyntaxUID,
		ImplementationClassUID:     uid.ImplementationClassUID,
		ImplementationVersionName:  uid.ImplementationVersionName,
	}); err != nil {
		return nil, nil, err
	}
	c := &collector{}
	if i.opt.Watch != nil {
		c.watch = func(header *dataset.Dataset, length int64) Watcher { return i.opt.Watch(Begun{m, header, length}) }
	}
	d, err := i.walk(m.TransferSyntaxUID, io.TeeReader(&cancelReader{ctx: ctx, r: r}, p), c)
	if err != nil && c.watcher != nil {
		c.watcher.Close()
	}
	return d, c.watcher, err
}

// walk checks the structure of a data set to its end and collects what the catalog
// wants.
func (i *Ingester) walk(transferSyntaxUID string, r io.Reader, c *collector) (*dataset.Dataset, error) {
	ts := stream.SyntaxFor(transferSyntaxUID)
	s, ok := i.scanners.Get().(*stream.Scanner)
	if ok {
		s.Reset(r, ts, i.opt.Limits)
	} else {
		s = stream.NewScanner(r, ts, i.opt.Limits)
	}
	defer i.scanners.Put(s)
	d, err := c.collect(s)
	if err != nil {
		return nil, err
	}
	// A deflated data set may be followed by a padding byte the inflater leaves.
	_, err = io.Copy(io.Discard, r)
	return d, err
}

// cancelReader stops a stream whose context has ended.
type cancelReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *cancelReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}

// level is a data set or item being collected; nil fields mean that nothing of it
// is wanted.
type level struct {
	d     *dataset.Dataset
	seq   tag.Tag            // the wanted sequence open in d, or 0
	items []*dataset.Dataset // of seq
	count int
}

// collector keeps what the catalog wants of a data set.
type collector struct {
	watch   func(header *dataset.Dataset, length int64) Watcher // nil: nobody
	watcher Watcher                                             // who has been asked and wants to see
	coded   int                                                 // fragments of its Pixel Data so far, plus one; 0: native
}

// show lets somebody see native pixels while they are read.
func (c *collector) show(s *stream.Scanner, header *dataset.Dataset, e stream.Element) error {
	if c.watch == nil || c.watcher != nil || e.BigEndian || e.Tag != tag.PixelData {
		return nil
	}
	if c.watcher = c.watch(header, int64(e.Length)); c.watcher == nil {
		return nil
	}
	return c.see(s)
}

// see passes the value at hand on.
func (c *collector) see(s *stream.Scanner) error {
	for {
		b, err := s.Piece()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		c.watcher.See(b)
	}
}

// fragment lets it see a fragment, which may be the Basic Offset Table.
func (c *collector) fragment(s *stream.Scanner) error {
	if c.coded == 0 {
		return nil
	}
	if c.coded++; c.coded == 2 {
		return nil
	}
	return c.see(s)
}

// collect reads the data set to its end and keeps the wanted elements. With an error
// comes what was found until then.
func (c *collector) collect(s *stream.Scanner) (*dataset.Dataset, error) {
	root := dataset.New()
	stack := []level{{d: root}}
	kept := 0
	for {
		e, err := s.Next()
		if errors.Is(err, io.EOF) {
			return root, nil
		}
		if err != nil {
			return root, err
		}
		top := &stack[len(stack)-1]
		switch e.Kind {
		case stream.KindValue:
			if e.PixelData() {
				root.SetBytes(e.Tag, e.VR.String(), nil) // remembered as present
				if err := c.show(s, root, e); err != nil {
					return nil, err
				}
				continue
			}
			if top.d == nil || !wantedValue[e.Tag] || e.Length > valueMax || kept+int(e.Length) > headerMax {
				continue
			}
			b, err := s.Value()
			if err != nil {
				return root, err
			}
			kept += len(b)
			b = append([]byte(nil), b...)
			if e.BigEndian {
				stream.SwapBytes(b, e.VR.Unit())
			}
			top.d.SetBytes(e.Tag, e.VR.String(), b)
		case stream.KindFragments:
			if e.PixelData() {
				root.SetBytes(e.Tag, e.VR.String(), nil)
				if c.watch != nil && c.watcher == nil && e.Tag == tag.PixelData {
					if c.watcher = c.watch(root, Fragments); c.watcher != nil {
						c.coded = 1
					}
				}
			}
		case stream.KindFragment:
			if err := c.fragment(s); err != nil {
				return nil, err
			}
		case stream.KindFragmentsEnd:
			c.coded = 0
		case stream.KindSequence:
			next := level{}
			if top.d != nil && wantedSequence[e.Tag] {
				next.seq = e.Tag
			}
			stack = append(stack, next)
		case stream.KindItem:
			next := level{}
			if top.seq != 0 && top.count < itemsMax && kept < headerMax {
				next.d = dataset.New()
				top.items = append(top.items, next.d)
			}
			top.count++
			stack = append(stack, next)
		case stream.KindItemEnd:
			stack = stack[:len(stack)-1]
		case stream.KindSequenceEnd:
			seq := *top
			stack = stack[:len(stack)-1]
			if seq.seq != 0 {
				stack[len(stack)-1].d.SetItems(seq.seq, seq.items...)
			}
		}
	}
}
