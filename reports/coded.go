package reports

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/dokuei/dokuei/reports/template"
	"github.com/dokuei/dokuei/storage/db"
)

// maxCoded bounds the findings in codes of one version.
const maxCoded = 200

// coded are the findings in codes of a draft's answers; none when its template is
// not there any more, or not the reader's to use.
func (d *Draft) coded(ctx context.Context, tx db.Tx, userID string) ([]Coded, error) {
	if d.Template == "" || len(d.Answers) == 0 {
		return nil, nil
	}
	t, err := template.Find(ctx, tx, userID, d.Template, d.Language)
	if err != nil || t == nil {
		return nil, err
	}
	list := t.Coded(d.Answers)
	for n := range list {
		new(Sections).each(func(name, code string, _ *string) {
			if name == list[n].Section {
				list[n].Section = code
			}
		})
		list[n].Line = CleanText(list[n].Line)
	}
	return list, nil
}

// codedIn keeps of the findings in codes of the version before and of the answers
// those whose line stands in the sections to be signed: the text is the report, and
// a code must not say what the text no longer does.
func codedIn(sections []Section, previous *Report, answered []Coded) []Coded {
	var candidates []Coded
	if previous != nil {
		candidates = append(candidates, previous.Marks.Coded...)
	}
	var out []Coded
	for _, c := range append(candidates, answered...) {
		stands := (&Report{Sections: sections}).sectionOf(c) >= 0
		known := slices.ContainsFunc(out, func(o Coded) bool { return reflect.DeepEqual(o, c) })
		if stands && !known && len(out) < maxCoded {
			out = append(out, c)
		}
	}
	return out
}

// Part is a piece of a section's text and what it says in codes, if anything.
type Part struct {
	Text  string
	Coded []Coded
}

// Parts are the text of section n in pieces: a line that is in codes is one by
// itself. Joined by line ends they are the text. A code is of the first section of
// its heading in which its line stands.
func (r *Report) Parts(n int) []Part {
	lines := strings.Split(r.Sections[n].Text, "\n")
	at := map[int][]Coded{} // by the line they begin on
	for _, c := range r.Marks.Coded {
		if r.sectionOf(c) == n {
			i := lineOf(r.Sections[n], c)
			at[i] = append(at[i], c)
		}
	}
	var parts []Part
	for i := 0; i < len(lines); {
		p, end := Part{}, i+1
		if len(at[i]) > 0 {
			for ; i < end; i++ {
				p.Coded = append(p.Coded, at[i]...)
				for _, c := range at[i] {
					end = max(end, i+1+strings.Count(c.Line, "\n"))
				}
				p.Text += "\n" + lines[i]
			}
		} else {
			for ; i < len(lines) && len(at[i]) == 0; i++ {
				p.Text += "\n" + lines[i]
			}
		}
		p.Text = p.Text[1:]
		if last := len(parts) - 1; last >= 0 && strings.Trim(p.Text, "\n") == "" {
			parts[last].Text += "\n" + p.Text // empty lines are no piece of their own
			continue
		}
		parts = append(parts, p)
	}
	return parts
}

// sectionOf is the number of the section that c is of; -1 when its line stands in none.
func (r *Report) sectionOf(c Coded) int {
	return slices.IndexFunc(r.Sections, func(s Section) bool { return s.Code == c.Section && lineOf(s, c) >= 0 })
}

// lineOf is the number of the line of s that is c's, or that its lines begin with; -1
// when it does not stand there.
func lineOf(s Section, c Coded) int {
	at := strings.Index("\n"+s.Text+"\n", "\n"+c.Line+"\n")
	if at < 0 || c.Line == "" {
		return -1
	}
	return strings.Count(s.Text[:at], "\n")
}

// Codes are the findings in codes whose line stands in r, in the order of the text.
func (r *Report) Codes() []Coded {
	var out []Coded
	for n := range r.Sections {
		for _, p := range r.Parts(n) {
			out = append(out, p.Coded...)
		}
	}
	return out
}
