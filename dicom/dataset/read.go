package dataset

import (
	"bufio"
	"io"

	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// Read reads a whole data set, Pixel Data included, into memory. It is for small
// objects: what passes the limits is an error that wraps stream.ErrLimit. On an error
// the data set read so far is returned with it.
func Read(r io.Reader, ts uid.TransferSyntax, lim stream.Limits) (*Dataset, error) {
	b := builder{s: stream.NewScanner(r, ts, lim)}
	d := New()
	_, _, err := b.read(d)
	return d, err
}

// ReadHeader reads up to the top-level Pixel Data and hands that on unread: p is nil
// when the object has none. Values too long for lim.MaxValueBytes are left out; see
// Omitted. r is read ahead, so the pixels are to be read from p and not from r. On an
// error the elements read so far are returned with it.
func ReadHeader(r io.Reader, ts uid.TransferSyntax, lim stream.Limits) (d *Dataset, p *stream.PixelData, err error) {
	return readHeader(r, ts, lim, 0)
}

func readHeader(r io.Reader, ts uid.TransferSyntax, lim stream.Limits, at int64) (d *Dataset, p *stream.PixelData, err error) {
	b := builder{s: stream.NewScanner(r, ts, lim), header: true, keep: lim.MaxValueBytes}
	if b.keep <= 0 {
		b.keep = 4 << 20
	}
	b.s.StartAt(at)
	d = New()
	e, found, err := b.read(d)
	if err != nil || !found {
		return d, nil, err
	}
	p, err = b.s.PixelData(e)
	return d, p, err
}

// ReadFile reads the file meta information of a Part 10 file and then its data set
// like ReadHeader. Offsets are counted from the start of the file.
func ReadFile(r io.Reader, lim stream.Limits) (m stream.Meta, d *Dataset, p *stream.PixelData, err error) {
	br := bufio.NewReader(r)
	m, n, err := stream.ReadMeta(br)
	if err != nil {
		return m, New(), nil, err
	}
	ts := stream.SyntaxFor(m.TransferSyntaxUID)
	if ts.Deflated {
		n = 0
	}
	d, p, err = readHeader(br, ts, lim, n)
	return m, d, p, err
}

// builder turns the events of a Scanner into a tree.
type builder struct {
	s      *stream.Scanner
	header bool
	keep   int64
	arena  []byte
}

// level is one open item with the sequence it is collected for.
type level struct {
	d     *Dataset
	tag   tag.Tag
	items []*Dataset
}

func (b *builder) read(root *Dataset) (pixels stream.Element, found bool, err error) {
	d := root
	var open []level // the data sets around d, and the sequences in them
	for {
		e, err := b.s.Next()
		if err != nil {
			// What was read of the sequences that are open is kept for who wants to look.
			for i := len(open) - 1; i >= 0; i-- {
				open[i].d.insert(element{tag: open[i].tag, vr: stream.SQ, items: open[i].items})
			}
			if err == io.EOF {
				err = nil
			}
			return e, false, err
		}
		switch e.Kind {
		case stream.KindSequence:
			open = append(open, level{d: d, tag: e.Tag})
		case stream.KindItem:
			top := &open[len(open)-1]
			d = &Dataset{parent: top.d}
			top.items = append(top.items, d)
		case stream.KindItemEnd:
			d = open[len(open)-1].d
		case stream.KindSequenceEnd:
			top := open[len(open)-1]
			open = open[:len(open)-1]
			top.d.insert(element{tag: top.tag, vr: stream.SQ, items: top.items})
		case stream.KindFragments, stream.KindValue:
			if b.header && e.PixelData() {
				return e, true, nil
			}
			if err := b.value(d, e); err != nil {
				return e, false, err
			}
		}
	}
}

// insert adds an element that was read. Of two with one tag the first is kept.
func (d *Dataset) insert(e element) {
	if n := len(d.elements); n > 0 && d.elements[n-1].tag >= e.tag {
		if _, ok := d.search(e.tag); ok {
			return
		}
	}
	d.put(e)
}

func (b *builder) value(d *Dataset, e stream.Element) error {
	if e.Kind == stream.KindFragments {
		return b.fragments(d, e)
	}
	if e.Tag.GroupLength() {
		return nil // PS3.5 §7.2: retired, and wrong after any change
	}
	if b.header && int64(e.Length) > b.keep {
		d.insert(element{tag: e.Tag, vr: e.VR, omitted: e.Length})
		return nil
	}
	v, err := b.s.Value()
	if err != nil {
		return err
	}
	v = b.store(v)
	vr := e.VR
	if e.Implicit && vr == stream.US {
		vr = d.ambiguous(e.Tag)
	}
	if e.BigEndian {
		stream.SwapBytes(v, vr.Unit())
	}
	d.insert(element{tag: e.Tag, vr: vr, value: v})
	return nil
}

// ambiguous settles "US or SS" of an implicit element by Pixel Representation
// (PS3.3 §C.7.6.3.1), which comes before the elements that depend on it.
func (d *Dataset) ambiguous(t tag.Tag) stream.VR {
	if e, ok := tag.Lookup(t); !ok || e.VRs == "US" || e.VRs == "US or OW" {
		return stream.US
	}
	for p := d; p != nil; p = p.parent {
		if v, ok := p.Int(tag.PixelRepresentation); ok {
			if v == 1 {
				return stream.SS
			}
			break
		}
	}
	return stream.US
}

func (b *builder) fragments(d *Dataset, e stream.Element) error {
	fs := [][]byte{}
	for {
		f, err := b.s.Next()
		if err != nil {
			return err
		}
		if f.Kind == stream.KindFragmentsEnd {
			break
		}
		v, err := b.s.Value()
		if err != nil {
			return err
		}
		fs = append(fs, b.store(v))
	}
	if len(fs) == 0 {
		fs = append(fs, []byte{})
	}
	d.insert(element{tag: e.Tag, vr: e.VR, fragments: fs})
	return nil
}

// store copies a value out of the scanner, small ones side by side in one block.
func (b *builder) store(v []byte) []byte {
	const block = 4 << 10
	if len(v) == 0 {
		return nil
	}
	if len(v) > block/4 {
		return append(make([]byte, 0, len(v)), v...)
	}
	if len(v) > cap(b.arena)-len(b.arena) {
		b.arena = make([]byte, 0, block)
	}
	n := len(b.arena)
	b.arena = append(b.arena, v...)
	return b.arena[n:len(b.arena):len(b.arena)]
}
