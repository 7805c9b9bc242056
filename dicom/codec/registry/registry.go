package registry

import (
	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/deflated"
	"github.com/dokuei/dokuei/dicom/codec/htj2k"
	"github.com/dokuei/dokuei/dicom/codec/j2k"
	"github.com/dokuei/dokuei/dicom/codec/jpeg"
	"github.com/dokuei/dokuei/dicom/codec/jpegll"
	"github.com/dokuei/dokuei/dicom/codec/jpegls"
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
	case uid.DeflatedImageFrame:
		return new(deflated.Decoder), true
	case uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit, uid.JPEGExtended35, uid.JPEGSpectralSelection68,
		uid.JPEGSpectralSelection79, uid.JPEGFullProgression1012, uid.JPEGFullProgression1113:
		return new(jpeg.Decoder), true
	case uid.JPEGLossless, uid.JPEGLosslessSV1:
		return new(jpegll.Decoder), true
	case uid.JPEGLSLossless, uid.JPEGLSNearLossless:
		return new(jpegls.Decoder), true
	case uid.JPEG2000Lossless, uid.JPEG2000:
		return new(j2k.Decoder), true
	case uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL, uid.HTJ2K:
		return new(htj2k.Decoder), true
	}
	return nil, false
}

// RowsForTransferSyntax gives a new RowDecoder for the frames of a transfer syntax that
// codes them row by row. False means that it does not, or that there is none.
func RowsForTransferSyntax(transferSyntaxUID string) (codec.RowDecoder, bool) {
	switch transferSyntaxUID {
	case uid.RLELossless:
		return new(rle.Rows), true
	case uid.JPEGLossless, uid.JPEGLosslessSV1:
		return new(jpegll.Rows), true
	case uid.JPEGLSLossless, uid.JPEGLSNearLossless:
		return new(jpegls.Rows), true
	}
	return nil, false
}
