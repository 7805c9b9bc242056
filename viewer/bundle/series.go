package bundle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/viewer/preview"
)

// Series is what a bundle is made of: a series with its instances in reading order.
type Series struct {
	ID        string
	Instances []catalog.Instance
}

// SeriesOf takes what has pixels of a series of the catalog, whose instances are in
// the order of catalog.SortInstances.
func SeriesOf(s catalog.Series) Series {
	out := Series{ID: s.ID}
	for _, i := range s.Instances {
		if i.Displayable() == "image" && i.Rows > 0 && i.Columns > 0 {
			out.Instances = append(out.Instances, i)
		}
	}
	return out
}

// Empty tells that there is nothing to make a bundle of.
func (s Series) Empty() bool { return len(s.Instances) == 0 }

// Revision names the content: another instance, another order or another version
// of the format give another one.
func (s Series) Revision() string {
	h := sha256.New()
	_, _ = io.WriteString(h, magic+s.ID)
	for _, i := range s.Instances {
		_, _ = io.WriteString(h, i.ID+i.SHA256)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// slice is one frame of the series, in reading order.
type slice struct {
	instance int // index into Series.Instances
	frame    int // in the instance, from 0
}

// survey describes every frame. Only what is Elaborate is opened for it.
func (s Series) survey(ctx context.Context, p *preview.Pipeline) ([]slice, []Frame, error) {
	var slices []slice
	var frames []Frame
	for n, i := range s.Instances {
		row := Frame{
			Instance: n, Rows: i.Rows, Columns: i.Columns, Samples: i.Header.Samples,
			BitsAllocated: i.Header.BitsAllocated, BitsStored: i.Header.BitsStored, Signed: i.Header.Signed,
			Photometric: i.Header.Photometric, SliceThickness: i.Header.SliceThickness, Presentation: presentationOfRow(i.Header),
		}
		if row.Samples == 1 && !Elaborate(i) && row.Photometric != "PALETTE COLOR" {
			row.Number = 1
			slices, frames = append(slices, slice{n, 0}), append(frames, row)
			continue
		}
		err := describe(ctx, p, i, func(at int, f Frame) {
			f.Instance, f.Number, f.SliceThickness = n, at+1, i.Header.SliceThickness
			slices, frames = append(slices, slice{n, at}), append(frames, f)
		})
		if _, _, broken := preview.Fault(err); broken {
			// It keeps its place, and its records say why it is empty.
			row.Number = 1
			slices, frames = append(slices, slice{n, 0}), append(frames, row)
		} else if err != nil {
			return nil, nil, err
		}
	}
	return slices, frames, nil
}

// describe reads the header of an instance and tells of each of its frames.
func describe(ctx context.Context, p *preview.Pipeline, i catalog.Instance, each func(at int, f Frame)) error {
	o, err := p.Open(ctx, i.ObjectKey)
	if err != nil {
		return err
	}
	defer o.Close()
	for at := range o.Format().Frames {
		if err := ctx.Err(); err != nil {
			return err
		}
		f := Frame{Presentation: PresentationOf(o.Presentation(at))}
		f.shape(o.Format())
		each(at, f)
	}
	return nil
}
