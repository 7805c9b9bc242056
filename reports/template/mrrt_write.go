package template

import (
	"html/template"
	"io"
	"strings"
)

// WriteMRRT writes t as a template of the IHE MRRT profile: HTML5 whose fields
// any report editor of the profile can show. What the profile has no word for
// (lines, conditions, scores) stands in attributes data-dokuei-… and comes back
// with [ParseMRRT].
func WriteMRRT(w io.Writer, t *Template) error {
	names := map[string]string{
		"history": "Clinical Information", "technique": "Procedure Information", "comparison": "Comparison",
		"findings": "Findings", "impression": "Impression", "recommendation": "Recommendation",
	}
	codes := map[string]string{"history": "11329-0", "technique": "55111-9", "comparison": "55114-3", "findings": "59776-5", "impression": "19005-8", "recommendation": "18783-1"}
	type section struct {
		ID, Name, Code string
		Text           []string
		Items          []Item
	}
	var list []section
	for _, id := range []string{"history", "technique", "comparison", "findings", "impression", "recommendation"} {
		s := section{ID: id, Name: names[id], Code: codes[id]}
		if text := *t.Sections.of(id); text != "" {
			s.Text = strings.Split(text, "\n")
		}
		for _, i := range t.Items {
			if i.section() == id {
				s.Items = append(s.Items, i)
			}
		}
		if len(s.Text)+len(s.Items) > 0 {
			list = append(list, s)
		}
	}
	type entry struct {
		ID   string
		Code *Concept
	}
	var coded []entry
	for _, i := range t.Items {
		if i.Code != nil {
			coded = append(coded, entry{i.ID, i.Code})
		}
		for _, o := range i.Options {
			if o.Code != nil {
				coded = append(coded, entry{i.ID + "." + o.ID, o.Code})
			}
		}
	}
	return mrrtPage.Execute(w, map[string]any{"Codes": coded, "T": t, "Sections": list, "Parts": strings.Join(t.BodyPart, " ")})
}

var mrrtPage = template.Must(template.New("mrrt").Parse(`<!DOCTYPE html>
<html lang="{{.T.Language}}">
<head>
<title>{{.T.Name}}</title>
<meta charset="utf-8">
<meta name="dcterms.title" content="{{.T.Name}}">
<meta name="dcterms.identifier" content="{{.T.ID}}">
<meta name="dcterms.language" content="{{.T.Language}}">
<meta name="dcterms.type" content="IMAGE_REPORT_TEMPLATE">
<meta name="dcterms.publisher" content="Dokuei">
<meta name="dokuei.modality" content="{{.T.Modality}}">
<meta name="dokuei.body_part" content="{{.Parts}}">
{{if .Codes}}<script type="text/xml"><template_attributes><top-level-flag>true</top-level-flag><status>ACTIVE</status><coded_content>{{range .Codes}}
<entry ORIGTXT="{{.ID}}"><term><code value="{{.Code.Value}}" scheme="{{.Code.Scheme}}" meaning="{{.Code.Meaning}}"/></term></entry>{{end}}
</coded_content></template_attributes></script>
{{end}}</head>
<body>
{{range .Sections}}<section id="{{.ID}}" class="level1" data-section-name="{{.Name}}" data-section-code="{{.Code}}">
<header class="level1">{{.Name}}</header>
{{range .Text}}<p>{{.}}</p>
{{end}}{{range $i := .Items}}<p><label for="{{.ID}}">{{.Label}}</label>
{{if or (eq .Kind "choice") (eq .Kind "many")}}<select id="{{.ID}}" name="{{.Label}}" data-field-type="SELECTION_LIST" data-field-completion-action="NONE"{{if eq .Kind "many"}} multiple{{end}}{{template "ours" .}}>
{{range .Options}}<option id="{{$i.ID}}.{{.ID}}" value="{{.Label}}" data-dokuei-id="{{.ID}}"{{if .Text}} data-dokuei-text="{{.Text}}"{{end}}{{if .Impression}} data-dokuei-impression="{{.Impression}}"{{end}}{{if eq .ID $i.Normal}} data-dokuei-normal=""{{end}}>{{.Label}}</option>
{{end}}</select>{{else}}<input id="{{.ID}}" name="{{.Label}}" type="{{if eq .Kind "number"}}number{{else}}text{{end}}" value="" data-field-type="{{if eq .Kind "number"}}NUMBER{{else}}TEXT{{end}}" data-field-completion-action="NONE"{{if .Unit}} data-field-units="{{.Unit}}"{{end}}{{with .Min}} min="{{.}}"{{end}}{{with .Max}} max="{{.}}"{{end}}{{template "ours" .}}>{{end}}</p>
{{end}}</section>
{{end}}</body>
</html>
{{define "ours"}} data-dokuei-id="{{.ID}}"{{if .Text}} data-dokuei-text="{{.Text}}"{{end}}{{if .None}} data-dokuei-none="{{.None}}"{{end}}{{if .When}} data-dokuei-when="{{.When}}"{{end}}{{if .Inline}} data-dokuei-inline="true"{{end}}{{if .From}} data-dokuei-from="{{.From}}"{{end}}{{end}}`))
