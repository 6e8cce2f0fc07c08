package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drover/models"
	"drover/rules/definition"
	"drover/rules/status"
)

// exported is all definitions as YAML, as the holder of the token gets them.
func (w *world) exported(query string) string {
	w.t.Helper()
	r := w.do(request{path: "/tests/-/file/definitions.yaml" + query, cookies: w.signedIn()})
	body := text(w.t, r)
	if r.StatusCode != 200 || !strings.Contains(r.Header.Get("Content-Disposition"), "definitions.yaml") {
		w.t.Fatalf("the export: %d %.300s", r.StatusCode, body)
	}
	return body
}

// sends files by name as a program does; base is that of a plan.
func (w *world) sends(verb, base string, files ...string) (int, string, definition.Plan) {
	w.t.Helper()
	in := map[string]any{"base": base}
	names, texts := []string{}, []string{}
	for i := 0; i < len(files); i += 2 {
		names, texts = append(names, files[i]), append(texts, files[i+1])
	}
	in["names"], in["texts"] = names, texts
	body, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	r := w.api("/tests/-/file/-/actions/"+verb, string(body))
	answer := text(w.t, r)
	var read struct{ Data definition.Plan }
	if err := json.Unmarshal([]byte(answer), &read); err != nil {
		w.t.Fatalf("%v in %.300s", err, answer)
	}
	return r.StatusCode, answer, read.Data
}

