package service_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
)

// A provider that counts, and a user that sends it an instance.
func Example() {
	scp, err := service.NewSCP(service.SCPConfig{
		Acceptor: ul.AcceptorConfig{Config: ul.Config{AETitle: "DOKUEI"}},
		Store: func(_ context.Context, r service.StoreRequest) dimse.Status {
			n, err := io.Copy(io.Discard, r.Data)
			if err != nil {
				return dimse.CannotUnderstand
			}
			fmt.Printf("%s: %d bytes in %s\n", r.SOPInstanceUID, n, uid.Name(r.TransferSyntaxUID))
			return dimse.Success
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	served := make(chan error)
	go func() { served <- scp.Serve(ctx, l) }()

	const ct = "1.2.840.10008.5.1.4.1.1.2"
	client, err := service.Dial(ctx, l.Addr().String(), service.DialOptions{
		CallingAE: "KAIFU_CT", CalledAE: "DOKUEI",
		Contexts: []service.Context{{AbstractSyntax: ct, TransferSyntaxes: []string{uid.ExplicitVRLittleEndian}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	status, err := client.Store(ctx, service.StoreObject{
		SOPClassUID: ct, SOPInstanceUID: "2.25.1", TransferSyntaxUID: uid.ExplicitVRLittleEndian,
		Data: strings.NewReader("the bytes of a data set"),
	})
	fmt.Println(status, err)
	fmt.Println(client.Close(ctx))
	stop()
	fmt.Println(<-served)
	// Output:
	// 2.25.1: 23 bytes in Explicit VR Little Endian
	// 0000 success <nil>
	// <nil>
	// <nil>
}
