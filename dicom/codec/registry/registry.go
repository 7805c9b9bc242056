package registry

import (
	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/jpegll"
	"github.com/dokuei/dokuei/dicom/codec/rle"
	"github.com/dokuei/dokuei/dicom/uid"
)

// ForTransferSyntax gives a new Decoder for the frames of an encapsulated
// transfer syntax. False means that there is none: the syntax is unknown, not an
// image, or one that is not decoded here yet.
func ForTransferSyntax(transferSyntaxUID string) (codec.Decoder, bool) {
	switch transferSyntaxUID {
	case uid.RLELossless:
		return new(rle.Decoder), true
	case uid.JPEGLossless, uid.JPEGLosslessSV1:
		return new(jpegll.Decoder), true
	}
	return nil, false
}
