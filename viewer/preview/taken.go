package preview

import (
	"image"
	"runtime/debug"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/registry"
	"github.com/dokuei/dokuei/dicom/codec/rle"
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// coming is what is known of the pixels of an instance before they come.
type coming struct {
	syntax  string
	format  pixel.Format
	shown   pixel.Presentation
	palette *pixel.Palette
	coded   bool  // a stream, of a code by row
	before  int64 // bytes of the frames before the one of which pictures are made
	length  int64 // of its pixels, decoded
}

// comingOf looks at a header; false for what is better made of the whole object.
func (p *Pipeline) comingOf(header *dataset.Dataset, transferSyntaxUID string, length int64) (c coming, ok bool) {
	f, err := pixel.FormatWithin(header, pixel.Limits{MaxFrameBytes: p.opt.MaxFrameBytes})
	if err != nil || f.BitsAllocated != 8 && f.BitsAllocated != 16 {
		return c, false
	}
	n := shownFrame(f)
	c = coming{syntax: transferSyntaxUID, shown: pixel.PresentationOf(header, n), coded: length < 0}
	switch {
	case c.coded:
		if f.Frames != 1 || f.HighBit != f.BitsStored-1 {
			return c, false
		}
		c.length = f.FrameBytes()
	case length < f.NativeBytes(length):
		return c, false
	case header.Has(tag.PerFrameFunctionalGroupsSequence) && n >= len(header.Items(tag.PerFrameFunctionalGroupsSequence)):
		return c, false // how that frame is shown is not in what is known so early
	default:
		c.length = f.NativeBytes(length) / int64(f.Frames)
		c.before = int64(n) * c.length
		f.Frames = 1
	}
	c.format = f
	switch {
	case f.Photometric == pixel.PaletteColor:
		c.palette, err = pixel.PaletteOf(header)
	case f.Samples == 1:
		return c, !header.Has(tag.ModalityLUTSequence) && (len(c.shown.Windows) > 0 || !header.Has(tag.VOILUTSequence))
	}
	return c, err == nil
}

// shownFrame is the frame that stands for an instance (from 0): the one in the middle.
func shownFrame(f pixel.Format) int { return f.Frames / 2 }

// inColour tells how pictures of it are made.
func (c *coming) inColour() bool { return c.format.Samples == 3 || c.palette != nil }

// counts tells whether the window depends on the pixels.
func (c *coming) counts() bool { return !c.inColour() && c.shown.NeedsHistogram() }

// fit is the size of a picture.
func (c *coming) fit(s Size) (width, height int) {
	return pixel.Fit(c.format.Rows, c.format.Columns, c.shown.Plane.Aspect, s.Pixels())
}

// weight is the memory that is taken until the pictures are made.
func (c *coming) weight() int64 {
	const (
		lines = 3         // that may be in hand, whole or not
		code  = 192 << 10 // tables, and a piece of the stream
		bins  = 256 << 10 // of a histogram
	)
	f := &c.format
	width, height := c.fit(Scroll)
	cells, row := int64(width)*int64(height), int64(f.Columns)*int64(f.Samples)*int64(f.BitsAllocated/8)
	w := lines * row
	if c.inColour() {
		w += int64(kept)*(4*cells+12*int64(width)) + lines*3*int64(f.Columns) + pixel.ColoursHold(f.Interleaved(c.coded), c.length)
	} else {
		w += cells*int64(f.BitsAllocated/8) + 4*int64(width)
	}
	if c.counts() {
		w += bins
	}
	if c.coded {
		w += code
	}
	if c.syntax == uid.RLELossless {
		segments := f.Samples * f.BitsAllocated / 8
		w += int64(segments-1) * int64(rle.HeldBytes(codec.Config{Width: f.Columns, Height: f.Rows}))
	}
	return w
}

// Taken is what is made of the pixels of an instance while they come: its frame, or the
// one in the middle, averaged, row by row, to the size of the scroll preview or, in colour, of each picture.
// It belongs to one goroutine until Stored or Close, one of which must be called.
type Taken struct {
	p *Pipeline
	coming
	rows      codec.RowDecoder // of a stream; what it is for is rowsOf
	rowsOf    string
	small     pixel.Frame // grey
	shrink    pixel.Shrinker
	histogram *pixel.Histogram // nil until one is needed
	colours   pixel.Colours
	colour    [kept]colourTaken
	held      int64 // of the budget
	broken    bool
}

// colourTaken is a picture in colour that comes. Each is averaged from all pixels, as one
// of the whole frame is.
type colourTaken struct {
	image  image.RGBA
	shrink pixel.ColourShrinker
}

// Take begins for an instance whose Pixel Data begin to come: native, little endian ones of
// that length, or fragments (length below zero) of a code whose rows can be decoded as
// they come. header needs to hold what PS3.3 C.7.6.3, C.7.9 and C.11 say of frames, of
// Modality and VOI LUTs only that they are there. It gives nil for what is better
// made of the whole object (several frames in a code or with functional groups of their
// own, codes that are not by row, such LUTs, cells of 1 or 32 bits), and when enough is
// under way.
func (p *Pipeline) Take(header *dataset.Dataset, transferSyntaxUID string, length int64) *Taken {
	c, ok := p.comingOf(header, transferSyntaxUID, length)
	if !ok {
		return nil
	}
	var rows codec.RowDecoder
	if c.coded {
		if rows, ok = registry.RowsForTransferSyntax(transferSyntaxUID); !ok {
			return nil
		}
	}
	weight := c.weight()
	if !p.taking.try(weight) {
		return nil
	}
	t := p.takens.Get().(*Taken)
	t.p, t.coming, t.held, t.broken = p, c, weight, false
	if c.coded {
		if t.rowsOf != transferSyntaxUID {
			t.rows, t.rowsOf = rows, transferSyntaxUID
		}
		t.rows.Begin(codec.Options{Width: c.format.Columns, Height: c.format.Rows, Samples: c.format.Samples, BitsAllocated: c.format.BitsAllocated})
	}
	t.begin()
	return t
}

// begin prepares for the pixels.
func (t *Taken) begin() {
	f := t.format.Interleaved(t.coded)
	if !t.inColour() {
		width, height := t.fit(Scroll)
		t.shrink.Begin(&t.small, f, width, height)
		if t.counts() {
			if t.histogram == nil {
				t.histogram = new(pixel.Histogram)
			}
			t.histogram.Begin(f)
		}
		return
	}
	t.colours.Begin(f, t.palette, t.length)
	for s := range kept {
		width, height := t.fit(s)
		c := &t.colour[s]
		pixel.ResizeRGBA(&c.image, width, height)
		c.shrink.Begin(&c.image, f.Rows, f.Columns)
	}
}

// See takes the next bytes of the Pixel Data.
func (t *Taken) See(pixels []byte) {
	if t.broken {
		return
	}
	// Whatever goes wrong here is not to hold up the instance.
	defer func() {
		if v := recover(); v != nil {
			t.broken = true
			t.p.opt.Log.Error("panic while pixels came", "panic", v, "stack", string(debug.Stack()))
		}
	}()
	skipped := min(t.before, int64(len(pixels)))
	t.before -= skipped
	pixels = pixels[skipped:]
	switch {
	case t.coded: // a stream with errors is looked at again as a whole
		if t.rows.Write(pixels, t.decoded) != nil {
			t.broken = true
		}
	case t.inColour():
		t.colours.Write(pixels, t.rgb)
	default:
		t.grey(pixels)
	}
}

// decoded takes a decoded row, whose cells are to be those of the data set.
func (t *Taken) decoded(row []byte) {
	switch {
	case len(row) != t.format.Columns*t.format.Samples*t.format.BitsAllocated/8:
		t.broken = true
	case t.inColour():
		t.colours.Row(row, t.rows.Config().Color, t.rgb)
	default:
		t.grey(row)
	}
}

// grey takes cells of a grey frame.
func (t *Taken) grey(cells []byte) {
	t.shrink.Write(cells)
	if t.counts() {
		t.histogram.Write(cells)
	}
}

// rgb takes a row of a frame in colour.
func (t *Taken) rgb(row []byte) {
	for s := range t.colour {
		t.colour[s].shrink.Add(row)
	}
}

// done tells whether all pixels have come.
func (t *Taken) done() bool {
	if t.inColour() {
		return t.colour[Thumbnail].shrink.Done()
	}
	return t.shrink.Done()
}

// transform is how a grey frame is shown, once all pixels have come.
func (t *Taken) transform() pixel.Transform {
	if t.counts() {
		return t.shown.TransformOf(t.histogram)
	}
	return t.shown.Transform(&t.small)
}

// Close drops it.
func (t *Taken) Close() {
	p := t.p
	p.taking.give(t.held)
	if t.held <= keptTaken {
		p.takens.Put(t)
	}
}

// keptTaken is the size up to which the memory of a Taken is kept for the next.
const keptTaken = 1 << 20
