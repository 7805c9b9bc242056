package rule

import (
	"errors"
	"fmt"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/order"
)

// Limits of an expression: what it may cost is bounded before it runs, and so is
// the memory of running it.
const (
	MaxExpression = 2000 // characters
	maxNodes      = 300
	maxNesting    = 2 // any(series, any(series, …))
	maxMemory     = 100_000
	maxSeries     = 64 // that an expression sees
)

// facts are what an expression can ask.
type facts struct {
	Study    studyFacts                 `expr:"study"`
	Series   []Series                   `expr:"series"`
	Request  requestFacts               `expr:"request"`
	Hospital hospitalFacts              `expr:"hospital"`
	Says     func(words ...string) bool `expr:"says"`
}

type studyFacts struct {
	Modalities  []string `expr:"modalities"`
	BodyParts   []string `expr:"body_parts"`
	Description string   `expr:"description"`
	Age         int      `expr:"age"` // years; -1 when it is not known
	Sex         string   `expr:"sex"`
	Images      int      `expr:"images"`
}

type requestFacts struct {
	Priority  string    `expr:"priority"` // STAT, URGENT, ROUTINE
	Text      string    `expr:"text"`
	Procedure string    `expr:"procedure"` // JJ1017 code
	JJ1017    codeFacts `expr:"jj1017"`    // its parts
}

// codeFacts are the parts of a JJ1017 code (order.JJ1017); empty when it is another code.
type codeFacts struct {
	Modality  string `expr:"modality"`
	Technique string `expr:"technique"`
	Site      string `expr:"site"`
	Side      string `expr:"side"`
	Posture   string `expr:"posture"`
	Direction string `expr:"direction"`
}

type hospitalFacts struct {
	ID   string `expr:"id"`
	Mode string `expr:"mode"`
	Open bool   `expr:"open"` // within its opening hours
}

// ExpressionError says what is wrong with an expression.
type ExpressionError struct{ Reason string }

func (e *ExpressionError) Error() string { return "rule: expression: " + e.Reason }

// conjunct is one part of an expression that must hold.
type conjunct struct {
	text    string
	program *vm.Program
}

var options = []expr.Option{
	expr.Env(facts{}), expr.AsBool(), expr.MaxNodes(maxNodes), expr.DisableAllBuiltins(),
	expr.EnableBuiltin("len"), expr.EnableBuiltin("any"), expr.EnableBuiltin("all"), expr.EnableBuiltin("none"), expr.EnableBuiltin("one"),
	expr.EnableBuiltin("count"), expr.EnableBuiltin("lower"), expr.EnableBuiltin("upper"), expr.EnableBuiltin("trim"),
}

// CheckExpression reports what is wrong with an expression; nil for none.
func CheckExpression(text string) error {
	_, err := compile(text)
	return err
}

