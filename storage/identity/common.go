package identity

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"strings"
	"sync"
)

// commonList is the passwords that guessers try first: the 12,000 most frequent of
// published breaches (from zxcvbn, MIT) and some of this country and trade, in
// lower case, in order.
//
//go:embed common.txt.gz
var commonList []byte

var common = sync.OnceValue(func() map[string]bool {
	r, err := gzip.NewReader(bytes.NewReader(commonList))
	if err != nil {
		panic("identity: embedded list of passwords: " + err.Error())
	}
	words := map[string]bool{}
	for lines := bufio.NewScanner(r); lines.Scan(); {
		words[lines.Text()] = true
	}
	return words
})

// isCommon reports whether a guesser would come to password soon: it is on the
// list, with a year or signs behind it or twice over, or it is one sign or a
// row of neighbours.
func isCommon(password string) bool {
	word := strings.ToLower(password)
	bare := strings.TrimRight(word, "0123456789!@#$%^&*()-_=+.,?~ ")
	for _, w := range []string{word, bare, strings.TrimLeft(bare, "0123456789!@#$%^&*-_. ")} {
		if w == "" || common()[w] {
			return true
		}
		if half := w[:len(w)/2]; len(w)%2 == 0 && half+half == w && common()[half] {
			return true
		}
	}
	steps := map[rune]int{}
	var last rune
	for i, r := range word {
		if i > 0 {
			steps[r-last]++
		}
		last = r
	}
	for step, n := range steps {
		if (step == 0 || step == 1 || step == -1) && n >= len([]rune(word))*3/4 {
			return true
		}
	}
	return false
}
