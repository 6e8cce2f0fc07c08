package server_test

import (
	"net/url"
	"strings"
	"testing"

	"drover/jobs"
	"drover/models"
	"drover/rules/definition"
	"drover/rules/status"
)

const testedURL = "https://git.example.org/net-next.git"

// beginTest posts trees, or a definition, and gives the path of the draft.
func (w *world) beginTest(form url.Values, step string) string {
	w.t.Helper()
	r := w.post("/tests/new", form.Encode())
	at, ok := strings.CutSuffix(r.Header.Get("Location"), "/"+step)
	if r.StatusCode != 303 || !ok {
		w.t.Fatalf("%d to %q: %.3000s", r.StatusCode, r.Header.Get("Location"), text(w.t, r))
	}
	return at
}

// refuses posts a form that must be shown again, with what is wrong.
func (w *world) refuses(path string, form url.Values, parts ...string) {
	w.t.Helper()
	r := w.post(path, form.Encode())
	body := text(w.t, r)
	for _, part := range parts {
		if r.StatusCode != 422 || !strings.Contains(body, part) {
			w.t.Errorf("%s: %d, without %q", path, r.StatusCode, part)
		}
	}
}

func (w *world) defined(path string) (models.Test, definition.Test) {
	w.t.Helper()
	stored, err := w.s.TestByPath(path)
	if err != nil {
		w.t.Fatal(err)
	}
	d, err := w.s.DefinitionOf(stored)
	if err != nil {
		w.t.Fatal(err)
	}
	return stored, d
}

func TestWizardOfTests(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.has("/tests/new", "Which trees run it?", `value="net-next"`)
		at := w.beginTest(url.Values{"trees": {"net-next"}}, "where")
		w.has(at+"/where", "Reading a few files of main", `http-equiv="refresh"`)
		w.answer(jobs.LookupFiles, jobs.FilesKey(testedURL, "main"), strings.Replace(wizardFiles, `"selftests":["net","mm"]`, `"selftests":["net","mm"],"kunit":["lib/kunit","fs/$(id)"]`, 1))
		w.has(at+"/where", "Found in net-next, branch main", "tools/testing/selftests/Makefile", "kselftest: mm", "KUnit suites of lib/kunit")
		if body := text(t, w.do(request{path: at + "/where", cookies: w.signedIn()})); strings.Contains(body, "KUnit suites of fs/") {
			t.Error("a folder that a shell would run is offered")
		}
		w.refuses(at+"/where", url.Values{"what": {"kselftest ; id"}, "trees": {"net-next", "nope"}, "code": {"../x"}}, "write the command", "a name is needed", "no tree is called", "is not a path in the tree")
		// What was found brings its name, its code and its command along.
		w.step(at, "where", "needs", url.Values{"what": {"kselftest net"}, "trees": {"net-next"}})
		w.has(at+"/where", `value="kselftest/net"`, `value="tools/testing/selftests/net/"`)
		w.refuses(at+"/needs", url.Values{"timeout": {"soon"}}, "write a time such as")
		w.step(at, "needs", "targeting", url.Values{"arches": {"x86_64"}, "timeout": {"30m"}, "host_type": {"vm"}, "host_needs": {"memory > 4 GB"}})
		w.has(at+"/targeting?from=code", ">tools/testing/selftests/net/</textarea>")
		w.has(at+"/targeting?from=section&section=BLOCK+LAYER", ">block/</textarea>")
		w.has(at+"/targeting", "Files of this test", "Files of BLOCK LAYER", "Always", "On changes of the past", "It runs on more than 60 % of the changes")
		r := w.post(at+"/preview", url.Values{"as": {"fields"}, "paths": {"nowhere/at/all/"}}.Encode())
		if body := text(t, r); r.StatusCode != 200 || !strings.Contains(body, "No change in this window matches") || strings.Contains(body, "no longer") {
			t.Errorf("preview: %d", r.StatusCode)
		}
		if body := text(t, w.do(request{path: at + "/targeting", cookies: w.signedIn()})); strings.Contains(body, "nowhere/at/all/") {
			t.Error("a preview was stored")
		}
		w.refuses(at+"/preview", url.Values{"as": {"fields"}, "paths": {"/net"}}, "paths begin at the top of the tree")
		w.step(at, "targeting", "owner", url.Values{"as": {"fields"}, "paths": {"net/\r\ninclude/net/"}, "subject": {"tls"}})
		w.refuses(at+"/owner", url.Values{"owners": {"<x>"}, "format": {"exit"}, "each": {"true"}}, "is no person", "an exit status has no cases")
		w.has(at+"/review", "2 things need a look", at+"/owner", "to mend")
		w.step(at, "owner", "review", url.Values{"owners": {"Asha Rao <asha@example.org>\r\nMilan"}, "description": {"Networking works."}, "format": {"ktap"}})
		w.has(at+"/review", "kselftest/net", "TARGETS=net run_tests", "state: trial", "host_type: vm", "Start trial")
		w.has("/tests/new", "kselftest/net", at+"/review") // what was begun
		if r := w.post(at+"/review", ""); r.StatusCode != 303 || r.Header.Get("Location") != "/tests/kselftest/net" {
			t.Fatalf("start: %d to %q: %.3000s", r.StatusCode, r.Header.Get("Location"), text(t, r))
		}
		w.missing(at + "/review")
		stored, d := w.defined("kselftest/net")
		want := "tests:\n    kselftest/net:\n        description: Networking works.\n        owners:\n            - Asha Rao <asha@example.org>\n            - Milan\n        state: trial\n        trees:\n            - net-next\n" +
			"        when:\n            paths:\n                - net/\n                - include/net/\n            arches:\n                - x86_64\n            subject: tls\n        command: make -C tools/testing/selftests TARGETS=net run_tests\n" +
			"        code:\n            - tools/testing/selftests/net/\n        timeout: 30m\n        host_type: vm\n        host_needs: memory > 4 GB\n"
		got, err := definition.File{Tests: []definition.Test{d}}.YAML()
		if err != nil || got != want || stored.Edition != 1 || stored.State != status.TestTrial {
			t.Errorf("stored edition %d, %v:\n%s", stored.Edition, err, got)
		}
		if changes, err := w.s.Changes("test", stored.ID, 10); err != nil || len(changes) != 1 || changes[0].What != "added the test" || !strings.Contains(changes[0].After, "timeout: 30m") {
			t.Errorf("audit %+v, %v", changes, err)
		}
	})
}

