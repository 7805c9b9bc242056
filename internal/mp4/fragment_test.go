package mp4_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"github.com/dokuei/dokuei/internal/mp4"
	"github.com/dokuei/dokuei/internal/mp4/mp4test"
)

// What a browser recorded in fragments comes out as the same film that a telephone
// wrote in one piece, without what either says of itself.
func TestFragments(t *testing.T) {
	t.Parallel()
	for _, film := range []mp4test.Film{{}, {Seconds: 3, Turned: true}, {Seconds: 3, Sound: true}} {
		said := film
		said.Secret = "recorded by 山田 at +35.6895"
		m, out := rewritten(t, said.Recorded())
		if m.Length < time.Second || m.Sound != film.Sound {
			t.Errorf("%v, sound %v", m.Length, m.Sound)
		}
		if bytes.Contains(out, []byte("山田")) || bytes.Contains(out, []byte("moof")) {
			t.Error("more than pictures and sound is there")
		}
		if film.Sound {
			// In one piece the film ends with its pictures, here with its sound.
			if _, again := rewritten(t, out); !bytes.Equal(again, out) {
				t.Error("written again, it is another file")
			}
			continue
		}
		if _, want := rewritten(t, film.MOV()); !bytes.Equal(out, want) {
			t.Errorf("%d bytes, of the film in one piece %d", len(out), len(want))
		}
	}
}

// A pause in a recording stays, and so does sound that began after the pictures; the
// hours that a clock had gone before do not.
func TestTimesOfFragments(t *testing.T) {
	t.Parallel()
	film := mp4test.Film{Seconds: 2, Sound: true}
	clock := func(file []byte, n int, version byte, v uint64) []byte {
		b := binary.BigEndian.AppendUint64([]byte{version, 0, 0, 0}, v)
		if version == 0 {
			b = append(b[:4], b[8:]...)
		}
		return at(file, "tfdt", n, 0, b...)
	}
	for _, tt := range []struct {
		name string
		file []byte
		want time.Duration
		err  error
	}{
		{name: "as it is", file: film.Recorded(), want: 2047 * time.Millisecond}, // of the sound: 48 × 1,024 values, in units of 1/600 s,
		{name: "five seconds of nothing", file: clock(film.Recorded(), 6, 1, 600*6+300), want: 7 * time.Second},
		{name: "a minute of nothing", file: clock(film.Recorded(), 6, 1, 600*62), err: mp4.ErrLong},
		{name: "years of nothing", file: clock(film.Recorded(), 6, 1, 1<<60), err: mp4.ErrLong},
		{name: "back in time", file: clock(film.Recorded(), 6, 1, 0), err: mp4.ErrDamaged},
		{name: "beyond all time", file: clock(film.Recorded(), 0, 1, 1<<63), err: mp4.ErrDamaged},
	} {
		m, err := mp4.Open(bytes.NewReader(tt.file), int64(len(tt.file)), minute)
		switch {
		case !errors.Is(err, tt.err):
			t.Errorf("%s: %v, want %v", tt.name, err, tt.err)
		case err == nil && m.Length.Round(time.Millisecond) != tt.want:
			t.Errorf("%s: %v, want %v", tt.name, m.Length, tt.want)
		}
	}

	// Both a day late, and the sound half a second after the pictures.
	file := mp4test.Film{Sound: true}.Recorded()
	for k := range 2 {
		file = clock(file, 2*k, 1, uint64(600*86400+300*k))
		file = clock(file, 2*k+1, 0, uint64(48000/2+24576*k))
	}
	early := bytes.Clone(file)
	if m, err := mp4.Open(bytes.NewReader(early), int64(len(early)), minute); !errors.Is(err, mp4.ErrLong) {
		t.Errorf("pictures a day after their sound: %+v, %v", m, err)
	}
	for k := range 2 {
		file = clock(file, 2*k, 1, uint64(300*k))
	}
	m, out := rewritten(t, file)
	if m.Length.Round(time.Millisecond) != 1523*time.Millisecond { // 0.5 s, and 1.024 s in units of 1/600
		t.Errorf("%v", m.Length)
	}
	if pause := []byte("\x00\x00\x00\x02\x00\x00\x01\x2c\xff\xff\xff\xff\x00\x01\x00\x00"); !bytes.Contains(out, pause) {
		t.Error("the sound does not wait")
	}
}

func TestFragmentsRefused(t *testing.T) {
	t.Parallel()
	whole := mp4test.Film{Seconds: 2, Sound: true}.Recorded()
	renamed := func(from, to string) []byte { return bytes.ReplaceAll(whole, []byte(from), []byte(to)) }
	for _, tt := range []struct {
		name string
		file []byte
		want error
	}{
		{"cut off before its first fragment", whole[:bytes.Index(whole, []byte("moof"))-4], mp4.ErrDamaged},
		{"cut off within its first fragment", whole[:bytes.Index(whole, []byte("trun"))], mp4.ErrDamaged},
		{"cut off within its first media", whole[:bytes.Index(whole, []byte("mdat"))+100], mp4.ErrDamaged},
		{"no fragments said of a track", at(whole, "trex", 1, 4, 0, 0, 0, 9), mp4.ErrDamaged},
		{"fragments of another track", at(whole, "tkhd", 0, 12, 0, 0, 0, 9), mp4.ErrDamaged},
		{"no runs", renamed("trun", "free"), mp4.ErrDamaged},
		{"more samples than may be", at(whole, "trun", 1, 4, 0, 1, 0, 0), mp4.ErrDamaged},
		{"more samples than it has", at(whole, "trun", 0, 4, 0, 0, 0, 2), mp4.ErrDamaged},
		{"samples outside the media", at(whole, "trun", 0, 8, 0x7F, 0xFF, 0xFF, 0xFF), mp4.ErrDamaged},
		{"samples before the file", at(whole, "trun", 0, 8, 0x80, 0, 0, 0), mp4.ErrDamaged},
		{"samples of nothing", at(whole, "trex", 1, 16, 0, 0, 0, 0), mp4.ErrDamaged},
		{"another description", at(whole, "trex", 0, 8, 0, 0, 0, 2), mp4.ErrDamaged},
		{"where it lies is not said", at(whole, "tfhd", 1, 1, 0, 0, 0), mp4.ErrFormat},
	} {
		m, err := mp4.Open(bytes.NewReader(tt.file), int64(len(tt.file)), minute)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %+v, %v; want %v", tt.name, m, err, tt.want)
		}
	}
	// As one of a browser that was closed while it wrote.
	cut := whole[:bytes.LastIndex(whole, []byte("mdat"))+10]
	if m, err := mp4.Open(bytes.NewReader(cut), int64(len(cut)), minute); !errors.Is(err, mp4.ErrDamaged) {
		t.Errorf("cut off in its last media: %+v, %v", m, err)
	}
}
