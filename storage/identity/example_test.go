package identity_test

import (
	"fmt"

	"github.com/dokuei/dokuei/storage/identity"
)

func ExampleDecide() {
	for _, role := range []identity.Role{identity.Reader, identity.Coordinator} {
		ok, reason := identity.Decide(identity.Principal{Role: role}, identity.SignReport)
		fmt.Printf("%t %q\n", ok, reason)
	}
	// Output:
	// true ""
	// false "role coordinator has no right to report.sign"
}
