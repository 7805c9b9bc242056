package htj2k

import (
	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/j2k"
)

// Decoder decodes HTJ2K frames, and those of Part 1 that come under the name of
// the new syntaxes. The zero value is ready.
type Decoder struct{ j2k.Decoder }

var _ codec.Decoder = (*Decoder)(nil)