// words are the changes of a plan, one a line.
func words(p definition.Plan) string {
	var b strings.Builder
	for _, c := range p.Changes {
		fmt.Fprintf(&b, "%s %s new=%t", c.Kind, c.Name, c.New)
		for _, d := range c.Differences {
			fmt.Fprintf(&b, " %s:%q>%q", d.Key, d.Before, d.After)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// What is taken out and put in again changes nothing, and what is changed in it
// changes that alone.
func TestExportAndApply(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tx(func(tx *models.Tx) error {
			for _, s := range []models.TestSet{{Name: "mm", Description: "Memory"}, {Name: "all", Includes: "mm"}} {
				if _, err := tx.PutTestSet(s); err != nil {
					return err
				}
			}
			return nil
		})
		for _, query := range []string{"", "?editions=1"} {
			code, answer, plan := w.sends("apply", "", "all.yaml", w.exported(query))
			if code != 200 || len(plan.Changes) != 0 || len(plan.Absent) != 0 || len(plan.Unchanged) < 6 {
				t.Fatalf("export and apply%s: %d\n%s%.2000s", query, code, words(plan), answer)
			}
		}
		before := w.audited()
		const file = `trees:
  net-next:
    url: https://git.example.org/net-next.git
    branches: [main]
    builds: tinyconfig
    trusted: true
    mail: [list netdev@example.org]
    lists_agreed: true
  fresh:
    url: https://git.example.org/fresh.git
sets:
  mm: {description: Memory management}
  kept: mine
tests:
  mm/slow:
    description: slow
    owners: ["Tomas <tomas@example.org>"]
    command: make slow
    timeout: 9m
    trees: [net-next, fresh]
    sets: [mm, kept]
    when: {paths: [mm/]}
  mm/new:
    command: make new
    trees: [fresh]
`
		code, _, plan := w.sends("plan", "", "team.yaml", file)
		if code != 200 || w.audited() != before {
			t.Fatalf("the plan: %d, %d entries in the audit", code, w.audited()-before)
		}
		for _, want := range []string{
			"tree net-next new=false", `branches:"main\nfor-*">"main"`, `builds:"defconfig">"tinyconfig"`, `mail:"asha@example.com\nlist netdev@example.org">"list netdev@example.org"`,
			"tree fresh new=true", `set mm new=false description:"Memory">"Memory management"`, "set kept new=true", "test mm/new new=true", "test mm/slow new=false", `timeout:`, `when:"">"paths:`, `trees:"net-next">"fresh\nnet-next"`,
		} {
			if !strings.Contains(words(plan), want) {
				t.Errorf("no %s in the plan:\n%s", want, words(plan))
			}
		}
		if !strings.Contains(fmt.Sprint(plan.Absent), "{tree quiet}") || !strings.Contains(fmt.Sprint(plan.Absent), "{set all}") {
			t.Errorf("not in the file: %v", plan.Absent)
		}
		if code, answer, _ := w.sends("apply", "other", "team.yaml", file); code != http.StatusConflict || !strings.Contains(answer, "test mm/slow") || w.audited() != before {
			t.Errorf("another plan: %d %.500s", code, answer)
		}
		if code, answer, _ := w.sends("apply", plan.Base, "team.yaml", file); code != 200 {
			t.Fatalf("%d %.1000s\n%s", code, answer, w.lastError())
		}
		if n := w.audited() - before; n != 6 {
			t.Errorf("%d entries in the audit of 6 changes", n)
		}
		slow, err := w.s.TestByPath("mm/slow")
		if err != nil || slow.Edition != 2 || slow.State != w.tests["mm/slow"].State || slow.Command != "make slow" {
			t.Errorf("%+v %v", slow, err)
		}
		if page := w.get("/tests/mm/slow/-/versions", 200); !strings.Contains(page, "make slow") {
			t.Error("the editions do not have it")
		}
		tree, err := w.s.TreeByName("fresh")
		if err != nil || tree.State != status.TreeRehearsal {
			t.Errorf("a new tree: %+v %v", tree, err)
		}
		if builds, err := w.s.TreeBuilds(w.tree.ID); err != nil || len(builds) != 1 || builds[0].Config != "tinyconfig" {
			t.Errorf("%+v %v", builds, err)
		}
		if code, _, plan := w.sends("plan", "", "team.yaml", file); code != 200 || len(plan.Changes) > 0 {
			t.Errorf("applied twice: %d\n%s", code, words(plan))
		}
	})
}

// Every mistake of files is told with its file, line and column, and then
// nothing is stored.
func TestFilesThatAreRefused(t *testing.T) {
	w := quick(t)
	w.as("ola")
	ola := w.userCalled("Ola")
	w.tx(func(tx *models.Tx) error {
		_, err := tx.PutTestSet(models.TestSet{Name: "outer", Includes: "inner"})
		return err
	})
	before := w.exported("")
	for _, c := range []struct {
		name  string
		files []string
		want  string
	}{
		{"a misspelt key", []string{"a.yaml", "tests:\n  a:\n    comand: x\n"}, "line 3, column 5: `comand`: did you mean `command`?"},
		{"two files of one test", []string{"a.yaml", "tests: {a: {command: x}}", "b.yaml", "\ntests: {a: {command: y}}"}, `"b.yaml":"line 2, column 9: there are two tests of the name \"a\": a.yaml line 1, and b.yaml line 2"`},
		{"a circle", []string{"a.yaml", "sets:\n  a: [b]\n  b: [a]\n"}, "sets include each other in a circle: a, b, a"},
		{"a circle with what is stored", []string{"a.yaml", "sets:\n  inner: [outer]\n"}, "line 2, column 3: with the sets that are stored, sets include each other in a circle"},
		{"an unknown set", []string{"a.yaml", "tests:\n  a: {command: x, sets: [oute]}\n"}, `no set is called \"oute\": did you mean outer?`},
		{"an unknown tree", []string{"a.yaml", "tests:\n  a: {command: x, trees: [net-nex]}\n"}, `line 2, column 19: no tree is called \"net-nex\": did you mean net-next?`},
		{"a case", []string{"a.yaml", "tests:\n  kunit/list/add: {command: x}\n"}, "kunit/list/add is a case of another test"},
		{"a reserved name", []string{"a.yaml", "tests:\n  new: {command: x}\n"}, "line 2, column 3"},
		{"another address", []string{"a.yaml", "trees:\n  net-next: {url: 'https://git.example.org/x.git'}\n"}, "the address of a tree stays"},
		{"tests of a tree", []string{"a.yaml", "tree: b\nurl: https://git.example.org/x.git\ntests: [mm/slow]\n"}, "line 3, column 1: here the tests say where they run"},
		{"a list that did not agree", []string{"a.yaml", "trees:\n  t: {url: 'https://git.example.org/x.git', mail: [list a@example.org]}\n"}, "a list gets reports only if it agreed to"},
		{"a build", []string{"a.yaml", "trees:\n  t: {url: 'https://git.example.org/x.git', builds: all}\n"}, `line 2, column 45: \"all\" is none of defconfig`},
		{"a state", []string{"a.yaml", "tests:\n  mm/slow: {command: x, state: blocking}\n"}, "line 2, column 25: a test that is trial cannot become blocking"},
		{"nothing", nil, "give the text of a file"},
	} {
		code, answer, _ := w.sends("apply", "", c.files...)
		if code != http.StatusUnprocessableEntity || !strings.Contains(answer, c.want) {
			t.Errorf("%s: %d, no %s in %.700s", c.name, code, c.want, answer)
		}
	}
	w.tx(func(tx *models.Tx) error { return tx.Block(ola.ID, true) })
	if code, answer, _ := w.sends("apply", "", "a.yaml", "tests:\n  mm/slow: {command: x, owners: ["+ola.Email+"]}\n"); ola.Email == "" || code != 422 || !strings.Contains(answer, "was blocked from this site: name somebody else") {
		t.Errorf("an owner who is gone: %d %.500s", code, answer)
	}
	if after := w.exported(""); after != before {
		t.Error(cmp.Diff(before, after))
	}
	if r := w.do(request{path: "/tests/-/file/definitions.yaml"}); r.StatusCode != http.StatusSeeOther {
		t.Errorf("a visitor takes addresses out: %d", r.StatusCode)
	}
}

// A file that was written on an edition is not put on top of another one.
func TestFileOfAnOldEdition(t *testing.T) {
	w := quick(t)
	file := "tests:\n  mm/slow:\n    command: make slow\n    timeout: 9m\n"
	if code, answer, _ := w.sends("apply", "", "a.yaml", file); code != 200 {
		t.Fatal(answer)
	}
	based := file + "    description: mine\n    edition: 2\n"
	if r := w.post("/tests/mm/slow/-/actions/definition", "command=make+slow&format=ktap&timeout=8m"); r.StatusCode != 303 {
		t.Fatalf("%d", r.StatusCode)
	}
	code, answer, _ := w.sends("apply", "", "a.yaml", based)
	if code != 422 || !strings.Contains(answer, `line 6, column 5: the file was written on edition 2, and edition 3 is stored`) || !strings.Contains(answer, `timeout became \"8m\", before \"9m\"`) {
		t.Errorf("%d %s", code, answer)
	}
	if code, answer, _ := w.sends("apply", "", "a.yaml", strings.Replace(based, "edition: 2", "edition: 3", 1)); code != 200 {
		t.Errorf("%d %s", code, answer)
	}
}

// A person pastes a text, or chooses a file, sees the plan and applies it.
func TestDefinitionsPage(t *testing.T) {
	w := quick(t)
	const file = "tests:\n  mm/slow:\n    command: make <b>slow\n"
	form := url.Values{"text": {file}}
	r := w.post("/tests/-/file/-/actions/plan", form.Encode())
	body := text(t, r)
	if r.StatusCode != 200 || !strings.Contains(body, "0 would be added, 1 changed") || !strings.Contains(body, "make &lt;b&gt;slow") {
		t.Fatalf("%d %.3000s", r.StatusCode, body)
	}
	_, rest, _ := strings.Cut(body, `name="base" value="`)
	base, _, _ := strings.Cut(rest, `"`)
	if r := w.post("/tests/mm/slow/-/actions/definition", "command=true&format=exit&timeout=8m"); r.StatusCode != 303 {
		t.Fatalf("%d", r.StatusCode)
	}
	form.Set("base", base)
	r = w.post("/tests/-/file/-/actions/apply", form.Encode())
	if body := text(t, r); r.StatusCode != http.StatusConflict || !strings.Contains(body, "this is the plan as it would be now") || !strings.Contains(body, "make &lt;b&gt;slow") {
		t.Errorf("changed meanwhile: %d %.1000s", r.StatusCode, body)
	}
	upload := "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.yaml\"\r\n\r\n" + file + "\r\n--x--\r\n"
	r = w.do(request{method: "POST", path: "/tests/-/file/-/actions/apply", body: upload, cookies: w.signedIn(),
		header: map[string]string{"Content-Type": "multipart/form-data; boundary=x", "Sec-Fetch-Site": "same-origin", "Origin": "http://" + host}})
	if got, err := w.s.TestByPath("mm/slow"); r.StatusCode != 303 || err != nil || got.Command != "make <b>slow" {
		t.Errorf("%d %q %v", r.StatusCode, got.Command, err)
	}
	r = w.post("/tests/-/file/-/actions/plan", url.Values{"text": {"tests: {a: {comand: x}}"}}.Encode())
	if body := text(t, r); r.StatusCode != 422 || !strings.Contains(body, "did you mean `command`?") {
		t.Errorf("%d %.1000s", r.StatusCode, body)
	}
	r = w.post("/tests/-/file/-/actions/plan", "text="+strings.Repeat("a", 1<<21))
	if r.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("two megabytes: %d", r.StatusCode)
	}
}
