package preview

import (
	"context"
	"errors"
	"image"
	"image/draw"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/softcopy"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/object"
)

// Original is an opened object whose frames are taken one after another, each
// within the budget of the pictures. It serves one goroutine at a time and holds
// the header, and memory for one frame as it is stored, until Close.
type Original struct {
	p      *Pipeline
	file   object.Object
	reader *pixel.Reader
	areas  []deident.Area // that nobody is shown
}

// Open opens an original. Errors of the object are those of pixel.Open.
func (p *Pipeline) Open(ctx context.Context, objectKey string) (*Original, error) {
	file, err := p.opt.Objects.Open(ctx, objectKey)
	if err != nil {
		return nil, err
	}
	o, err := p.header(ctx, file, objectKey)
	if err != nil {
		file.Close()
		return nil, err
	}
	return o, nil
}

// header reads the header of an opened file.
func (p *Pipeline) header(ctx context.Context, file object.Object, objectKey string) (*Original, error) {
	release, err := p.budget.take(ctx, headerWeight)
	if err != nil {
		return nil, err
	}
	defer release()
	r, err := pixel.OpenWithin(file, file.Size(), pixel.Limits{MaxFrameBytes: p.opt.MaxFrameBytes})
	if err != nil {
		return nil, err
	}
	o := &Original{p: p, file: file, reader: r}
	if p.opt.Masks != nil {
		facility, _, _ := strings.Cut(objectKey, "/")
		if o.areas, err = p.opt.Masks(ctx, facility, r.Header()); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// Masked reports whether a part of each frame is not shown.
func (o *Original) Masked() bool { return len(o.areas) > 0 }

// ErrMasked: a frame of which a part is not shown is not given as it is stored.
var ErrMasked = errors.New("preview: the frame is masked")

// mask blanks what is not to be shown of a frame, which may be reduced.
func (o *Original) mask(f *pixel.Frame) {
	if len(o.areas) == 0 {
		return
	}
	full := o.Format()
	scaled := make([]deident.Area, len(o.areas))
	for i, a := range o.areas {
		// Outwards: no edge of a letter stays.
		x, y := a.X*f.Columns/full.Columns, a.Y*f.Rows/full.Rows
		right, bottom := ((a.X+a.Width)*f.Columns+full.Columns-1)/full.Columns, ((a.Y+a.Height)*f.Rows+full.Rows-1)/full.Rows
		scaled[i] = deident.Area{X: x, Y: y, Width: right - x, Height: bottom - y}
	}
	black := deident.Pixel{Photometric: f.Photometric, Samples: f.Samples, Allocated: 8 * f.CellBytes(), Stored: f.BitsStored, High: f.BitsStored - 1, Signed: f.Signed}
	deident.Blank(f.Pix, f.Rows, f.Columns, black.Black(o.Header()), scaled)
}

// Close closes the file.
func (o *Original) Close() error { return o.file.Close() }

// Format describes the pixels.
func (o *Original) Format() pixel.Format { return o.reader.Format() }

// Header is the data set before Pixel Data. It must not be changed.
func (o *Original) Header() *dataset.Dataset { return o.reader.Header() }

// TransferSyntaxUID is that of the file.
func (o *Original) TransferSyntaxUID() string { return o.reader.Meta().TransferSyntaxUID }

// Presentation is how frame n (from 0) is shown.
func (o *Original) Presentation(n int) pixel.Presentation { return o.reader.Presentation(n) }

// Displayable is nil when the frames can be decoded, else a *pixel.NoDecoderError.
func (o *Original) Displayable() error { return o.reader.Displayable() }

// Encoded gives the code-stream of frame n (from 0) as it is stored: see
// pixel.Reader.Encoded.
func (o *Original) Encoded(ctx context.Context, n int) ([]byte, error) {
	if o.Masked() {
		return nil, ErrMasked
	}
	return o.reader.Encoded(ctx, n)
}

// EncodedFile tells where the code-stream of frame n (from 0) lies when it is in a file:
// what is copied from there need not pass through memory. It is nil when the frame is
// masked or the object is no file; Encoded has it then.
func (o *Original) EncodedFile(n int) *Stretches {
	held, ok := o.file.(interface{ OSFile() *os.File })
	if !ok || o.Masked() {
		return nil
	}
	list := o.reader.EncodedAt(n)
	if len(list) == 0 {
		return nil
	}
	return &Stretches{held.OSFile(), list}
}

// Stretches are parts of a file one after another: the fragments of a frame.
type Stretches struct {
	file *os.File
	list []stream.Extent
}

// Length is that of all together.
func (s *Stretches) Length() (n int64) {
	for _, e := range s.list {
		n += e.Length
	}
	return n
}

// WriteTo copies them one by one: the system copies each from the file to the
// connection itself (sendfile) where w passes files on to one without TLS, within which
// the program has to encrypt what it sends.
func (s *Stretches) WriteTo(w io.Writer) (n int64, err error) {
	for _, e := range s.list {
		if _, err := s.file.Seek(e.Offset, io.SeekStart); err != nil {
			return n, err
		}
		m, err := io.CopyN(w, s.file, e.Length)
		if n += m; err != nil {
			return n, err
		}
	}
	return n, nil
}

// Frame decodes frame n (from 0) and calls fn with it, which is to be done with it
// soon: nobody else's frame fits into the budget meanwhile. Errors are those of
// pixel.Reader.Frame, and fn's own.
func (o *Original) Frame(ctx context.Context, n int, fn func(*pixel.Frame) error) error {
	return o.with(ctx, n, 0, nil, func(w *workplace) error { return fn(&w.frame) })
}

// Stored is Frame with the samples as the object holds them: see
// pixel.Reader.Stored.
func (o *Original) Stored(ctx context.Context, n int, fn func(*pixel.Frame) error) error {
	return o.decoded(ctx, n, o.reader.Stored, nil, func(w *workplace) error { return fn(&w.frame) })
}

// Rendering is how a frame is drawn for somebody who asks for it in some way of
// their own.
type Rendering struct {
	Window        *pixel.Window   // nil: as it is first shown
	Width, Height int             // into which the picture fits before it is turned, never larger than the frame; 0: as large as that
	Invert        bool            // on top of what the image says
	Part          image.Rectangle // columns and rows that are shown; empty: all
	FlipH, FlipV  bool            // left and right, top and bottom, before it is turned
	Turns         int             // quarter turns clockwise
	Quality       int             // of the JPEG; 0: 90
	PNG           bool            // in place of a JPEG
	Lines         []string        // written into the corner, ASCII
	// State is a presentation state that the image is seen under, where it is of it: its
	// greys unless a window is asked for, its mask, shutters and planes, with Graphics its
	// graphics and texts too. How it turns and which part it displays is for the caller to
	// say. Hidden are layers that are not shown.
	State    *softcopy.State
	Hidden   []string
	Graphics bool
}

// Under is how frame n (from 0) is drawn as a state says: turned, flipped, its displayed
// area, with its graphics.
func (o *Original) Under(s *softcopy.State, n int) Rendering {
	how := Rendering{State: s, Graphics: true, Invert: o.Presentation(n).Invert != s.Inverse, FlipH: s.Flip, Turns: s.Turns}
	if s.Flip { // a picture is flipped first and turned then, a state the other way round
		how.Turns = (4 - s.Turns) % 4
	}
	from, to := s.Displayed(o.Header().String(tag.SOPInstanceUID), n+1, o.Format().Columns, o.Format().Rows)
	how.Part = image.Rect(int(from[0]), int(from[1]), int(to[0]), int(to[1]))
	return how
}

// Render draws frame n (from 0) with the overlays over it, a JPEG unless a PNG is asked for.
func (o *Original) Render(ctx context.Context, n int, how Rendering) (out []byte, err error) {
	state, done, err := o.looked(ctx, n, how)
	if err != nil {
		return nil, err
	}
	defer done()
	err = o.with(ctx, n, 0, nil, func(w *workplace) (err error) {
		pr := o.Presentation(n)
		if state != nil && w.frame.Samples == 1 {
			if state.mask != nil {
				state.subtract(&w.frame, &pr)
			}
			if how.Window == nil {
				state.present(&pr, o.Format().BitsStored, o.Format().Signed())
			}
		}
		out, err = w.render(pr, how, func(dst draw.Image) error {
			annotate(dst, how.Lines)
			if err := o.overlays(ctx, n, dst); err != nil || state == nil {
				return err
			}
			state.cover(dst, o.Format().Rows, o.Format().Columns, pr.Plane.Aspect)
			return nil
		}, func(d drawn) error {
			if state == nil || !how.Graphics {
				return nil
			}
			return state.graphics(d, o.Format().Columns, o.Format().Rows)
		})
		return err
	})
	return out, err
}

// Picture makes the picture of frame n (from 0), a JPEG.
func (o *Original) Picture(ctx context.Context, n int, s Size) ([]byte, error) {
	made, err := o.draw(ctx, n, func(one Size) bool { return one == s })
	return made[s], err
}

func (o *Original) draw(ctx context.Context, n int, wanted func(Size) bool) (out pictures, err error) {
	pr := o.Presentation(n)
	fit := func(s Size) (width, height int) {
		return pixel.Fit(o.Format().Rows, o.Format().Columns, pr.Plane.Aspect, s.Pixels())
	}
	err = o.with(ctx, n, o.surplus(wanted, fit), nil, func(w *workplace) (err error) {
		var t pixel.Transform
		if w.frame.Samples == 1 {
			t = pr.Transform(&w.frame)
		}
		out, err = w.draw(&w.frame, t, wanted, fit, o.p.opt.Quality)
		return err
	})
	return out, err
}

// surplus is how often a frame may be halved before it is smaller than the largest
// picture that is wanted of it.
func (o *Original) surplus(wanted func(Size) bool, fit func(Size) (width, height int)) (reduce int) {
	for s := range sizes {
		if !wanted(s) {
			continue
		}
		width, height := fit(s)
		for reduce = 0; o.Format().Columns>>(reduce+1) >= width && o.Format().Rows>>(reduce+1) >= height; {
			reduce++
		}
	}
	return reduce
}

// with decodes frame n within the budget, as far reduced as it can be and reduce says,
// and calls fn with it; what fn gets is good until it returns. With a second budget, of
// those who take long over fn, that one bounds fn instead.
func (o *Original) with(ctx context.Context, n, reduce int, slow *budget, fn func(w *workplace) error) error {
	decode := func(ctx context.Context, n int, dst *pixel.Frame) error {
		return o.reader.FrameReduced(ctx, n, reduce, dst)
	}
	return o.decoded(ctx, n, decode, slow, fn)
}

// decoder is how a pixel.Reader decodes a frame.
type decoder func(ctx context.Context, n int, dst *pixel.Frame) error

func (o *Original) decoded(ctx context.Context, n int, decode decoder, slow *budget, fn func(w *workplace) error) error {
	if err := o.Displayable(); err != nil {
		return err
	}
	size := o.Format().FrameBytes()
	if slow != nil {
		done, err := slow.take(ctx, size)
		if err != nil {
			return err
		}
		defer done()
	}
	// The frame, what it is decoded from or into, and the header.
	release, err := o.p.budget.take(ctx, 2*size+headerWeight)
	if err != nil {
		return err
	}
	release = sync.OnceFunc(release)
	defer release()
	w := o.p.places.Get().(*workplace)
	defer o.p.leave(w)
	o.reader.Use(&w.memory)
	defer o.reader.Use(nil) // before w is somebody else's
	if err := decode(ctx, n, &w.frame); err != nil {
		return err
	}
	o.mask(&w.frame)
	if slow != nil {
		release()
	}
	return fn(w)
}

// Frame decodes frame n (from 0) of an original within the budget of the pictures
// and calls fn with it. fn may take its time, such as that of a client on a thin
// line: what is held meanwhile counts against Options.MaxServing, not against the
// pictures. The frame is good until fn returns. Errors of the object are those of
// pixel.Open and pixel.Reader.Frame.
func (p *Pipeline) Frame(ctx context.Context, objectKey string, n int, fn func(*pixel.Frame) error) error {
	o, err := p.Open(ctx, objectKey)
	if err != nil {
		return err
	}
	defer o.Close()
	return o.with(ctx, n, 0, p.serving, func(w *workplace) error { return fn(&w.frame) })
}
