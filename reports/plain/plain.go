// Package plain writes a signed report as text, for mail systems and folders
// that take nothing else: a head with who, what and when, the sections under
// their headings, the signature and the content hash. Lines end in LF.
package plain

import (
	"fmt"
	"strings"

	"github.com/dokuei/dokuei/reports"
)

// Write prints a report.
func Write(r *reports.Report) string {
	ja := r.Language == "ja"
	word := func(j, e string) string {
		if ja {
			return j
		}
		return e
	}
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	b.WriteString(r.Title.In(r.Language) + "\n")
	if k := kinds[r.Kind]; k[0] != "" {
		b.WriteString("【" + word(k[0], k[1]) + "】\n")
	}
	line(word("患者", "Patient"), reports.ParsePersonName(r.Patient.Name).In(r.Language))
	line(word("患者ID", "Patient ID"), r.Patient.PatientID)
	line(word("検査", "Study"), strings.TrimSpace(reports.PrintDate(r.Study.Date, r.Language)+" "+strings.Join(r.Study.Modalities, "/")+" "+r.Study.Description))
	line(word("受付番号", "Accession no."), r.Study.AccessionNumber)
	line(word("依頼内容", "Request"), r.Study.Request)
	for _, s := range r.Sections {
		fmt.Fprintf(&b, "\n■ %s\n%s\n", s.Heading, s.Text)
	}
	b.WriteString("\n")
	line(word("読影医", "Read by"), strings.TrimSpace(r.Author.Name+" "+r.Author.License))
	line(word("署名日時", "Signed"), r.SignedAt.In(reports.JST).Format("2006-01-02 15:04:05")+" JST")
	line(word("版", "Version"), fmt.Sprint(r.Version))
	line("SHA-256", r.ContentHash)
	return b.String()
}

var kinds = map[reports.Kind][2]string{
	reports.Preliminary: {"暫定報告（未確定）", "PRELIMINARY"}, reports.Addendum: {"補遺あり", "ADDENDUM"},
	reports.Correction: {"訂正版", "CORRECTED"}, reports.Retraction: {"撤回", "RETRACTED"},
}

// Parse reads the sections and the content hash back.
func Parse(text string) (sections []reports.Section, hash string) {
	_, rest, ok := strings.Cut(text, "\n■ ")
	if !ok {
		return nil, ""
	}
	for part := range strings.SplitSeq(rest, "\n\n■ ") {
		heading, body, _ := strings.Cut(part, "\n")
		sections = append(sections, reports.Section{Heading: heading, Text: body})
	}
	last := &sections[len(sections)-1]
	if i := strings.LastIndex(last.Text, "\n\n"); i >= 0 {
		for l := range strings.Lines(last.Text[i:]) {
			if h, ok := strings.CutPrefix(strings.TrimSpace(l), "SHA-256: "); ok {
				hash = h
			}
		}
		last.Text = last.Text[:i]
	}
	return sections, hash
}
