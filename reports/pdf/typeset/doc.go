// Package typeset breaks text into lines by the Japanese rules: no closing mark
// at the start of a line and no opening mark at its end (kinsoku, JIS X 4051
// §8.1), Latin words and numbers kept whole, ideographs and kana breakable
// anywhere else. A mark that would start a line takes the character before it
// along (oidashi).
//
// Widths come from the caller, so the package knows no font. Its functions are
// pure and take time linear in the text.
package typeset
