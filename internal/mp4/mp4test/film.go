// Package mp4test makes films by code, for the tests of whoever takes them.
package mp4test

import (
	"bytes"
	"encoding/binary"
)

// Film is what to write. The zero value is upright, of one second, without sound.
type Film struct {
	// Seconds it plays, two pictures each; 0: one.
	Seconds int
	// Turned says that the camera was held upright: the pictures are shown turned.
	Turned bool
	// Sound adds a track of silence as AAC, described the way QuickTime does.
	Sound bool
	// Secret stands wherever a telephone writes about itself and its place: in boxes
	// beside the media, between the samples, in a track of metadata, and in the
	// samples.
	Secret string
	// Codec is the kind of the pictures that the file claims; "": avc1.
	Codec string
}

// Size of the pictures in pixels.
const (
	Width  = 64
	Height = 48
)

const (
	timescale = 600
	step      = 300 // of a picture
)

// MOV is the film as a telephone writes it: the media first, then the index.
func (f Film) MOV() []byte {
	if f.Codec == "" {
		f.Codec = "avc1"
	}
	if f.Seconds == 0 {
		f.Seconds = 1
	}
	out := box("ftyp", []byte("qt  \x00\x00\x00\x00qt  "))
	out = append(out, box("wide")...)
	begin := len(out) + 8
	var media bytes.Buffer
	var pictures, sounds, notes [][2]int // where they lie, how long they are
	add := func(list *[][2]int, b []byte) {
		media.WriteString(f.Secret) // no sample
		*list = append(*list, [2]int{begin + media.Len(), len(b)})
		media.Write(b)
	}
	for k := range 2 * f.Seconds {
		add(&pictures, f.sample(uint32(k%2)))
		if f.Sound {
			for range 24 { // of 1,024 values at 48 kHz
				add(&sounds, silence)
			}
		}
		add(&notes, []byte(f.Secret+"!"))
	}
	out = append(out, box("mdat", media.Bytes())...)
	length := uint32(timescale * f.Seconds)
	var traks []byte
	traks = append(traks, f.trak(1, "vide", length, timescale, step, f.picture(), pictures)...)
	if f.Sound {
		traks = append(traks, f.trak(2, "soun", length, 48000, 1024, speech(), sounds)...)
	}
	if f.Secret != "" {
		traks = append(traks, f.trak(3, "meta", length, timescale, step, box("mebx", make([]byte, 6), be16(1), []byte(f.Secret)), notes)...)
	}
	about := box("udta", box("\xa9xyz", be16(uint16(len(f.Secret)), 0), []byte(f.Secret)))
	about = append(about, box("meta", be32(0), box("keys", []byte(f.Secret)))...)
	head := box("mvhd", be32(0, 0xE0000000, 0xE0000000, timescale, length, 1<<16), be16(0x100), make([]byte, 10), matrix(false), make([]byte, 24), be32(9))
	out = append(out, box("moov", head, traks, about)...)
	return append(out, box("uuid", []byte("0123456789abcdef"), []byte(f.Secret))...)
}

func (f Film) trak(id uint32, handler string, length, scale, each uint32, entry []byte, at [][2]int) []byte {
	var offsets, sizes []byte
	for _, s := range at {
		offsets = append(offsets, be64(uint64(s[0]))...)
		sizes = append(sizes, be32(uint32(s[1]))...)
	}
	n := uint32(len(at))
	head := box("tkhd", be32(15, 0xE0000000, 0xE0000000, id, 0, length, 0, 0), make([]byte, 8), matrix(f.Turned && handler == "vide"), be32(Width<<16, Height<<16))
	stbl := box("stbl",
		box("stsd", be32(0, 1), entry), box("stts", be32(0, 1, n, each)), box("stsc", be32(0, 1, 1, 1, 1)),
		box("stsz", be32(0, 0, n), sizes), box("co64", be32(0, n), offsets))
	hdlr := box("hdlr", be32(0), []byte("mhlr"), []byte(handler), []byte("appl"), make([]byte, 8), []byte(f.Secret))
	return box("trak", head, box("edts", box("elst", be32(0, 1, length, 0, 1<<16))),
		box("mdia", box("mdhd", be32(0, 0xE0000000, 0xE0000000, scale, n*each), be16(0, 0)), hdlr, box("minf", box("hdlr", be32(0), []byte("dhlralis")), stbl)))
}

