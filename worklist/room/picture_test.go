package room_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/dokuei/dokuei/worklist/room"
)

// photo is a picture whose upper left quarter alone is bright.
func photo(width, height int) image.Image {
	m := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height / 2 {
		for x := range width / 2 {
			m.SetGray(x, y, color.Gray{Y: 250})
		}
	}
	return m
}

// turned puts metadata that say how the camera was held (Exif 2.3, tag 274) into a JPEG.
func turned(t *testing.T, m image.Image, orientation uint16, comment string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	tiff := []byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	tiff = binary.BigEndian.AppendUint16(tiff, orientation)
	tiff = append(tiff, 0, 0, 0, 0, 0, 0)
	tiff = append(tiff, comment...)
	out := append([]byte{0xFF, 0xD8, 0xFF, 0xE1}, binary.BigEndian.AppendUint16(nil, uint16(len(tiff)+2))...)
	return append(append(out, tiff...), b.Bytes()[2:]...)
}

func TestRedraw(t *testing.T) {
	t.Parallel()
	encoded := func(m image.Image) []byte {
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	const secret = "山田太郎 35.6N 139.7E"
	tests := []struct {
		name          string
		file          []byte
		width, height int
		bright        image.Point // a place that must be bright
	}{
		{"a JPEG", turned(t, photo(64, 32), 1, secret), 64, 32, image.Pt(8, 8)},
		{"held to the right", turned(t, photo(64, 32), 6, secret), 32, 64, image.Pt(24, 8)},
		{"upside down", turned(t, photo(64, 32), 3, secret), 64, 32, image.Pt(56, 24)},
		{"held to the left", turned(t, photo(64, 32), 8, secret), 32, 64, image.Pt(8, 56)},
		{"a PNG", append(encoded(photo(64, 32)), secret...), 64, 32, image.Pt(8, 8)},
		{"larger than a room shows", encoded(photo(4000, 1000)), 2560, 640, image.Pt(300, 100)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, p, err := room.Redraw(tt.file)
			if err != nil {
				t.Fatal(err)
			}
			if p.Width != tt.width || p.Height != tt.height || p.Size != int64(len(out)) {
				t.Errorf("%+v, want %d × %d and %d bytes", p, tt.width, tt.height, len(out))
			}
			if bytes.Contains(out, []byte("山田")) {
				t.Error("what was in the file beside the picture is still there")
			}
			m, _, err := image.Decode(bytes.NewReader(out))
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range []image.Point{{tt.width / 8, tt.height / 8}, {tt.width * 7 / 8, tt.height / 8}, {tt.width / 8, tt.height * 7 / 8}, {tt.width * 7 / 8, tt.height * 7 / 8}} {
				inQuarter := (at.X < tt.width/2) == (tt.bright.X < tt.width/2) && (at.Y < tt.height/2) == (tt.bright.Y < tt.height/2)
				if r, _, _, _ := m.At(at.X, at.Y).RGBA(); (r > 0x8000) != inQuarter {
					t.Errorf("brightness at %v is %#x", at, r)
				}
			}
		})
	}
}

func TestRedrawRefuses(t *testing.T) {
	t.Parallel()
	whole := turned(t, photo(64, 32), 6, "")
	huge := append([]byte(nil), whole...)
	// The frame header (T.81 B.2.2) says 65,535 × 65,535.
	at := bytes.Index(huge, []byte{0xFF, 0xC0}) + 5
	copy(huge[at:], "\xff\xff\xff\xff")
	for name, file := range map[string][]byte{
		"nothing": nil, "a text": []byte("<svg onload=alert(1)>"), "a GIF": []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"),
		"half of one": whole[:len(whole)/2], "more pixels than may be": huge, "too many bytes": append(whole, make([]byte, room.MaxPicture)...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := room.Redraw(file); !errors.Is(err, room.ErrPicture) {
				t.Errorf("%v, want ErrPicture", err)
			}
		})
	}
}
