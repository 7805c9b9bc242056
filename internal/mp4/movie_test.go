package mp4_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/dokuei/dokuei/internal/mp4"
	"github.com/dokuei/dokuei/internal/mp4/mp4test"
)

const minute = time.Minute

func rewritten(t *testing.T, file []byte) (*mp4.Movie, []byte) {
	t.Helper()
	m, err := mp4.Open(bytes.NewReader(file), int64(len(file)), minute)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	n, err := m.WriteTo(&out)
	if err != nil || n != int64(out.Len()) {
		t.Fatalf("%d of %d bytes: %v", n, out.Len(), err)
	}
	return m, out.Bytes()
}

// What a telephone writes about itself and its place is nowhere in what is kept; the
// pictures and the sound are.
func TestNothingButPicturesAndSound(t *testing.T) {
	t.Parallel()
	const secret = "+35.6895+139.6917/iPhone 山田"
	tests := []struct {
		name          string
		film          mp4test.Film
		width, height int
	}{
		{"pictures alone", mp4test.Film{Secret: secret, Seconds: 3}, mp4test.Width, mp4test.Height},
		{"with sound", mp4test.Film{Secret: secret, Seconds: 3, Sound: true}, mp4test.Width, mp4test.Height},
		{"held upright", mp4test.Film{Secret: secret, Seconds: 3, Turned: true}, mp4test.Height, mp4test.Width},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := tt.film.MOV()
			if n := bytes.Count(file, []byte(secret)); n < 10 {
				t.Fatalf("the secret stands %d times in the file: the test looks for nothing", n)
			}
			m, out := rewritten(t, file)
			if m.Width != tt.width || m.Height != tt.height || m.Length != 3*time.Second || m.Sound != tt.film.Sound || m.Codec != "avc1" {
				t.Errorf("%d × %d, %v, %s, sound %v", m.Width, m.Height, m.Length, m.Codec, m.Sound)
			}
			for _, word := range []string{secret, "35.68", "iPhone", "\xa9xyz", "udta", "meta", "mebx", "uuid", "qt  ", "appl", "\xE0\x00\x00\x00"} {
				if bytes.Contains(out, []byte(word)) {
					t.Errorf("%q is still there", word)
				}
			}
			// Byte for byte what a film without the secret comes to.
			clean := tt.film
			clean.Secret = ""
			_, want := rewritten(t, clean.MOV())
			if !bytes.Equal(out, want) {
				t.Errorf("%d bytes, without the secret %d", len(out), len(want))
			}
			if moov, mdat := bytes.Index(out, []byte("moov")), bytes.Index(out, []byte("mdat")); moov < 0 || mdat < moov {
				t.Errorf("the index at %d does not stand before the media at %d", moov, mdat)
			}
			if _, again := rewritten(t, out); !bytes.Equal(again, out) {
				t.Error("written again, it is another file")
			}
		})
	}
}

