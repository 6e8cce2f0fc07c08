package story

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// parsed is the shipped files of a package.
func parsed(t *testing.T, folder string) []*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	if len(files) == 0 {
		t.Fatalf("no file in %s", folder)
	}
	return files
}

// components are the exported functions that give a templ.Component.
func components(files []*ast.File) []string {
	var names []string
	for _, file := range files {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !f.Name.IsExported() || f.Type.Results == nil || len(f.Type.Results.List) != 1 {
				continue
			}
			if result, ok := f.Type.Results.List[0].Type.(*ast.SelectorExpr); ok && result.Sel.Name == "Component" {
				names = append(names, f.Name.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// missing names the components that have no example, or one that does not show
// them, and those of the storybook that do not exist.
func missing(wanted []string, groups []Group, calls map[[2]string]string, helpers map[string]map[string]bool) []string {
	var problems []string
	shown := map[string]bool{}
	for _, g := range groups {
		for _, c := range g.Components {
			shown[c.Name] = true
			if !slices.Contains(wanted, c.Name) {
				problems = append(problems, "ui."+c.Name+" does not exist")
			}
			if c.For == "" || len(c.Examples)+len(c.Pages) == 0 {
				problems = append(problems, "ui."+c.Name+" has no words or no example")
			}
			var states []string
			for _, e := range c.Examples {
				states = append(states, e.State)
			}
			for _, w := range c.Pages {
				states = append(states, w.State)
			}
			if found := slices.ContainsFunc(states, func(s string) bool { return isCalled(c.Name, calls[[2]string{c.Name, s}], helpers) }); !found {
				problems = append(problems, "no example of ui."+c.Name+" calls it")
			}
			for _, s := range states {
				if calls[[2]string{c.Name, s}] == "" {
					problems = append(problems, "ui."+c.Name+", "+s+": the call was not found in the source")
				}
			}
		}
	}
	for _, name := range wanted {
		if !shown[name] {
			problems = append(problems, "ui."+name+" is not in the storybook")
		}
	}
	return problems
}

// isCalled tells whether a call is one of a component: its own, or of a
// function of this package that calls it.
func isCalled(component, call string, helpers map[string]map[string]bool) bool {
	if strings.Contains(call, "ui."+component+"(") {
		return true
	}
	for name, calls := range helpers {
		if calls[component] && strings.Contains(call, name+"(") {
			return true
		}
	}
	return false
}

// callsOfUI are the names of package ui that each function of this package uses.
func callsOfUI(files []*ast.File) map[string]map[string]bool {
	found := map[string]map[string]bool{}
	for _, file := range files {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				found[f.Name.Name] = used(f, "ui")
			}
		}
	}
	return found
}

func TestEveryComponentIsThere(t *testing.T) {
	wanted := components(parsed(t, "../ui"))
	if len(wanted) < 40 {
		t.Fatalf("only %d components were found: %v", len(wanted), wanted)
	}
	texts, err := calls()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range missing(wanted, Groups(now), texts, callsOfUI(parsed(t, "."))) {
		t.Error(problem)
	}
	states := 0
	for _, g := range Groups(now) {
		for _, c := range g.Components {
			states += len(c.Examples) + len(c.Pages)
		}
	}
	t.Logf("measured: %d components in %d states", len(wanted), states)
}

// The check above can fail: of this list one is missing, one is shown by
// another's name, and one is gone.
func TestMissingComponentsAreNamed(t *testing.T) {
	texts := map[[2]string]string{{"Shown", "x"}: "ui.Shown()", {"Wrong", "x"}: "ui.Shown()", {"Gone", "x"}: "ui.Gone()", {"Helped", "x"}: "helper(1)"}
	example := []Example{{"x", text("")}}
	groups := []Group{{Components: []Component{{Name: "Shown", For: "a", Examples: example}, {Name: "Wrong", For: "a", Examples: example}, {Name: "Gone", For: "a", Examples: example}, {Name: "Helped", For: "a", Examples: example}}}}
	got := strings.Join(missing([]string{"Forgotten", "Helped", "Shown", "Wrong"}, groups, texts, map[string]map[string]bool{"helper": {"Helped": true}}), "\n")
	if want := "no example of ui.Wrong calls it\nui.Gone does not exist\nui.Forgotten is not in the storybook"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// words are the constants of these types in a package.
func words(files []*ast.File, types ...string) []string {
	var names []string
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok {
				if kind, ok := spec.Type.(*ast.Ident); ok && slices.Contains(types, kind.Name) {
					for _, name := range spec.Names {
						if name.IsExported() {
							names = append(names, name.Name)
						}
					}
				}
			}
			return true
		})
	}
	return names
}

// used are the names of a package that a piece of source uses.
func used(source ast.Node, library string) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(source, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == library {
				names[s.Sel.Name] = true
			}
		}
		return true
	})
	return names
}

// Every word that a status, a comparison or a verdict can be is among the
// examples, and every kind of notice.
func TestEveryWordIsThere(t *testing.T) {
	list := words(parsed(t, "../../rules/status"), "Status", "Shown", "Verdict", "Family")
	if len(list) < 25 {
		t.Fatalf("only %d words were found: %v", len(list), list)
	}
	shown, kinds := map[string]bool{}, map[string]bool{}
	for _, file := range parsed(t, ".") {
		maps.Copy(shown, used(file, "status"))
		maps.Copy(kinds, used(file, "ui"))
	}
	for _, name := range list {
		if !shown[name] {
			t.Errorf("no example has status.%s", name)
		}
	}
	for _, name := range []string{"Info", "Warn", "Alarm", "Good"} {
		if !kinds[name] {
			t.Errorf("no example has a notice of the kind ui.%s", name)
		}
	}
}

// keysOf are the texts that are keys of a table of package ui.
func keysOf(t *testing.T, table string) []string {
	t.Helper()
	var keys []string
	for _, file := range parsed(t, "../ui") {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || spec.Names[0].Name != table {
				return true
			}
			for _, e := range spec.Values[0].(*ast.CompositeLit).Elts {
				if key, ok := e.(*ast.KeyValueExpr).Key.(*ast.BasicLit); ok {
					text, err := strconv.Unquote(key.Value)
					if err != nil {
						t.Fatal(err)
					}
					keys = append(keys, text)
				}
			}
			return false
		})
	}
	return keys
}

func TestEveryIconIsThere(t *testing.T) {
	texts, err := calls()
	if err != nil {
		t.Fatal(err)
	}
	icons := keysOf(t, "icons")
	if len(icons) == 0 {
		t.Fatal("no icon was found")
	}
	for _, name := range icons {
		if !slices.Contains(slices.Collect(maps.Values(texts)), `ui.Icon("`+name+`")`) {
			t.Errorf("no example has the icon %s", name)
		}
	}
}
