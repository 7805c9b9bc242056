package preview_test

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strconv"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/jpegll"
	"github.com/dokuei/dokuei/dicom/codec/jpegls"
	"github.com/dokuei/dokuei/dicom/codec/rle"
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// comingImages are images of every kind whose pictures begin while they come.
func comingImages(t *testing.T) map[string][]byte {
	t.Helper()
	const rows, columns = 301, 407
	files := map[string][]byte{"phantom": headSlice()}
	noise := func(n int) []byte {
		pix := make([]byte, n)
		for i := range pix {
			pix[i] = byte(i * i / 977)
		}
		return pix
	}
	add := func(name, syntax string, stream []byte, edit func(*dataset.Dataset)) {
		d, pixels := headerOf(t, headSlice())
		d.SetString(tag.SOPInstanceUID, "UI", "2.25.47110"+strconv.Itoa(len(files)))
		if edit != nil {
			edit(d)
		}
		switch {
		case stream == nil:
			d.SetBytes(tag.PixelData, "OW", pixels)
		case syntax == uid.ExplicitVRLittleEndian:
			d.SetBytes(tag.PixelData, "OB", append(stream, make([]byte, len(stream)%2)...))
		default:
			half := len(stream) / 4 * 2
			d.SetFragments(tag.PixelData, nil, stream[:half], append(bytes.Clone(stream[half:]), make([]byte, len(stream)%2)...))
		}
		var b bytes.Buffer
		ts, _ := uid.LookupTransferSyntax(syntax)
		if err := dataset.WriteFile(&b, d, ts); err != nil {
			t.Fatal(err)
		}
		files[name] = b.Bytes()
	}
	colour := func(photometric string, planar int) func(*dataset.Dataset) {
		return func(d *dataset.Dataset) {
			d.SetString(tag.PhotometricInterpretation, "CS", photometric)
			for tag, v := range map[tag.Tag]int{
				tag.SamplesPerPixel: 3, tag.PlanarConfiguration: planar, tag.Rows: rows, tag.Columns: columns,
				tag.BitsAllocated: 8, tag.BitsStored: 8, tag.HighBit: 7, tag.PixelRepresentation: 0,
			} {
				d.SetInt(tag, "US", v)
			}
		}
	}
	noWindow := func(d *dataset.Dataset) { d.Delete(tag.WindowCenter) }

	for _, photometric := range []string{"RGB", "YBR_FULL"} {
		for planar := range 2 {
			add(photometric+strconv.Itoa(planar), uid.ExplicitVRLittleEndian, noise(3*rows*columns), colour(photometric, planar))
		}
	}
	add("YBR_FULL_422", uid.ExplicitVRLittleEndian, noise(rows*(columns+1)/2*4), colour("YBR_FULL_422", 0))
	add("palette", uid.ExplicitVRLittleEndian, noise(rows*columns), func(d *dataset.Dataset) {
		colour("PALETTE COLOR", 0)(d)
		d.SetInt(tag.SamplesPerPixel, "US", 1)
		for i, t := range []tag.Tag{tag.RedPaletteColorLookupTableDescriptor, tag.GreenPaletteColorLookupTableDescriptor, tag.BluePaletteColorLookupTableDescriptor} {
			d.SetBytes(t, "US", []byte{0, 1, 0, 0, 16, 0}) // 256 entries of 16 bits
			data := []tag.Tag{tag.RedPaletteColorLookupTableData, tag.GreenPaletteColorLookupTableData, tag.BluePaletteColorLookupTableData}[i]
			d.SetBytes(data, "OW", noise(512 + i)[i:])
		}
	})
	add("MONOCHROME1", uid.ExplicitVRLittleEndian, nil, func(d *dataset.Dataset) { d.SetString(tag.PhotometricInterpretation, "CS", "MONOCHROME1") })
	add("no window", uid.ExplicitVRLittleEndian, nil, noWindow)
	add("no window, not CT", uid.ExplicitVRLittleEndian, nil, func(d *dataset.Dataset) {
		noWindow(d)
		d.SetString(tag.Modality, "CS", "MR")
		d.SetInt(tag.PixelPaddingValue, "US", 0)
	})
	add("no window, 8 bits", uid.ExplicitVRLittleEndian, noise(rows*columns), func(d *dataset.Dataset) {
		colour("MONOCHROME1", 0)(d)
		noWindow(d)
		d.SetInt(tag.SamplesPerPixel, "US", 1)
	})

	frames := func(edit func(*dataset.Dataset), n int) func(*dataset.Dataset) {
		return func(d *dataset.Dataset) {
			edit(d)
			d.SetInt(tag.NumberOfFrames, "IS", n)
		}
	}
	add("5 frames RGB", uid.ExplicitVRLittleEndian, noise(5*3*rows*columns), frames(colour("RGB", 0), 5))
	add("2 frames in planes", uid.ExplicitVRLittleEndian, noise(2*3*rows*columns), frames(colour("RGB", 1), 2))
	add("3 frames of YBR_FULL_422", uid.ExplicitVRLittleEndian, noise(3*rows*(columns+1)/2*4), frames(colour("YBR_FULL_422", 0), 3))
	add("4 frames, no window, overlay bits", uid.ExplicitVRLittleEndian, noise(4*2*rows*columns), frames(func(d *dataset.Dataset) {
		colour("MONOCHROME2", 0)(d)
		noWindow(d)
		d.SetInt(tag.SamplesPerPixel, "US", 1)
		d.SetInt(tag.BitsAllocated, "US", 16)
		d.SetInt(tag.BitsStored, "US", 10)
		d.SetInt(tag.HighBit, "US", 12)
	}, 4))
	add("3 frames with groups", uid.ExplicitVRLittleEndian, noise(3*rows*columns), frames(func(d *dataset.Dataset) {
		colour("MONOCHROME2", 0)(d)
		d.SetInt(tag.SamplesPerPixel, "US", 1)
		var groups []*dataset.Dataset
		for _, centre := range []string{"30", "90", "200"} {
			voi, group := dataset.New(), dataset.New()
			voi.SetString(tag.WindowCenter, "DS", centre)
			voi.SetString(tag.WindowWidth, "DS", "40")
			group.SetItems(tag.FrameVOILUTSequence, voi)
			groups = append(groups, group)
		}
		d.SetItems(tag.PerFrameFunctionalGroupsSequence, groups...)
	}, 3))

	_, pixels := headerOf(t, headSlice())
	grey := codec.Image{Config: codec.Config{Width: 512, Height: 512, Samples: 1, Precision: 16}, Pix: pixels}
	rgb := codec.Image{Config: codec.Config{Width: columns, Height: rows, Samples: 3, Precision: 8}, Pix: noise(3 * rows * columns)}
	must := func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	add("RLE", uid.RLELossless, must(rle.Encode(nil, &grey)), nil)
	add("RLE without window", uid.RLELossless, must(rle.Encode(nil, &grey)), noWindow)
	add("RLE RGB", uid.RLELossless, must(rle.Encode(nil, &rgb)), colour("RGB", 1))
	add("RLE YBR", uid.RLELossless, must(rle.Encode(nil, &rgb)), colour("YBR_FULL", 0))
	lossless := must(jpegll.Encode(nil, &grey))
	add("lossless JPEG", uid.JPEGLosslessSV1, lossless, nil)
	add("lossless JPEG without window", uid.JPEGLosslessSV1, lossless, noWindow)
	add("lossless JPEG RGB", uid.JPEGLosslessSV1, must(jpegll.Encode(nil, &rgb)), colour("RGB", 0))
	add("lossless JPEG YBR", uid.JPEGLosslessSV1, must(jpegll.Encode(nil, &rgb)), colour("YBR_FULL", 0))
	adobe := must(jpegll.Encode(nil, &rgb)) // which says that it is RGB
	adobe = append(append(bytes.Clone(adobe[:2]), "\xFF\xEE\x00\x0EAdobe\x00\x64\x00\x00\x00\x00\x00"...), adobe[2:]...)
	add("lossless JPEG that says RGB", uid.JPEGLosslessSV1, adobe, colour("YBR_FULL", 0))
	add("lossless JPEG with intervals", uid.JPEGLosslessSV1, inIntervals(t, &grey), nil)
	add("JPEG-LS", uid.JPEGLSLossless, must(jpegls.Encode(nil, &grey, jpegls.EncodeOptions{})), nil)
	add("JPEG-LS RGB", uid.JPEGLSLossless, must(jpegls.Encode(nil, &rgb, jpegls.EncodeOptions{Interleave: jpegls.InterleaveSample})), colour("RGB", 0))
	add("JPEG-LS near, intervals", uid.JPEGLSNearLossless, must(jpegls.Encode(nil, &rgb, jpegls.EncodeOptions{Interleave: jpegls.InterleaveLine, Near: 3, RestartRows: 20})), colour("YBR_FULL", 0))
	return files
}

