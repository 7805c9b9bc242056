package mp4

import (
	"bytes"
	"errors"
	"testing"
)

// entry is a VisualSampleEntry of 64 × 48 pixels with a configuration.
func entry(kind, config string, record ...byte) box {
	head := make([]byte, 78)
	head[25], head[27] = 64, 48
	return box{kind, append(head, put(config, record)...)}
}

func length(unit ...byte) []byte { return append(be32(uint32(len(unit))), unit...) }

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// Of each coding: what is left of a configuration, and of a sample.
func TestCodings(t *testing.T) {
	t.Parallel()
	hevcHead := append([]byte{1}, make([]byte, 21)...)
	hevcHead[21] = 3 // lengths of four bytes
	tests := []struct {
		name         string
		entry        box
		config       []byte
		sample, want []byte
	}{
		{
			"AVC, high profile, with what 14496-15 lets stand behind it",
			entry("avc1", "avcC", 1, 100, 0, 31, 0xFF, 0xE1, 0, 2, 0x67, 9, 1, 0, 1, 0x68, 0xFD, 0xF8, 0xF8, 1, 0, 2, 0x6D, 's', 's'),
			put("avcC", []byte{1, 100, 0, 31, 0xFF, 0xE1, 0, 2, 0x67, 9, 1, 0, 1, 0x68, 0xFD, 0xF8, 0xF8, 0}),
			join(length(0x09, 0x10), length(6, 5, 1, 's', 0x80), length(0x0C, 0xFF), length(0x65, 1, 2), length(0x1F, 's'), length(0x41, 3)),
			join(length(0x09, 0x10), length(0x65, 1, 2), length(0x41, 3)),
		},
		{
			"HEVC, with SEI among its parameter sets and a second eye",
			entry("hvc1", "hvcC", join(hevcHead, []byte{3, 0xA0, 0, 1, 0, 3, 0x40, 1, 7, 0xA7, 0, 1, 0, 3, 0x4E, 1, 's', 0xA1, 0, 1, 0, 2, 0x42, 1})...),
			put("hvcC", hevcHead, []byte{2, 0xA0, 0, 1, 0, 3, 0x40, 1, 7, 0xA1, 0, 1, 0, 2, 0x42, 1}),
			join(length(0x46, 1, 0x50), length(0x4E, 1, 's'), length(0x26, 1, 4), length(0x28, 9, 5), length(0x7C, 1, 's')),
			join(length(0x46, 1, 0x50), length(0x26, 1, 4)),
		},
		{
			"AV1, with metadata and padding",
			entry("av01", "av1C", 0x81, 4, 0x0C, 0x10, 0x0A, 1, 7, 0x2A, 1, 's'),
			put("av1C", []byte{0x81, 4, 0x0C, 0x10, 0x0A, 1, 7}),
			[]byte{0x12, 0, 0x0A, 1, 7, 0x2A, 2, 's', 's', 0x7A, 1, 's', 0x30, 8, 9},
			[]byte{0x0A, 1, 7, 0x30, 8, 9},
		},
		{
			"AV1 without a header in its configuration",
			entry("av01", "av1C", 0x81, 4, 0x0C, 0xF0), put("av1C", []byte{0x81, 4, 0x0C, 0x10}),
			[]byte{0x32, 1, 8},
			[]byte{0x32, 1, 8},
		},
		{"VP9", entry("vp09", "vpcC", 1, 0, 0, 0, 0, 20, 0x82, 1, 1, 1, 0, 1, 's'), put("vpcC", []byte{1, 0, 0, 0, 0, 20, 0x82, 1, 1, 1, 0, 0}), []byte("all"), []byte("all")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := pictures(tt.entry)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.entry[8+78:]; !bytes.Equal(got, tt.config) {
				t.Errorf("configuration\n% x\n% x", got, tt.config)
			}
			got := tt.sample
			if c.cut != nil {
				if got, err = c.cut(nil, tt.sample); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(got, tt.want) {
				t.Errorf("sample\n% x\n% x", got, tt.want)
			}
		})
	}
}

