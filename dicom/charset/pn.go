package charset

import "strings"

// SplitPN divides a decoded person name into its component groups (PS3.5 §6.2.1.2):
// alphabetic, ideographic and phonetic. Each keeps its carets.
func SplitPN(s string) (alphabetic, ideographic, phonetic string) {
	g := strings.SplitN(s, "=", 4)
	for i := range g {
		g[i] = strings.Trim(g[i], " \x00")
	}
	alphabetic = g[0]
	if len(g) > 1 {
		ideographic = g[1]
	}
	if len(g) > 2 {
		phonetic = g[2]
	}
	return alphabetic, ideographic, phonetic
}
