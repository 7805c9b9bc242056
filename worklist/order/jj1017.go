package order

import "strings"

// JJ1017 is a code of the Japanese guideline of that name (Ver. 3) taken apart: what
// was done to which part of the body. Its tables are not ours to hand on, and much of
// them a hospital may extend, so the parts are as written; a house brings names for
// them ([Named]).
type JJ1017 struct {
	Modality  string // 1: of the slip; a digit of the guideline or a letter of the hospital
	Technique string // 2-5: class and kind of the procedure
	Detail    string // 6-7: the hospital's own below the kind
	Site      string // 8-10
	Side      string // 11: 0 not said, R, L, B both …
	Posture   string // 12
	Direction string // 13-14: of the exposure
	Local     string // 15-16: the hospital's own
	Specifics string // 17-32 (JJ1017-16S): conditions, nuclides; empty when it was not sent
}

// alphabet of the codes: the letters I and O are not used.
const alphabet = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// ParseJJ1017 takes a code of 32 characters apart, or its first half alone, JJ1017-16M,
// which is all that goes between RIS and modality. ok is false for any other text: a
// code of a hospital's own, or of an older version with dots.
func ParseJJ1017(code string) (c JJ1017, ok bool) {
	if len(code) != 16 && len(code) != 32 || strings.Trim(code, alphabet) != "" {
		return JJ1017{}, false
	}
	return JJ1017{
		Modality: code[:1], Technique: code[1:5], Detail: code[5:7], Site: code[7:10], Side: code[10:11], Posture: code[11:12],
		Direction: code[12:14], Local: code[14:16], Specifics: code[16:],
	}, true
}
