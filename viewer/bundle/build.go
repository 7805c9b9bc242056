package bundle

import (
	"context"
	"errors"
	"io"
	"runtime/debug"

	"github.com/dokuei/dokuei/viewer/preview"
)

// build is the making of one bundle.
type build struct {
	m      *Maker
	series Series
	g      *growth
	coder  coder
	index  index
	old    *older // the bundle before, nil when there is none

	open     *preview.Original // of the instance last worked on
	openAt   int
	instance []preview.Placeholder // by instance: why all of it has no picture
}

// run writes everything. What cannot be shown is a record that says so; an error is
// one of the machine.
func (b *build) run(ctx context.Context) error {
	defer b.close()
	slices, frames, err := b.series.survey(ctx, b.m.opt.Pictures)
	if err != nil {
		return err
	}
	h := Head{Series: b.series.ID, Revision: b.series.Revision(), Order: centreOut(len(slices))}
	for _, i := range b.series.Instances {
		h.Instances = append(h.Instances, Instance{i.ID, i.SOPInstanceUID, i.InstanceNumber, i.TransferSyntaxUID})
	}
	if err := h.describe(frames); err != nil {
		return err
	}
	b.index = make(index, len(slices))
	b.instance = make([]preview.Placeholder, len(b.series.Instances))
	indexAt, err := b.begin(&h)
	if err != nil {
		return err
	}
	for n, s := range slices {
		if err := b.preview(ctx, n, s); err != nil {
			return err
		}
	}
	for _, n := range h.Order {
		if err := b.frame(ctx, n, slices[n]); err != nil {
			return err
		}
	}
	if err := b.write(Record{Kind: KindDone}); err != nil {
		return err
	}
	x := b.index.record()
	_, err = b.g.file.WriteAt(append(x.head(), x.Payload...), indexAt)
	return err
}

func (b *build) close() {
	b.letGo()
	b.old.close()
}

// letGo closes the original that is open.
func (b *build) letGo() {
	if b.open != nil {
		_ = b.open.Close() // it was only read
		b.open = nil
	}
}

// begin writes magic, head and an index of zeros, and gives the offset of the latter.
func (b *build) begin(h *Head) (indexAt int64, err error) {
	head, err := h.record()
	if err != nil {
		return 0, err
	}
	zeros := b.index.record()
	first := append([]byte(magic), head.head()...)
	first = append(first, head.Payload...)
	indexAt = int64(len(first))
	first = append(first, zeros.head()...)
	first = append(first, zeros.Payload...)
	if _, err := b.g.file.Write(append([]byte(unfinished), first[len(magic):]...)); err != nil {
		return 0, err
	}
	b.g.begun(first)
	return indexAt, nil
}

func (b *build) write(r Record) error {
	if err := r.writeTo(b.g.file); err != nil {
		return err
	}
	b.g.grown(r.length())
	return nil
}

// preview writes the scroll preview of a slice.
func (b *build) preview(ctx context.Context, n int, s slice) error {
	r := Record{Kind: KindPreview, Frame: n}
	i := b.series.Instances[s.instance]
	if i.Frames <= 1 {
		pic, err := b.m.opt.Pictures.Get(ctx, preview.Ref{InstanceID: i.ID, SeriesID: b.series.ID, ObjectKey: i.ObjectKey}, preview.Scroll)
		if err != nil {
			return err
		}
		r.Payload, b.instance[s.instance] = pic.Data, pic.Placeholder
	} else {
		err := b.guard(ctx, s, func(o *preview.Original) (err error) {
			r.Payload, err = o.Picture(ctx, s.frame, preview.Scroll)
			return err
		})
		if why, _, broken := preview.Fault(err); broken {
			r.Payload = preview.Sign(why, preview.Scroll).Data
		} else if err != nil {
			return err
		}
	}
	b.index[n].preview = uint32(r.length())
	return b.write(r)
}

