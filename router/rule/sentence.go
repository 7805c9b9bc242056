package rule

import (
	"fmt"
	"strings"
)

// sentence is one thing said in both languages of the pages.
type sentence struct{ ja, en string }

func (s sentence) keyed() map[string]string { return map[string]string{"ja": s.ja, "en": s.en} }

func join(list []sentence) sentence {
	var ja, en []string
	for _, s := range list {
		ja, en = append(ja, s.ja), append(en, s.en)
	}
	return sentence{strings.Join(ja, "、"), strings.Join(en, "; ")}
}

// noun is the name of an attribute in both languages.
type noun struct{ ja, en string }

var (
	nounModality = noun{"モダリティ", "modality"}
	nounBodyPart = noun{"部位", "body part"}
	nounFacility = noun{"施設", "hospital"}
	nounSex      = noun{"性別", "sex"}
	nounPriority = noun{"依頼の優先度", "requested priority"}
)

func (n noun) is(v string) sentence {
	return sentence{n.ja + "が " + v, n.en + " is " + v}
}

func (n noun) isNot(have, want string) sentence {
	return sentence{
		fmt.Sprintf("%sが %s（条件: %s）", n.ja, have, want),
		fmt.Sprintf("%s is %s, not %s", n.en, have, want),
	}
}

func (n noun) missing(want string) sentence {
	return sentence{
		fmt.Sprintf("%sの記載なし（条件: %s）", n.ja, want),
		fmt.Sprintf("no %s given, want %s", n.en, want),
	}
}

var (
	sayAlways         = sentence{"条件なし", "no condition"}
	sayFallback       = sentence{"どの規則にも当てはまらないため", "no rule matched"}
	sayFallbackUnused = sentence{"上の規則が当てはまったため使わない", "not needed: a rule above matched"}
	sayNoText         = sentence{"依頼文・検査名の記載なし", "no request or description text"}
	sayAgeUnknown     = sentence{"年齢が不明", "age is not known"}
)

// What was searched is not repeated: a request may name its patient.
func sayWord(w string) sentence {
	return sentence{"依頼文・検査名に「" + w + "」", fmt.Sprintf("the request or description says %q", w)}
}

func sayNoWord(words string) sentence {
	return sentence{"依頼文・検査名に該当語なし（" + words + "）", "none of the words in the request or description: " + words}
}

func sayAge(ok bool, years int, a AgeRange) sentence {
	lo, hi := "", ""
	if a.Min != nil {
		lo = fmt.Sprint(*a.Min)
	}
	if a.Max != nil {
		hi = fmt.Sprint(*a.Max)
	}
	if ok {
		return sentence{fmt.Sprintf("年齢 %d歳（%s〜%s）", years, lo, hi), fmt.Sprintf("age %d is within %s-%s", years, lo, hi)}
	}
	return sentence{fmt.Sprintf("年齢 %d歳は範囲外（%s〜%s）", years, lo, hi), fmt.Sprintf("age %d is outside %s-%s", years, lo, hi)}
}

// Describe says in a language ("ja", else English) what the condition asks
// for, one line for each part.
func (c Condition) Describe(lang string) []string {
	var list []sentence
	add := func(n noun, values []string) {
		if len(values) > 0 {
			v := strings.Join(values, ", ")
			list = append(list, sentence{n.ja + ": " + v, n.en + ": " + v})
		}
	}
	add(nounModality, c.Modality)
	add(nounBodyPart, c.BodyPart)
	add(nounFacility, c.Facility)
	add(noun{"語", "words"}, c.Words)
	if c.Age != nil {
		lo, hi := "", ""
		if c.Age.Min != nil {
			lo = fmt.Sprint(*c.Age.Min)
		}
		if c.Age.Max != nil {
			hi = fmt.Sprint(*c.Age.Max)
		}
		add(noun{"年齢", "age"}, []string{lo + "-" + hi})
	}
	add(nounSex, c.Sex)
	var prio []string
	for _, p := range c.Priority {
		prio = append(prio, string(p))
	}
	add(nounPriority, prio)
	if len(list) == 0 {
		list = append(list, sentence{"すべての検査", "every study"})
	}
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = s.en
		if lang == "ja" {
			out[i] = s.ja
		}
	}
	return out
}
