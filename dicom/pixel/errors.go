package pixel

import (
	"errors"
	"fmt"

	"github.com/dokuei/dokuei/dicom/uid"
)

// ErrNoPixels says that the object has no Pixel Data: a report, a document, a
// presentation state, or an image whose pixels were left out.
var ErrNoPixels = errors.New("pixel: object has no pixel data")

// ErrNoDecoder is matched by every *NoDecoderError.
var ErrNoDecoder = errors.New("pixel: no decoder for the transfer syntax")

// NoDecoderError names the transfer syntax that cannot be decoded (yet).
type NoDecoderError struct{ TransferSyntaxUID string }

func (e *NoDecoderError) Error() string {
	return fmt.Sprintf("pixel: no decoder for transfer syntax %s (%s)", e.TransferSyntaxUID, uid.Name(e.TransferSyntaxUID))
}

// Is makes errors.Is(err, ErrNoDecoder) true.
func (e *NoDecoderError) Is(target error) bool { return target == ErrNoDecoder }

// FormatError says which attribute of the Image Pixel Module (PS3.3 C.7.6.3)
// does not describe pixels that can be read. It names no patient data.
type FormatError struct {
	Element string // keyword, such as "BitsAllocated"
	Reason  string
}

func (e *FormatError) Error() string { return "pixel: " + e.Element + ": " + e.Reason }

// FrameError says that the bytes of one frame are broken.
type FrameError struct {
	Frame  int   // from 0
	Offset int64 // in the file, of the frame's first byte or of the fault when the decoder knows it
	Reason string
	Err    error // what the decoder said, may be nil
}

func (e *FrameError) Error() string {
	return fmt.Sprintf("pixel: frame %d at offset %d: %s", e.Frame+1, e.Offset, e.Reason)
}

func (e *FrameError) Unwrap() error { return e.Err }
