package jpegls_test

import (
	"testing"

	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/jpegls"
)

func TestPixels(t *testing.T) {
	codectest.Pixels(t, new(jpegls.Decoder), nil, "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81")
}

func TestStreams(t *testing.T) {
	codectest.Streams(t, new(jpegls.Decoder), "codec/jpegls", "charls-2.4.1")
}
