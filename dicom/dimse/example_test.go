package dimse_test

import (
	"fmt"

	"github.com/dokuei/dokuei/dicom/dimse"
)

func ExampleDecode() {
	rq := &dimse.CEchoRQ{AffectedSOPClassUID: "1.2.840.10008.1.1", MessageID: 1}
	b, err := dimse.Append(nil, rq.Response(dimse.SOPClassNotSupported, "not today"), false)
	if err != nil {
		fmt.Println(err)
		return
	}
	m, dataSet, err := dimse.Decode(b)
	fmt.Println(m.Field(), m.(*dimse.CEchoRSP).Status, dataSet, err)
	// Output: C-ECHO-RSP 0122 refused: SOP class not supported false <nil>
}
