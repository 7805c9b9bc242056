package preview

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/dokuei/dokuei/dicom/codec/registry"
	"github.com/dokuei/dokuei/storage/object"
)

// placeholderFile holds the name of the placeholder and, on the second line,
// the detail.
const placeholderFile = "placeholder"

// maxDerived bounds what is read back: a 512 × 512 JPEG is far below.
const maxDerived = 4 << 20

// Get gives a picture, made now when it is not there. The error is that of a
// machine that failed, of ctx, or ErrClosed; an object that cannot be shown gives
// a placeholder.
func (p *Pipeline) Get(ctx context.Context, r Ref, s Size) (Picture, error) {
	data, err := p.read(ctx, r.InstanceID, s.file())
	if err == nil {
		p.count.hits.Inc()
		return Picture{Data: data, ContentType: jpegType}, nil
	}
	if !errors.Is(err, object.ErrNotFound) {
		return Picture{}, err
	}
	why, ok, err := p.note(ctx, r.InstanceID)
	if err != nil {
		return Picture{}, err
	}
	if ok {
		p.count.hits.Inc()
		return sign(why, s), nil
	}
	m, err := p.make(ctx, r)
	if err != nil {
		return Picture{}, err
	}
	if m.placeholder != "" {
		return sign(m.placeholder, s), nil
	}
	return Picture{Data: m.pictures[s], ContentType: jpegType}, nil
}

const jpegType = "image/jpeg"

// done tells whether an instance has its pictures, or a note why not.
func (p *Pipeline) done(ctx context.Context, id string) (bool, error) {
	k, err := key(id, Thumbnail.file())
	if err != nil {
		return false, err
	}
	_, err = p.opt.Derived.Stat(ctx, k)
	if err == nil {
		return true, nil
	}
	if !errors.Is(err, object.ErrNotFound) {
		return false, err
	}
	_, ok, err := p.note(ctx, id)
	return ok, err
}

// note reads why an instance has no picture. A note of a missing decoder, or one
// that cannot be understood, counts only as long as it is true.
func (p *Pipeline) note(ctx context.Context, id string) (Placeholder, bool, error) {
	b, err := p.read(ctx, id, placeholderFile)
	if errors.Is(err, object.ErrNotFound) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	name, detail, _ := strings.Cut(string(b), "\n")
	why := Placeholder(name)
	if !why.known() {
		return "", false, nil
	}
	if why == NoDecoder {
		if _, now := registry.ForTransferSyntax(detail); now {
			return "", false, nil
		}
	}
	return why, true, nil
}

func (p *Pipeline) read(ctx context.Context, id, file string) ([]byte, error) {
	k, err := key(id, file)
	if err != nil {
		return nil, err
	}
	o, err := p.opt.Derived.Open(ctx, k)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	if o.Size() <= 0 || o.Size() > maxDerived {
		return nil, fmt.Errorf("preview: derived object of %d bytes: %w", o.Size(), object.ErrNotFound)
	}
	b := make([]byte, o.Size())
	if n, err := o.ReadAt(b, 0); n < len(b) {
		return nil, fmt.Errorf("preview: derived object: %w", errors.Join(err, io.ErrUnexpectedEOF))
	}
	return b, nil
}

func (p *Pipeline) put(ctx context.Context, id, file string, data []byte) (err error) {
	k, err := key(id, file)
	if err != nil {
		return err
	}
	o, err := p.opt.Derived.Create(ctx)
	if err != nil {
		return fmt.Errorf("preview: derived object: %w", err)
	}
	defer func() { err = errors.Join(err, o.Abort()) }()
	if _, err := o.Write(data); err != nil {
		return fmt.Errorf("preview: derived object: %w", err)
	}
	return o.Commit(ctx, k)
}
