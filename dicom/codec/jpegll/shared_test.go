package jpegll_test

import (
	"testing"

	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/jpegll"
)

func TestPixels(t *testing.T) {
	codectest.Pixels(t, new(jpegll.Decoder), nil, "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70")
}
