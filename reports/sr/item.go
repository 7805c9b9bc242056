package sr

import (
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/iod"
)

// Relationship types, PS3.3 Table C.17.3-8.
const (
	contains      = "CONTAINS"
	hasConceptMod = "HAS CONCEPT MOD"
	hasObsContext = "HAS OBS CONTEXT"
	hasProperties = "HAS PROPERTIES"
)

// item begins a content item, PS3.3 Tables C.17-5 and C.17-6.
func item(relationship, valueType string, concept reports.Concept) *dataset.Dataset {
	d := dataset.New()
	if relationship != "" {
		d.SetString(tag.RelationshipType, "CS", relationship)
	}
	d.SetString(tag.ValueType, "CS", valueType)
	d.SetItems(tag.ConceptNameCodeSequence, iod.Code(concept))
	return d
}

func codeItem(relationship string, concept, value reports.Concept) *dataset.Dataset {
	d := item(relationship, "CODE", concept)
	d.SetItems(tag.ConceptCodeSequence, iod.Code(value))
	return d
}

func nameItem(relationship string, concept reports.Concept, pn string) *dataset.Dataset {
	d := item(relationship, "PNAME", concept)
	d.SetString(tag.PersonName, "PN", pn)
	return d
}

func textItem(relationship string, concept reports.Concept, text string) *dataset.Dataset {
	d := item(relationship, "TEXT", concept)
	// Lines end with CR LF in values of UT, PS3.5 §6.1.3.
	d.SetString(tag.TextValue, "UT", strings.ReplaceAll(text, "\n", "\r\n"))
	return d
}

func container(relationship string, concept reports.Concept, children ...*dataset.Dataset) *dataset.Dataset {
	d := item(relationship, "CONTAINER", concept)
	d.SetString(tag.ContinuityOfContent, "CS", "SEPARATE")
	d.SetItems(tag.ContentSequence, children...)
	return d
}
