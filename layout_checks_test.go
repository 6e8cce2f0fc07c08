package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// module is the beginning of the import paths that are ours.
const module = "drover/"

// sourceFile is one Go file of the project, parsed.
type sourceFile struct {
	path      string // from the top of the project, with slashes
	folder    string // its package's folder, "" for main
	room      string // the key of mayImport, "" when the folder is in no room
	test      bool   // a test file, or any file of a package that serves tests
	shipped   bool   // not a _test.go file
	generated bool
	lines     int
	syntax    *ast.File
	positions *token.FileSet
	imports   map[string]string // import path by the name it has in this file
}

// layoutCheck is one rule: find gives a line for each place that breaks it.
type layoutCheck struct {
	name string
	find func(files []sourceFile) []string
}

var checks = []layoutCheck{
	{"imports", eachFile(importsOfOurs)},
	{"libraries", eachFile(librariesAtHome)},
	{"purity", eachFile(pureImports)},
	{"places", eachFile(thingsAtHome)},
	{"init", eachFile(noInit)},
	{"transport", eachFile(oneTransport)},
	{"names", eachFile(tellingNames)},
	{"comments", packageComments},
	{"length", eachFile(shortEnough)},
}

func checkNamed(t *testing.T, name string) layoutCheck {
	t.Helper()
	at := slices.IndexFunc(checks, func(check layoutCheck) bool { return check.name == name })
	if at < 0 {
		t.Fatalf("no check is called %q", name)
	}
	return checks[at]
}

func eachFile(find func(sourceFile) []string) func([]sourceFile) []string {
	return func(files []sourceFile) (findings []string) {
		for _, file := range files {
			for _, finding := range find(file) {
				findings = append(findings, file.path+": "+finding)
			}
		}
		return findings
	}
}

// importsOfOurs checks the import table. Main's tests prove the whole, so main may import everything.
func importsOfOurs(file sourceFile) (findings []string) {
	allowed, known := mayImport[file.room]
	if !known {
		return []string{"is in no room of the import table"}
	}
	for _, target := range sortedImports(file) {
		ours, found := strings.CutPrefix(target, module)
		if !found || sameClient(file.folder, ours) {
			continue
		}
		if !file.test && servesTests(ours) {
			findings = append(findings, target+" is for tests only")
		}
		if !slices.Contains(allowed, roomOf(ours)) {
			findings = append(findings, fmt.Sprintf("%s must not import %s", file.room, target))
		}
	}
	return findings
}

// sameClient: a client may be split into packages, for instance for its double.
func sameClient(folder, target string) bool {
	one, other := strings.Split(folder, "/"), strings.Split(target, "/")
	return len(one) > 1 && len(other) > 1 && one[0] == "clients" && other[0] == "clients" && one[1] == other[1]
}

// servesTests: a package named as net/http/httptest is, and the benchmarks are.
func servesTests(folder string) bool {
	name := path.Base(folder)
	return strings.HasSuffix(name, "test") && name != "test" || name == "bench"
}

func librariesAtHome(file sourceFile) (findings []string) {
	for _, target := range sortedImports(file) {
		first, _, _ := strings.Cut(target, "/")
		if strings.HasPrefix(target, module) || !strings.Contains(first, ".") {
			continue // ours, or the standard library
		}
		rooms, known := homeOf(target)
		switch {
		case !known:
			findings = append(findings, target+" has no home: give it one in homes")
		case file.test:
		case !slices.Contains(rooms, file.room) && !slices.Contains(rooms, file.folder):
			findings = append(findings, target+" is at home in "+strings.Join(rooms, ", "))
		}
	}
	return findings
}

func homeOf(library string) (rooms []string, known bool) {
	for prefix, rooms := range homes {
		if strings.HasPrefix(library+"/", strings.TrimSuffix(prefix, "/")+"/") || strings.HasPrefix(library, prefix) {
			return rooms, true
		}
	}
	return nil, false
}

