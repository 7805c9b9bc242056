package iod

import (
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports"
)

// Code is one item of a code sequence, PS3.3 Table 8.8-1.
func Code(c reports.Concept) *dataset.Dataset {
	d := dataset.New()
	if len(c.Value) <= 16 {
		d.SetString(tag.CodeValue, "SH", c.Value)
	} else {
		d.SetString(tag.LongCodeValue, "UC", c.Value)
	}
	d.SetString(tag.CodingSchemeDesignator, "SH", c.Scheme)
	d.SetString(tag.CodeMeaning, "LO", clip(c.Meaning, 64))
	return d
}

// ParseCode reads the first item of a code sequence.
func ParseCode(d *dataset.Dataset, t tag.Tag) reports.Concept {
	items := d.Items(t)
	if len(items) == 0 {
		return reports.Concept{}
	}
	c := reports.Concept{
		Value:   items[0].String(tag.CodeValue),
		Scheme:  items[0].String(tag.CodingSchemeDesignator),
		Meaning: items[0].String(tag.CodeMeaning),
	}
	if c.Value == "" {
		c.Value = items[0].String(tag.LongCodeValue)
	}
	return c
}

// clip cuts a value to the characters its VR allows.
func clip(s string, n int) string {
	r := []rune(flat(s))
	return string(r[:min(len(r), n)])
}

// Contribution says what this object is a writing of: one line that another
// program can read back with ParseContribution.
func Contribution(r *reports.Report) string {
	return "report=" + r.ID + " version=" + strconv.Itoa(r.Version) + " sha256=" + r.ContentHash
}

// ParseContribution reads the line of Contribution out of an object.
func ParseContribution(d *dataset.Dataset) (id string, version int, hash string) {
	for _, c := range d.Items(contributingEquipmentSequence) {
		for _, f := range strings.Fields(c.String(contributionDescription)) {
			k, v, _ := strings.Cut(f, "=")
			switch k {
			case "report":
				id = v
			case "version":
				version, _ = strconv.Atoi(v)
			case "sha256":
				hash = v
			}
		}
	}
	return id, version, hash
}

// PersonName writes a person as VR PN: the romanised name as the first component
// group, the Japanese one as the second (PS3.5 §6.2.1.1 and Annex H.3). The
// romanised name has the family name last, the Japanese one first.
func PersonName(name, nameEn string) string {
	alphabetic := ""
	if words := strings.Fields(plain(nameEn)); len(words) > 0 {
		last := len(words) - 1
		alphabetic = strings.TrimSuffix(words[last]+"^"+strings.Join(words[:last], " "), "^")
	}
	ideographic := ""
	if family, given, ok := strings.Cut(strings.ReplaceAll(plain(name), "\u3000", " "), " "); ok {
		ideographic = family + "^" + strings.TrimSpace(given)
	} else {
		ideographic = family
	}
	if ideographic == "" || ideographic == alphabetic {
		return alphabetic
	}
	return alphabetic + "=" + ideographic
}

// ParsePersonName is the way back of PersonName.
func ParsePersonName(pn string) (name, nameEn string) {
	groups := strings.SplitN(pn, "=", 3)
	family, given, _ := strings.Cut(groups[0], "^")
	nameEn = strings.TrimSpace(strings.ReplaceAll(given, "^", " ") + " " + family)
	if len(groups) > 1 && groups[1] != "" {
		return strings.TrimSpace(strings.ReplaceAll(groups[1], "^", " ")), nameEn
	}
	return nameEn, nameEn
}

// plain removes the delimiters of PN from a name.
func plain(s string) string {
	return strings.NewReplacer("^", " ", "=", " ").Replace(flat(s))
}
