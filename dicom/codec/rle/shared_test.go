package rle_test

import (
	"testing"

	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/rle"
)

func TestPixels(t *testing.T) {
	codectest.Pixels(t, new(rle.Decoder), nil, "1.2.840.10008.1.2.5")
}
