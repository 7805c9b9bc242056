package codectest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/internal/shareddata"
)

// Row is a line of PIXELS.tsv: what another toolkit decoded.
type Row struct {
	Path           string
	Frame          int
	Decoder        string
	TransferSyntax string
	Photometric    string // of the toolkit's output
	SHA256         string
}

// Rows reads PIXELS.tsv of dir for the transfer syntaxes given, grouped by file
// and frame.
func Rows(t testing.TB, dir string, syntaxes ...string) map[string][]Row {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "PIXELS.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[string][]Row)
	for _, line := range strings.Split(string(b), "\n")[1:] {
		c := strings.Split(line, "\t")
		if len(c) < 12 || !slices.Contains(syntaxes, c[4]) {
			continue
		}
		frame, err := strconv.Atoi(c[1])
		if err != nil {
			t.Fatalf("PIXELS.tsv: %v", err)
		}
		key := c[0] + "#" + c[1]
		rows[key] = append(rows[key], Row{Path: c[0], Frame: frame, Decoder: c[3], TransferSyntax: c[4], Photometric: c[6], SHA256: c[11]})
	}
	return rows
}

// Verdict is what the caller of Pixels thinks of a frame whose hash no toolkit
// shares, or which failed to decode: nil when that is as it should be.
type Verdict func(t *testing.T, f *File, rows []Row, m *codec.Image, stream []byte, err error) error

// Pixels decodes every frame of PIXELS.tsv with the given transfer syntaxes and
// compares the SHA-256 with those of the toolkits. Frames that differ are given
// to verdict.
func Pixels(t *testing.T, d codec.Decoder, verdict Verdict, syntaxes ...string) {
	dir := shareddata.Dir(t)
	if dir == "" {
		t.Skip("no folder of real files")
	}
	rows := Rows(t, dir, syntaxes...)
	keys := make([]string, 0, len(rows))
	for k := range rows {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	if raceEnabled {
		keys = thin(keys)
	}
	var m codec.Image
	same, judged := 0, 0
	files := make(map[string]*File)
	for _, key := range keys {
		r := rows[key]
		f, ok := files[r[0].Path]
		if !ok {
			b, err := os.ReadFile(filepath.Join(dir, r[0].Path))
			if err != nil {
				t.Fatal(err)
			}
			if f, err = ParseFile(b); err != nil {
				t.Logf("%s: %v (left to the tests of dicom/pixel)", key, err)
				f = nil
			}
			clear(files) // rows are in order of files: one is enough
			files[r[0].Path] = f
		}
		if f == nil {
			continue
		}
		stream, err := f.Stream(r[0].Frame)
		if err != nil {
			t.Errorf("%s: %v", key, err)
			continue
		}
		err = d.Decode(&m, stream, codec.Options{Width: f.Columns, Height: f.Rows, Samples: f.Samples, BitsAllocated: f.BitsAllocated})
		if err == nil && Same(r, f, &m) {
			same++
			continue
		}
		judged++
		var refused *codec.Error
		if strings.Contains(r[0].Path, "corrupt-bytes") && errors.As(err, &refused) {
			t.Logf("%s: refused: %v", key, err)
		} else if verdict == nil {
			t.Errorf("%s: differs from every toolkit (%v)", key, err)
		} else if err := verdict(t, f, r, &m, stream, err); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
	t.Logf("%d frames equal, %d judged otherwise", same, judged)
	if same == 0 {
		t.Error("no frame compared")
	}
}

// thin keeps a few frames of each folder: the race detector finds nothing in the
// others, and is slow.
func thin(keys []string) []string {
	seen := make(map[string]int)
	return slices.DeleteFunc(keys, func(k string) bool {
		folder := filepath.Dir(k)
		seen[folder]++
		return seen[folder] > 2
	})
}

// Same tells whether the hash of m is that of one of the toolkits, of DCMTK when
// it read the frame: that one turns YCbCr into RGB, as dicom/pixel does.
func Same(rows []Row, f *File, m *codec.Image) bool {
	dcmtk := slices.ContainsFunc(rows, func(r Row) bool { return r.Decoder == "dcmtk" })
	for _, r := range rows {
		if dcmtk && r.Decoder != "dcmtk" {
			continue
		}
		rgb := strings.HasPrefix(r.Photometric, "RGB")
		if Hash(Allocated(f, m, rgb, true)) == r.SHA256 || Hash(Allocated(f, m, rgb, false)) == r.SHA256 {
			return true
		}
	}
	return false
}

// Hash is the form of PIXELS.tsv and CODEC.tsv.
func Hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Allocated gives the samples of m in Bits Allocated wide cells as PIXELS.tsv
// has them: signed data extended by Bits Stored (some toolkits do, some do not),
// YCbCr converted when the data set says that it is YCbCr and rgb is asked for.
func Allocated(f *File, m *codec.Image, rgb, extend bool) []byte {
	cell := max(f.BitsAllocated/8, 1)
	size := codec.BytesPerSample(m.Precision)
	out := make([]byte, 0, len(m.Pix)/size*cell)
	signed := extend && f.PixelRepresentation == 1 && f.BitsStored < f.BitsAllocated
	for p := m.Pix; len(p) >= size; p = p[size:] {
		var v uint32
		switch size {
		case 1:
			v = uint32(p[0])
		case 2:
			v = uint32(binary.LittleEndian.Uint16(p))
		default:
			v = binary.LittleEndian.Uint32(p)
		}
		if signed && f.BitsStored > 0 {
			v = uint32(int32(v<<(32-f.BitsStored)) >> (32 - f.BitsStored))
		}
		if m.Signed && size == 1 {
			v = uint32(int32(int8(v)))
		}
		out = append(out, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
		out = out[:len(out)-4+cell]
	}
	if rgb && m.Samples == 3 && strings.HasPrefix(f.Photometric, "YBR_FULL") && cell == 1 {
		codec.YBRToRGB(out)
	}
	return out
}
