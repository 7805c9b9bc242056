package mp4

import (
	"encoding/binary"
)

// coding is how the samples of a track are coded.
type coding struct {
	kind          string // of the sample entry
	width, height int    // pixels, of pictures
	entry         []byte // the sample entry as it is written
	// cut appends to dst what of a sample is kept; nil: all of it.
	cut func(dst, sample []byte) ([]byte, error)
}

// maxSide and maxPixels of a picture: 4K, upright or not.
const (
	maxSide   = 4096
	maxPixels = 4096 * 2304
)

// pictures reads a VisualSampleEntry (ISO/IEC 14496-12 12.1.3).
func pictures(b box) (c coding, err error) {
	f := fields{b: b.body}
	f.take(24)
	w, h := f.u16(), f.u16()
	f.take(50)
	if f.short || w == 0 || h == 0 {
		return c, ErrDamaged
	}
	c = coding{kind: b.kind, width: int(w), height: int(h)}
	if w > maxSide || h > maxSide || c.width*c.height > maxPixels {
		return c, ErrCodec
	}
	var config []byte
	switch b.kind {
	case "avc1":
		config, c.cut, err = avc(child(f.b, "avcC"))
	case "hvc1", "hev1":
		config, c.cut, err = hevc(child(f.b, "hvcC"))
	case "av01":
		config, c.cut, err = av1(child(f.b, "av1C"))
	case "vp09":
		config, err = vp9(child(f.b, "vpcC"))
	default:
		err = ErrCodec
	}
	if err != nil {
		return c, err
	}
	head := append(make([]byte, 6), be16(1)...)
	head = append(head, make([]byte, 16)...)
	head = append(head, be16(w, h)...)
	head = append(head, be32(0x00480000, 0x00480000, 0)...) // 72 dpi
	head = append(head, be16(1)...)                         // pictures in a sample
	head = append(head, make([]byte, 32)...)                // the name of the compressor
	head = append(head, 0, 0x18, 0xFF, 0xFF)
	c.entry = put(b.kind, head, config, colours(child(f.b, "colr")), aspect(child(f.b, "pasp")))
	return c, nil
}

// colours writes what a colr box says of primaries, transfer and matrix (12.1.5);
// QuickTime's nclc says the same without the range.
func colours(colr []byte) []byte {
	f := fields{b: colr}
	kind := string(f.take(4))
	values := f.take(6)
	if f.short || kind != "nclx" && kind != "nclc" {
		return nil
	}
	var whole byte
	if kind == "nclx" {
		whole = f.u8() & 0x80
	}
	return put("colr", []byte("nclx"), values, []byte{whole})
}

// aspect writes the shape of a pixel (12.1.4).
func aspect(pasp []byte) []byte {
	f := fields{b: pasp}
	h, v := f.u32(), f.u32()
	if f.short || h == v || h == 0 || v == 0 || h > maxSide || v > maxSide {
		return nil
	}
	return put("pasp", be32(h, v))
}

// avc reads and writes an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 5.3.3.1)
// with its parameter sets.
func avc(record []byte) ([]byte, func(dst, sample []byte) ([]byte, error), error) {
	f := fields{b: record}
	version, profile := f.u8(), f.take(3)
	length := int(f.u8()&3) + 1
	if f.short || version != 1 || length == 3 {
		return nil, nil, ErrDamaged
	}
	out := append([]byte{1}, profile...)
	out = append(out, 0xFC|byte(length-1))
	for _, set := range []struct{ mask, kind byte }{{0x1F, 7}, {0xFF, 8}} {
		n := f.u8() & set.mask
		out = append(out, n|^set.mask)
		for range n {
			unit := f.take(int(f.u16()))
			if len(unit) == 0 || unit[0]&0x1F != set.kind {
				return nil, nil, ErrDamaged
			}
			out = append(append(out, be16(uint16(len(unit)))...), unit...)
		}
	}
	if f.short {
		return nil, nil, ErrDamaged
	}
	switch profile[0] {
	case 100, 110, 122, 144:
		if more := f.take(4); !f.short {
			out = append(out, 0xFC|more[0], 0xF8|more[1], 0xF8|more[2], 0)
		}
	}
	return put("avcC", out), units(length, func(unit []byte) bool {
		switch unit[0] & 0x1F { // ISO/IEC 14496-10 table 7-1
		case 1, 2, 3, 4, 5, 7, 8, 9, 10, 11:
			return true
		}
		return false
	}), nil
}

