package deident

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"

	"github.com/dokuei/dokuei/dicom/tag"
)

// action is what is done to an attribute (PS3.15 Table E.1-1a).
type action byte

const (
	keep        action = 'K' // unchanged; sequences are entered
	remove      action = 'X'
	empty       action = 'Z'
	dummy       action = 'D'
	clean       action = 'C'
	replaceUIDs action = 'U' // in a sequence: of what stands in its items
)

// row is an attribute of Table E.1-1.
type row struct {
	basic   action
	options map[Option]action
}

//go:embed table.tsv
var tableText string

// Rows of Table E.1-1 that name more than one attribute.
const (
	curves          = "50XXXXXX"
	overlayData     = "60XX3000"
	overlayComments = "60XX4000"
	private         = "PRIVATE"
)

type confidentiality struct {
	rows     map[tag.Tag]row
	families map[string]row
}

var table = sync.OnceValue(func() confidentiality {
	t := confidentiality{rows: map[tag.Tag]row{}, families: map[string]row{}}
	for line := range strings.Lines(tableText) {
		cells := strings.Split(strings.TrimRight(line, "\n"), "\t")
		r := row{basic: settle(cells[1])}
		for cell := range strings.FieldsSeq(strings.Join(cells[2:], " ")) {
			if r.options == nil {
				r.options = map[Option]action{}
			}
			option, code, _ := strings.Cut(cell, "=")
			r.options[Option(option)] = action(code[0])
		}
		if n, err := strconv.ParseUint(cells[0], 16, 32); err == nil {
			t.rows[tag.Tag(n)] = r
		} else {
			t.families[cells[0]] = r
		}
	}
	return t
})

// settle takes of the actions that depend on the type of an attribute in its IOD the
// one that suits every type: a UID is replaced, else there is a dummy, else no value.
func settle(code string) action {
	for _, a := range []action{replaceUIDs, dummy, empty} {
		if strings.IndexByte(code, byte(a)) >= 0 {
			return a
		}
	}
	return action(code[0])
}

// lookup finds the row of an attribute.
func (t confidentiality) lookup(at tag.Tag) (r row, listed bool) {
	if at.Private() {
		return t.families[private], true
	}
	if r, ok := t.rows[at]; ok {
		return r, true
	}
	switch group := at.Group() & 0xFF00; {
	case group == 0x5000:
		r, listed = t.families[curves], true
	case group == 0x6000 && at.Element() == 0x3000:
		r, listed = t.families[overlayData], true
	case group == 0x6000 && at.Element() == 0x4000:
		r, listed = t.families[overlayComments], true
	}
	return r, listed
}
