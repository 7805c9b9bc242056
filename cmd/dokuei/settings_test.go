package main

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// What an operator copies from the manifests, the units and the manual is understood: every
// command, flag and variable in them is one of the program's.
func TestDeployedSettingsExist(t *testing.T) {
	t.Parallel()
	parser, err := newParser(t.Context(), console{Out: io.Discard, Err: io.Discard}, &settings{})
	if err != nil {
		t.Fatal(err)
	}
	variables := map[string]bool{}
	var walk func(n *kong.Node)
	walk = func(n *kong.Node) {
		for _, f := range n.Flags {
			for _, e := range f.Envs {
				variables[e] = true
			}
		}
		for _, child := range n.Children {
			walk(child)
		}
	}
	walk(parser.Model.Node)

	root := filepath.Join("..", "..")
	files := []string{filepath.Join(root, "README.md")}
	for _, dir := range []string{"deploy", "docs"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			switch filepath.Ext(path) {
			case ".md", ".yaml", ".service", "", ".example":
				if err == nil && !d.IsDir() {
					files = append(files, path)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	variable := regexp.MustCompile(`\bDOKUEI_[A-Z][A-Z0-9_]*`)
	commands := map[string]int{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(raw), "\\\n", " ") // a line that goes on
		for _, name := range variable.FindAllString(text, -1) {
			if !variables[name] {
				t.Errorf("%s: the program does not know %s", file, name)
			}
		}
		for _, line := range calls(text) {
			node, name := command(parser.Model.Node, line)
			flags := known{}
			for n := node; n != nil; n = n.Parent {
				flags.add(n)
			}
			if node.DefaultCmd != nil {
				flags.add(node.DefaultCmd)
			}
			commands[name]++
			for _, flag := range regexp.MustCompile(`(?:^| )--([a-z][a-z0-9-]*)`).FindAllStringSubmatch(line, -1) {
				if !flags[flag[1]] {
					t.Errorf("%s: `dokuei %s`: there is no --%s", file, line, flag[1])
				}
			}
		}
	}
	for _, want := range []string{"serve", "backup", "verify", "restore", "mirror", "rebuild-catalog", "ca hospital", "keys rotate"} {
		if commands[want] == 0 {
			t.Errorf("nothing was found of dokuei %s: %v", want, commands)
		}
	}
}

// calls are what follows the name of the program, to the end of the command.
func calls(text string) (list []string) {
	for _, m := range regexp.MustCompile(`(?m)(?:^ +|[`+"`"+`/]|sudo -u \w+ |&& )dokuei ([a-z][^`+"`"+`#&|\n]*)`).FindAllStringSubmatch(text, -1) {
		list = append(list, m[1])
	}
	return list
}

// command follows the words of a call as far as they are commands.
func command(n *kong.Node, line string) (_ *kong.Node, name string) {
	for word := range strings.FieldsSeq(line) {
		var next *kong.Node
		for _, child := range n.Children {
			if child.Type == kong.CommandNode && child.Name == word {
				next = child
			}
		}
		if next == nil {
			break
		}
		n, name = next, strings.TrimSpace(name+" "+word)
	}
	return n, name
}

type known map[string]bool

func (k known) add(n *kong.Node) {
	for _, f := range n.Flags {
		k[f.Name] = true
		if f.Tag.Negatable != "" {
			k["no-"+f.Name] = true
		}
	}
}
