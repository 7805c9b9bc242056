package jpeg_test

import (
	"testing"

	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/jpeg"
)

func TestPixels(t *testing.T) {
	codectest.Pixels(t, new(jpeg.Decoder), nil, "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.53", "1.2.840.10008.1.2.4.55")
}