// at replaces the bytes behind the nth occurrence of a box's name.
func at(file []byte, box string, n, skip int, with ...byte) []byte {
	out := bytes.Clone(file)
	from := 0
	for ; n >= 0; n-- {
		i := bytes.Index(out[from:], []byte(box))
		if i < 0 {
			panic("no " + box)
		}
		from += i + len(box)
	}
	copy(out[from+skip:], with)
	return out
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	whole := mp4test.Film{Sound: true}.MOV()
	renamed := func(from, to string) []byte { return bytes.Replace(whole, []byte(from), []byte(to), 1) }
	far := binary.BigEndian.AppendUint64(nil, 1<<62)
	tests := []struct {
		name string
		file []byte
		want error
	}{
		{"nothing", nil, mp4.ErrFormat},
		{"a text", []byte("<html><script>alert(1)</script></html>"), mp4.ErrFormat},
		{"WebM", []byte("\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81"), mp4.ErrFormat},
		{"a picture of the same family", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic\x00\x00\x00\x08meta"), mp4.ErrFormat},
		{"fragments that the index says nothing of", append(mp4test.Film{}.MOV(), "\x00\x00\x00\x08moof"...), mp4.ErrDamaged},
		{"more boxes than may be", append(mp4test.Film{}.MOV(), bytes.Repeat([]byte("\x00\x00\x00\x08mdat"), 1<<16)...), mp4.ErrDamaged},
		{"cut off before the index", whole[:len(whole)/2], mp4.ErrDamaged},
		{"no index", whole[:bytes.Index(whole, []byte("moov"))-4], mp4.ErrDamaged},
		{"no pictures", renamed("vide", "text"), mp4.ErrFormat},
		{"other pictures", mp4test.Film{Codec: "mp4v"}.MOV(), mp4.ErrCodec},
		{"other sound", renamed("mp4a", "samr"), mp4.ErrCodec},
		{"too long", mp4test.Film{Seconds: 61}.MOV(), mp4.ErrLong},
		{"shown for too long", at(whole, "elst", 0, 8, 0, 1), mp4.ErrLong},
		{"put together from pieces", at(whole, "elst", 0, 16, 0, 2), mp4.ErrEdited},
		{"pictures outside the media", at(whole, "co64", 0, 8, far...), mp4.ErrDamaged},
		{"pictures in the index", at(whole, "co64", 0, 8, binary.BigEndian.AppendUint64(nil, uint64(bytes.Index(whole, []byte("moov"))))...), mp4.ErrDamaged},
		{"more samples than may be", at(whole, "stsz", 0, 8, 0xFF), mp4.ErrDamaged},
		{"a sample of no bytes", at(whole, "stsz", 0, 12, 0, 0, 0, 0), mp4.ErrDamaged},
		{"times of fewer samples", at(whole, "stts", 0, 11, 1), mp4.ErrDamaged},
		{"chunks of no samples", at(whole, "stsc", 0, 15, 0), mp4.ErrDamaged},
		{"another description", at(whole, "stsc", 0, 19, 2), mp4.ErrDamaged},
		{"a clock that stands", at(whole, "mvhd", 0, 12, 0, 0, 0, 0), mp4.ErrDamaged},
		{"no length of the units", at(whole, "avcC", 0, 4, 0xFE), mp4.ErrDamaged},
		{"pictures larger than may be", at(whole, "avc1", 0, 24, 0x20, 0), mp4.ErrCodec},
		{"a unit longer than its sample", at(whole, "mdat", 0, 0, 0, 1), mp4.ErrDamaged},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, err := mp4.Open(bytes.NewReader(tt.file), int64(len(tt.file)), minute)
			if !errors.Is(err, tt.want) {
				t.Errorf("%+v, %v; want %v", m, err, tt.want)
			}
		})
	}
}

// A minute is a minute also with what a camera adds to the last picture.
func TestLimit(t *testing.T) {
	t.Parallel()
	file := mp4test.Film{Seconds: 60}.MOV()
	if m, err := mp4.Open(bytes.NewReader(file), int64(len(file)), minute); err != nil || m.Length != minute {
		t.Errorf("%v", err)
	}
	if _, err := mp4.Open(bytes.NewReader(file), int64(len(file)), minute-1); !errors.Is(err, mp4.ErrLong) {
		t.Errorf("%v, want ErrLong", err)
	}
}

// A reader that fails is told as it is, not as a damaged file.
func TestFailingReader(t *testing.T) {
	t.Parallel()
	file := mp4test.Film{}.MOV()
	if _, err := mp4.Open(failing{bytes.NewReader(file)}, int64(len(file)), minute); !errors.Is(err, errDisk) {
		t.Errorf("%v, want that of the disk", err)
	}
}

var errDisk = errors.New("the disk")

type failing struct{ r *bytes.Reader }

func (f failing) ReadAt(p []byte, at int64) (int, error) {
	if len(p) > 16 {
		return 0, errDisk
	}
	return f.r.ReadAt(p, at)
}

// What opens is written without an error, is no longer than what came, opens again and
// is then the same file.
func FuzzOpen(f *testing.F) {
	for _, film := range []mp4test.Film{{}, {Turned: true, Secret: "here"}, {Sound: true, Secret: "here"}} {
		f.Add(film.MOV())
		f.Add(film.Recorded())
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		m, err := mp4.Open(bytes.NewReader(file), int64(len(file)), minute)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if _, err := m.WriteTo(&out); err != nil {
			t.Fatal(err)
		}
		if out.Len() > len(file)+mp4.MaxIndex {
			t.Errorf("%d bytes of %d", out.Len(), len(file))
		}
		again, err := mp4.Open(bytes.NewReader(out.Bytes()), int64(out.Len()), minute)
		if err != nil {
			t.Fatalf("what was written does not open: %v", err)
		}
		var twice bytes.Buffer
		if _, err := again.WriteTo(&twice); err != nil || !bytes.Equal(out.Bytes(), twice.Bytes()) {
			t.Errorf("written again it is another file: %v", err)
		}
	})
}

var _ io.WriterTo = (*mp4.Movie)(nil)
