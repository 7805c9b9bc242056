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
	if s == Preview {
		if pic, ok := p.large.get(r.InstanceID); ok {
			p.count.hits.Inc()
			return Picture{Data: pic, ContentType: jpegType}, nil
		}
	}
	pic, why, err := p.stored(ctx, r, s)
	switch {
	case err != nil && !errors.Is(err, object.ErrNotFound):
		return Picture{}, err
	case err == nil && why != "":
		p.count.hits.Inc()
		return Sign(why, s), nil
	case err == nil && pic != nil:
		p.count.hits.Inc()
		return Picture{Data: pic, ContentType: jpegType}, nil
	}
	w := want{id: r.InstanceID, kept: err != nil, large: s == Preview}
	m, err := p.make(ctx, r, w)
	if err != nil && !(errors.Is(err, object.ErrNoSpace) && m.complete()) { // made, and no room to keep it
		return Picture{}, err
	}
	if m.placeholder != "" {
		return Sign(m.placeholder, s), nil
	}
	return Picture{Data: m.pictures[s], ContentType: jpegType}, nil
}
