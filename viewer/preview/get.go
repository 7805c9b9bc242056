package preview

import (
	"context"
	"errors"

	"github.com/dokuei/dokuei/storage/object"
)

const jpegType = "image/jpeg"

// Get gives a picture, made now when it is not there. The error is that of a
// machine that failed, of ctx, or ErrClosed; an object that cannot be shown gives
// a placeholder.
func (p *Pipeline) Get(ctx context.Context, r Ref, s Size) (Picture, error) {
	data, why, err := p.stored(ctx, r.InstanceID, s)
	if err == nil {
		p.count.hits.Inc()
		if why != "" {
			return sign(why, s), nil
		}
		return Picture{Data: data, ContentType: jpegType}, nil
	}
	if !errors.Is(err, object.ErrNotFound) {
		return Picture{}, err
	}
	m, err := p.make(ctx, r)
	if err != nil && !(errors.Is(err, object.ErrNoSpace) && m.complete()) { // made, and no room to keep it
		return Picture{}, err
	}
	if m.placeholder != "" {
		return sign(m.placeholder, s), nil
	}
	return Picture{Data: m.pictures[s], ContentType: jpegType}, nil
}
