package matching

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// KeyError is a key that cannot be matched by.
type KeyError struct {
	Tag    tag.Tag
	Reason string // says nothing of the value
}

func (e *KeyError) Error() string { return fmt.Sprintf("matching: key %s %s", e.Tag, e.Reason) }

// Moment is a date and a time that mean one moment: when a range is asked of
// both, the range reaches from the first date and time to the second.
type Moment struct{ Date, Time tag.Tag }

// Matcher compares data sets with the keys of one query.
type Matcher struct{ conditions []condition }

type condition struct {
	tag    tag.Tag
	values func(have []string) bool // one attribute
	items  *Matcher                 // a sequence
	whole  func(d *dataset.Dataset) bool
}

// Bounds of what one key may ask.
const (
	uidsMax    = 4096
	valuesMax  = 64
	patternMax = 256 // characters
)

// Compile reads the keys of a query. Only attributes that supported has are
// compared; the error is a *KeyError.
func Compile(key, supported *dataset.Dataset, moments ...Moment) (*Matcher, error) {
	m := &Matcher{}
	for _, t := range key.Tags() {
		if t == tag.SpecificCharacterSet || t == tag.TimezoneOffsetFromUTC || !supported.Has(t) {
			continue
		}
		vr, _ := supported.VR(t)
		if vr.String() == "SQ" {
			if err := m.sequence(t, key.Items(t), supported.Items(t), moments); err != nil {
				return nil, err
			}
			continue
		}
		if slices.ContainsFunc(moments, func(at Moment) bool { return (t == at.Date || t == at.Time) && at.ranged(key) }) {
			continue
		}
		c, err := values(t, vr.String(), key.Strings(t))
		if err != nil {
			return nil, err
		}
		if c != nil {
			m.conditions = append(m.conditions, condition{tag: t, values: c})
		}
	}
	for _, at := range moments {
		if supported.Has(at.Date) && supported.Has(at.Time) && at.ranged(key) {
			whole, err := at.condition(key)
			if err != nil {
				return nil, err
			}
			m.conditions = append(m.conditions, condition{tag: at.Date, whole: whole})
		}
	}
	return m, nil
}

func (m *Matcher) sequence(t tag.Tag, items, supported []*dataset.Dataset, moments []Moment) error {
	switch {
	case len(items) == 0 || len(supported) == 0:
		return nil
	case len(items) > 1:
		return &KeyError{t, "has more than one item"}
	}
	in, err := Compile(items[0], supported[0], moments...)
	if err == nil && len(in.conditions) > 0 {
		m.conditions = append(m.conditions, condition{tag: t, items: in})
	}
	return err
}

// Match reports whether a data set has all that is asked for.
func (m *Matcher) Match(d *dataset.Dataset) bool {
	for _, c := range m.conditions {
		switch {
		case c.items != nil:
			if !slices.ContainsFunc(d.Items(c.tag), c.items.Match) {
				return false
			}
		case c.whole != nil:
			if !c.whole(d) {
				return false
			}
		case !c.values(d.Strings(c.tag)):
			return false
		}
	}
	return true
}

// values makes the condition of an attribute; nil matches everything.
func values(t tag.Tag, vr string, want []string) (func(have []string) bool, error) {
	list := make([]string, 0, len(want))
	for _, v := range want {
		v = strings.Trim(v, " \x00")
		if v == "" && vr == "UI" {
			continue
		}
		if strings.Trim(v, "*") == "" {
			return nil, nil // universal
		}
		list = append(list, v)
	}
	if len(list) == 0 {
		return nil, nil
	}
	most := valuesMax
	if vr == "UI" {
		most = uidsMax
	}
	if len(list) > most {
		return nil, &KeyError{t, "has too many values"}
	}
	either := make([]func(string) bool, 0, len(list))
	for _, v := range list {
		f, err := value(vr, v)
		if err != nil {
			return nil, &KeyError{t, err.Error()}
		}
		either = append(either, f)
	}
	return func(have []string) bool {
		if len(have) == 0 {
			have = []string{""}
		}
		return slices.ContainsFunc(have, func(h string) bool {
			return slices.ContainsFunc(either, func(f func(string) bool) bool { return f(h) })
		})
	}, nil
}

// value makes the condition of one value.
func value(vr, want string) (func(have string) bool, error) {
	switch vr {
	case "DA", "TM":
		r, err := parseRange(vr, want)
		if err != nil {
			return nil, err
		}
		return r.holds, nil
	case "PN":
		return name(want)
	case "UI":
		return func(have string) bool { return uid.Valid(want) && want == have }, nil
	}
	p, err := newPattern(want)
	if err != nil {
		return nil, err
	}
	return p.match, nil
}

// Project is what a query asks for of a match: the attributes it names, of the
// items of a sequence those that its item names, all when it names none.
func Project(key, d *dataset.Dataset) *dataset.Dataset {
	out := dataset.New()
	for _, t := range key.Tags() {
		if t == tag.SpecificCharacterSet || t == tag.TimezoneOffsetFromUTC || !d.Has(t) {
			continue
		}
		asked, items := key.Items(t), d.Items(t)
		if len(asked) == 0 || asked[0].Len() == 0 || len(items) == 0 {
			out.Set(t, d)
			continue
		}
		some := make([]*dataset.Dataset, len(items))
		for i, item := range items {
			some[i] = Project(asked[0], item)
		}
		out.SetItems(t, some...)
	}
	return out
}
