package server_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"drover/jobs"
	"drover/models"
	"drover/rules/status"
)

// answer lets a job find something out.
func (w *world) answer(kind, key, answer string) {
	w.t.Helper()
	l, err := w.s.LookupOf(kind, key)
	if err != nil {
		w.t.Fatalf("nobody asked for %s of %q: %v", kind, key, err)
	}
	l.Answer = answer
	w.tx(func(tx *models.Tx) error { return tx.AnswerLookup(l, "found") })
}

func (w *world) refuse(kind, key, class, text string) {
	w.t.Helper()
	l, err := w.s.LookupOf(kind, key)
	if err != nil {
		w.t.Fatal(err)
	}
	l.Error, l.ErrorClass = text, class
	w.tx(func(tx *models.Tx) error { return tx.AnswerLookup(l, "found") })
}

const (
	wizardURL  = "https://git.example.org/linux-block.git"
	wizardRefs = `{"url":"https://git.example.org/linux-block.git","head":"for-next","branches":[{"name":"for-6.13/block","sha":"1111111111111111111111111111111111111111"},` +
		`{"name":"for-next","sha":"2222222222222222222222222222222222222222"}],"total":2,"tags":7}`
	wizardFiles = `{"sha":"2222222222222222222222222222222222222222","subject":"block: fix","when":"2026-01-02T03:04:05Z","has":true,` +
		`"tree":{"linux":true,"version":"6.12.0-rc3","defconfigs":{"x86":["x86_64_defconfig"]},"selftests":["net","mm"]},` +
		`"sections":[{"title":"BLOCK LAYER","line":9,"people":[{"name":"Jens","address":"jens@example.org","role":"maintainer:BLOCK LAYER"},{"name":"Rae","address":"rae@example.org","role":"reviewer:BLOCK LAYER"}],` +
		`"lists":[{"address":"block@lists.example.org","role":"open list:BLOCK LAYER"}],"files":["block/"]}]}`
)

// begin posts an address and gives the path of the draft, up to its step.
func (w *world) beginTree(address string) string {
	w.t.Helper()
	r := w.post("/trees/new", url.Values{"url": {address}, "look": {"true"}}.Encode())
	at, ok := strings.CutSuffix(r.Header.Get("Location"), "/source")
	if r.StatusCode != 303 || !ok {
		w.t.Fatalf("%d to %q: %s", r.StatusCode, r.Header.Get("Location"), text(w.t, r))
	}
	return at
}

func (w *world) has(path string, parts ...string) {
	w.t.Helper()
	body := strings.ReplaceAll(text(w.t, w.do(request{path: path, cookies: w.signedIn()})), "<wbr>", "")
	for _, part := range parts {
		if !strings.Contains(body, part) {
			w.t.Errorf("%s does not say %q", path, part)
		}
	}
}

// missing wants a page not to be there, for somebody who could see it.
func (w *world) missing(path string) {
	w.t.Helper()
	if r := w.do(request{path: path, cookies: w.signedIn()}); r.StatusCode != 404 {
		w.t.Errorf("GET %s: %d, want 404", path, r.StatusCode)
	}
}

// step posts a step, and says where that must lead.
func (w *world) step(path, step, leads string, form url.Values) {
	w.t.Helper()
	r := w.post(path+"/"+step, form.Encode())
	if want := path + "/" + leads; r.StatusCode != 303 || r.Header.Get("Location") != want {
		w.t.Fatalf("%s: %d to %q, want %s: %.3000s", step, r.StatusCode, r.Header.Get("Location"), want, text(w.t, r))
	}
}

