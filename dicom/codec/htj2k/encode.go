package htj2k

import (
	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/j2k"
)

// Encoder writes lossless HTJ2K frames that keep to the constraints of transfer
// syntax .202 (progression RPCL, TLM), and so to those of .201. The zero value
// is ready; it serves one goroutine at a time.
type Encoder struct{ frame j2k.Encoder }

// Encode appends the code-stream of m to dst, padded to even length. Three
// samples with Color ColorRGB get the reversible component transformation: the
// Photometric Interpretation is then YBR_RCT (PS3.5 §8.2.4).
func (e *Encoder) Encode(dst []byte, m *codec.Image) ([]byte, error) {
	e.frame.HighThroughput = true
	return e.frame.Encode(dst, m)
}
