package matching

import (
	"errors"
	"strings"

	"github.com/dokuei/dokuei/dicom/charset"
	"github.com/dokuei/dokuei/storage/catalog"
)

// pattern is a value with wild cards, PS3.4 C.2.2.2.4.
type pattern []rune

var errPattern = errors.New("is too long")

func newPattern(s string) (pattern, error) {
	for strings.Contains(s, "**") {
		s = strings.ReplaceAll(s, "**", "*")
	}
	p := pattern(s)
	if len(p) > patternMax {
		return nil, errPattern
	}
	return p, nil
}

// Wild matches * and ?, PS3.4 C.2.2.2.4.
func Wild(want, have string) bool { return pattern(want).match(have) }

// match takes time proportional to the product of the lengths whatever the
// pattern: it goes back to the last star only.
func (p pattern) match(s string) bool {
	r := []rune(s)
	i, j, star, mark := 0, 0, -1, 0
	for j < len(r) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == r[j]):
			i, j = i+1, j+1
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

// name matches a person name: a value of one component group against each of
// the three groups, a value of several group by group. Components at the end
// that may be anything match names without them.
func name(want string) (func(have string) bool, error) {
	var asked [3]pattern
	var parts [3]string
	parts[0], parts[1], parts[2] = charset.SplitPN(want)
	for i, v := range parts {
		if v = trimName(v); v == "" || v == "*" {
			continue
		}
		var err error
		if asked[i], err = newPattern(catalog.Fold(v)); err != nil {
			return nil, err
		}
	}
	anywhere := !strings.Contains(want, "=")
	return func(have string) bool {
		var groups [3]string
		groups[0], groups[1], groups[2] = charset.SplitPN(have)
		for i := range groups {
			groups[i] = catalog.Fold(groups[i])
		}
		if anywhere {
			return asked[0] == nil || asked[0].match(groups[0]) || groups[1] != "" && asked[0].match(groups[1]) || groups[2] != "" && asked[0].match(groups[2])
		}
		for i, p := range asked {
			if p != nil && !p.match(groups[i]) {
				return false
			}
		}
		return true
	}, nil
}

func trimName(v string) string {
	t := strings.TrimRight(v, "^* ")
	if strings.Contains(v[len(t):], "*") {
		return t + "*"
	}
	return t
}
