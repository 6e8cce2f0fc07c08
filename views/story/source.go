package story

import (
	"embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"strconv"
	"strings"
	"sync"
)

// The examples are shown beside the call that makes them. It is read from the
// source of this package, so it is the call that was made.
//
//go:embed *.go
var source embed.FS

// calls are the texts of all examples by component and state, read once.
var calls = sync.OnceValues(func() (map[[2]string]string, error) { return readCalls(source) })

// readCalls finds the examples in every file.
func readCalls(files fs.FS) (map[[2]string]string, error) {
	names, err := fs.Glob(files, "*.go")
	if err != nil {
		return nil, fmt.Errorf("list the sources of the storybook: %w", err)
	}
	found := map[[2]string]string{}
	for _, name := range names {
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read the sources of the storybook: %w", err)
		}
		positions := token.NewFileSet()
		syntax, err := parser.ParseFile(positions, name, body, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("parse the sources of the storybook: %w", err)
		}
		ast.Inspect(syntax, func(n ast.Node) bool {
			if component, ok := n.(*ast.CompositeLit); ok {
				readComponent(component, func(component, state string, from, to token.Pos) {
					found[[2]string{component, state}] = unindented(string(body[positions.Position(from).Offset:positions.Position(to).Offset]))
				})
			}
			return true
		})
	}
	return found, nil
}

// readComponent tells the places of the examples of {Name: …, Examples: …}. The
// last element of an example is what makes it, the one before it its state.
func readComponent(literal *ast.CompositeLit, tell func(component, state string, from, to token.Pos)) {
	name := ""
	for _, element := range literal.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			return
		}
		key, _ := pair.Key.(*ast.Ident)
		list, isList := pair.Value.(*ast.CompositeLit)
		switch {
		case key != nil && key.Name == "Name":
			name = literalText(pair.Value)
		case key != nil && isList && (key.Name == "Examples" || key.Name == "Pages"):
			for _, e := range list.Elts {
				if example, ok := e.(*ast.CompositeLit); ok && len(example.Elts) > 1 {
					last := example.Elts[len(example.Elts)-1]
					tell(name, literalText(example.Elts[len(example.Elts)-2]), last.Pos(), last.End())
				}
			}
		}
	}
}

// literalText is the text in quotes, "" for anything else.
func literalText(e ast.Expr) string {
	literal, ok := e.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return ""
	}
	text, err := strconv.Unquote(literal.Value)
	if err != nil {
		return "" // the parser takes no such literal
	}
	return text
}

// unindented takes the tabs away that all lines after the first one have.
func unindented(code string) string {
	lines := strings.Split(code, "\n")
	least := len(code)
	for _, l := range lines[1:] {
		if trimmed := strings.TrimLeft(l, "\t"); trimmed != "" {
			least = min(least, len(l)-len(trimmed))
		}
	}
	for i, l := range lines[1:] {
		lines[i+1] = l[min(least, len(l)):]
	}
	return strings.Join(lines, "\n")
}
