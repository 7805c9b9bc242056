package document

import (
	"bytes"
	"fmt"
	"image/color"
	"image/jpeg"
)

// Image is a baseline JPEG that goes into the file as it is.
type Image struct {
	file          []byte
	Width, Height int // pixels
	space         string
}

// JPEG takes a picture: grey or YCbCr.
func JPEG(file []byte) (*Image, error) {
	c, err := jpeg.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("document: picture: %w", err)
	}
	i := &Image{file: file, Width: c.Width, Height: c.Height, space: "/DeviceRGB"}
	switch c.ColorModel {
	case color.GrayModel:
		i.space = "/DeviceGray"
	case color.YCbCrModel:
	default:
		return nil, fmt.Errorf("document: a picture is neither grey nor colour of three components")
	}
	return i, nil
}

// Image draws a picture; x and y are its upper left corner.
func (p *Page) Image(x, y, w, h float64, i *Image) {
	n := -1
	for k, known := range p.doc.images {
		if known == i {
			n = k
		}
	}
	if n < 0 {
		n = len(p.doc.images)
		p.doc.images = append(p.doc.images, i)
	}
	if e := p.doc.current; e != nil {
		e.box = fmt.Sprintf("[%s %s %s %s]", num(x), num(A4Height-y-h), num(x+w), num(A4Height-y))
	}
	p.mark(fmt.Sprintf("q %s 0 0 %s %s %s cm /I%d Do Q\n", num(w), num(h), num(x), num(A4Height-y-h), n+1))
}

// Clip has what draw draws on the page end at the edges of a box; x and y are its
// upper left corner.
func (p *Page) Clip(x, y, w, h float64, draw func()) {
	fmt.Fprintf(&p.body, "q %s %s %s %s re W n\n", num(x), num(A4Height-y-h), num(w), num(h))
	draw()
	p.body.WriteString("Q\n")
}

// Path draws a line through points, white on a dark edge so that it is seen on any
// picture.
func (p *Page) Path(points [][2]float64, closed bool) {
	if len(points) < 2 {
		return
	}
	var line bytes.Buffer
	for i, at := range points {
		op := "l"
		if i == 0 {
			op = "m"
		}
		fmt.Fprintf(&line, "%s %s %s ", num(at[0]), num(A4Height-at[1]), op)
	}
	end := "S"
	if closed {
		end = "s"
	}
	p.mark(fmt.Sprintf("q 1 J 1 j 2 w 0 G %s%s 0.9 w 1 G %s%s Q\n", line.Bytes(), end, line.Bytes(), end))
}

// writeImages puts the pictures into the file and gives the XObject resources.
func (d *Document) writeImages(f *file) string {
	if len(d.images) == 0 {
		return ""
	}
	var b bytes.Buffer
	b.WriteString(" /XObject <<")
	for n, i := range d.images {
		at := f.reserve()
		f.begin(at)
		fmt.Fprintf(&f.buf, "<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace %s /BitsPerComponent 8 /Filter /DCTDecode /Length %d >>\nstream\n",
			i.Width, i.Height, i.space, len(i.file))
		f.buf.Write(i.file)
		f.buf.WriteString("\nendstream\nendobj\n")
		fmt.Fprintf(&b, " /I%d %d 0 R", n+1, at)
	}
	b.WriteString(" >>")
	return b.String()
}
