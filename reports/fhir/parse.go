package fhir

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/dokuei/dokuei/reports"
)

// ErrNotReport says that there is no DiagnosticReport of ours in a bundle.
var ErrNotReport = errors.New("fhir: no report in the bundle")

// A section of the narrative; its code was an id once.
var sectionPattern = regexp.MustCompile(`(?s)<h2 (?:class|id)="s-([^"]*)">(.*?)</h2><p>(.*?)</p>`)

// Parse reads the report back out of a bundle that Build wrote, and its PDF.
func Parse(raw []byte) (*reports.Report, []byte, error) {
	var b bundle
	if err := json.Unmarshal(raw, &b); err != nil {
		return nil, nil, fmt.Errorf("fhir: bundle: %w", err)
	}
	for _, e := range b.Entry {
		if e.Resource.ResourceType == "DiagnosticReport" {
			return parse(e.Resource)
		}
	}
	return nil, nil, ErrNotReport
}

func parse(x resource) (*reports.Report, []byte, error) {
	r := &reports.Report{Language: x.Language}
	for _, i := range x.Identifier {
		switch i.System {
		case ours:
			r.ID = i.Value
		case hashSystem:
			r.ContentHash = i.Value
		case "urn:dokuei:report-version":
			r.Version, _ = strconv.Atoi(i.Value) //nolint:errcheck // 0 for what is no number
		}
	}
	for kind, status := range statuses {
		if status == x.Status {
			r.Kind = kind
		}
	}
	if x.Text == nil || r.ID == "" {
		return nil, nil, ErrNotReport
	}
	if x.Code != nil && len(x.Code.Coding) > 0 {
		own := x.Code.Coding[len(x.Code.Coding)-1]
		r.Title = reports.TitleByCode(own.Code, own.Display)
	}
	if t, err := time.Parse(time.RFC3339Nano, x.Issued); err == nil {
		r.SignedAt = t.UTC()
	}
	r.Marks.Coded = parseCoded(x)
	for _, m := range sectionPattern.FindAllStringSubmatch(x.Text.Div, -1) {
		code := m[1]
		if code == "change-reason" {
			code = reports.CodeReason
		}
		r.Sections = append(r.Sections, reports.Section{
			Code: code, Heading: html.UnescapeString(m[2]), Text: html.UnescapeString(strings.ReplaceAll(m[3], "<br/>", "\n")),
		})
	}
	if len(x.PresentedForm) == 0 {
		return r, nil, nil
	}
	pdf, err := base64.StdEncoding.DecodeString(x.PresentedForm[0].Data)
	return r, pdf, err
}
