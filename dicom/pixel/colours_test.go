package pixel

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// TestColours: pixels in colour that come in pieces are averaged as those of the frame
// that Reader makes of them.
func TestColours(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 3))
	var c Colours
	var s ColourShrinker
	for _, photometric := range []string{RGB, YBRFull, YBRFull422, YBRPartial422, YBRICT, PaletteColor} {
		for _, planar := range []int{0, 1} {
			for _, bits := range [][3]int{{8, 8, 7}, {8, 7, 6}, {16, 12, 11}, {16, 16, 15}, {16, 10, 12}} {
				rows, columns := 1+rng.IntN(40), 1+rng.IntN(60)
				h := colourHeader(photometric, planar, bits, rows, columns)
				f, err := FormatOf(h)
				if err != nil {
					t.Fatal(err)
				}
				pix := make([]byte, (f.NativeBytes(0)+1)&^1)
				for i := range pix {
					pix[i] = byte(rng.IntN(256))
				}
				h.SetBytes(tag.PixelData, "OW", pix)
				var file bytes.Buffer
				ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
				if err := dataset.WriteFile(&file, h, ts); err != nil {
					t.Fatal(err)
				}
				r, err := Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
				if err != nil {
					t.Fatal(err)
				}
				var frame Frame
				if err := r.Frame(context.Background(), 0, &frame); err != nil {
					t.Fatal(err)
				}
				var want, got image.RGBA
				w, height := 1+rng.IntN(columns), 1+rng.IntN(rows)
				ResizeRGBA(&want, w, height)
				ResizeRGBA(&got, w, height)
				ReduceRGB(&want, &frame)

				var palette *Palette
				if photometric == PaletteColor {
					if palette, err = PaletteOf(h); err != nil {
						t.Fatal(err)
					}
				}
				given := bytes.Clone(pix)
				c.Begin(f, palette, int64(len(pix)))
				s.Begin(&got, rows, columns)
				for rest := pix; len(rest) > 0; {
					n := min(1+rng.IntN(500), len(rest))
					c.Write(rest[:n], s.Add)
					rest = rest[n:]
				}
				if !bytes.Equal(pix, given) {
					t.Fatal("the pixels that came were changed")
				}
				if !s.Done() || !bytes.Equal(got.Pix, want.Pix) {
					t.Errorf("%s, planar %d, %v bits: %d × %d pixels to %d × %d: done %v, or others", photometric, planar, bits, columns, rows, w, height, s.Done())
				}
				if held, said := int64(len(c.planes)), ColoursHold(f, int64(len(pix))); held != said {
					t.Errorf("%d bytes are held, %d announced", held, said)
				}
			}
		}
	}
}

// TestColoursDecoded: a stream that says RGB is believed, as Reader does.
func TestColoursDecoded(t *testing.T) {
	t.Parallel()
	f := Format{Rows: 1, Columns: 2, Samples: 3, BitsAllocated: 8, BitsStored: 8, HighBit: 7, Photometric: YBRFull, Frames: 1}
	var c Colours
	raw := []byte{10, 200, 30, 40, 50, 60}
	for model, same := range map[codec.ColorModel]bool{codec.ColorRGB: true, codec.ColorUnknown: false, codec.ColorYBR: false} {
		c.Begin(f, nil, f.FrameBytes())
		c.Row(raw, model, func(rgb []byte) {
			if bytes.Equal(rgb, raw) != same {
				t.Errorf("model %d: %v", model, rgb)
			}
		})
	}
}

func colourHeader(photometric string, planar int, bits [3]int, rows, columns int) *dataset.Dataset {
	h := dataset.New()
	h.SetString(tag.SOPClassUID, "UI", "1.2.840.10008.5.1.4.1.1.7")
	h.SetString(tag.SOPInstanceUID, "UI", "2.25.1")
	h.SetString(tag.PhotometricInterpretation, "CS", photometric)
	samples := 3
	if photometric == PaletteColor {
		samples = 1
		for i, t := range []tag.Tag{tag.RedPaletteColorLookupTableData, tag.GreenPaletteColorLookupTableData, tag.BluePaletteColorLookupTableData} {
			table := make([]byte, 512)
			for k := range table {
				table[k] = byte(k*k/(i+3) + i)
			}
			h.SetBytes(t, "OW", table)
		}
		for _, t := range []tag.Tag{tag.RedPaletteColorLookupTableDescriptor, tag.GreenPaletteColorLookupTableDescriptor, tag.BluePaletteColorLookupTableDescriptor} {
			var d []byte
			for _, v := range []int{256, 3, 16} {
				d = append(d, byte(v), byte(v>>8))
			}
			h.SetBytes(t, stream.US.String(), d)
		}
	}
	for t, v := range map[tag.Tag]int{
		tag.SamplesPerPixel: samples, tag.PlanarConfiguration: planar, tag.Rows: rows, tag.Columns: columns,
		tag.BitsAllocated: bits[0], tag.BitsStored: bits[1], tag.HighBit: bits[2], tag.PixelRepresentation: 0,
	} {
		h.SetInt(t, "US", v)
	}
	return h
}

// TestHistogram: a window found while cells come is that of the whole frame.
func TestHistogram(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 5))
	var h Histogram
	for _, bits := range [][3]int{{8, 8, 7}, {8, 6, 6}, {16, 12, 11}, {16, 12, 14}, {16, 16, 15}} {
		for representation := range 2 {
			for _, pad := range []Padding{{}, {Present: true, Value: 1, Last: 3}} {
				for _, constant := range []bool{false, true} {
					t.Run(fmt.Sprint(bits, representation, pad.Present, constant), func(t *testing.T) {
						f := Format{
							Rows: 31, Columns: 57, Samples: 1, BitsAllocated: bits[0], BitsStored: bits[1], HighBit: bits[2],
							PixelRepresentation: representation, Photometric: Monochrome2, Frames: 1,
						}
						raw := make([]byte, f.FrameBytes())
						for i := range raw {
							if !constant {
								raw[i] = byte(rng.IntN(256) & rng.IntN(256))
							}
						}
						whole := Frame{
							Rows: f.Rows, Columns: f.Columns, Samples: 1, BitsAllocated: bits[0], BitsStored: bits[1],
							Signed: f.Signed(), Photometric: Monochrome2, Pix: bytes.Clone(raw),
						}
						alignCells(whole.Pix, bits[0], bits[1], bits[2], f.Signed())
						p := Presentation{Modality: Modality{Slope: 2, Intercept: -5}, Padding: pad}
						want := p.Transform(&whole)
						h.Begin(f)
						for rest := append(raw[:len(raw):len(raw)], 9, 9, 9); len(rest) > 0; {
							n := min(1+rng.IntN(300), len(rest))
							h.Write(rest[:n])
							rest = rest[n:]
						}
						if got := p.TransformOf(&h); got != want {
							t.Errorf("window %+v, of the whole frame %+v", got.Window, want.Window)
						}
					})
				}
			}
		}
	}
}
