package lint

import (
	"regexp"
	"strings"
	"unicode"
)

// A mention is a side with what it is the side of.
type mention struct {
	side  string // L, R, B
	key   string // of the organ: two mentions of one organ have one key
	quote string
}

var (
	sideJa = regexp.MustCompile(`(左右|両側|左側|右側|左|右|両)の?([\p{Han}\p{Katakana}ー]+)`)
	sideEn = regexp.MustCompile(`(?i)\b(left|right|bilateral)[ -]((?:upper|lower|middle|inner|outer|lateral|medial|anterior|posterior|superior|inferior|proximal|distal)[ -])*([a-z]{3,})`)
	// Of the body's halves nothing can be said by itself: a lesion of the brain is
	// on the other side than what it paralyses.
	crossed = regexp.MustCompile(`(?i)麻痺|痺れ|しびれ|脱力|半盲|失語|感覚障害|半側|偏視|paresis|plegia|weakness|numb|hemi|deficit|facial`)
)

var sides = map[string]string{"左": "L", "左側": "L", "右": "R", "右側": "R", "両側": "B", "両": "B", "左右": "B", "left": "L", "right": "R", "bilateral": "B"}

// single are organs written with one character; what follows belongs to the
// lesion.
const single = "肺腎膝肩肘眼耳乳副脳手足股腕脚頬"

// mentions finds the sides in a text.
func mentions(text string) []mention {
	var out []mention
	for _, m := range sideJa.FindAllStringSubmatch(text, -1) {
		if key := organJa(m[2]); key != "" && !crossed.MatchString(m[2]) {
			out = append(out, mention{sides[m[1]], key, m[1] + m[2]})
		}
	}
	for _, m := range sideEn.FindAllStringSubmatch(text, -1) {
		word := strings.ToLower(m[3])
		if crossed.MatchString(word) || word == "side" || word == "sided" {
			continue
		}
		if len(word) > 5 {
			word = word[:5] // putamen, putaminal
		}
		out = append(out, mention{sides[strings.ToLower(m[1])], word, m[0]})
	}
	return out
}

// organJa is the organ a run of characters begins with: two of them, or the one
// that names it alone.
func organJa(run string) string {
	r := []rune(run)
	switch {
	case len(r) == 0:
		return ""
	case strings.ContainsRune(single, r[0]) && (len(r) == 1 || !strings.ContainsRune("頭腎室門", r[1])):
		return string(r[:1])
	case len(r) == 1:
		return ""
	case unicode.Is(unicode.Katakana, r[0]):
		return run
	}
	return string(r[:2])
}

// sidesOf gathers the sides each organ is mentioned with.
func sidesOf(list []mention) map[string]string {
	out := map[string]string{}
	for _, m := range list {
		if !strings.Contains(out[m.key], m.side) {
			out[m.key] += m.side
		}
	}
	return out
}

// opposed reports whether two sets of sides have one side each, and not the same.
func opposed(a, b string) bool {
	return len(a) == 1 && len(b) == 1 && a != "B" && b != "B" && a != b
}

// side: right and left contradict each other.
func side(r Report) []Finding {
	var out []Finding
	findings, request := sidesOf(mentions(r.Sections[Findings])), map[string]string{}
	if !crossed.MatchString(r.Request) {
		request = sidesOf(mentions(r.Request))
	}
	own := func(section string) map[string]string { return sidesOf(mentions(r.Sections[section])) }
	for _, section := range []string{Findings, Impression, Recommendation, Addendum} {
		here := own(section)
		for _, m := range mentions(r.Sections[section]) {
			switch {
			case section != Findings && opposed(m.side, findings[m.key]):
				out = append(out, finding(section, m.quote,
					"「"+m.quote+"」は所見と左右が逆です。", `"`+m.quote+`" is on the other side than in the findings.`))
			case opposed(here[m.key], request[m.key]):
				out = append(out, finding(section, m.quote,
					"「"+m.quote+"」は依頼と左右が逆です。", `"`+m.quote+`" is on the other side than in the request.`))
			case (r.Laterality == "L" || r.Laterality == "R") && opposed(here[m.key], r.Laterality) && regionHas(r.BodyPart, m.quote):
				out = append(out, finding(section, m.quote,
					"「"+m.quote+"」は画像の左右の記録と逆です。", `"`+m.quote+`" is on the other side than the images say.`))
			}
		}
	}
	return out
}

// regionHas reports whether words are of the part of the body a study is of.
func regionHas(bodyPart, words string) bool {
	for _, g := range regions {
		if containsAny(strings.ToUpper(bodyPart), g.parts) {
			_, ok := g.find(words)
			return ok
		}
	}
	return false
}

func containsAny(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}
