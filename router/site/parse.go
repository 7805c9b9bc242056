package site

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// MaxSize is the size of the largest file read.
const MaxSize = 4 << 20

// Problem is one thing wrong with a file.
type Problem struct {
	Line int // 0: of no line in particular
	Text string
}

// Problems is everything wrong with a file, in the order of its lines.
type Problems []Problem

// Error tells all problems, one a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = lineText(one.Line, one.Text)
	}
	return "site file: " + strings.Join(lines, "\n")
}

func (p *Problems) add(line int, format string, args ...any) {
	*p = append(*p, Problem{line, fmt.Sprintf(format, args...)})
}

// err is the problems as an error, nil when there are none.
func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	sort.SliceStable(p, func(i, j int) bool { return p[i].Line < p[j].Line })
	return p
}

func lineText(line int, text string) string {
	if line == 0 {
		return text
	}
	return fmt.Sprintf("line %d: %s", line, text)
}

func quote(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}

// Parse reads a site file and checks what can be checked without the
// directory. The error is [Problems] when the file is at fault.
func Parse(r io.Reader) (File, error) {
	src, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return File{}, fmt.Errorf("site: read: %w", err)
	}
	if len(src) > MaxSize {
		return File{}, Problems{{0, fmt.Sprintf("larger than %d bytes", MaxSize)}}
	}
	var f File
	dec := yaml.NewDecoder(bytes.NewReader(src))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		if errors.Is(err, io.EOF) {
			return File{}, Problems{{0, "the file is empty"}}
		}
		return File{}, problemsOf(err)
	}
	var more yaml.Node
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return File{}, Problems{{more.Line, "a second document: a site file has one"}}
	}
	var root yaml.Node
	if err := yaml.Unmarshal(src, &root); err != nil {
		return File{}, problemsOf(err)
	}
	f.locate(&root)
	if err := f.check().err(); err != nil {
		return File{}, err
	}
	return f, nil
}

var (
	yamlLine  = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
	yamlField = regexp.MustCompile(`^field (\S+) not found in type \S+$`)
	yamlType  = regexp.MustCompile("^cannot unmarshal !!(\\w+)(?: `.*`)? into (\\S+)$")
	yamlDup   = regexp.MustCompile(`^mapping key (".*") already defined at line (\d+)$`)
)

// problemsOf rewrites what the YAML package says in words about the file.
func problemsOf(err error) error {
	var list []string
	var types *yaml.TypeError
	if errors.As(err, &types) {
		list = types.Errors
	} else {
		list = []string{err.Error()}
	}
	var p Problems
	for _, text := range list {
		line := 0
		if m := yamlLine.FindStringSubmatch(text); m != nil {
			line, _ = strconv.Atoi(m[1]) //nolint:errcheck // digits by the expression
			text = m[2]
		}
		if m := yamlField.FindStringSubmatch(text); m != nil {
			text = "unknown key " + quote(m[1])
		}
		if m := yamlDup.FindStringSubmatch(text); m != nil {
			text = "key " + m[1] + " is given twice, first in line " + m[2]
		}
		if m := yamlType.FindStringSubmatch(text); m != nil {
			text = "expected " + expected(m[2]) + ", found " + or(found[m[1]], "something else")
		}
		p.add(line, "%s", strings.TrimPrefix(text, "yaml: "))
	}
	return p.err()
}

// found names the kinds of YAML value (YAML 1.2 §10.3) in words.
var found = map[string]string{
	"seq": "a list", "map": "keys with values", "str": "text", "int": "a number", "float": "a number", "bool": "true or false", "null": "nothing",
	"timestamp": "a date",
}

// expected names a Go type of File in words.
func expected(t string) string {
	switch {
	case strings.HasPrefix(t, "[]"):
		return "a list"
	case t == "string", strings.HasSuffix(t, ".Priority"):
		return "text"
	case t == "int":
		return "a whole number"
	case t == "bool":
		return "true or false"
	}
	return "keys with values"
}

// locate gives everything in the file its place.
func (f *File) locate(root *yaml.Node) {
	if root.Kind == yaml.DocumentNode && len(root.Content) > 0 {
		root = root.Content[0]
	}
	facilities := items(value(root, "facilities"))
	for i := range f.Facilities {
		f.Facilities[i].node = facilities.at(i)
		destinations := items(value(f.Facilities[i].node, "destinations"))
		for j := range f.Facilities[i].Destinations {
			f.Facilities[i].Destinations[j].node = destinations.at(j)
		}
	}
	for i, nodes := 0, items(value(root, "panels")); i < len(f.Panels); i++ {
		f.Panels[i].node = nodes.at(i)
	}
	for i, nodes := 0, items(value(root, "users")); i < len(f.Users); i++ {
		f.Users[i].node = nodes.at(i)
	}
	for i, nodes := 0, items(value(root, "shifts")); i < len(f.Shifts); i++ {
		f.Shifts[i].node = nodes.at(i)
	}
	for i, nodes := 0, items(value(root, "codes")); i < len(f.Codes); i++ {
		f.Codes[i].node = nodes.at(i)
	}
	for i, nodes := 0, items(value(root, "rules")); i < len(f.Rules); i++ {
		f.Rules[i].node = nodes.at(i)
		f.Rules[i].Then.node = value(f.Rules[i].node, "then")
	}
	if f.Fallback != nil {
		f.Fallback.node = value(root, "fallback")
	}
}

// value is the node of a key, aliases followed; nil when it is not there.
func value(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return resolve(n.Content[i+1])
		}
	}
	return nil
}

func resolve(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

type nodes []*yaml.Node

func items(n *yaml.Node) nodes {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

func (n nodes) at(i int) *yaml.Node {
	if i < len(n) {
		return resolve(n[i])
	}
	return nil
}