func pureImports(file sourceFile) (findings []string) {
	if file.test || !slices.Contains(pure, file.room) {
		return nil
	}
	for _, target := range sortedImports(file) {
		for _, name := range impure {
			if target == name || strings.HasSuffix(name, "/") && strings.HasPrefix(target, name) {
				findings = append(findings, target+" in a pure room")
				break
			}
		}
	}
	return findings
}

// thingsAtHome checks the uses of the names in places, by whatever name the package is imported.
func thingsAtHome(file sourceFile) (findings []string) {
	for _, use := range usesOf(file) {
		at := slices.IndexFunc(places, func(home place) bool { return home.name == use.name || home.name == use.library+".*" })
		if at < 0 {
			continue
		}
		home := places[at]
		if file.test && (home.tests || home.name == "time.Sleep" && sleepsOnFalseClock(file)) {
			continue
		}
		if slices.Contains(home.rooms, file.room) || slices.Contains(home.rooms, file.path) {
			continue
		}
		findings = append(findings, fmt.Sprintf("line %d uses %s, which is at home in %v", use.line, use.name, home.rooms))
	}
	return findings
}

// sleepsOnFalseClock: inside testing/synctest a sleep takes no time and waits for nobody.
func sleepsOnFalseClock(file sourceFile) bool {
	return slices.Contains(sortedImports(file), "testing/synctest")
}

// use is one mention of a name of an imported package.
type use struct {
	library, name string
	line          int
}

func usesOf(file sourceFile) (uses []use) {
	ast.Inspect(file.syntax, func(node ast.Node) bool {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		name, ok := selector.X.(*ast.Ident)
		// The parser resolves names of the file itself; a package's name is left unresolved.
		if !ok || name.Obj != nil {
			return true
		}
		if library, imported := file.imports[name.Name]; imported {
			uses = append(uses, use{library, library + "." + selector.Sel.Name, file.positions.Position(selector.Pos()).Line})
		}
		return true
	})
	return uses
}

func noInit(file sourceFile) (findings []string) {
	for _, function := range functionsOf(file) {
		if function.Recv == nil && function.Name.Name == "init" {
			findings = append(findings, "has a func init: wire it in main")
		}
	}
	return findings
}

func oneTransport(file sourceFile) (findings []string) {
	if file.test || file.path == "clients/transport.go" {
		return nil
	}
	for _, function := range functionsOf(file) {
		if function.Recv != nil && function.Name.Name == "RoundTrip" {
			findings = append(findings, "has a RoundTrip: clients/transport.go is the only http.RoundTripper")
		}
	}
	return findings
}

func tellingNames(file sourceFile) (findings []string) {
	stem := strings.TrimSuffix(path.Base(file.path), ".go")
	words := strings.FieldsFunc(stem+"_"+file.syntax.Name.Name, func(r rune) bool { return !unicode.IsLetter(r) })
	slices.Sort(words)
	for _, word := range slices.Compact(words) {
		if slices.Contains(banned, word) {
			findings = append(findings, fmt.Sprintf("the name says %q: say what is inside", word))
		}
	}
	if file.generated {
		return findings
	}
	for _, function := range functionsOf(file) {
		rest, found := strings.CutPrefix(function.Name.Name, "Get")
		if found && (rest == "" || unicode.IsUpper([]rune(rest)[0])) {
			findings = append(findings, function.Name.Name+" begins with Get: name what it gives")
		}
	}
	return findings
}

// packageComments wants one for each package, beginning as Go's own tools expect it.
func packageComments(files []sourceFile) (findings []string) {
	comments, names := map[string]string{}, map[string]string{}
	var folders []string
	for _, file := range files {
		if !file.shipped {
			continue
		}
		if _, seen := names[file.folder]; !seen {
			folders = append(folders, file.folder)
		}
		names[file.folder] = file.syntax.Name.Name
		if file.syntax.Doc != nil && !file.generated {
			comments[file.folder] = file.syntax.Doc.Text()
		}
	}
	for _, folder := range folders {
		comment, name := comments[folder], names[folder]
		switch {
		case comment == "":
			findings = append(findings, fmt.Sprintf("package %s (%s) has no package comment", name, folder))
		case name != "main" && !strings.HasPrefix(comment, "Package "+name+" "):
			findings = append(findings, fmt.Sprintf("the comment of %s must begin with \"Package %s \"", folder, name))
		}
	}
	return findings
}

