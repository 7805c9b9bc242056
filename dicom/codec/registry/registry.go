package registry

import (
	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/rle"
)

// ForTransferSyntax gives a new Decoder for the frames of an encapsulated
// transfer syntax. False means that there is none: the syntax is unknown, not an
// image, or one that is not decoded here yet.
func ForTransferSyntax(transferSyntaxUID string) (codec.Decoder, bool) {
	switch transferSyntaxUID {
	case rleLossless:
		return new(rle.Decoder), true
	}
	return nil, false
}

// PS3.6 Table A-1.
const rleLossless = "1.2.840.10008.1.2.5"
