package j2k

import "github.com/dokuei/dokuei/dicom/codec"

// Plane is a component as it was coded: with its own size, precision and sign. Samples
// are as in codec.Image.
type Plane struct {
	Width, Height, Precision int
	Signed                   bool
	Pix                      []byte
}

// DecodePlanes decodes components that need not be samples of the same pixels: those of
// Part 1 may differ in subsampling, precision and sign. Options are those of Decode.
func (d *Decoder) DecodePlanes(src []byte, opt codec.Options) ([]Plane, error) {
	d.Counter = 0
	defer d.release()
	if err := d.begin(src, opt); err != nil {
		return nil, err
	}
	z, n := &d.size, uint(d.reduce)
	planes := make([]Plane, z.n)
	for c := range planes {
		p := &planes[c]
		*p = Plane{
			Width:     ceilShift(ceilDiv(z.x1, z.dx[c]), n) - ceilShift(ceilDiv(z.x0, z.dx[c]), n),
			Height:    ceilShift(ceilDiv(z.y1, z.dy[c]), n) - ceilShift(ceilDiv(z.y0, z.dy[c]), n),
			Precision: z.precision[c], Signed: z.signed[c],
		}
		p.Pix = make([]byte, p.Width*p.Height*codec.BytesPerSample(p.Precision))
	}
	err := d.tiles(func(c int) { d.storePlane(&planes[c], c) })
	if err != nil {
		return nil, err
	}
	return planes, nil
}

// storePlane shifts, clamps and writes component c of the tile into its place.
func (d *Decoder) storePlane(p *Plane, c int) {
	z, comp := &d.size, &d.comps[c]
	res := &comp.resolutions[comp.kept]
	if res.empty() {
		return
	}
	shift, low, high := z.levels(c)
	x0 := ceilShift(ceilDiv(z.x0, z.dx[c]), uint(d.reduce))
	y0 := ceilShift(ceilDiv(z.y0, z.dy[c]), uint(d.reduce))
	size := codec.BytesPerSample(p.Precision)
	for i := range res.height() {
		at := ((res.y0-y0+i)*p.Width + res.x0 - x0) * size
		storeRow(p.Pix[at:], d.integers(comp, i, res.width()), size, size, shift, low, high)
	}
}
