package pdu_test

import (
	"fmt"

	"github.com/dokuei/dokuei/dicom/pdu"
)

func ExampleDecode() {
	b, err := (&pdu.AssociateRJ{Result: pdu.RejectedTransient, Source: pdu.SourceServiceProviderPresentation, Reason: 2}).Append(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("% X\n", b)
	h, err := pdu.DecodeHeader(b)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := pdu.Decode(h, b[pdu.HeaderLength:])
	fmt.Println(p.Type(), p, err)
	_, err = pdu.Decode(pdu.Header{Type: pdu.TypeAbort, Length: 2}, []byte{0, 0})
	fmt.Println(err)
	// Output:
	// 03 00 00 00 00 04 00 02 03 02
	// A-ASSOCIATE-RJ rejected for now: local limit exceeded <nil>
	// A-ABORT: PDU-length at byte 2: 2, must be 4
}