func TestDamagedCodings(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]box{
		"no configuration":                 entry("avc1", "free"),
		"AVC cut off":                      entry("avc1", "avcC", 1, 66, 0, 20, 0xFF, 0xE1, 0, 9, 0x67),
		"AVC with a text as parameter set": entry("avc1", "avcC", 1, 66, 0, 20, 0xFF, 0xE1, 0, 2, 'h', 'i', 0),
		"HEVC with lengths of three bytes": entry("hev1", "hvcC", append(append([]byte{1}, make([]byte, 20)...), 2, 0)...),
		"HEVC with a set of another kind":  entry("hev1", "hvcC", append(append([]byte{1}, make([]byte, 20)...), 3, 1, 0x20, 0, 1, 0, 2, 0x42, 1)...),
		"AV1 of another version":           entry("av01", "av1C", 0x82, 0, 0, 0),
		"AV1 with metadata alone":          entry("av01", "av1C", 0x81, 0, 0, 0, 0x2A, 1, 's'),
		"VP9 of another version":           entry("vp09", "vpcC", 0, 0, 0, 0, 0, 20, 0x82, 1, 1, 1, 0, 0),
	} {
		if _, err := pictures(b); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, sample := range map[string][]byte{
		"a forbidden bit": {0x92, 0}, "a length past the end": {0x32, 9, 1}, "a length without an end": {0x32, 0xFF, 0xFF}, "nothing that is shown": {0x2A, 1, 's'}, "nothing": nil,
	} {
		if _, err := obus(nil, sample, 1<<6); !errors.Is(err, ErrDamaged) {
			t.Errorf("AV1, %s: %v", name, err)
		}
	}
}

// Sound as telephones write it, and what is no AAC that browsers play.
func TestSound(t *testing.T) {
	t.Parallel()
	esds := func(object, config byte) []byte {
		return put("esds", []byte{0, 0, 0, 0, 3, 27, 0, 1, 0x20, 0, 2, 4, 17, object, 0x15}, make([]byte, 11), []byte{5, 2, config, 0x88, 6, 1, 2})
	}
	described := func(version byte, more int, stream []byte) box {
		head := make([]byte, 28+more)
		head[9], head[17] = version, 1
		return box{"mp4a", append(head, stream...)}
	}
	var first []byte
	for _, tt := range []struct {
		name string
		b    box
		want error
	}{
		{"as MP4 has it", described(0, 0, esds(0x40, 0x11)), nil},
		{"as QuickTime has it", described(1, 16, put("wave", esds(0x40, 0x11))), nil},
		{"MP3", described(0, 0, esds(0x6B, 0x11)), ErrCodec},
		{"another kind of AAC", described(0, 0, esds(0x40, 0xF8)), ErrCodec},
		{"not described", described(0, 0, nil), ErrDamaged},
		{"AMR", box{"samr", nil}, ErrCodec},
	} {
		c, err := sound(tt.b)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if first == nil {
			first = c.entry
		} else if err == nil && !bytes.Equal(c.entry, first) {
			t.Errorf("%s:\n% x\n% x", tt.name, c.entry, first)
		}
	}
}

func TestOpus(t *testing.T) {
	t.Parallel()
	described := func(dOps ...byte) box {
		return box{"Opus", join(make([]byte, 17), []byte{2}, make([]byte, 10), put("dOps", dOps))}
	}
	for _, tt := range []struct {
		name string
		b    box
		want error
	}{
		{"two channels", described(0, 2, 1, 56, 0, 0, 0xBB, 0x80, 0, 0, 0), nil},
		{"of a version to come", described(1, 2, 1, 56, 0, 0, 0xBB, 0x80, 0, 0, 0), ErrCodec},
		{"around the room", described(0, 6, 1, 56, 0, 0, 0xBB, 0x80, 0, 0, 1, 4, 2, 0, 4, 1, 2, 3, 5), ErrCodec},
		{"cut off", described(0, 2, 1, 56), ErrDamaged},
		{"not described", box{"Opus", join(make([]byte, 17), []byte{2}, make([]byte, 10))}, ErrDamaged},
	} {
		c, err := sound(tt.b)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if again, err := sound(box{"Opus", c.entry[min(8, len(c.entry)):]}); tt.want == nil && (err != nil || !bytes.Equal(again.entry, c.entry)) {
			t.Errorf("%s: written % x, again % x, %v", tt.name, c.entry, again.entry, err)
		}
	}
}
