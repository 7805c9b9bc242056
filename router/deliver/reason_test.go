package deliver

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Every text by which a delivery tells why it was not taken has a name, and every name
// its words on the pages of both languages.
func TestEveryReasonIsNamed(t *testing.T) {
	t.Parallel()
	texts := 0
	for _, dir := range []string{".", filepath.Join("..", "..", "reports", "dispatch")} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				kv, ok := n.(*ast.KeyValueExpr)
				if !ok {
					return true
				}
				key, ok := kv.Key.(*ast.Ident)
				if !ok || !strings.EqualFold(key.Name, "reason") {
					return true
				}
				text := firstText(kv.Value)
				if text == "" {
					return true // handed on
				}
				texts++
				said, _, _ := strings.Cut(text, "%")
				if name, _ := Named(strings.TrimRight(said, ": ")); name == "" {
					t.Errorf("%s: %q has no name", file.Name, text)
				}
				return true
			})
		}
	}
	if texts < 40 {
		t.Errorf("only %d texts were looked at", texts)
	}
	seen := map[string]bool{}
	for _, language := range []string{"ja", "en"} {
		words, err := os.ReadFile(filepath.Join("..", "..", "viewer", "web", "src", "i18n", language+".later.ts"))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range reasons {
			if !strings.Contains(string(words), fmt.Sprintf("'delivery.reason.%s': ", r.name)) {
				t.Errorf("%s has no words for %s", language, r.name)
			}
			if seen[language+r.name] {
				t.Errorf("two reasons are named %s", r.name)
			}
			seen[language+r.name] = true
		}
	}
}

// firstText is the literal that a text begins with, "" where it has none.
func firstText(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, _ := strconv.Unquote(e.Value)
		return s
	case *ast.BinaryExpr:
		return firstText(e.X)
	case *ast.CallExpr:
		if len(e.Args) > 0 {
			return firstText(e.Args[0])
		}
	}
	return ""
}

func TestNamed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		"the receiver does not answer: connection refused":               {"no-answer", "connection refused"},
		"the receiver does not accept objects of the kind Basic Text SR": {"kind", "Basic Text SR"},
		"the receiver refused the message: AR":                           {"ack-refused", "AR"},
		"the receiver was too slow: the attempt was given up":            {"too-slow", ""},
		"the receiver did not take the objection":                        {"", "the receiver did not take the objection"},
		"the destination was taken out of the site file":                 {"", "the destination was taken out of the site file"},
		"": {"", ""},
	} {
		if name, detail := Named(text); name != want[0] || detail != want[1] {
			t.Errorf("%q is %q, %q", text, name, detail)
		}
	}
}
