package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"drover/clients/git"
	"drover/clients/git/gittest"
	"drover/jobs/sampletree"
	"drover/models"
	"drover/rules/status"
	"drover/views/page"
	"drover/views/route"
)

// onboarding is a site with an identity provider, and a repository that somebody
// else has: the sample tree, a commit at a time.
type onboarding struct {
	wizard
	url  string // of the repository
	repo *git.Repo
}

// TestOnboarding walks what the site is for with two people who sign in at a
// real provider: a developer adds a tree, somebody else adds a test that looks
// at one file. It runs for the commit that changes the file and not for the
// next, and the site says why. What neither may do is refused with the role
// that is missing and who can give it.
func TestOnboarding(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser and an identity provider, builds the sample tree")
	}
	t.Parallel()
	o := newOnboarding(t)
	o.signsIn("ola") // who administers the site
	o.signsIn("asha")
	first := o.commit(0)
	o.addsSample(first)
	o.pushes(1, "ok")
	o.pushes(2, "ok")
	o.signsIn("milan")
	o.addsRingTest()
	ring := o.pushes(5, "ok") // touches lib/ring.c
	o.plans(ring, "Runs", "lib/ring.c", "lib/ring.c has changed: the test is for changes of lib/ring.c")
	o.ran(ring, status.Pass)
	timers := o.pushes(3, "ok") // does not
	o.plans(timers, "Not chosen", "", "the test is only for changes of lib/ring.c")
	o.ran(timers, "")
	o.quiet("the story")
	o.refused()
}

func newOnboarding(t *testing.T) *onboarding {
	t.Helper()
	b := newBrowser(t)
	server := gittest.New(t)
	repo, err := git.InitRepo(t.Context(), filepath.Join(server.Root, "sample.git"))
	if err != nil {
		t.Fatal(err)
	}
	gittest.Open(t, repo.Dir).Git("config", "uploadpack.allowFilter", "true")
	port := freePort(t)
	site := "http://127.0.0.1:" + port
	at := install(t, "DROVER_LISTEN=127.0.0.1:"+port, "DROVER_URL="+site, "DROVER_OIDC_ISSUER="+startProvider(t, site), "DROVER_OIDC_CLIENT_ID=drover",
		"DROVER_OIDC_CLIENT_SECRET=a secret of the test", "DROVER_OIDC_ROLES=admin=ci-admins", "DROVER_ALLOW_PRIVATE_REMOTES=true", "DROVER_POLL=1s")
	return &onboarding{wizard{browser: b, site: at}, server.Address("sample.git"), repo}
}

// signsIn starts anew as somebody, in a browser that knows nobody.
func (o *onboarding) signsIn(name string) {
	o.t.Helper()
	o.do("forget who it was", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.ClearBrowserCookies, struct{}{})
		return err
	}), chromedp.EmulateViewport(1280, 720), chromedp.Navigate(o.site.base+"/login"))
	o.throughProvider(name)
}

// commit puts a commit of the sample's story into the repository.
func (o *onboarding) commit(n int) sampletree.Commit {
	o.t.Helper()
	c := sampletree.Commits()[n]
	if _, err := o.repo.CommitFiles(o.t.Context(), git.Change{Files: c.Files, Deleted: c.Deleted, Author: c.Author, Message: c.Subject + "\n\n" + c.Body, When: time.Now()}); err != nil {
		o.t.Fatal(err)
	}
	return c
}

// addsSample adds the tree from its URL, sees its rehearsal, and goes live.
func (o *onboarding) addsSample(first sampletree.Commit) {
	o.t.Helper()
	o.do("begin", chromedp.Navigate(o.site.base+string(route.NewTree())))
	o.typed("#field-url", o.url)
	o.next(`main form button`, page.StepSource)
	o.waits("Now this matches main")
	o.next(`[data-part="choose"] button[type=submit]`, page.StepPeople)
	o.waits("MAINTAINERS")
	o.typed("#field-mail", "asha@example.com")
	o.next(`[data-part="found"] form button`, page.StepBuilds)
	o.do("choose an own recipe", chromedp.Evaluate[chromedp.Void](`document.querySelector("#own-builds").open = true`),
		chromedp.Click(chromedp.CSS(`input[name=builds][value=recipe]`)))
	o.inputs++
	o.typed("#field-recipe", "make sample_defconfig\nmake vmlinux tests")
	o.next(`main form button[type=submit]`, page.StepTests)
	o.next(`main form button.primary`, page.StepReview)
	o.next(`main form.form button[type=submit]`, "/trees/sample")
	o.judged(first, "ok")
	o.waits("1 of 1 checkout done, 0 unexplained failures: ready")
	o.typed("#field-responder", "Asha")
	o.next(`form[action$="/live"] button`, "/trees/sample")
	o.waits("The tree is live")
	o.t.Logf("measured: the sample tree took %d inputs from its URL until it was live (at most 12)", o.inputs)
	if o.inputs > 12 {
		o.t.Errorf("the sample tree takes %d inputs until it is live, at most 12 are allowed", o.inputs)
	}
}

