package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"drover/rules/definition"
)

// TestExportWritesFolder: a folder has a file for each tree and test, which
// together say the same.
func TestExportWritesFolder(t *testing.T) {
	const text = `trees: {net: {url: u}}
sets: {s: x}
tests:
  net/tls: {command: x, sets: [s], trees: [net]}
  net: {command: y}
`
	all, err := definition.Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "definitions")
	if err := writeFolder(folder, all); err != nil {
		t.Fatal(err)
	}
	texts, err := readTexts(folder)
	if err != nil {
		t.Fatal(err)
	}
	var parts []definition.Part
	var names []string
	for _, one := range texts {
		f, err := definition.Read(one.content)
		if err != nil {
			t.Fatalf("%s: %v", one.name, err)
		}
		parts, names = append(parts, definition.Part{Name: one.name, File: f}), append(names, strings.TrimPrefix(one.name, folder+"/"))
	}
	joined, err := definition.Join(parts...)
	if err != nil {
		t.Fatal(err)
	}
	if plan := definition.Compare(all, joined); len(plan.Changes)+len(plan.Absent) > 0 || len(plan.Unchanged) != 4 {
		t.Errorf("%+v", plan)
	}
	if got := strings.Join(names, " "); got != "sets.yaml tests/net/tls.yaml tests/net.yaml trees/net.yaml" {
		t.Error(got)
	}
	outside := definition.File{Tests: []definition.Test{{Name: "../../x", Command: "x"}}}
	if err := writeFolder(folder, outside); err == nil {
		t.Error("a name leads out of the folder")
	}
}

// TestApplyAsks: the plan is asked for with the names of the files, and applied
// with its base; a dry run does not.
func TestApplyAsks(t *testing.T) {
	var asked []string
	address := answering(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		var in struct {
			Names, Texts []string
			Base         string
		}
		if err := json.Unmarshal(body, &in); err != nil {
			t.Error(err)
		}
		asked = append(asked, r.URL.Path+" "+r.Header.Get("Authorization")+" "+strings.Join(in.Texts, "|")+" "+in.Base)
		_, _ = io.WriteString(w, `{"data":{"changes":[{"kind":"test","name":"a","new":false,"differences":[{"key":"timeout","before":"1m","after":"2m"}]}],"unchanged":[],"absent":[],"base":"b1"}}`)
	})
	folder := t.TempDir()
	file, token := filepath.Join(folder, "a.yaml"), filepath.Join(t.TempDir(), "token")
	for name, content := range map[string]string{file: "tests: {}", token: "drover_x\n"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := applyCommand{serverFlags: serverFlags{Server: "http://" + address, TokenFile: token}, DryRun: true, JSON: true, Files: []string{folder}}
	if err := command.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	command.DryRun = false
	if err := command.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	command.Plan = "b0"
	if err := command.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "Nothing was applied") {
		t.Errorf("another plan: %v", err)
	}
	plan, apply := "/tests/-/file/-/actions/plan Bearer drover_x tests: {} ", "/tests/-/file/-/actions/apply Bearer drover_x tests: {} b1"
	if want := strings.Join([]string{plan, plan, apply, plan}, "\n"); strings.Join(asked, "\n") != want {
		t.Errorf("asked\n%s\nwant\n%s", strings.Join(asked, "\n"), want)
	}
	empty := t.TempDir()
	for _, wrong := range []serverFlags{
		{Server: "http://x"}, {Server: "http://x", Token: "a", TokenFile: "b"}, {Token: "a"}, {Server: "::", Token: "a"}, {Server: "http://x", Token: " "}, {Server: "http://x", TokenFile: empty},
	} {
		if _, err := wrong.site(); err == nil {
			t.Errorf("%+v is taken", wrong)
		}
	}
	if err := writeFolder(empty, definition.File{}); err != nil {
		t.Errorf("an empty server: %v", err)
	}
}

// TestApplyRefuses: what cannot be meant ends with an error, so that a pipeline
// does not go on.
func TestApplyRefuses(t *testing.T) {
	status := http.StatusOK
	address := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"title":"Not allowed","detail":"Sign in first.","data":{"changes":[],"unchanged":[],"absent":[],"base":"b"}}`)
	})
	folder := t.TempDir()
	write := func(name, content string) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	nothing := write("nothing.yaml", "# to be written\n")
	for _, c := range []struct {
		file   string
		status int
		want   string
	}{
		{nothing, 200, "nothing is defined in"},
		{os.DevNull, 200, "nothing is defined in"},
		{t.TempDir(), 200, "holds no files of definitions"},
		{write("binary.yaml", "\xff\xfe"), 200, "binary.yaml is no text"},
		{nothing, 401, "does not take the token"},
		{nothing, 503, "Sign in first."},
	} {
		status = c.status
		command := applyCommand{serverFlags: serverFlags{Server: "http://" + address, Token: "x"}, Files: []string{c.file}}
		if err := command.Run(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %d: %v, want %q", c.file, c.status, err, c.want)
		}
	}
}

func TestPlanText(t *testing.T) {
	p := definition.Plan{
		Changes: []definition.Change{
			{Object: definition.Object{Kind: "test", Name: "a"}, New: true, Differences: []definition.Difference{{Key: "command", After: "x\n  y\n"}}},
			{Object: definition.Object{Kind: "set", Name: "b"}, Differences: []definition.Difference{{Key: "description", Before: "old"}}},
		},
		Unchanged: make([]definition.Object, 3), Absent: make([]definition.Object, 2), Base: "f00",
	}
	want := "add test a\n    command: - → x | y\nchange set b\n    description: old → -\n1 to add, 1 to change, 3 unchanged; 2 in no file, which stay as they are\nplan f00\n"
	if got := planText(p); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
