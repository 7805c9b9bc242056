package pixel

import (
	"bufio"
	"io"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
)

type extent struct{ offset, length int64 }

func (r *Reader) locate() error {
	if r.index != nil {
		return nil
	}
	_, _, p, err := dataset.ReadFile(io.NewSectionReader(r.ra, 0, r.size), stream.Limits{})
	if err != nil {
		return err
	}
	_, base, err := stream.ReadMeta(bufio.NewReader(io.NewSectionReader(r.ra, 0, r.size)))
	if err != nil {
		return err
	}
	for {
		off, n, _, err := p.NextFragment()
		if err == io.EOF || err != nil && len(r.index) >= r.format.Frames {
			break
		}
		if err != nil {
			return err
		}
		r.index = append(r.index, extent{off + base, n})
	}
	return nil
}

func (r *Reader) extents(n int) ([]extent, int64, error) {
	if r.format.Frames == 1 {
		return r.index, r.index[0].offset, nil
	}
	if len(r.index) != r.format.Frames {
		return nil, r.pixels.Offset, &FrameError{Frame: n, Reason: "fragments cannot be told apart"}
	}
	return r.index[n : n+1], r.index[n].offset, nil
}
