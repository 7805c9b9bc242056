package site_test

import (
	"fmt"
	"strings"

	"github.com/dokuei/dokuei/router/site"
)

// All mistakes of a file are told at once, each with its line.
func ExampleParse() {
	_, err := site.Parse(strings.NewReader(`
facilities:
  - id: kaifu
    name: 海部病院
    ae_title: KAIFU_CT
    quiet: 30
`))
	fmt.Println(err)
	// Output:
	// site file: line 5: unknown key "ae_title"
	// line 6: a duration is written like 30s, 20m or 24h, not "30"
}