// hevc reads and writes an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 8.3.3.1)
// with its parameter sets.
func hevc(record []byte) ([]byte, func(dst, sample []byte) ([]byte, error), error) {
	f := fields{b: record}
	head, arrays := f.take(22), int(f.u8())
	if f.short || head[0] != 1 || head[21]&3 == 2 {
		return nil, nil, ErrDamaged
	}
	var body []byte
	kept := byte(0)
	for range arrays {
		kind, n := f.u8(), int(f.u16())
		var sets []byte
		count := uint16(0)
		for range n {
			unit := f.take(int(f.u16()))
			if len(unit) < 2 || hevcKind(unit) != kind&0x3F {
				return nil, nil, ErrDamaged
			}
			if k := kind & 0x3F; k >= 32 && k <= 34 && baseLayer(unit) {
				sets = append(append(sets, be16(uint16(len(unit)))...), unit...)
				count++
			}
		}
		if count > 0 {
			body = append(append(body, kind), be16(count)...)
			body = append(body, sets...)
			kept++
		}
	}
	if f.short {
		return nil, nil, ErrDamaged
	}
	return put("hvcC", head, []byte{kept}, body), units(int(head[21]&3)+1, func(unit []byte) bool {
		k := hevcKind(unit)
		return len(unit) >= 2 && baseLayer(unit) && (k <= 9 || k >= 16 && k <= 21 || k >= 32 && k <= 37) // ISO/IEC 23008-2 table 7-1
	}), nil
}

// hevcKind is nal_unit_type (ISO/IEC 23008-2 7.3.1.2).
func hevcKind(unit []byte) byte { return unit[0] >> 1 & 0x3F }

// baseLayer reports whether nuh_layer_id is 0: others hold a second eye.
func baseLayer(unit []byte) bool { return unit[0]&1 == 0 && unit[1]>>3 == 0 }

// units cuts a sample of NAL units, each behind its length, to those that keep names.
func units(length int, keep func(unit []byte) bool) func(dst, sample []byte) ([]byte, error) {
	return func(dst, sample []byte) ([]byte, error) {
		f := fields{b: sample}
		before := len(dst)
		for len(f.b) > 0 {
			whole := f.b
			n := f.number(length)
			if unit := f.take(int(n)); len(unit) > 0 && keep(unit) {
				dst = append(dst, whole[:length+len(unit)]...)
			}
			if f.short {
				return nil, ErrDamaged
			}
		}
		if len(dst) == before {
			return nil, ErrDamaged
		}
		return dst, nil
	}
}

// av1 reads and writes an AV1CodecConfigurationRecord (AV1 in ISOBMFF 2.3.3).
func av1(record []byte) ([]byte, func(dst, sample []byte) ([]byte, error), error) {
	f := fields{b: record}
	head := f.take(4)
	if f.short || head[0] != 0x81 {
		return nil, nil, ErrDamaged
	}
	var sequence []byte
	var err error
	if len(f.b) > 0 {
		sequence, err = obus(nil, f.b, 1<<1)
	}
	return put("av1C", head[:3], []byte{head[3] & 0x1F}, sequence), func(dst, sample []byte) ([]byte, error) {
		return obus(dst, sample, 1<<1|1<<3|1<<4|1<<6|1<<7)
	}, err
}

// obus appends to dst the OBUs of a sample whose types are in the set keep (AV1
// specification 5.3, 6.2.2): headers, tiles, frames.
func obus(dst, sample []byte, keep uint16) ([]byte, error) {
	before := len(dst)
	f := fields{b: sample}
	for len(f.b) > 0 {
		whole := f.b
		head := f.u8()
		if head&0x80 != 0 {
			return nil, ErrDamaged
		}
		if head&4 != 0 {
			f.u8()
		}
		n := uint64(len(f.b))
		if head&2 != 0 {
			var used int
			if n, used = binary.Uvarint(f.b); used <= 0 || used > 8 { // leb128 (4.10.5)
				return nil, ErrDamaged
			}
			f.take(used)
		}
		if n > uint64(len(f.b)) {
			return nil, ErrDamaged
		}
		f.take(int(n))
		if keep>>(head>>3&15)&1 == 1 {
			dst = append(dst, whole[:len(whole)-len(f.b)]...)
		}
	}
	if len(dst) == before || f.short {
		return nil, ErrDamaged
	}
	return dst, nil
}

