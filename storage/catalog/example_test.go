package catalog_test

import (
	"fmt"

	"github.com/dokuei/dokuei/storage/catalog"
)

// Names are found however they were typed.
func ExampleFold() {
	fmt.Println(catalog.Fold("Yamada^Tarou=山田^太郎=ﾔﾏﾀﾞ^ﾀﾛｳ"))
	fmt.Println(catalog.Fold("ＹＡＭＡＤＡ　やまだ"))
	// Output:
	// yamada tarou 山田 太郎 やまだ たろう
	// yamada やまだ
}
