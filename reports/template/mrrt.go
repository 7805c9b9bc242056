package template

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// MaxMRRT bounds a file, in bytes: the largest of radreport.org have some 100 KB.
const MaxMRRT = 1 << 20

// sectionNames are the data-section-name of MRRT in our sections, by the words
// they hold; what fits none is a finding.
var sectionNames = []struct{ word, section string }{
	{"impression", "impression"},
	{"conclusion", "impression"},
	{"診断", "impression"},
	{"結論", "impression"},
	{"recommend", "recommendation"},
	{"推奨", "recommendation"},
	{"comparison", "comparison"},
	{"比較", "comparison"},
	{"procedure", "technique"},
	{"technique", "technique"},
	{"protocol", "technique"},
	{"検査方法", "technique"},
	{"clinical", "history"},
	{"indication", "history"},
	{"history", "history"},
	{"臨床", "history"},
}

func sectionOf(name string) string {
	name = strings.ToLower(name)
	for _, s := range sectionNames {
		if strings.Contains(name, s.word) {
			return s.section
		}
	}
	return "findings"
}

// ParseMRRT reads a template of the IHE MRRT profile. language is what it is
// taken to be in when the file does not say ja or en. Of the file come its title,
// the labels and answers of its fields and its free text, all as plain text,
// and the codes of its fields (coded_content); scripts, styles, links and pictures are passed over.
func ParseMRRT(file []byte, language string) (Template, error) {
	t := Template{Language: language, BodyPart: []string{}}
	if len(file) > MaxMRRT {
		return t, fmt.Errorf("%w: the file is larger than %d bytes", ErrTemplate, MaxMRRT)
	}
	if !utf8.Valid(file) {
		return t, fmt.Errorf("%w: the file is not UTF-8", ErrTemplate)
	}
	root, err := html.Parse(strings.NewReader(string(file)))
	if err != nil {
		return t, fmt.Errorf("%w: %w", ErrTemplate, err)
	}
	r := mrrtReader{t: &t, section: "findings", labels: map[string]string{}, codes: map[string]*Concept{}}
	r.head(root)
	r.body(root)
	if t.Name == "" {
		return t, fmt.Errorf("%w: the file has no title", ErrTemplate)
	}
	if len(t.Items) == 0 && t.Sections == (Sections{}) {
		return t, fmt.Errorf("%w: the file has neither fields nor text: is it a report template?", ErrTemplate)
	}
	r.conditions()
	return t, t.Check()
}