// frame writes the lossless frame of a slice.
func (b *build) frame(ctx context.Context, n int, s slice) error {
	r, half, ok := b.old.frame(b.series.Instances[s.instance].ID, s.frame)
	if !ok {
		if err := b.m.giveWay(ctx, b.g); err != nil {
			return err
		}
		select {
		case b.m.coding <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		var err error
		r, half, err = b.code(ctx, s)
		<-b.m.coding
		if err != nil {
			return err
		}
	}
	r.Frame = n
	b.index[n].frame, b.index[n].half = uint32(r.length()), uint32(half)
	return b.write(r)
}

func (b *build) code(ctx context.Context, s slice) (r Record, half int, err error) {
	if why := b.instance[s.instance]; why != "" {
		return Record{Kind: KindNone, Payload: []byte(why)}, 0, nil
	}
	err = b.guard(ctx, s, func(o *preview.Original) (err error) {
		r, half, err = b.coder.code(ctx, o, s.frame)
		return err
	})
	if why, _, broken := preview.Fault(err); broken {
		return Record{Kind: KindNone, Payload: []byte(why)}, 0, nil
	}
	return r, half, err
}

// guard opens the instance of a slice, or keeps it open from the slice before, and
// lets fn work on it. A codec that panics on a hostile stream breaks one frame.
func (b *build) guard(ctx context.Context, s slice, fn func(*preview.Original) error) (err error) {
	if b.open == nil || b.openAt != s.instance {
		b.letGo()
		if b.open, err = b.m.opt.Pictures.Open(ctx, b.series.Instances[s.instance].ObjectKey); err != nil {
			return err
		}
		b.openAt = s.instance
	}
	defer func() {
		if v := recover(); v != nil {
			b.m.opt.Log.Error("panic while a frame was coded", "instance", b.series.Instances[s.instance].ID, "frame", s.frame+1, "panic", v, "stack", string(debug.Stack()))
			err = preview.ErrBroken
		}
	}()
	return fn(b.open)
}

// older is the bundle of a series before it got another instance.
type older struct {
	file    *volume
	frames  map[string][]int64 // offset of the frame records, by instance ID and frame
	lengths map[int64]entry
	buf     []byte
}

// openOlder reads head and index of a finished bundle. What cannot be read is as
// good as not there.
func openOlder(f *volume) *older {
	if f == nil {
		return nil
	}
	o := &older{file: f, frames: map[string][]int64{}, lengths: map[int64]entry{}}
	if err := o.read(); err != nil {
		o.close()
		return nil
	}
	return o
}

func (o *older) read() error {
	in := NewReader(o.file)
	r, err := in.Next()
	if err != nil {
		return err
	}
	if r.Kind != KindHead {
		return errors.New("bundle: does not begin with its head")
	}
	h, err := ParseHead(r.Payload)
	if err != nil {
		return err
	}
	if r, err = in.Next(); err != nil {
		return err
	}
	x := indexOf(r.Payload)
	if r.Kind != KindIndex || len(x) != len(h.Frames) || len(h.Order) != len(x) {
		return errors.New("bundle: index does not belong to its head")
	}
	first, err := o.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	at := x.offsets(first, h.Order)
	for n := range h.Frames {
		f, err := h.Frame(n)
		if err != nil || f.Instance < 0 || f.Instance >= len(h.Instances) {
			return errors.Join(err, errors.New("bundle: frame of no instance"))
		}
		id := h.Instances[f.Instance].ID
		if f.Number != len(o.frames[id])+1 {
			return errors.New("bundle: frames of an instance are not in their order")
		}
		o.frames[id] = append(o.frames[id], at[n])
		o.lengths[at[n]] = x[n]
	}
	return nil
}

// frame gives the record of a frame, from 0, of an instance. A frame that could not
// be shown then may be now.
func (o *older) frame(instanceID string, n int) (r Record, half int, ok bool) {
	if o == nil || n >= len(o.frames[instanceID]) {
		return r, 0, false
	}
	at := o.frames[instanceID][n]
	e := o.lengths[at]
	if e.frame < recordHead {
		return r, 0, false
	}
	if cap(o.buf) < int(e.frame) {
		o.buf = make([]byte, e.frame)
	}
	b := o.buf[:e.frame]
	if _, err := o.file.ReadAt(b, at); err != nil {
		return r, 0, false
	}
	r = Record{Kind: Kind(b[:4]), Payload: b[recordHead:]}
	if got := r.head(); string(got[8:]) != string(b[8:recordHead]) {
		return r, 0, false
	}
	return r, int(e.half), r.Kind == KindHTJ2K || r.Kind == KindJPEG || r.Kind == KindDeflate
}

func (o *older) close() {
	if o != nil {
		_ = o.file.close() // it was only read
	}
}
