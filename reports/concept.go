package reports

import "github.com/dokuei/dokuei/reports/template"

// What templates hold of codes, and reports with them.
type (
	// Concept is a coded concept, PS3.3 §8.
	Concept = template.Concept
	// Coded is a finding in codes: Section is the code of its heading.
	Coded = template.Coded
	// Modifier says where a finding is or on which side.
	Modifier = template.Modifier
)
