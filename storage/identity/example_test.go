package identity_test

import (
	"fmt"

	"github.com/dokuei/dokuei/storage/identity"
)

func ExampleDecide() {
	for _, role := range []identity.Role{identity.Reader, identity.Coordinator} {
		d := identity.Decide(identity.Principal{Role: role}, identity.SignReport, identity.Resource{})
		fmt.Printf("%t %q\n", d.Allowed, d.Reason)
	}
	// Output:
	// true "role reader has the right to report.sign"
	// false "role coordinator has no right to report.sign"
}
