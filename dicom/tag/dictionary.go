package tag

import (
	_ "embed"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Entry is one row of the data dictionary. VR is the first choice of the standard
// and VRs all of them ("US or SS"); VM is as printed ("1-n").
type Entry struct {
	Keyword, Name string
	VR, VRs, VM   string
	Retired       bool
}

// dictionaryText has one row a line: tag, VR, VM, keyword, name, and R when retired.
//
//go:embed dictionary.tsv
var dictionaryText string

type dictionary struct {
	entries   []Entry
	byTag     map[Tag]int32
	byKeyword map[string]Tag
}

var load = sync.OnceValue(func() *dictionary {
	n := strings.Count(dictionaryText, "\n")
	d := &dictionary{
		entries:   make([]Entry, 0, n),
		byTag:     make(map[Tag]int32, n),
		byKeyword: make(map[string]Tag, n),
	}
	for line := range strings.Lines(dictionaryText) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		v, err := strconv.ParseUint(f[0], 16, 32)
		if err != nil {
			// The table is part of the program and a test reads it all.
			panic("tag: dictionary row " + line)
		}
		e := Entry{VRs: f[1], VM: f[2], Keyword: f[3], Name: f[4], Retired: len(f) > 5}
		e.VR, _, _ = strings.Cut(e.VRs, " ")
		t := Tag(v)
		d.byTag[t] = int32(len(d.entries))
		d.entries = append(d.entries, e)
		if e.Keyword != "" {
			d.byKeyword[e.Keyword] = t
		}
	}
	return d
})

// Entries for tags that stand for a range.
var (
	groupLength    = Entry{Keyword: "GenericGroupLength", Name: "Generic Group Length", VR: "UL", VRs: "UL", VM: "1", Retired: true}
	privateCreator = Entry{Keyword: "PrivateCreator", Name: "Private Creator", VR: "LO", VRs: "LO", VM: "1"}
	sourceImageIDs = Entry{Keyword: "SourceImageIDs", Name: "Source Image IDs", VR: "CS", VRs: "CS", VM: "1-n", Retired: true}
)

// Lookup finds t in the data dictionary. Repeating groups (PS3.6 §6: 50xx, 60xx,
// (0020,31xx), group lengths, private creators) are found for each of their members.
func Lookup(t Tag) (Entry, bool) {
	d := load()
	if !t.Private() { // the table has none
		if i, ok := d.byTag[t]; ok {
			return d.entries[i], true
		}
	}
	return d.lookupRange(t)
}

func (d *dictionary) lookupRange(t Tag) (Entry, bool) {
	switch {
	case t.PrivateCreator():
		return privateCreator, true
	case t.Private():
		return Entry{}, false
	case t.GroupLength():
		return groupLength, true
	case t&0xffffff00 == 0x00203100:
		return sourceImageIDs, true
	}
	// 50xx (curves) and 60xx (overlays): even groups up to xx1E describe the same
	// attributes as the first group.
	if g := t.Group() & 0xff00; g == 0x5000 || g == 0x6000 {
		if i, ok := d.byTag[New(g, t.Element())]; ok {
			return d.entries[i], true
		}
	}
	return Entry{}, false
}

// All returns the rows of the dictionary in order of tag, ranges not expanded.
func All() iter.Seq2[Tag, Entry] {
	d := load()
	return func(yield func(Tag, Entry) bool) {
		for _, t := range slices.Sorted(maps.Keys(d.byTag)) {
			if !yield(t, d.entries[d.byTag[t]]) {
				return
			}
		}
	}
}

// ByKeyword finds the tag of a keyword, such as "PatientID".
func ByKeyword(k string) (Tag, bool) {
	t, ok := load().byKeyword[k]
	return t, ok
}

// Keyword returns the keyword of t, or its number when the dictionary has none.
func (t Tag) Keyword() string {
	if e, ok := Lookup(t); ok && e.Keyword != "" {
		return e.Keyword
	}
	return t.String()
}
