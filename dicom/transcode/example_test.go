package transcode_test

import (
	"bytes"
	"fmt"

	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/transcode"
	"github.com/dokuei/dokuei/dicom/uid"
)

func ExampleRewrite() {
	explicit := []byte("\x10\x00\x20\x00LO\x04\x00A123") // (0010,0020) Patient ID
	var implicit bytes.Buffer
	err := transcode.Rewrite(&implicit, bytes.NewReader(explicit), uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian, stream.Limits{})
	fmt.Printf("%q %v\n", implicit.Bytes(), err)
	// Output: "\x10\x00 \x00\x04\x00\x00\x00A123" <nil>
}