// TestWizardOfTestsYAML: a definition lands on the review, with all it says.
func TestWizardOfTestsYAML(t *testing.T) {
	w := quick(t)
	const yaml = "tests:\n    mm/ksm_new:\n        state: trial\n        trees:\n            - net-next\n        when:\n            or:\n                - paths:\n                    - mm/\n                - subject: ksm\n        cost: high\n        command: ./ksm\n        format: exit\n        timeout: 1h30m\n"
	at := w.beginTest(url.Values{"yaml": {yaml}}, "review")
	w.has(at+"/review", "./ksm", "Runs if the change", "cost: high", "Nobody looks after it")
	w.has(at+"/needs", "The architectures are part of the conditions")
	w.has(at+"/targeting", "Conditions as YAML", "subject: ksm")
	w.refuses(at+"/targeting", url.Values{"as": {"text"}, "text": {"path: [x]"}}, "line 1")
	w.refuses(at+"/review", nil, "1 thing needs a look", at+"/targeting")
	w.step(at, "targeting", "owner", url.Values{"as": {"text"}, "text": {"or: [{paths: [mm/]}, {subject: ksm}]\n"}})
	if r := w.post(at+"/review", ""); r.StatusCode != 303 || r.Header.Get("Location") != "/tests/mm/ksm_new" {
		t.Fatalf("start: %d: %.9000s", r.StatusCode, text(t, r))
	}
	_, d := w.defined("mm/ksm_new")
	if got, err := (definition.File{Tests: []definition.Test{d}}).YAML(); err != nil || got != yaml {
		t.Errorf("%v:\n%s", err, got)
	}
	for text, says := range map[string]string{
		"": "0 tests and 0 sets", "tests: {a: {comand: x}}\n": "comand", "tests:\n  a: {command: x, state: blocking}\n": "line 2: a test begins in trial",
		"tests: {a: {command: x}, b: {command: x}}\n": "2 tests and 0 sets", "sets: {s: {}}\ntests: {a: {command: x}}\n": "1 test and 1 set",
	} {
		w.refuses("/tests/new", url.Values{"yaml": {text}}, says)
	}
	// What only the store knows is told on the review, and leads to its step.
	at = w.beginTest(url.Values{"yaml": {"tests:\n  mm/ksm_new: {command: x, trees: [net-next, nope], sets: [none]}\n"}}, "review")
	w.refuses(at+"/review", nil, "No tree is called &#34;nope&#34;", at+"/where")
	w.refuses(at+"/where", url.Values{"what": {"command"}, "command": {"x"}, "name": {"mm/ksm_new"}}, "choose at least one tree")
	w.step(at, "where", "needs", url.Values{"what": {"command"}, "command": {"x"}, "name": {"mm/ksm_new"}, "trees": {"net-next"}})
	w.refuses(at+"/review", nil, "A test is called &#34;mm/ksm_new&#34; already", at+"/where")
	w.step(at, "where", "needs", url.Values{"what": {"kunit"}, "name": {"kunit/all"}, "trees": {"net-next"}})
	w.refuses(at+"/review", nil, "No set is called &#34;none&#34;", at+"/owner")
	w.step(at, "owner", "review", url.Values{"format": {"ktap"}, "each": {"true"}})
	if r := w.post(at+"/review", ""); r.StatusCode != 303 {
		t.Fatalf("start: %d: %.9000s", r.StatusCode, text(t, r))
	}
	if _, d := w.defined("kunit/all"); d.Recipe != "kunit-um" || d.Command != "" || !d.EachCase {
		t.Errorf("KUnit: %+v", d)
	}
	w.refuses("/tests/new", url.Values{"trees": {"nope"}}, "no tree is called")
	w.refuses("/tests/new", nil, "choose at least one tree")
}

