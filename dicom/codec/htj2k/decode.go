package htj2k

import "github.com/dokuei/dokuei/dicom/codec/j2k"

// Decoder decodes HTJ2K frames; Part 1 frames that are labelled so are decoded
// as well. The zero value is ready.
type Decoder struct {
	j2k.Decoder
}
