package lint

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/width"
)

// question: what is asked for is spoken of.
func question(r Report) []Finding {
	if !r.Whole || nothingAtAll.MatchString(r.Sections[Impression]) {
		return nil
	}
	var out []Finding
	text := r.text()
	for _, g := range questions {
		word, asked := g.find(r.Request)
		if !asked {
			continue
		}
		if _, answered := g.find(text); !answered {
			out = append(out, finding("", word,
				"依頼にある「"+g.ja+"」について報告に記載がありません。", "The request asks about "+g.en+"; the report does not speak of it."))
		}
	}
	return out
}

// region: the impression is of the part of the body that was examined.
func region(r Report) []Finding {
	part := strings.ToUpper(r.BodyPart)
	text := r.text()
	known := false
	for _, g := range regions {
		if !containsAny(part, g.parts) {
			continue
		}
		known = true
		if _, ok := g.find(text); ok {
			return nil
		}
	}
	if !known || !r.Whole {
		return nil
	}
	for _, g := range regions {
		if word, ok := g.find(r.Sections[Impression]); ok && !containsAny(part, g.parts) {
			return []Finding{finding(Impression, word,
				"検査部位は "+r.BodyPart+" ですが、診断は"+g.ja+"について書かれています。", "The study is of "+r.BodyPart+", the impression of the "+g.en+".")}
		}
	}
	return nil
}

// lesion calls fn for every sentence of the findings that says a lesion is there.
func lesion(r Report, fn func(section, word, sentence, next string)) {
	r.each(func(section, s, next string) {
		if section != Findings && section != Addendum {
			return
		}
		word := lesions.FindString(massEffect.ReplaceAllString(s, ""))
		if word != "" && !negation.MatchString(s) {
			fn(section, word, s, next)
		}
	})
}

func lesionSize(r Report) []Finding {
	var out []Finding
	lesion(r, func(section, word, s, next string) {
		if !measured.MatchString(s) && !measured.MatchString(next) {
			out = append(out, finding(section, s, "「"+word+"」の大きさがありません。", `The size of the "`+word+`" is not given.`))
		}
	})
	return out
}

func lesionSite(r Report) []Finding {
	var out []Finding
	lesion(r, func(section, word, s, _ string) {
		if !placed.MatchString(strings.ReplaceAll(s, word, "")) {
			out = append(out, finding(section, s, "「"+word+"」の部位がありません。", `Where the "`+word+`" is, is not said.`))
		}
	})
	return out
}

var reference = regexp.MustCompile(`(?i)(?:図|\bfig(?:ure|\.)?\s*)\s*([0-9]{1,3})`)

// figure: what the text refers to is there.
func figure(r Report) []Finding {
	var out []Finding
	for _, name := range order {
		for _, m := range reference.FindAllStringSubmatch(width.Fold.String(r.Sections[name]), -1) {
			n, err := strconv.Atoi(m[1])
			if err == nil && !slices.Contains(r.Figures, n) {
				out = append(out, finding(name, m[0], "「"+m[0]+"」の画像が添付されていません。", `There is no image for "`+m[0]+`".`))
			}
		}
	}
	return out
}

var compared = regexp.MustCompile(`(?i)前回|比較|以前|既往|前医|過去|prior|previous|compar|earlier|since`)

// comparison: earlier examinations are named.
func comparison(r Report) []Finding {
	if !r.Whole || r.Priors == 0 || strings.TrimSpace(r.Sections[Comparison]) != "" || compared.MatchString(r.text()) {
		return nil
	}
	n := strconv.Itoa(r.Priors)
	return []Finding{finding("", "", "過去検査が"+n+"件ありますが、比較の記載がありません。", "There are earlier examinations ("+n+"); the report compares with none.")}
}

// critical: words of a critical finding that nobody is to be told of.
func critical(r Report) []Finding {
	if r.Critical {
		return nil
	}
	var out []Finding
	r.each(func(section, s, _ string) {
		if section == Comparison || section == Recommendation || negation.MatchString(s) {
			return
		}
		for _, g := range criticals {
			if word, ok := g.find(s); ok {
				out = append(out, finding(section, word,
					"「"+word+"」は緊急連絡の対象です（"+g.ja+"）。連絡を指定してください。", `"`+word+`" is a critical finding (`+g.en+`): say who is to be told.`))
			}
		}
	})
	return out
}

// sex: the patient has the organ.
func sex(r Report) []Finding {
	var out []Finding
	for _, name := range order {
		text := r.Sections[name]
		if word := ofWomen.FindString(text); word != "" && r.Sex == "M" {
			out = append(out, finding(name, word, "患者は男性ですが「"+word+"」とあります。", `The patient is a man; the text says "`+word+`".`))
		}
		if word := ofMen.FindString(text); word != "" && r.Sex == "F" {
			out = append(out, finding(name, word, "患者は女性ですが「"+word+"」とあります。", `The patient is a woman; the text says "`+word+`".`))
		}
	}
	return out
}
