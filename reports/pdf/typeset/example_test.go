package typeset_test

import (
	"fmt"

	"github.com/dokuei/dokuei/reports/pdf/typeset"
)

func ExampleLines() {
	width := func(r rune) int {
		if r < 0x100 {
			return 1
		}
		return 2
	}
	for _, line := range typeset.Lines("右被殻に 3.2 cm の出血（図２）。", 16, width) {
		fmt.Println(line)
	}
	// Output:
	// 右被殻に 3.2 cm
	// の出血（図２）。
}
