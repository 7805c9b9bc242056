package rule

import (
	"strings"
	"time"

	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
)

// Evaluate asks every rule in order. The first that matches is chosen, the
// fallback when none does; every rule's answer is among the reasons.
func (s Set) Evaluate(subject Subject) Decision { return s.Compile().Evaluate(subject) }

// Compiled is a set made ready to be asked many times, by any goroutine.
type Compiled struct {
	set   Set
	parts [][]conjunct // by rule
	bad   []error
}

// Compile makes a set ready. A rule whose expression is wrong matches nothing.
func (s Set) Compile() *Compiled {
	c := &Compiled{set: s, parts: make([][]conjunct, len(s.Rules)), bad: make([]error, len(s.Rules))}
	for i, r := range s.Rules {
		if r.If != "" {
			c.parts[i], c.bad[i] = compile(r.If)
		}
	}
	return c
}

// Evaluate is [Set.Evaluate].
func (c *Compiled) Evaluate(subject Subject) Decision {
	s := c.set
	p := prepare(subject)
	d := Decision{Set: s.Version, Reasons: make([]worklist.Reason, 0, len(s.Rules)+1)}
	f := factsOf(subject, p)
	chosen := false
	for i, r := range s.Rules {
		matched, why := r.inForce(subject.At)
		if matched {
			matched, why = r.When.match(p)
		}
		switch {
		case !matched || r.If == "":
		case c.bad[i] != nil:
			matched, why = false, sentence{"式に誤りがある", "its expression is wrong"}
		default:
			held, says := evaluate(c.parts[i], f)
			switch {
			case !held || len(r.When.parts()) == 0:
				matched, why = held, says
			default:
				why = join([]sentence{why, says})
			}
		}
		reason := worklist.Reason{Rule: r.Name, Matched: matched, Text: why.keyed()}
		if matched && !chosen {
			chosen, reason.Chosen, d.Rule = true, true, r
		}
		d.Reasons = append(d.Reasons, reason)
	}
	fallback := worklist.Reason{Rule: FallbackName, Matched: true, Text: sayFallbackUnused.keyed()}
	if !chosen {
		d.Rule = s.Fallback
		fallback.Chosen, fallback.Text = true, sayFallback.keyed()
	}
	d.Reasons = append(d.Reasons, fallback)
	if d.Rule.Hold {
		d.Rule.PanelID = worklist.PanelUnassigned
	}
	d.Priority = d.Rule.Priority
	if d.Priority == "" {
		d.Priority = p.priority
	}
	return d
}

// inForce tells whether the day of the release is one of the rule's.
func (r Rule) inForce(at time.Time) (bool, sentence) {
	if at.IsZero() {
		return true, sentence{}
	}
	day := calendar.DayOf(at).String()
	if r.From != "" && day < r.From {
		return false, sentence{"まだ有効でない（" + r.From + " から）", "not in force before " + r.From}
	}
	if r.Until != "" && day > r.Until {
		return false, sentence{"有効期間が過ぎた（" + r.Until + " まで）", "no longer in force after " + r.Until}
	}
	return true, sentence{}
}

// match tells whether the condition holds and says why: all the parts that
// held, or the first that did not.
func (c Condition) match(p prepared) (bool, sentence) {
	var why []sentence
	for _, part := range c.parts() {
		ok, s := part(p)
		if !ok {
			return false, s
		}
		why = append(why, s)
	}
	if len(why) == 0 {
		return true, sayAlways
	}
	return true, join(why)
}

// parts lists the tests of the parts that are set, in the order of the file.
func (c Condition) parts() []func(prepared) (bool, sentence) {
	var list []func(prepared) (bool, sentence)
	if len(c.Modality) > 0 {
		list = append(list, func(p prepared) (bool, sentence) { return anyOf(nounModality, p.modalities, c.Modality) })
	}
	if len(c.BodyPart) > 0 {
		list = append(list, func(p prepared) (bool, sentence) { return anyOf(nounBodyPart, p.bodyParts, c.BodyPart) })
	}
	if len(c.Facility) > 0 {
		list = append(list, func(p prepared) (bool, sentence) { return anyOf(nounFacility, []string{p.facility}, c.Facility) })
	}
	if len(c.Words) > 0 {
		list = append(list, func(p prepared) (bool, sentence) { return anyWord(p.texts, c.Words) })
	}
	if c.Age != nil {
		list = append(list, func(p prepared) (bool, sentence) { return c.Age.match(p) })
	}
	if len(c.Sex) > 0 {
		list = append(list, func(p prepared) (bool, sentence) { return anyOf(nounSex, nonEmpty(p.sex), c.Sex) })
	}
	if len(c.Priority) > 0 {
		want := make([]string, len(c.Priority))
		for i, v := range c.Priority {
			want[i] = string(v)
		}
		list = append(list, func(p prepared) (bool, sentence) { return anyOf(nounPriority, []string{string(p.priority)}, want) })
	}
	return list
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// anyOf holds when one of the values of the study is one of those wanted.
func anyOf(n noun, have, want []string) (bool, sentence) {
	for _, h := range have {
		for _, w := range want {
			if fold(h) == fold(w) {
				return true, n.is(w)
			}
		}
	}
	if len(have) == 0 {
		return false, n.missing(strings.Join(want, ", "))
	}
	return false, n.isNot(strings.Join(have, ", "), strings.Join(want, ", "))
}
