package htj2k_test

import (
	"testing"

	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/htj2k"
)

func TestPixels(t *testing.T) {
	codectest.Pixels(t, new(htj2k.Decoder), nil, "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203")
}

func TestStreams(t *testing.T) {
	codectest.Streams(t, new(htj2k.Decoder), "codec/htj2k", "openjpeg-2.5.0")
}