func shortEnough(file sourceFile) []string {
	if !file.shipped || file.generated || file.lines <= longest || longer[file.path] != "" {
		return nil
	}
	return []string{fmt.Sprintf("has %d lines, %d are the most: it does two things", file.lines, longest)}
}

// readProject parses every Go file of every package that go list finds, whatever its build tags.
func readProject(t *testing.T) (files []sourceFile) {
	t.Helper()
	command := exec.Command("go", "list", "-e", "-json=Dir", "./...")
	var problems bytes.Buffer
	command.Stderr = &problems
	output, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, problems.String())
	}
	top, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var listed struct{ Dir string }
		if err := decoder.Decode(&listed); errors.Is(err, io.EOF) {
			return files
		} else if err != nil {
			t.Fatalf("reading go list: %v", err)
		}
		files = append(files, readFolder(t, top, listed.Dir)...)
	}
}

func readFolder(t *testing.T, top, folder string) (files []sourceFile) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		relative, err := filepath.Rel(top, name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parseFile(filepath.ToSlash(relative), text)
		if err != nil {
			t.Errorf("%s: %v", relative, err)
			continue
		}
		files = append(files, file)
	}
	return files
}

// parseFile reads one file; name is its path from the top of the project.
func parseFile(name string, text []byte) (sourceFile, error) {
	positions := token.NewFileSet()
	syntax, err := parser.ParseFile(positions, name, text, parser.ParseComments)
	if err != nil {
		return sourceFile{}, err
	}
	folder := path.Dir(name)
	if folder == "." {
		folder = ""
	}
	file := sourceFile{
		path: name, folder: folder, room: roomOf(folder), syntax: syntax, positions: positions,
		test:      strings.HasSuffix(name, "_test.go") || servesTests(folder),
		shipped:   !strings.HasSuffix(name, "_test.go"),
		generated: ast.IsGenerated(syntax),
		lines:     bytes.Count(text, []byte("\n")),
		imports:   map[string]string{},
	}
	for _, spec := range syntax.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return sourceFile{}, fmt.Errorf("import %s: %w", spec.Path.Value, err)
		}
		file.imports[importName(spec, target)] = target
	}
	return file, nil
}

// importName is the name a package has in a file. Blank imports get a key of their own each.
func importName(spec *ast.ImportSpec, target string) string {
	if spec.Name != nil && spec.Name.Name != "_" && spec.Name.Name != "." {
		return spec.Name.Name
	}
	if spec.Name != nil {
		return spec.Name.Name + " " + target
	}
	last := path.Base(target)
	// A major version at the end of a path is not part of the name: math/rand/v2 is rand.
	if number, found := strings.CutPrefix(last, "v"); found && number != "" && strings.Trim(number, "0123456789") == "" {
		return path.Base(path.Dir(target))
	}
	return last
}

// roomOf gives the room of a folder or of an import path without the module, "" if there is none.
func roomOf(folder string) string {
	first, _, below := strings.Cut(folder, "/")
	switch {
	case folder == "":
		return "main"
	case first == "clients" && below:
		return "clients/*"
	case folder == "views/mail" || folder == "views/route":
		return folder
	}
	if _, known := mayImport[first]; known && first != "main" {
		return first
	}
	return ""
}

func functionsOf(file sourceFile) (functions []*ast.FuncDecl) {
	for _, declaration := range file.syntax.Decls {
		if function, ok := declaration.(*ast.FuncDecl); ok {
			functions = append(functions, function)
		}
	}
	return functions
}

func sortedImports(file sourceFile) []string {
	targets := make([]string, 0, len(file.imports))
	for _, target := range file.imports {
		targets = append(targets, target)
	}
	slices.Sort(targets)
	return targets
}
