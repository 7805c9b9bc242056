package document

import (
	"fmt"
	"strings"
)

// Role is a standard structure type, ISO 32000-1 §14.8.4.
type Role string

// The roles that are used.
const (
	H1      Role = "H1"
	H2      Role = "H2"
	P       Role = "P"
	Figure  Role = "Figure"
	Caption Role = "Caption"
)

// element is a structure element (§14.7.2): what a run of the pages is, in the order
// of reading.
type element struct {
	role  Role
	alt   string
	box   string // of a figure on its page, BBox (§14.8.5.4.3)
	parts []part
}

// part is a marked-content sequence of an element (§14.7.4).
type part struct{ page, mcid int }

// Tag has what draw draws be an element of the document. alt says in words what a
// figure shows. What is drawn under no element is an artifact (§14.8.2.2): rules,
// running heads and page numbers, which nobody wants read out.
func (d *Document) Tag(role Role, alt string, draw func()) {
	before := d.current
	e := &element{role: role, alt: alt}
	d.current = e
	draw()
	d.current = before
	if len(e.parts) > 0 {
		d.elements = append(d.elements, e)
	}
}

// Artifact has what draw draws be none of the element around it.
func (d *Document) Artifact(draw func()) {
	before := d.current
	d.current = nil
	draw()
	d.current = before
}

// mark puts operators into a marked-content sequence: of the current element, or of an
// artifact.
func (p *Page) mark(operators string) {
	e := p.doc.current
	if e == nil {
		p.body.WriteString("/Artifact BMC\n" + operators + "EMC\n")
		return
	}
	n := len(p.owners)
	p.owners = append(p.owners, e)
	e.parts = append(e.parts, part{p.number, n})
	fmt.Fprintf(&p.body, "/%s << /MCID %d >> BDC\n%sEMC\n", e.role, n, operators)
}

// artifact marks operators that are one whatever is around them.
func (p *Page) artifact(operators string) { p.doc.Artifact(func() { p.mark(operators) }) }

// writeStructure writes the structure tree (§14.7) and gives its number; pages are the
// numbers of the page objects.
func (d *Document) writeStructure(f *file, pages []int) int {
	root, body, parents := f.reserve(), f.reserve(), f.reserve()
	numbers := map[*element]int{}
	var kids []string
	for _, e := range d.elements {
		n := f.reserve()
		numbers[e] = n
		kids = append(kids, fmt.Sprintf("%d 0 R", n))
		var parts []string
		for _, at := range e.parts {
			parts = append(parts, fmt.Sprintf("<< /Type /MCR /Pg %d 0 R /MCID %d >>", pages[at.page], at.mcid))
		}
		alt := ""
		if e.alt != "" {
			alt = " /Alt " + textString(e.alt)
		}
		if e.box != "" {
			alt += " /A << /O /Layout /Placement /Block /BBox " + e.box + " >>"
		}
		f.object(n, fmt.Sprintf("<< /Type /StructElem /S /%s /P %d 0 R%s /K [%s] >>", e.role, body, alt, strings.Join(parts, " ")))
	}
	f.object(body, fmt.Sprintf("<< /Type /StructElem /S /Document /P %d 0 R /K [%s] >>", root, strings.Join(kids, " ")))
	var tree []string
	for n, p := range d.pages {
		var owners []string
		for _, e := range p.owners {
			owners = append(owners, fmt.Sprintf("%d 0 R", numbers[e]))
		}
		tree = append(tree, fmt.Sprintf("%d [%s]", n, strings.Join(owners, " ")))
	}
	f.object(parents, fmt.Sprintf("<< /Nums [%s] >>", strings.Join(tree, " ")))
	f.object(root, fmt.Sprintf("<< /Type /StructTreeRoot /K [%d 0 R] /ParentTree %d 0 R /ParentTreeNextKey %d >>", body, parents, len(d.pages)))
	return root
}
