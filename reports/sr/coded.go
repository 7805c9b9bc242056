package sr

import (
	"slices"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/iod"
)

// Concept names of modifiers, as TID 1419 has them: the side of one site is the site's.
const (
	siteCode = "363698007" // SCT, Finding Site
	sideCode = "272741003" // SCT, Laterality
)

// texts are the text of section n as TEXT items. A line that is in codes is an item of
// its own and the codes are its properties: TID 2002 row 3, extended by what Table
// A.35.1-2 of PS3.3 lets a TEXT have.
func texts(r *reports.Report, n int, element reports.Concept) []*dataset.Dataset {
	var out []*dataset.Dataset
	for _, p := range r.Parts(n) {
		it := textItem(contains, element, p.Text)
		if len(p.Coded) > 0 {
			it.SetItems(tag.ContentSequence, codes(p.Coded)...)
		}
		out = append(out, it)
	}
	return out
}

// codes are findings in codes with where they are and on which side.
func codes(list []reports.Coded) []*dataset.Dataset {
	var items []*dataset.Dataset
	for _, c := range list {
		it := codeItem(hasProperties, finding, c.Finding)
		var mods, sites, sides []*dataset.Dataset
		for _, m := range c.Modifiers {
			mod := codeItem(hasConceptMod, m.Name, m.Value)
			switch m.Name.Value {
			case siteCode:
				sites = append(sites, mod)
			case sideCode:
				sides = append(sides, mod)
			}
			mods = append(mods, mod)
		}
		if len(sites) == 1 && len(sides) == 1 {
			sites[0].SetItems(tag.ContentSequence, sides[0])
			mods = slices.DeleteFunc(mods, func(d *dataset.Dataset) bool { return d == sides[0] })
		}
		if len(mods) > 0 {
			it.SetItems(tag.ContentSequence, mods...)
		}
		items = append(items, it)
	}
	return items
}

// parseCoded is the way back: the coded findings of the texts of a section.
func parseCoded(section *dataset.Dataset, code string) []reports.Coded {
	var out []reports.Coded
	for _, text := range section.Items(tag.ContentSequence) {
		line := strings.Trim(lines(text.String(tag.TextValue)), "\n")
		for _, it := range text.Items(tag.ContentSequence) {
			if it.String(tag.ValueType) != "CODE" || it.String(tag.RelationshipType) != hasProperties {
				continue
			}
			c := reports.Coded{Section: code, Line: line, Finding: iod.ParseCode(it, tag.ConceptCodeSequence)}
			c.Modifiers = parseModifiers(it, 0)
			if c.Finding.Value != "" {
				out = append(out, c)
			}
		}
	}
	return out
}

// parseModifiers are the modifiers of an item and of these in turn.
func parseModifiers(it *dataset.Dataset, depth int) []reports.Modifier {
	var out []reports.Modifier
	for _, m := range it.Items(tag.ContentSequence) {
		if depth > maxDepth || m.String(tag.ValueType) != "CODE" || m.String(tag.RelationshipType) != hasConceptMod {
			continue
		}
		out = append(out, reports.Modifier{
			Name: iod.ParseCode(m, tag.ConceptNameCodeSequence), Value: iod.ParseCode(m, tag.ConceptCodeSequence),
		})
		out = append(out, parseModifiers(m, depth+1)...)
	}
	return out
}
