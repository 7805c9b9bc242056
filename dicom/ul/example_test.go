package ul_test

import (
	"fmt"

	"github.com/dokuei/dokuei/dicom/ul"
)

// The protocol machine is a table that can be asked.
func ExampleNext() {
	action, next, ok := ul.Next(ul.Sta6, ul.Evt12, false)
	fmt.Println(action, next, ok)
	_, _, ok = ul.Next(ul.Sta2, ul.Evt9, false)
	fmt.Println(ok)
	// Output:
	// AR-2 Sta8 true
	// false
}