// vp9 reads and writes a VPCodecConfigurationBox (VP Codec ISO Media File Format
// Binding 1.0).
func vp9(b []byte) ([]byte, error) {
	f := fields{b: b}
	version, _, _ := f.full()
	values := f.take(6)
	if f.short || version != 1 {
		return nil, ErrDamaged
	}
	return put("vpcC", []byte{1, 0, 0, 0}, values, []byte{0, 0}), nil
}

// sound reads an AudioSampleEntry (ISO/IEC 14496-12 12.2.3), also as QuickTime writes
// it, with more numbers before and the decoder's configuration in a wave box.
func sound(b box) (c coding, err error) {
	if b.kind != "mp4a" && b.kind != "Opus" {
		return c, ErrCodec
	}
	f := fields{b: b.body}
	f.take(8)
	version := f.u16()
	f.take(6)
	channels := f.u16()
	f.take(6)
	rate := f.u32()
	switch version {
	case 1:
		f.take(16)
	case 2:
		f.take(36)
		channels, rate = 2, 0 // as the configuration says
	}
	if f.short || channels == 0 || channels > 8 {
		return c, ErrDamaged
	}
	var config []byte
	if b.kind == "Opus" {
		config, err = opus(child(f.b, "dOps"))
	} else {
		stream := child(f.b, "esds")
		if stream == nil {
			stream = child(f.b, "wave", "esds")
		}
		config, err = aac(stream)
	}
	if err != nil {
		return c, err
	}
	head := append(make([]byte, 6), be16(1)...)
	head = append(head, make([]byte, 8)...)
	head = append(head, be16(channels, 16, 0, 0)...)
	return coding{kind: b.kind, entry: put(b.kind, head, be32(rate&0xFFFF0000), config)}, nil
}

// aac reads and writes an ES_Descriptor (ISO/IEC 14496-1 7.2.6.5) around an
// AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1).
func aac(esds []byte) ([]byte, error) {
	f := fields{b: esds}
	f.full()
	f = fields{b: f.descriptor(3)}
	f.u16()
	flags := f.u8()
	if flags&0x80 != 0 {
		f.u16()
	}
	if flags&0x40 != 0 {
		f.take(int(f.u8()))
	}
	if flags&0x20 != 0 {
		f.u16()
	}
	f = fields{b: f.descriptor(4)}
	object, _, rates := f.u8(), f.u8(), f.take(11)
	config := f.descriptor(5)
	if f.short || len(config) < 2 {
		return nil, ErrDamaged
	}
	const mpeg4Audio = 0x40
	switch kind := config[0] >> 3; {
	case object != mpeg4Audio || len(config) > 64:
		return nil, ErrCodec
	case kind != 2 && kind != 5 && kind != 29: // low complexity, with SBR, with PS
		return nil, ErrCodec
	}
	decoder := append([]byte{mpeg4Audio, 0x15}, rates...)
	decoder = append(decoder, 5, byte(len(config)))
	decoder = append(decoder, config...)
	stream := append([]byte{0, 0, 0, 4, byte(len(decoder))}, decoder...)
	stream = append(stream, 6, 1, 2)
	return put("esds", []byte{0, 0, 0, 0, 3, byte(len(stream))}, stream), nil
}

// opus reads and writes an OpusSpecificBox (Encapsulation of Opus in ISO Base Media File
// Format 4.3.2) of one or two channels.
func opus(b []byte) ([]byte, error) {
	f := fields{b: b}
	version, channels := f.u8(), f.u8()
	values := f.take(8) // pre-skip, rate of the input, gain
	family := f.u8()
	switch {
	case f.short:
		return nil, ErrDamaged
	case version != 0 || family != 0 || channels != 1 && channels != 2:
		return nil, ErrCodec
	}
	return put("dOps", []byte{0, channels}, values, []byte{0}), nil
}

// descriptor is the body of the next descriptor of a kind (ISO/IEC 14496-1 8.3.3).
func (f *fields) descriptor(kind uint8) []byte {
	if f.u8() != kind {
		f.short = true
		return nil
	}
	n := 0
	for range 4 {
		b := f.u8()
		n = n<<7 | int(b&0x7F)
		if b&0x80 == 0 {
			break
		}
	}
	return f.take(n)
}