// picture describes the pictures: a VisualSampleEntry.
func (f Film) picture() []byte {
	head := append(make([]byte, 6), be16(1)...)
	head = append(head, make([]byte, 16)...)
	head = append(head, be16(Width, Height)...)
	head = append(head, be32(0x480000, 0x480000, 0)...)
	head = append(head, be16(1)...)
	name := make([]byte, 32)
	copy(name, "\x1f"+f.Secret)
	head = append(head, name...)
	head = append(head, 0, 24, 0xFF, 0xFF)
	sps, pps := sequence(), parameters()
	config := append([]byte{1}, sps[1:4]...)
	config = append(config, 0xFF, 0xE1)
	config = append(append(config, be16(uint16(len(sps)))...), sps...)
	config = append(append(append(config, 1), be16(uint16(len(pps)))...), pps...)
	return box(f.Codec, head, box("avcC", config), box("colr", []byte("nclc"), be16(1, 1, 1)), make([]byte, 4))
}

// sample is a picture, dark or bright, with what a camera says of itself before it.
func (f Film) sample(odd uint32) (out []byte) {
	if f.Secret != "" {
		note := append([]byte{6, 5, byte(16 + len(f.Secret))}, make([]byte, 16)...) // user data, unregistered
		note = append(append(note, f.Secret...), 0x80)
		out = append(append(out, be32(uint32(len(note)))...), note...)
	}
	s := slice(byte(60+120*odd), odd)
	return append(append(out, be32(uint32(len(s)))...), s...)
}

// silence is a frame of AAC with one channel and nothing in it (ISO/IEC 14496-3
// 4.4.2.1): single_channel_element of max_sfb 0, and the end.
var silence = func() []byte {
	var b bits
	b.put(0, 3) // ID_SCE
	b.put(0, 4)
	b.put(100, 8) // global_gain
	b.put(0, 1)   // ics_info: reserved, long window, sine, no bands, no prediction
	b.put(0, 2)
	b.put(0, 1)
	b.put(0, 6)
	b.put(0, 1)
	b.put(0, 3) // no pulse, no noise shaping, no gain control
	b.put(7, 3) // ID_END
	b.fill(0)
	return b.out
}()

// speech describes the sound: version 1 of QuickTime's SoundDescription.
func speech() []byte {
	head := append(make([]byte, 6), be16(1, 1, 0, 0, 0, 1, 16, 0xFFFE, 0)...)
	head = append(head, be32(48000<<16, 1024, 0, 0, 2)...)
	config := []byte{2<<3 | 3>>1, 3<<7&0xFF | 1<<3} // low complexity, 48 kHz, one channel
	decoder := append([]byte{0x40, 0x15}, make([]byte, 11)...)
	decoder = append(append(decoder, 5, 0x80, 0x80, 0x80, byte(len(config))), config...)
	stream := append([]byte{0, 0, 0, 4, 0x80, 0x80, 0x80, byte(len(decoder))}, decoder...)
	stream = append(stream, 6, 0x80, 0x80, 0x80, 1, 2)
	esds := box("esds", be32(0), []byte{3, 0x80, 0x80, 0x80, byte(len(stream))}, stream)
	return box("mp4a", head, box("wave", box("frma", []byte("mp4a")), box("mp4a", be32(0)), esds, be32(8, 0)))
}

func matrix(turned bool) []byte {
	if turned {
		return be32(0, 1<<16, 0, 0xFFFF0000, 0, 0, Height<<16, 0, 1<<30)
	}
	return be32(1<<16, 0, 0, 0, 1<<16, 0, 0, 0, 1<<30)
}

func box(kind string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append(append(be32(uint32(len(body)+8)), kind...), body...)
}

func be16(v ...uint16) (out []byte) {
	for _, n := range v {
		out = binary.BigEndian.AppendUint16(out, n)
	}
	return out
}

func be32(v ...uint32) (out []byte) {
	for _, n := range v {
		out = binary.BigEndian.AppendUint32(out, n)
	}
	return out
}

func be64(v uint64) []byte { return binary.BigEndian.AppendUint64(nil, v) }