type mrrtReader struct {
	t       *Template
	section string
	labels  map[string]string   // text of <label>, by what it is for
	codes   map[string]*Concept // by the id of the element they are of
	unit    string              // of the field before
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// words is all text below a node, its blanks made one each.
func words(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch n.DataAtom {
		case atom.Script, atom.Style, atom.Select, atom.Textarea:
			return
		}
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		if n.DataAtom == atom.Br || n.DataAtom == atom.P || n.DataAtom == atom.Li || n.DataAtom == atom.Div {
			b.WriteString(" ")
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

func (r *mrrtReader) head(n *html.Node) {
	switch n.DataAtom {
	case atom.Title:
		if r.t.Name == "" {
			r.t.Name = cut(words(n), maxLabel)
		}
	case atom.Meta:
		content := strings.TrimSpace(attr(n, "content"))
		switch strings.ToLower(attr(n, "name")) {
		case "dcterms.title":
			if content != "" {
				r.t.Name = cut(content, maxLabel)
			}
		case "dcterms.language":
			if l, _, _ := strings.Cut(strings.ToLower(content), "-"); l == "ja" || l == "en" {
				r.t.Language = l
			}
		case "dokuei.modality":
			r.t.Modality = cut(content, 16)
		case "dokuei.body_part":
			r.t.BodyPart = strings.Fields(content)
		}
	case atom.Script:
		r.coded(n)
	case atom.Label:
		if to := attr(n, "for"); to != "" {
			r.labels[to] = strings.TrimRight(words(n), " :：")
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		r.head(c)
	}
}

// coded takes the coded content of the template attributes, which MRRT has in an
// element of the type text/xml: a program is not read, and an entity is no text.
func (r *mrrtReader) coded(n *html.Node) {
	if !strings.EqualFold(strings.TrimSpace(attr(n, "type")), "text/xml") || n.FirstChild == nil {
		return
	}
	d := xml.NewDecoder(strings.NewReader(n.FirstChild.Data))
	d.Strict, d.Entity = false, nil
	of := ""
	for {
		token, err := d.Token()
		if err != nil { // the end, or no XML from here on
			return
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		at := map[string]string{}
		for _, a := range e.Attr {
			at[strings.ToLower(a.Name.Local)] = strings.TrimSpace(a.Value)
		}
		switch strings.ToLower(e.Name.Local) {
		case "entry":
			of = at["origtxt"]
		case "code":
			c := &Concept{Value: at["value"], Scheme: at["scheme"], Meaning: cut(at["meaning"], 64)}
			if of != "" && r.codes[of] == nil && c.check() == nil {
				r.codes[of] = c
			}
		}
	}
}

func (r *mrrtReader) body(n *html.Node) {
	switch n.DataAtom {
	case atom.Head, atom.Script, atom.Style, atom.Header, atom.Label:
		return
	case atom.Section:
		before := r.section
		if name := attr(n, "data-section-name"); name != "" {
			r.section = sectionOf(name)
		}
		defer func() { r.section = before }()
	case atom.Select:
		r.choice(n)
		return
	case atom.Textarea, atom.Input:
		r.field(n)
		return
	case atom.Span:
		if kind := strings.ToUpper(attr(n, "data-field-type")); kind == "CHECKBOX" || kind == "RADIO" {
			r.boxes(n)
			return
		}
	}
	if n.Type == html.TextNode {
		r.free(n.Data)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		r.body(c)
	}
}

// free text of a section stands in the template as it is.
func (r *mrrtReader) free(text string) {
	text = strings.Join(strings.Fields(text), " ")
	s := r.t.Sections.of(r.section)
	// A colon or a unit between fields is no sentence.
	said := func(c rune) bool { return unicode.IsLetter(c) || c == '_' || c == '＿' }
	if strings.IndexFunc(text, said) < 0 || text == r.unit || len(*s)+len(text) > MaxSection {
		return
	}
	if *s != "" {
		text = *s + "\n" + text
	}
	*s = text
}

// item makes the item of a field, or nil when the template has as many as it may.
func (r *mrrtReader) item(n *html.Node, kind Kind) *Item {
	if len(r.t.Items) > MaxItems { // one more than it may have: Check says so
		return nil
	}
	id := attr(n, "data-dokuei-id")
	if id == "" {
		id = "f" + strconv.Itoa(len(r.t.Items)+1)
	}
	label := r.labels[attr(n, "id")]
	for _, more := range []string{attr(n, "name"), attr(n, "title"), id} {
		if label == "" {
			label = strings.TrimSpace(more)
		}
	}
	r.t.Items = append(r.t.Items, Item{
		ID: id, Label: cut(label, maxLabel), Kind: kind, Inline: attr(n, "data-dokuei-inline") == "true",
		Text: attr(n, "data-dokuei-text"), None: attr(n, "data-dokuei-none"), When: attr(n, "data-dokuei-when"),
	})
	i := &r.t.Items[len(r.t.Items)-1]
	if r.section != "findings" {
		i.Section = r.section
	}
	i.From, _ = strconv.Atoi(attr(n, "data-dokuei-from"))
	i.Code = r.codes[attr(n, "id")]
	r.unit = ""
	return i
}

// option is an answer as MRRT has it: a text that stands after its label.
func (r *mrrtReader) option(i *Item, n *html.Node, label string) {
	value := strings.TrimSpace(attr(n, "value"))
	if label == "" {
		label = value
	}
	if label == "" || len(i.Options) > maxOptions {
		return
	}
	o := Option{ID: attr(n, "data-dokuei-id"), Label: cut(label, maxLabel), Text: attr(n, "data-dokuei-text"), Impression: attr(n, "data-dokuei-impression")}
	if o.ID == "" {
		o.ID = "o" + strconv.Itoa(len(i.Options)+1)
		o.Text = lineOf(i.Label, label)
	}
	o.Code = r.codes[attr(n, "id")]
	i.Options = append(i.Options, o)
}

func lineOf(label, value string) string { return plainly(label) + ": " + plainly(value) }

// plainly is another maker's text, whose braces name nothing of ours.
func plainly(s string) string {
	return cut(strings.NewReplacer("{", "(", "}", ")").Replace(s), maxLabel)
}

func (r *mrrtReader) choice(n *html.Node) {
	kind := Choice
	for _, a := range n.Attr {
		if a.Key == "multiple" {
			kind = Many
		}
	}
	i := r.item(n, kind)
	if i == nil {
		return
	}
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.DataAtom == atom.Option {
			r.option(i, n, words(n))
			for _, a := range n.Attr {
				if a.Key == "data-dokuei-normal" && len(i.Options) > 0 {
					i.Normal = i.Options[len(i.Options)-1].ID
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	r.keep(i)
}

// keep takes back a field without answers.
func (r *mrrtReader) keep(i *Item) {
	if len(i.Options) == 0 {
		r.t.Items = r.t.Items[:len(r.t.Items)-1]
		return
	}
	if i.Kind == Many && i.Text == "" && !i.Inline {
		i.Text = lineOf(i.Label, "") + "{value}"
		for n := range i.Options {
			i.Options[n].Text = ""
		}
	}
}

// boxes are check boxes or radio buttons of one field.
func (r *mrrtReader) boxes(n *html.Node) {
	kind := Many
	if strings.EqualFold(attr(n, "data-field-type"), "RADIO") {
		kind = Choice
	}
	i := r.item(n, kind)
	if i == nil {
		return
	}
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.DataAtom == atom.Input {
			r.option(i, n, r.labels[attr(n, "id")])
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	r.keep(i)
}

func (r *mrrtReader) field(n *html.Node) {
	kind, typ := Text, strings.ToLower(attr(n, "type"))
	if f := strings.ToUpper(attr(n, "data-field-type")); f == "NUMBER" || typ == "number" || typ == "range" {
		kind = Number
	}
	switch typ {
	case "checkbox", "radio":
		if i := r.item(n, Many); i != nil {
			r.option(i, n, i.Label)
			r.keep(i)
		}
		return
	case "hidden", "submit", "button", "image", "file", "reset":
		return
	}
	text := attr(n, "value")
	if n.DataAtom == atom.Textarea && n.FirstChild != nil {
		text = n.FirstChild.Data
	}
	// A whole text in a field is a text to start from; an empty field without
	// another purpose than its section is the section itself.
	if kind == Text && attr(n, "data-dokuei-id") == "" {
		if strings.TrimSpace(text) != "" {
			for line := range strings.SplitSeq(text, "\n") {
				r.free(line)
			}
			return
		}
		if n.DataAtom == atom.Textarea {
			return
		}
	}
	i := r.item(n, kind)
	if i == nil {
		return
	}
	i.Unit = attr(n, "data-field-units")
	r.unit = i.Unit
	for key, at := range map[string]**float64{"min": &i.Min, "max": &i.Max} {
		if v, err := strconv.ParseFloat(attr(n, key), 64); err == nil {
			*at = &v
		}
	}
	if i.Text == "" && !i.Inline {
		i.Text = lineOf(i.Label, "") + "{value}"
		if i.Unit != "" {
			i.Text += " " + plainly(i.Unit)
		}
	}
}

// conditions drops what an item asks of one that is not there: a file of another
// maker may carry our attributes by chance.
func (r *mrrtReader) conditions() {
	seen := map[string]*Item{}
	for n := range r.t.Items {
		i := &r.t.Items[n]
		if i.When != "" && i.check(seen) != nil {
			i.When = ""
		}
		seen[i.ID] = i
	}
}

// cut bounds a text in characters.
func cut(s string, most int) string {
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most])
}