// compile takes an expression apart at its outermost `and`, so that a rule that did
// not match can say which part did not hold.
func compile(text string) ([]conjunct, error) {
	if len([]rune(text)) > MaxExpression {
		return nil, &ExpressionError{fmt.Sprintf("longer than %d characters", MaxExpression)}
	}
	tree, err := parser.Parse(text)
	if err != nil {
		return nil, &ExpressionError{firstLine(err)}
	}
	cost := &cost{}
	if cost.measure(tree.Node, 0); cost.err != nil {
		return nil, cost.err
	}
	if _, err := expr.Compile(text, options...); err != nil { // first whole: places in messages are those of the text
		return nil, &ExpressionError{firstLine(err)}
	}
	var list []conjunct
	for _, node := range split(tree.Node, nil) {
		part := node.String()
		program, err := expr.Compile(part, options...)
		if err != nil {
			return nil, &ExpressionError{firstLine(err)}
		}
		list = append(list, conjunct{part, program})
	}
	return list, nil
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

func split(n ast.Node, list []ast.Node) []ast.Node {
	if b, ok := n.(*ast.BinaryNode); ok && (b.Operator == "&&" || b.Operator == "and") {
		return split(b.Right, split(b.Left, list))
	}
	return append(list, n)
}

// cost refuses what could run long: ranges, and loops within loops within loops.
type cost struct{ err error }

func (c *cost) measure(n ast.Node, loops int) {
	if c.err != nil {
		return
	}
	if loops > maxNesting {
		c.err = &ExpressionError{fmt.Sprintf("more than %d loops within each other", maxNesting)}
		return
	}
	switch x := n.(type) {
	case *ast.BinaryNode:
		if x.Operator == ".." || x.Operator == "**" || x.Operator == "^" {
			c.err = &ExpressionError{"the operator " + x.Operator + " is not allowed"}
			return
		}
		c.measure(x.Left, loops)
		c.measure(x.Right, loops)
	case *ast.UnaryNode:
		c.measure(x.Node, loops)
	case *ast.ChainNode:
		c.measure(x.Node, loops)
	case *ast.MemberNode:
		c.measure(x.Node, loops)
		c.measure(x.Property, loops)
	case *ast.SliceNode:
		c.err = &ExpressionError{"slices are not allowed"}
	case *ast.CallNode:
		c.measure(x.Callee, loops)
		c.all(x.Arguments, loops)
	case *ast.BuiltinNode:
		c.all(x.Arguments, loops)
	case *ast.PredicateNode:
		c.measure(x.Node, loops+1)
	case *ast.ConditionalNode:
		c.all([]ast.Node{x.Cond, x.Exp1, x.Exp2}, loops)
	case *ast.ArrayNode:
		c.all(x.Nodes, loops)
	case *ast.MapNode, *ast.PairNode, *ast.VariableDeclaratorNode, *ast.SequenceNode:
		c.err = &ExpressionError{"maps, variables and sequences are not allowed"}
	}
}

func (c *cost) all(list []ast.Node, loops int) {
	for _, n := range list {
		c.measure(n, loops)
	}
}

// factsOf is the subject as expressions see it.
func factsOf(s Subject, p prepared) facts {
	f := facts{
		Series: s.Series[:min(len(s.Series), maxSeries)],
		Study: studyFacts{
			Modalities: p.modalities, BodyParts: p.bodyParts, Description: s.Description, Age: -1, Sex: s.Sex, Images: s.Images,
		},
		Request:  requestFacts{Priority: string(p.priority), Text: s.Request, Procedure: s.Procedure},
		Hospital: hospitalFacts{ID: s.FacilityID, Mode: string(s.Mode), Open: s.Open},
		Says:     func(words ...string) bool { ok, _ := anyWord(p.texts, words); return ok },
	}
	if c, ok := order.ParseJJ1017(s.Procedure); ok {
		f.Request.JJ1017 = codeFacts{c.Modality, c.Technique, c.Site, c.Side, c.Posture, c.Direction}
	}
	if f.Hospital.Mode == "" {
		f.Hospital.Mode = string(worklist.ModeBoth)
	}
	if p.ageKnown {
		f.Study.Age = p.age
	}
	return f
}

// evaluate asks the parts in order. One that fails in running does not hold.
func evaluate(parts []conjunct, f facts) (bool, sentence) {
	for _, c := range parts {
		machine := vm.VM{MemoryBudget: maxMemory}
		got, err := run(&machine, c.program, f)
		if err != nil {
			return false, sentence{"式が計算できない: " + c.text, "cannot be computed: " + c.text}
		}
		if held, _ := got.(bool); !held {
			return false, sentence{"成り立たない: " + c.text, "does not hold: " + c.text}
		}
	}
	texts := make([]string, len(parts))
	for i, c := range parts {
		texts[i] = c.text
	}
	all := strings.Join(texts, ", ")
	return true, sentence{"成り立つ: " + all, "holds: " + all}
}

var errPanic = errors.New("rule: the expression ended the machine")

// run runs a program; the machine panics where its memory ends.
func run(machine *vm.VM, program *vm.Program, f facts) (got any, err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	return machine.Run(program, f)
}
