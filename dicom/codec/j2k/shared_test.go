package j2k_test

import (
	"testing"

	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/j2k"
)

func TestPixels(t *testing.T) {
	codectest.Pixels(t, new(j2k.Decoder), codectest.Within(1), "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91")
}
