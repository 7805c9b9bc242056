package stream_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// object writes one and the same object in a transfer syntax, with sequences of
// defined or undefined length.
func object(u string, defined bool, name string, pixels ...uint16) *data {
	d := builder(u)
	d.elem(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
	in := builder(u).elem(tag.ReferencedSOPInstanceUID, "UI", "1.2\x00")
	if defined {
		d.header(tag.ReferencedImageSequence, "SQ", uint32(len(in.b)+8)).item(tag.Item, uint32(len(in.b))).raw(string(in.b))
	} else {
		d.header(tag.ReferencedImageSequence, "SQ", und).item(tag.Item, und).raw(string(in.b))
		d.item(tag.ItemDelimitationItem, 0).item(tag.SequenceDelimitationItem, 0)
	}
	d.elem(tag.New(0x0009, 0x0010), "LO", "ACME")
	d.elem(tag.New(0x0009, 0x1001), "LO", "private ")
	d.elem(tag.PatientName, "PN", name)
	d.us(tag.Rows, 258)
	d.header(tag.PixelData, "OW", uint32(2*len(pixels)))
	for _, p := range pixels {
		d.b = d.order().AppendUint16(d.b, p)
	}
	return d
}

func TestEqual(t *testing.T) {
	t.Parallel()
	le, im, be, df := uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian, uid.ExplicitVRBigEndian, uid.DeflatedExplicitVRLittleEndian
	as := func(ts string, d *data) []byte {
		b := d.b
		if ts == df {
			b = deflated(t, b)
		}
		return file(t, stream.Meta{TransferSyntaxUID: ts}, b)
	}
	base := as(le, object(le, true, "Doe^John", 1, 2, 3, 260))
	long := strings.Repeat("x", 70000)
	private := explicit().header(tag.New(9, 0x1002), "SQ", 18).item(tag.Item, 10).elem(tag.Modality, "CS", "CT")
	kept := implicit().elem(tag.New(9, 0x1002), "", string(implicit().item(tag.Item, 10).elem(tag.Modality, "", "CT").b))
	pixels := func(ts, vr, value string) []byte { return as(ts, builder(ts).elem(tag.PixelData, vr, value)) }
	tests := []struct {
		name string
		a, b []byte
		want bool
	}{
		{"itself", base, base, true},
		{"undefined lengths", base, as(le, object(le, false, "Doe^John", 1, 2, 3, 260)), true},
		{"implicit", base, as(im, object(im, false, "Doe^John", 1, 2, 3, 260)), true},
		{"big endian", base, as(be, object(be, true, "Doe^John", 1, 2, 3, 260)), true},
		{"deflated", base, as(df, object(le, true, "Doe^John", 1, 2, 3, 260)), true},
		{"implicit and big endian", as(im, object(im, true, "Doe^John", 1, 2, 3, 260)), as(be, object(be, true, "Doe^John", 1, 2, 3, 260)), true},
		{"padding", base, as(le, object(le, true, "Doe^John  ", 1, 2, 3, 260)), true},
		{"bytes in big endian, words in implicit", pixels(be, "OB", "abcd"), pixels(im, "OW", "abcd"), true},
		{"words in big endian, words in implicit", pixels(be, "OW", "badc"), pixels(im, "OW", "abcd"), true},
		{"words in big endian taken for bytes", pixels(be, "OW", "abcd"), pixels(im, "OW", "abcd"), false},
		{"bytes and words, both big endian", pixels(be, "OB", "abcd"), pixels(be, "OW", "badc"), true},
		{"bytes in big endian, words in explicit", pixels(be, "OB", "abcd"), pixels(le, "OW", "abcd"), true},
		{"other order", as(le, explicit().us(tag.Columns, 1).us(tag.Rows, 1)), as(le, explicit().us(tag.Rows, 1).us(tag.Columns, 1)), false},
		{"other name", base, as(le, object(le, true, "Doe^Jane", 1, 2, 3, 260)), false},
		{"other pixel", base, as(le, object(le, true, "Doe^John", 1, 2, 3, 261)), false},
		{"fewer pixels", base, as(le, object(le, true, "Doe^John", 1, 2, 3)), false},
		{"a zero pixel more", base, as(le, object(le, true, "Doe^John", 1, 2, 3, 260, 0)), false},
		{"bytes swapped", base, as(le, object(le, true, "Doe^John", 256, 512, 768, 1025)), false},
		{"element more", base, as(le, object(le, true, "Doe^John", 1, 2, 3, 260).elem(tag.New(0x7FE1, 0x10), "LO", "A ")), false},
		{"long value", as(le, explicit().elem(tag.PatientComments, "UT", long)), as(im, implicit().elem(tag.PatientComments, "UT", long)), true},
		{"long value, last byte", as(le, explicit().elem(tag.PatientComments, "UT", long)), as(le, explicit().elem(tag.PatientComments, "UT", long[1:]+"y")), false},
		{"group length", as(le, explicit().elem(tag.New(8, 0), "UL", "\x00\x00\x00\x00").elem(tag.Modality, "CS", "CT")), as(le, explicit().elem(tag.Modality, "CS", "CT")), true},
		{"private sequence kept as UN", as(le, private), as(im, kept), true},
		{"offset table", as(uid.RLELossless, fragments(explicit(), nil, "ab")), as(uid.RLELossless, fragments(explicit(), []uint32{0}, "ab")), true},
		{"other fragment", as(uid.RLELossless, fragments(explicit(), nil, "ab")), as(uid.RLELossless, fragments(explicit(), nil, "ac")), false},
		{"native and encapsulated", as(uid.RLELossless, fragments(explicit(), nil, "ab")), as(le, explicit().elem(tag.PixelData, "OB", "ab")), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, p := range [][2][]byte{{tt.a, tt.b}, {tt.b, tt.a}} {
				got, err := stream.Equal(bytes.NewReader(p[0]), bytes.NewReader(p[1]))
				if err != nil || got != tt.want {
					t.Errorf("%v, %v", got, err)
				}
			}
		})
	}
	if _, err := stream.Equal(bytes.NewReader(base), bytes.NewReader(base[:len(base)-1])); !stream.Truncated(err) {
		t.Errorf("cut: %v", err)
	}
}
