package dicomweb

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"

	"github.com/dokuei/dokuei/dicom/softcopy"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/storage/catalog"
)

// presented answers for a presentation state with a picture of the first image that it
// is of, as it says: its greys, mask, shutters, turn, displayed area, graphics and texts.
// Who must not know the patient gets none: nobody knows what is written in it.
func (s *Server) presented(q *Request, i found, how rendering) error {
	if p, err := q.disguise(s, i); err != nil {
		return err
	} else if p != nil {
		return refuse(http.StatusNotAcceptable, "a presentation state is not rendered where the patient is not to be known")
	}
	state, err := s.Pictures.State(q.R.Context(), i.ObjectKey)
	switch {
	case errors.Is(err, softcopy.ErrNotState):
		return catalog.ErrNotFound
	case errors.Is(err, softcopy.ErrLimit), errors.Is(err, stream.ErrLimit):
		return refuse(http.StatusNotAcceptable, "the presentation state holds too much")
	case err != nil:
		return fault(err)
	}
	of, n, err := s.first(q, state)
	if err != nil {
		return err
	}
	asked := sha256.Sum256([]byte(q.R.URL.RawQuery))
	tag := fmt.Sprintf("%s-s%d-%s-%x", of.SHA256[:32], n, i.SHA256[:32], asked[:8])
	return s.picture(q, tag, []string{jpegType, pngType}, func(kind string) ([]byte, error) {
		o, err := s.Pictures.Open(q.R.Context(), of.ObjectKey)
		if err != nil {
			return nil, fault(err)
		}
		defer o.Close()
		r := o.Under(state, n)
		r.PNG, r.Window, r.Width, r.Height, r.Quality = kind == pngType, how.Window, how.Width, how.Height, how.Quality
		r.Lines = how.lines(o.Header())
		b, err := o.Render(q.R.Context(), n, r)
		return b, fault(err)
	})
}

// first is the first frame (from 0) of the study that a state is of.
func (s *Server) first(q *Request, state *softcopy.State) (found, int, error) {
	for _, ref := range state.Images {
		list, err := s.inStudy(q, "", ref.SOPInstanceUID)
		switch {
		case errors.Is(err, catalog.ErrNotFound):
			continue
		case err != nil:
			return found{}, 0, err
		}
		n := 0
		if len(ref.Frames) > 0 {
			n = ref.Frames[0] - 1
		}
		if n >= 0 && n < max(list[0].Frames, 1) {
			return list[0], n, nil
		}
	}
	return found{}, 0, catalog.ErrNotFound
}