// TestWhoseDraft: a draft is of who began it, and of operators.
func TestWhoseDraft(t *testing.T) {
	w := quick(t)
	asha, wen, ola := w.as("asha"), w.as("wen"), w.as("ola")
	for first, form := range map[string]string{"/trees/new": "url=https://git.example.org/x.git", "/tests/new": "trees=net-next"} {
		r := w.do(request{method: "POST", path: first, body: form, cookies: asha, header: ownOrigin})
		at := r.Header.Get("Location")
		if r.StatusCode != 303 {
			t.Fatalf("%s: %d", first, r.StatusCode)
		}
		if body := text(t, w.do(request{path: at, cookies: asha})); first == "/tests/new" && !strings.Contains(body, "Next: what it needs") {
			t.Errorf("who began it reads %.200s", body)
		}
		if r := w.do(request{path: at, cookies: wen}); r.StatusCode != 404 {
			t.Errorf("somebody else reads %s: %d", at, r.StatusCode)
		}
		if r := w.do(request{method: "POST", path: at, body: "discard=true", cookies: wen, header: ownOrigin}); r.StatusCode != 404 {
			t.Errorf("somebody else throws %s away: %d", at, r.StatusCode)
		}
		if r := w.do(request{path: at}); r.StatusCode != 303 || !strings.HasPrefix(r.Header.Get("Location"), "/login?next=") {
			t.Errorf("a visitor reads %s: %d", at, r.StatusCode)
		}
		if r := w.do(request{method: "POST", path: at, body: "discard=true", cookies: ola, header: ownOrigin}); r.StatusCode != 303 || r.Header.Get("Location") != first {
			t.Errorf("an operator throws %s away: %d", at, r.StatusCode)
		}
		if r := w.do(request{path: at, cookies: asha}); r.StatusCode != 404 {
			t.Errorf("it was thrown away: %d", r.StatusCode)
		}
	}
}