// inIntervals is lossless JPEG of 16 bits with a restart interval for each row (T.81
// §H.1.1), of a table of 17 codes of 5 bits.
func inIntervals(t *testing.T, m *codec.Image) []byte {
	t.Helper()
	whole, err := jpegll.Encode(nil, m)
	if err != nil {
		t.Fatal(err)
	}
	part := func(marker byte) []byte { // a segment of it
		at := bytes.Index(whole, []byte{0xFF, marker})
		return whole[at : at+2+int(binary.BigEndian.Uint16(whole[at+2:]))]
	}
	out := append([]byte{0xFF, 0xD8}, part(0xC3)...)
	out = append(out, 0xFF, 0xC4, 0, 19+17, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	for i := range 17 {
		out = append(out, byte(i))
	}
	out = append(binary.BigEndian.AppendUint16(append(out, 0xFF, 0xDD, 0, 4), uint16(m.Width)), part(0xDA)...)
	for y := range m.Height {
		if y > 0 {
			out = append(out, 0xFF, byte(0xD0+(y-1)%8))
		}
		var acc uint64
		n := 0
		write := func(v, count int) {
			acc, n = acc<<count|uint64(v), n+count
			for ; n >= 8; n -= 8 {
				b := byte(acc >> (n - 8))
				if out = append(out, b); b == 0xFF {
					out = append(out, 0)
				}
			}
		}
		left := uint16(1 << 15)
		for x := range m.Width {
			v := binary.LittleEndian.Uint16(m.Pix[2*(y*m.Width+x):])
			diff := int(int16(v - left))
			left = v
			size := bits.Len(uint(max(diff, -diff)))
			write(size, 5)
			if diff < 0 {
				diff += 1<<size - 1
			}
			if size < 16 {
				write(diff, size)
			}
		}
		if n > 0 {
			write(1<<(8-n)-1, 8-n)
		}
	}
	return append(out, 0xFF, 0xD9)
}
