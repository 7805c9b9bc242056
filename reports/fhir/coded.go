package fhir

import (
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/reports"
)

// systems are the URIs of coding schemes (PS3.16 Table 8-1; FHIR R4 4.3.0); of
// another scheme the designator stands in ours.
var systems = map[string]string{"SCT": "http://snomed.info/sct", "DCM": dcm, "LN": loinc, "RADLEX": "http://radlex.org"}

const otherScheme = "urn:dokuei:coding-scheme:"

func codingOf(c reports.Concept) codeable {
	system, ok := systems[c.Scheme]
	if !ok {
		system = otherScheme + c.Scheme
	}
	return codeable{Coding: []coding{{system, c.Value, c.Meaning}}}
}

func conceptOf(c *codeable) reports.Concept {
	if c == nil || len(c.Coding) == 0 {
		return reports.Concept{}
	}
	one := c.Coding[0]
	scheme := strings.TrimPrefix(one.System, otherScheme)
	for designator, system := range systems {
		if system == one.System {
			scheme = designator
		}
	}
	return reports.Concept{Value: one.Code, Scheme: scheme, Meaning: one.Display}
}

// finding is the concept name of a coded finding, PS3.16 CID 7002.
var finding = reports.Concept{Value: "121071", Scheme: "DCM", Meaning: "Finding"}

// addCoded writes what the text says in codes: conclusionCode for who asks what was
// found, and an Observation each with its site and side. These are contained: a
// version that no longer says it leaves none behind at the receiver.
func addCoded(report *resource, r *reports.Report, effective string) {
	for n, c := range r.Codes() {
		found := codingOf(c.Finding)
		found.Text = c.Line
		report.ConclusionCode = append(report.ConclusionCode, found)
		name := codingOf(finding)
		name.Text = c.Section
		x := resource{
			ResourceType: "Observation", ID: "finding-" + strconv.Itoa(n+1), Status: observed(r.Kind),
			Code: &name, Subject: report.Subject, EffectiveDateTime: effective, ValueConcept: &found,
		}
		for _, m := range c.Modifiers {
			value := codingOf(m.Value)
			x.Component = append(x.Component, component{codingOf(m.Name), &value})
		}
		report.Contained = append(report.Contained, x)
		report.Result = append(report.Result, reference{Reference: "#" + x.ID})
	}
}

// parseCoded is the way back.
func parseCoded(x resource) []reports.Coded {
	var out []reports.Coded
	for _, o := range x.Contained {
		if o.ResourceType != "Observation" || conceptOf(o.Code) != finding || o.ValueConcept == nil {
			continue
		}
		c := reports.Coded{Section: o.Code.Text, Line: o.ValueConcept.Text, Finding: conceptOf(o.ValueConcept)}
		for _, m := range o.Component {
			c.Modifiers = append(c.Modifiers, reports.Modifier{Name: conceptOf(&m.Code), Value: conceptOf(m.ValueConcept)})
		}
		out = append(out, c)
	}
	return out
}
