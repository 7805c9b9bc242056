package room

import (
	"encoding/hex"
	"io"
	"time"

	"github.com/dokuei/dokuei/internal/mp4"
	"github.com/dokuei/dokuei/storage/object"
)

// Bounds of a film.
const (
	MaxFilm       = 50 << 20 // bytes as sent
	MaxFilmLength = time.Minute
)

// Head is how many bytes of a file IsFilm looks at.
const Head = 12

// IsFilm reports whether a file that begins with head is an MP4 or MOV: a file type
// box comes first (ISO/IEC 14496-12 4.3).
func IsFilm(head []byte) bool { return len(head) == Head && string(head[4:8]) == "ftyp" }

// Recut writes the film in file anew: its pictures and its sound, and nothing else
// that was in the file. The errors are those of package mp4.
func Recut(out object.Pending, file interface {
	io.ReaderAt
	Size() int64
},
) (Picture, error) {
	// Cameras that stop after a minute write the picture they are at.
	m, err := mp4.Open(file, file.Size(), MaxFilmLength+time.Second)
	if err != nil {
		return Picture{}, err
	}
	if _, err := m.WriteTo(out); err != nil {
		return Picture{}, err
	}
	sum := out.Sum()
	return Picture{MediaType: "video/mp4", Width: m.Width, Height: m.Height, Size: out.Size(), SHA256: hex.EncodeToString(sum[:])}, nil
}