// addsRingTest adds a test that looks at one file; the preview knows the
// commits that are there.
func (o *onboarding) addsRingTest() {
	o.t.Helper()
	o.do("begin", chromedp.Navigate(o.site.base+string(route.NewTest())), chromedp.Click(chromedp.CSS(`input[name=trees][value=sample]`)))
	o.next(`main form button`, page.StepWhere)
	o.waits("A command of your own")
	o.choose("#field-what", "command")
	o.typed("#field-command", "sh tools/testing/run.sh lib/ring")
	o.typed("#field-name", "lib/ring")
	o.next(`[data-part="found"] form button`, page.StepNeeds)
	o.next(`main form button`, page.StepTargeting)
	o.do("type a pattern", chromedp.Focus(chromedp.CSS("#field-paths")), chromedp.SendKeys(chromedp.CSS("#field-paths"), "lib/ring.c\n"))
	o.waits("Would have run on 2 of 3 changes")
	for i, want := range []string{"Does not|", "Runs|lib/ring.c", "Runs|lib/ring.c"} { // newest first
		subject := sampletree.Commits()[2-i].Subject
		if got := o.row("#preview", subject, "Runs", "Files code:not(.quiet)"); got != want {
			o.t.Errorf("%s: the preview says %q, want %q", subject, got, want)
		}
	}
	o.next(`main form button.primary`, page.StepOwner)
	o.choose("#field-format", "ktap")
	o.next(`main form button`, page.StepReview)
	o.next(`main form.form button[type=submit]`, "/tests/lib/ring")
	o.waits("The test was added in trial")
}

// pushes puts a commit of the sample's story on top, and waits until it is
// judged.
func (o *onboarding) pushes(n int, verdict string) models.Checkout {
	o.t.Helper()
	return o.judged(o.commit(n), verdict)
}

// judged waits until a commit is.
func (o *onboarding) judged(c sampletree.Commit, verdict string) models.Checkout {
	o.t.Helper()
	s := o.store()
	defer func() { _ = s.Close() }()
	deadline := time.After(2 * time.Minute)
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		tree, err := s.TreeByName("sample")
		if err != nil {
			o.t.Fatal(err)
		}
		list, err := s.CheckoutsOfBranch(tree.ID, "main", 1)
		if err != nil {
			o.t.Fatal(err)
		}
		if len(list) == 1 && list[0].Subject == c.Subject && list[0].State == models.CheckoutFinished {
			if got := string(list[0].Verdict); got != verdict {
				o.t.Errorf("%s: %s, want %s", c.Subject, got, verdict)
			}
			return list[0]
		}
		select {
		case <-deadline:
			o.t.Fatalf("%s is not judged after two minutes: %+v", c.Subject, list)
		case <-ticker.C:
		}
	}
}

func (o *onboarding) store() *models.Store {
	o.t.Helper()
	s, err := models.Open(o.t.Context(), models.Options{Path: filepath.Join(o.site.data, "drover.db"), ReadOnly: true})
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

// plans looks at what the plan of a checkout says of the test.
func (o *onboarding) plans(c models.Checkout, chosen, file, why string) {
	o.t.Helper()
	o.look("plan of "+c.Subject, o.site.base+string(route.CheckoutPlan(c.ID)))
	if got := o.row("main", "lib/ring", "Chosen", "File", "Why"); got != chosen+"|"+file+"|"+why {
		o.t.Errorf("%s: the plan says %q, want %s, %q and %q", c.Subject, got, chosen, file, why)
	}
}

// row reads cells of the one row within a part of the page that has a text;
// behind a cell's name may stand what is read of it.
func (o *onboarding) row(within, text string, cells ...string) string {
	o.t.Helper()
	for i, c := range cells {
		name, part, _ := strings.Cut(c, " ")
		cells[i] = fmt.Sprintf("[data-l=%s] %s", name, part)
	}
	names, err := json.Marshal([]any{within, text, cells})
	if err != nil {
		o.t.Fatal(err)
	}
	return read(o.browser, "a row", chromedp.Evaluate[string](fmt.Sprintf(`(([within, text, cells]) =>
		[...document.querySelectorAll(within + " tbody tr")].filter((r) => r.innerText.includes(text)).map((r) =>
			cells.map((c) => r.querySelector(c)?.innerText.trim() ?? "").join("|")).join("; "))(%s)`, names)))
}

// ran checks the result of the test in a checkout, "" for none.
func (o *onboarding) ran(c models.Checkout, want status.Status) {
	o.t.Helper()
	s := o.store()
	defer func() { _ = s.Close() }()
	results, err := s.Results(c.ID)
	if err != nil {
		o.t.Fatal(err)
	}
	var got status.Status
	for _, r := range results {
		got = r.Status
	}
	if got != want {
		o.t.Errorf("%s: the test ended %q, want %q", c.Subject, got, want)
	}
}

// refused tries what the one who added the test may not do.
func (o *onboarding) refused() {
	o.t.Helper()
	for _, try := range []struct{ what, method, path, needs string }{
		{"somebody else's tree", "POST", string(route.Action(route.Tree("sample"), "pause")), "Needs the role owner of the tree sample, operator or admin. Ask an owner (Asha) or an administrator (Ola)."},
		{"who is here", "GET", string(route.Users()), "Needs the role admin. Ask an administrator (Ola)."},
	} {
		got := read(o.browser, try.what, chromedp.Evaluate[string](fmt.Sprintf(`fetch(%q, {method: %q}).then(async (r) =>
			r.status + " " + new DOMParser().parseFromString(await r.text(), "text/html").querySelector("main").textContent)`, try.path, try.method), chromedp.EvalAwaitPromise))
		if !strings.HasPrefix(got, "403 ") || !strings.Contains(got, try.needs) {
			o.t.Errorf("%s: %s, want 403 and %q", try.what, got, try.needs)
		}
	}
	o.forget()
}
