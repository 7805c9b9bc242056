package send

import (
	"slices"

	"github.com/dokuei/dokuei/dicom/service"
)

// group is a set of files one association can carry: its contexts are at most
// 128 (PS3.8 9.3.2.2).
type group struct {
	contexts []service.Context
	files    []*file
}

const maxContexts = 128

// plan shares the files out, in their order, so that a study stays together.
func plan(files []*file) []*group {
	var groups []*group
	classes := map[string]*group{} // each SOP class is in one group
	for class, contexts := range contextsByClass(files) {
		var g *group
		for _, open := range groups {
			if len(open.contexts)+len(contexts) <= maxContexts {
				g = open
				break
			}
		}
		if g == nil {
			g = new(group)
			groups = append(groups, g)
		}
		g.contexts = append(g.contexts, contexts...)
		classes[class] = g
	}
	for _, f := range files {
		g := classes[f.class]
		g.files = append(g.files, f)
	}
	return groups
}

// contextsByClass gives, in order of first appearance, each SOP class with one
// context for each transfer syntax its files may be sent in.
func contextsByClass(files []*file) func(yield func(string, []service.Context) bool) {
	var order []string
	syntaxes := map[string][]string{}
	add := func(class, ts string) {
		if !slices.Contains(syntaxes[class], ts) {
			syntaxes[class] = append(syntaxes[class], ts)
		}
	}
	for _, f := range files {
		if _, known := syntaxes[f.class]; !known {
			order = append(order, f.class)
		}
		for _, ts := range service.Offers(f.syntax) {
			add(f.class, ts)
		}
	}
	return func(yield func(string, []service.Context) bool) {
		for _, class := range order {
			var contexts []service.Context
			for _, ts := range syntaxes[class] {
				contexts = append(contexts, service.Context{AbstractSyntax: class, TransferSyntaxes: []string{ts}})
			}
			if !yield(class, contexts[:min(len(contexts), maxContexts)]) {
				return
			}
		}
	}
}