func TestWizard(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		at := w.beginTree(wizardURL)
		w.has(at+"/source", "Asking the server", `http-equiv="refresh"`)
		w.answer(jobs.LookupRefs, wizardURL, wizardRefs)
		w.has(at+"/source", "for-next", "Next: people and mail", `value="linux-block"`, "Now this matches for-next.", "for-6.13/block")
		if body := text(t, w.do(request{path: at + "/source?q=6.13", cookies: w.signedIn()})); strings.Contains(body, "<code>222222222222</code>") || !strings.Contains(body, "<code>111111111111</code>") {
			t.Error("the branches are not filtered")
		}
		w.step(at, "source", "people", url.Values{"branches": {"for-next\r\nfor-*/block"}, "name": {"linux-block"}, "policy": {"every"}})
		w.answer(jobs.LookupFiles, jobs.FilesKey(wizardURL, "for-next"), wizardFiles)
		w.has(at+"/source", "This is Linux 6.12.0-rc3", "for-6.13/block, for-next")
		w.has(at+"/people", "BLOCK LAYER", "line 9", `value="jens@example.org" checked`, `value="list block@lists.example.org"`)
		// A list must have agreed, and what was chosen is kept.
		r := w.post(at+"/people", url.Values{"mail": {"jens@example.org", "list block@lists.example.org"}, "more": {"me@example.org"}}.Encode())
		if body := text(t, r); r.StatusCode != 422 || !strings.Contains(body, "a list gets reports only if it agreed to") || !strings.Contains(body, ">me@example.org</textarea>") {
			t.Errorf("a list that was not asked: %d", r.StatusCode)
		}
		w.has(at+"/people", `value="list block@lists.example.org" checked`, "to mend")
		w.step(at, "people", "builds", url.Values{"mail": {"jens@example.org", "list block@lists.example.org"}, "more": {"me@example.org"}, "agreed": {"true"}})
		w.has(at+"/builds", "x86 (1)", "Own recipe")
		r = w.post(at+"/builds", url.Values{"builds": {"matrix"}, "arches": {"x86_64", "arm64"}, "configs": {"defconfig+"}, "compilers": {"gcc"}}.Encode())
		if body := text(t, r); r.StatusCode != 422 || !strings.Contains(body, "a plus stands between") {
			t.Errorf("a wrong configuration: %d", r.StatusCode)
		}
		w.step(at, "builds", "tests", url.Values{"builds": {"matrix"}, "arches": {"x86_64", "arm64"}, "configs": {"defconfig\r\ndefconfig+kernel/configs/debug.config"}, "compilers": {"gcc"}, "trusted": {"true"}})
		w.has(at+"/tests", "2 targets of kselftest", "net/fib_tests.sh", "on the first checkout", "Drover is looking what the newest commits of for-next change")
		recent, err := json.Marshal(jobs.RecentFound{Commits: []jobs.RecentCommit{
			{SHA: strings.Repeat("a", 40), Subject: "net: mend", When: time.Now().Add(-time.Hour), Files: []jobs.FileFound{{Path: "net/ipv4/fib.c"}}},
			{SHA: strings.Repeat("b", 40), Subject: "mm: mend", When: time.Now().Add(-2 * time.Hour), Files: []jobs.FileFound{{Path: "mm/ksm.c"}}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		w.answer(jobs.LookupRecent, jobs.FilesKey(wizardURL, "for-next"), string(recent))
		w.has(at+"/tests", "Tick tests to see which of the newest 2 commits of for-next they would have run for.")
		if r := w.post("/tests/net/fib_tests.sh/-/actions/targeting", url.Values{"as": {"fields"}, "paths": {"net/"}}.Encode()); r.StatusCode != 303 {
			t.Fatalf("conditions: %d %.2000s", r.StatusCode, text(t, r))
		}
		tried := w.post(at+"/preview", url.Values{"tests": {"net/fib_tests.sh"}}.Encode())
		if body := text(t, tried); tried.StatusCode != 200 || !strings.Contains(body, "0.5 of 1 tests a commit, none for 1 of 2") || !strings.Contains(body, "net/ipv4/fib.c has changed") || !strings.Contains(body, `value="net/fib_tests.sh" checked`) {
			t.Errorf("the preview: %d %.4000s", tried.StatusCode, body)
		}
		w.has(at+"/tests", "Tick tests to see") // nothing was kept
		w.step(at, "tests", "review", url.Values{"tests": {"net/fib_tests.sh"}})
		w.has(at+"/review", "arm64 debug gcc", "net/fib_tests.sh", "none: the tree is new", "4 builds for each checkout", "lists_agreed: true")
		w.has("/trees/new", "linux-block", at+"/review") // what was begun
		if r := w.post(at+"/review", ""); r.StatusCode != 303 || r.Header.Get("Location") != "/trees/linux-block" {
			t.Fatalf("start: %d to %q: %s", r.StatusCode, r.Header.Get("Location"), text(t, r))
		}
		w.missing(at + "/review")
		tree, err := w.s.TreeByName("linux-block")
		if err != nil || tree.State != status.TreeRehearsal || tree.Policy != "every" || !tree.Trusted || tree.MailTo != "jens@example.org\nlist block@lists.example.org\nme@example.org" {
			t.Fatalf("stored %+v, %v", tree, err)
		}
		builds, err := w.s.TreeBuilds(tree.ID)
		if err != nil || len(builds) != 4 || builds[3].Config != "debug" || !strings.Contains(builds[3].Settings, `"cross_compile":"aarch64-linux-gnu-"`) || !strings.Contains(builds[3].Settings, `"fragments":["kernel/configs/debug.config"]`) {
			t.Errorf("builds %+v, %v", builds, err)
		}
		tests, err := w.s.TestsOfTree(tree.ID)
		if err != nil || len(tests) != 1 || tests[0].Path != "net/fib_tests.sh" {
			t.Errorf("tests %+v, %v", tests, err)
		}
		sources, err := w.s.SourcesWithRemote(tree.ID)
		if err != nil || len(sources) != 1 || sources[0].Branches != "for-next\nfor-*/block" {
			t.Fatalf("sources %+v, %v", sources, err)
		}
		if _, err := w.s.Step(jobs.RemotePoll, sources[0].RemoteID); err != nil {
			t.Errorf("no look was asked for: %v", err)
		}
	})
}

// TestWizardStates: each thing that may be wrong with a repository has words of
// its own.
func TestWizardStates(t *testing.T) {
	w := quick(t)
	for _, bad := range []struct{ url, says string }{
		{"", "give the address of a git repository"}, {"ftp://x/y", "is not one of https, git and ssh"}, {"https://u:p@x/y", "leave the password out"}, {"-x", "does not begin with a dash"}, {"a b", "no spaces"},
	} {
		r := w.post("/trees/new", url.Values{"url": {bad.url}, "look": {"true"}}.Encode())
		if body := text(t, r); r.StatusCode != 422 || !strings.Contains(body, bad.says) {
			t.Errorf("%q: %d, not %q", bad.url, r.StatusCode, bad.says)
		}
	}
	for _, c := range []struct{ class, says, error string }{
		{"transient", "The server does not answer.", "could not resolve host"},
		{"blocked", "DROVER_ALLOW_PRIVATE_REMOTES", "10.1.2.3 is a private address"},
		{"auth", "wants a credential", "401"},
		{"permanent", "There is no such repository", "404"},
	} {
		address := "https://git.example.org/" + c.class
		at := w.beginTree(address)
		w.refuse(jobs.LookupRefs, address, c.class, c.error)
		w.has(at+"/source", c.says, c.error, "Look again")
		w.has(at+"/review", "The rehearsal begins when it answers")
		// Another look asks again.
		w.step(at, "source", "source", url.Values{"url": {address}, "look": {"true"}})
		w.has(at+"/source", "Asking the server")
	}
	at := w.beginTree("https://git.example.org/net-next.git")
	w.answer(jobs.LookupRefs, "https://git.example.org/net-next.git", wizardRefs)
	w.has(at+"/source", "This repository is watched already", `href="/trees/net-next"`)
	w.answer(jobs.LookupRefs, "https://git.example.org/net-next.git", `{"empty":true,"total":0,"tags":0}`)
	w.has(at+"/source", "The repository is empty")
	at = w.beginTree("https://git.example.org/other.git")
	w.answer(jobs.LookupRefs, "https://git.example.org/other.git", wizardRefs)
	w.step(at, "source", "people", url.Values{"branches": {"for-next"}, "name": {"other"}, "policy": {"tip"}})
	w.answer(jobs.LookupFiles, jobs.FilesKey("https://git.example.org/other.git", "for-next"), `{"sha":"2222222222222222222222222222222222222222","tree":{"missing":"a Kconfig at its top"}}`)
	w.has(at+"/source", "does not look like a Linux tree: it lacks a Kconfig at its top")
	w.has(at+"/people", "no file MAINTAINERS")
	w.has(at+"/review", "Builds other than an own recipe will fail")
	w.step(at, "people", "builds", url.Values{"mail": {"me@example.org"}})
	w.refuse(jobs.LookupFiles, jobs.FilesKey("https://git.example.org/other.git", "for-next"), "transient", "no answer in time")
	w.has(at+"/people", "could not be read", "no answer in time", ">me@example.org</textarea>")
	for _, path := range []string{at + "/moon", "/trees/new/zzz/source", "/trees/new/00000001/source"} {
		w.missing(path)
	}
	// A name that is taken is told where it stands; a draft can be thrown away.
	w.step(at, "source", "people", url.Values{"branches": {"for-next"}, "name": {"net-next"}, "policy": {"tip"}})
	if r := w.post(at+"/review", ""); r.StatusCode != 422 || !strings.Contains(text(t, r), "A tree is called &#34;net-next&#34; already") {
		t.Errorf("a name that is taken: %d", r.StatusCode)
	}
	if r := w.post(at+"/review", "discard=true"); r.StatusCode != 303 || r.Header.Get("Location") != "/trees/new" {
		t.Errorf("thrown away: %d", r.StatusCode)
	}
	w.missing(at + "/source")
	w.get(w.beginTree(wizardURL)+"/people", 303) // it has addresses of people: sign in first
}

// TestWizardYAML: a pasted configuration lands on the review.
func TestWizardYAML(t *testing.T) {
	w := quick(t)
	r := w.post("/trees/new", url.Values{"yaml": {"tree: block\nurl: " + wizardURL + "\nbranches: [for-next]\nbuilds: recipe\nrecipe: |\n  make\ntests: [nope]\n"}}.Encode())
	at := strings.TrimSuffix(r.Header.Get("Location"), "/review")
	if r.StatusCode != 303 || at == r.Header.Get("Location") {
		t.Fatalf("%d to %q", r.StatusCode, r.Header.Get("Location"))
	}
	w.has(at+"/review", "x86_64 recipe", "The server has not answered yet")
	if r := w.post(at+"/review", ""); r.StatusCode != 422 || !strings.Contains(text(t, r), "No test is called &#34;nope&#34;") {
		t.Errorf("a test that is not there: %d", r.StatusCode)
	}
	w.step(at, "tests", "review", url.Values{})
	if r := w.post(at+"/review", ""); r.StatusCode != 303 || r.Header.Get("Location") != "/trees/block" {
		t.Errorf("start: %d %s", r.StatusCode, text(t, r))
	}
	for yaml, says := range map[string]string{"tree: x\nurll: y\n": "line 2, column 1: `urll`: did you mean `url`?", "": "there is nothing in it"} {
		r := w.post("/trees/new", url.Values{"yaml": {yaml}}.Encode())
		if body := text(t, r); r.StatusCode != 422 || !strings.Contains(body, says) {
			t.Errorf("%q: %d, without %q", yaml, r.StatusCode, says)
		}
	}
	r = w.post("/trees/new", url.Values{"yaml": {"tree: a b\nurl: ftp://x\nbuilds: all\n"}}.Encode())
	w.has(r.Header.Get("Location"), "3 things need a look", "A name has no spaces", "is not one of https", "is none of")
}

// TestGoLive: a tree in rehearsal goes live once somebody is named who acts.
func TestGoLive(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tx(func(tx *models.Tx) error { return tx.SetTreeState(w.tree.ID, status.TreeRehearsal) })
		w.has("/trees/net-next", "Rehearsal: ", "Go live", "Nothing is reported")
		for _, verb := range []string{"pause", "resume"} { // neither makes it live
			r := w.post("/trees/net-next/-/actions/"+verb, "")
			if body := text(t, r); r.StatusCode != 409 || !strings.Contains(body, "Go live first") {
				t.Errorf("%s in rehearsal: %d", verb, r.StatusCode)
			}
		}
		r := w.post("/trees/net-next/-/actions/live", "responder=+")
		if body := text(t, r); r.StatusCode != 422 || !strings.Contains(body, "Name the person who acts on a new failure within 24 hours.") {
			t.Errorf("nobody acts: %d", r.StatusCode)
		}
		if r := w.api("/trees/net-next/-/actions/live", `{}`); r.StatusCode != 422 {
			t.Errorf("nobody acts, by a program: %d", r.StatusCode)
		}
		if r := w.post("/trees/net-next/-/actions/live", "responder=Asha+Rao"); r.StatusCode != 303 {
			t.Errorf("live: %d %s", r.StatusCode, text(t, r))
		}
		tree, err := w.s.Tree(w.tree.ID)
		if err != nil || tree.State != status.TreeLive || tree.Responder != "Asha Rao" {
			t.Errorf("stored %+v, %v", tree, err)
		}
		if r := w.post("/trees/net-next/-/actions/live", "responder=Milan"); r.StatusCode != 409 {
			t.Errorf("again: %d", r.StatusCode)
		}
		w.has("/trees/net-next/-/settings", "Asha Rao")
	})
}

// TestWhoTrusts: a tree that may run without isolation is an operator's word,
// in the wizard as everywhere.
func TestWhoTrusts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		asha := w.as("asha")
		send := func(path, form string) *http.Response {
			return w.do(request{method: "POST", path: path, body: form, cookies: asha, header: ownOrigin})
		}
		r := send("/trees/new", url.Values{"yaml": {"tree: mine\nurl: " + wizardURL + "\ntrusted: true\n"}}.Encode())
		at := strings.TrimSuffix(r.Header.Get("Location"), "/review")
		if r.StatusCode != 303 || at == "" {
			t.Fatalf("begun: %d to %q", r.StatusCode, at)
		}
		r = send(at+"/review", "")
		if body := text(t, r); r.StatusCode != 422 || !strings.Contains(body, "Needs the role operator") {
			t.Errorf("somebody else trusts: %d %.3000s", r.StatusCode, body)
		}
		if _, err := w.s.TreeByName("mine"); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("the tree is there: %v", err)
		}
	})
}
