package preview

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

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
	if err := p.put(ctx, r, m); errors.Is(err, object.ErrNoSpace) {
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
	file, err := p.opt.Objects.Open(ctx, r.ObjectKey)
	if err != nil {
		return made{}, fmt.Errorf("preview: original: %w", err)
	}
	defer file.Close()
	// A codec that panics on a hostile stream must not end the service.
	defer func() {
		if v := recover(); v != nil {
			p.opt.Log.Error("panic while a picture was made", "instance", r.InstanceID, "panic", v, "stack", string(debug.Stack()))
			m, err = made{placeholder: Broken, detail: "decoder failed"}, nil
		}
	}()
	o, err := p.header(ctx, file, r.ObjectKey)
	if err == nil {
		m.pictures, err = o.draw(ctx, shownFrame(o.Format()), wanted.size)
	}
	if err == nil {
		return m, nil
	}
	if why, detail, ok := fault(err, file); ok {
		return made{placeholder: why, detail: detail}, nil
	}
	return made{}, err
}

// fault is Fault, for an object that can be looked at.
func fault(err error, o object.Object) (Placeholder, string, bool) {
	why, detail, ok := Fault(err)
	if why == NoPixels && document(o) {
		why = Document
	}
	return why, detail, ok
}

// ErrBroken is a fault of an object of which nothing better is known.
var ErrBroken = errors.New("preview: decoder failed")

// Fault tells a broken object, for which there is a placeholder and a detail for
// people, from a broken machine. A nil error is neither.
func Fault(err error) (Placeholder, string, bool) {
	var none *pixel.NoDecoderError
	var frame *pixel.FrameError
	var format *pixel.FormatError
	var header *stream.FormatError
	switch {
	case errors.As(err, &none):
		return NoDecoder, none.TransferSyntaxUID, true
	case errors.Is(err, pixel.ErrNoPixels):
		return NoPixels, "", true
	case errors.Is(err, ErrBroken), errors.As(err, &frame), errors.As(err, &format), errors.As(err, &header):
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
