package preview

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/storage/object"
)

// made is what a flight brings home.
type made struct {
	pictures    pictures // none with a placeholder
	placeholder Placeholder
	detail      string
}

func (m made) complete() bool {
	return m.placeholder != "" || m.pictures[Thumbnail] != nil || m.pictures[Preview] != nil
}

// headerWeight is what reading a header may take before the frame's size is
// known.
const headerWeight = 1 << 20

// produce opens, decodes, reduces, encodes and keeps.
func (p *Pipeline) produce(ctx context.Context, r Ref, w want) (made, error) {
	m, err := p.picture(ctx, r, w)
	if err != nil {
		return made{}, err
	}
	if pic := m.pictures[Preview]; pic != nil {
		p.large.put(r.InstanceID, pic)
	}
	if !w.kept {
		return m, nil
	}
	if err := p.put(ctx, r.InstanceID, m); errors.Is(err, object.ErrNoSpace) {
		return m, err // whoever waits for it gets it all the same
	} else if err != nil {
		return made{}, err
	}
	p.full.Store(false)
	if m.placeholder != "" && p.opt.OnPlaceholder != nil {
		p.opt.OnPlaceholder(ctx, r, m.placeholder, m.detail)
	}
	return m, nil
}

// picture makes the pictures, or finds out why there are none. An error is one
// of the machine, to be tried again; faults of the object are placeholders.
func (p *Pipeline) picture(ctx context.Context, r Ref, wanted want) (m made, err error) {
	o, err := p.opt.Objects.Open(ctx, r.ObjectKey)
	if err != nil {
		return made{}, fmt.Errorf("preview: original: %w", err)
	}
	defer o.Close()
	// A codec that panics on a hostile stream must not end the service.
	defer func() {
		if v := recover(); v != nil {
			p.opt.Log.Error("panic while a picture was made", "instance", r.InstanceID, "panic", v, "stack", string(debug.Stack()))
			m, err = made{placeholder: Broken, detail: "decoder failed"}, nil
		}
	}()
	err = p.withFrame(ctx, o, -1, nil, func(w *workplace, reader *pixel.Reader, n int) error {
		m.pictures, err = w.draw(reader.Presentation(n), wanted.size, p.opt.Quality)
		return err
	})
	if err == nil {
		return m, nil
	}
	if why, detail, ok := fault(err, o); ok {
		return made{placeholder: why, detail: detail}, nil
	}
	return made{}, err
}

// withFrame decodes frame n of o, the middle one when n is negative, within the
// budget and calls fn with it; what fn gets is good until it returns. With a
// second budget, of those who take long over fn, that one bounds fn instead.
func (p *Pipeline) withFrame(ctx context.Context, o object.Object, n int, slow *budget, fn func(w *workplace, r *pixel.Reader, n int) error) error {
	release, err := p.budget.take(ctx, headerWeight)
	if err != nil {
		return err
	}
	reader, err := pixel.OpenWithin(o, o.Size(), pixel.Limits{MaxFrameBytes: p.opt.MaxFrameBytes})
	release()
	if err != nil {
		return err
	}
	if err := reader.Displayable(); err != nil {
		return err
	}
	f := reader.Format()
	if slow != nil {
		done, err := slow.take(ctx, f.FrameBytes())
		if err != nil {
			return err
		}
		defer done()
	}
	// The frame, what it is decoded from or into, and the header once more.
	release, err = p.budget.take(ctx, 2*f.FrameBytes()+headerWeight)
	if err != nil {
		return err
	}
	release = sync.OnceFunc(release)
	defer release()
	w := p.places.Get().(*workplace)
	defer func() {
		if w.size() < keptWorkplace {
			p.places.Put(w)
		}
	}()
	if n < 0 {
		n = f.Frames / 2
	}
	if err := reader.Frame(ctx, n, &w.frame); err != nil {
		return err
	}
	if slow != nil {
		release()
	}
	return fn(w, reader, n)
}

// fault tells a broken object from a broken machine.
func fault(err error, o object.Object) (Placeholder, string, bool) {
	var none *pixel.NoDecoderError
	var frame *pixel.FrameError
	var format *pixel.FormatError
	var header *stream.FormatError
	switch {
	case errors.As(err, &none):
		return NoDecoder, none.TransferSyntaxUID, true
	case errors.Is(err, pixel.ErrNoPixels):
		if document(o) {
			return Document, "", true
		}
		return NoPixels, "", true
	case errors.As(err, &frame), errors.As(err, &format), errors.As(err, &header):
		return Broken, err.Error(), true
	}
	return "", "", false
}

// document tells whether an object without pixels is one to be read: a
// structured report or an encapsulated document (PS3.4 B.5).
func document(o object.Object) bool {
	m, _, err := stream.ReadMeta(bufio.NewReader(io.NewSectionReader(o, 0, o.Size())))
	return err == nil && (strings.HasPrefix(m.MediaStorageSOPClassUID, "1.2.840.10008.5.1.4.1.1.88.") ||
		strings.HasPrefix(m.MediaStorageSOPClassUID, "1.2.840.10008.5.1.4.1.1.104."))
}

// Frame decodes frame n (from 0) of an original within the budget of the pictures
// and calls fn with it. fn may take its time, such as that of a client on a thin
// line: what is held meanwhile counts against Options.MaxServing, not against the
// pictures. The frame is good until fn returns. Errors of the object are those of
// pixel.Open and pixel.Reader.Frame.
func (p *Pipeline) Frame(ctx context.Context, objectKey string, n int, fn func(*pixel.Frame) error) error {
	o, err := p.opt.Objects.Open(ctx, objectKey)
	if err != nil {
		return err
	}
	defer o.Close()
	if n < 0 {
		return &pixel.FormatError{Element: "NumberOfFrames", Reason: "has no such frame"}
	}
	return p.withFrame(ctx, o, n, p.serving, func(w *workplace, _ *pixel.Reader, _ int) error { return fn(&w.frame) })
}
