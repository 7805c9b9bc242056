package catalog

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/dicom/charset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// Key is a matching key of a query: an attribute and the values any of which
// match (PS3.4 C.2.2.2).
type Key struct {
	Tag    tag.Tag
	Values []string
	Exact  bool // * and ? stand for themselves
}

// KeyError is a key that cannot be matched by.
type KeyError struct {
	Tag    tag.Tag
	Reason string // says nothing of the value
}

func (e *KeyError) Error() string { return fmt.Sprintf("catalog: key %s %s", e.Tag, e.Reason) }

// Bounds of what one key may ask.
const (
	uidsMax      = 4096
	valuesMax    = 64
	patternMax   = 256 // characters
	wildcardsMax = 8   // LIKE walks back from each star
)

// conditions are what the keys of one level ask.
type conditions struct {
	Where
	exact      bool // an indexed attribute is asked for by its whole value
	names      []nameCondition
	modalities []Where // of some series of a study
}

// nameCondition asks for a component group of a name.
type nameCondition struct {
	cond   string // on table n
	values []any
	prefix bool // the index leads there
}

// add turns a key into conditions. Universal matching (C.2.2.2.3) asks nothing.
func (c *conditions) add(k Key) error {
	a, ok := attributes[k.Tag]
	if !ok || a.kind == counted {
		return nil
	}
	values := make([]string, 0, len(k.Values))
	for _, v := range k.Values {
		v = strings.ReplaceAll(strings.ToValidUTF8(v, "\uFFFD"), "\x00", "")
		if strings.Trim(v, "*") == "" && (v == "" || !k.Exact) {
			if a.kind == uids && v == "" {
				continue
			}
			return nil
		}
		values = append(values, v)
	}
	if len(values) == 0 {
		return nil
	}
	if most := map[bool]int{true: uidsMax, false: valuesMax}[a.kind == uids]; len(values) > most {
		return &KeyError{k.Tag, "has too many values"}
	}
	err := c.match(a, values, k.Exact)
	if err != nil {
		return &KeyError{k.Tag, err.Error()}
	}
	return nil
}

func (c *conditions) match(a Attribute, values []string, exact bool) error {
	switch a.kind {
	case uids:
		return c.uids(a, values)
	case names:
		return c.name(a, values)
	case modalities:
		var in conditions
		if err := in.texts("series.modality", values, exact); err != nil {
			return err
		}
		c.modalities = append(c.modalities, in.Where)
		return nil
	case dates:
		return c.each(values, func(v string) (string, []any, error) { return dateRange(a.column, v) })
	case times:
		return c.each(values, func(v string) (string, []any, error) { return timeRange(a.column, v) })
	case numbers:
		return c.each(values, func(v string) (string, []any, error) {
			n, err := strconv.ParseInt(v, 10, 32)
			if err != nil {
				return "", nil, errors.New("is not a number")
			}
			return a.column + " = ?", []any{n}, nil
		})
	}
	return c.texts(a.column, values, exact)
}

// each joins the conditions of the values by OR.
func (c *conditions) each(values []string, f func(v string) (string, []any, error)) error {
	var either []string
	var args []any
	for _, v := range values {
		cond, more, err := f(v)
		if err != nil {
			return err
		}
		either, args = append(either, cond), append(args, more...)
	}
	c.Add("("+strings.Join(either, " OR ")+")", args...)
	return nil
}

// uids is list of UID matching, C.2.2.2.2. What is no UID matches nothing.
func (c *conditions) uids(a Attribute, values []string) error {
	var args []any
	for _, v := range values {
		if uid.Valid(v) {
			args = append(args, v)
		}
	}
	if len(args) == 0 {
		c.Add("1 = 0")
		return nil
	}
	c.exact = true
	c.Add(a.column+" IN (?"+strings.Repeat(", ?", len(args)-1)+")", args...)
	return nil
}

// texts is single value and wild card matching, C.2.2.2.1 and C.2.2.2.4.
func (c *conditions) texts(column string, values []string, exact bool) error {
	return c.each(values, func(v string) (string, []any, error) {
		if exact || !strings.ContainsAny(v, "*?") {
			c.exact = c.exact || column == "studies.patient_id" || column == "studies.accession_number"
			return column + " = ?", []any{v}, nil
		}
		p, err := pattern(v)
		return column + " LIKE ? ESCAPE '!'", []any{p}, err
	})
}

// pattern makes a LIKE pattern (with ESCAPE '!') of a value with wild cards.
func pattern(v string) (string, error) {
	for strings.Contains(v, "**") {
		v = strings.ReplaceAll(v, "**", "*")
	}
	if len([]rune(v)) > patternMax || strings.Count(v, "*") > wildcardsMax {
		return "", errors.New("has too many wild cards")
	}
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_", "*", "%", "?", "_").Replace(v), nil
}

// name matches a person name, C.2.2.2.1: without regard to case and width, a
// value of one component group against each of the three groups, a value of
// several group by group. Several names in one key are not told apart from one
// another: any may match.
func (c *conditions) name(a Attribute, values []string) error {
	if len(values) > 1 {
		return errors.New("has more than one name")
	}
	var all []nameCondition
	parts := [3]string{}
	parts[0], parts[1], parts[2] = charset.SplitPN(values[0])
	whole := !strings.Contains(values[0], "=")
	for i, v := range parts {
		v = trimName(v)
		if v == "" || v == "*" {
			continue
		}
		n, err := oneName(Fold(v))
		if err != nil {
			return err
		}
		n.cond = "n.attribute = ? AND " + n.cond
		n.values = append([]any{a.column}, n.values...)
		if !whole {
			n.cond += " AND n.component = ?"
			n.values = append(n.values, i+1)
		}
		all = append(all, n)
	}
	c.names = append(c.names, all...)
	return nil
}

// trimName turns components at the end that may be anything into one star, so
// that "Sato^*" also finds a name of one component.
func trimName(v string) string {
	t := strings.TrimRight(v, "^* ")
	if strings.Contains(v[len(t):], "*") {
		return t + "*"
	}
	return t
}

func oneName(folded string) (nameCondition, error) {
	star := strings.IndexAny(folded, "*?")
	if star < 0 {
		return nameCondition{cond: "n.folded = ?", values: []any{folded}, prefix: true}, nil
	}
	p, err := pattern(folded)
	if err != nil {
		return nameCondition{}, err
	}
	n := nameCondition{cond: "n.folded LIKE ? ESCAPE '!'", values: []any{p}}
	if star > 0 {
		n.prefix = true
		n.cond = "n.folded >= ? AND n.folded < ? AND " + n.cond
		n.values = append([]any{folded[:star], folded[:star] + "\U0010FFFF"}, n.values...)
	}
	return n, nil
}
