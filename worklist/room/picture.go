package room

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"sync"

	"github.com/disintegration/imaging"
)

// Bounds of a picture.
const (
	MaxPicture = 10 << 20 // bytes as sent
	MaxPixels  = 16 << 20
	MaxSide    = 2560 // of a picture as it is kept; a larger one is made smaller
)

// ObjectPrefix begins the keys of pictures. No hospital's short name begins with _.
const ObjectPrefix = "_rooms/"

// ErrPicture says that a file is no JPEG or PNG, is damaged, or is too large.
var ErrPicture = errors.New("room: not a JPEG or PNG picture within bounds")

// decoding lets one picture at a time have its 64 MiB of pixels.
var decoding sync.Mutex

// Redraw decodes a JPEG or PNG and encodes its pixels again in the same format:
// what else was in the file (positions, names, scripts, a second file behind the
// first) is not in what comes out. It stands as its camera's metadata say, and is
// no larger than MaxSide: that of a telephone is four times what a room shows.
func Redraw(file []byte) (out []byte, p Picture, err error) {
	if len(file) > MaxPicture {
		return nil, p, ErrPicture
	}
	format, size := formatOf(file)
	if size == nil {
		return nil, p, ErrPicture
	}
	c, err := size(bytes.NewReader(file))
	if err != nil || c.Width < 1 || c.Height < 1 || c.Width > MaxPixels/c.Height {
		return nil, p, ErrPicture
	}
	decoding.Lock()
	defer decoding.Unlock()
	img, err := imaging.Decode(bytes.NewReader(file), imaging.AutoOrientation(true))
	if err != nil {
		return nil, p, ErrPicture
	}
	if max(img.Bounds().Dx(), img.Bounds().Dy()) > MaxSide {
		img = imaging.Fit(img, MaxSide, MaxSide, imaging.CatmullRom)
	}
	var b bytes.Buffer
	if format == "image/png" {
		err = png.Encode(&b, img)
	} else {
		err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 90})
	}
	if err != nil {
		return nil, p, fmt.Errorf("room: picture: %w", err)
	}
	sum := sha256.Sum256(b.Bytes())
	return b.Bytes(), Picture{
		MediaType: format, Width: img.Bounds().Dx(), Height: img.Bounds().Dy(), Size: int64(b.Len()), SHA256: hex.EncodeToString(sum[:]),
	}, nil
}

// formatOf goes by the first bytes; what the sender calls the file says nothing.
func formatOf(file []byte) (mediaType string, size func(io.Reader) (image.Config, error)) {
	switch {
	case bytes.HasPrefix(file, []byte("\xff\xd8\xff")):
		return "image/jpeg", jpeg.DecodeConfig
	case bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png", png.DecodeConfig
	}
	return "", nil
}
