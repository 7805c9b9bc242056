package send_test

import (
	"context"
	"fmt"

	"github.com/dokuei/dokuei/router/send"
)

// Nothing under the path, nobody called: the report says what happened.
func ExampleRun() {
	r, err := send.Run(context.Background(), []string{"no-such-folder"}, send.Options{
		Addr: "192.0.2.10:104", CallingAE: "KAIFU", CalledAE: "DOKUEI",
	})
	fmt.Println(r.Found, r.Sent, err)
	for _, p := range r.Failed {
		fmt.Println(p.Path + ": " + p.Reason)
	}
	// Output:
	// 0 0 <nil>
	// no-such-folder: the file is not there
}
