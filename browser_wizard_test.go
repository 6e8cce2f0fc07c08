package main

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"drover/clients/git/gittest"
	"drover/views/page"
	"drover/views/route"
)

// wizard is a person who adds a tree, and how many inputs that takes: each
// field typed into, each choice and each press is one.
type wizard struct {
	*browser
	site   installation
	inputs int
}

// kernelRemote is a small repository that looks like a kernel's, and says in
// MAINTAINERS who looks after it.
func kernelRemote(t *testing.T) (server *gittest.Server, url string) {
	t.Helper()
	server = gittest.New(t)
	url = server.Address("kernel.git")
	repo := server.Repo("kernel.git")
	repo.Git("config", "uploadpack.allowFilter", "true")
	repo.Commit("master", "Makefile", "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nall:\n\ttrue\n")
	repo.Commit("master", "Kconfig", "mainmenu \"sample\"\n")
	repo.Commit("master", "arch/x86/configs/x86_64_defconfig", "")
	repo.Commit("master", "lib/kunit/.kunitconfig", "CONFIG_KUNIT=y\n")
	repo.Commit("master", "tools/testing/selftests/Makefile", "TARGETS = net mm\n")
	repo.Commit("master", "MAINTAINERS", "NETWORKING [GENERAL]\nM:\tAsha Rao <asha@example.org>\nR:\tMilan Novak <milan@example.org>\nL:\tnetdev@lists.example.org\nS:\tMaintained\nT:\tgit "+url+"\nF:\tnet/\nF:\tdrivers/net/\n")
	repo.Commit("linux-6.6.y", "Makefile", "VERSION = 6\nPATCHLEVEL = 6\n")
	return server, url
}

func (w *wizard) typed(selector, text string) {
	w.t.Helper()
	w.inputs++
	w.do("type into "+selector, chromedp.SetValue(chromedp.CSS(selector), text))
}

func (w *wizard) next(selector, step string) {
	w.t.Helper()
	w.inputs++
	w.press(selector)
	if at := read(w.browser, "the address", chromedp.Location()); !strings.Contains(at, step) {
		w.t.Fatalf("the button led to %s, not to %s:\n%s", at, step, read(w.browser, "the page", chromedp.Text(chromedp.CSS("body"))))
	}
}

// waits until the page says something; it hears of it by itself.
func (w *wizard) waits(text string) {
	w.t.Helper()
	deadline := time.After(patience)
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for !strings.Contains(read(w.browser, "the page", chromedp.Text(chromedp.CSS("body"))), text) {
		select {
		case <-deadline:
			w.t.Fatalf("the page never says %q:\n%s", text, read(w.browser, "the page", chromedp.Text(chromedp.CSS("body"))))
		case <-ticker.C:
		}
	}
}

// look looks at a page wide and light, and narrow and dark, and leaves it wide.
func (w *wizard) look(name, address string) {
	w.t.Helper()
	w.theme("dark")
	w.fits(name+" at 360, dark", address, 360)
	w.accessible(name + " at 360, dark")
	w.theme("light")
	w.fits(name+" at 1280, light", address, 1280)
	w.accessible(name + " at 1280, light")
	w.quiet(name)
}

// ticked tells whether a box is.
func (w *wizard) ticked(value string) bool {
	w.t.Helper()
	return read(w.browser, value, chromedp.Evaluate[bool](`document.querySelector('input[value="`+value+`"]').checked`))
}

// addsTree adds a tree from its URL to a rehearsal and makes it live.
func (b *browser) addsTree(site installation) {
	b.t.Helper()
	w := &wizard{browser: b, site: site}
	_, url := kernelRemote(b.t)
	b.do("begin", chromedp.EmulateViewport(1280, 720), chromedp.Navigate(site.base+string(route.NewTree())))
	w.typed("#field-url", url)
	w.next(`main form button`, page.StepSource)
	w.waits("This is Linux 6.12.0")
	w.waits("Now this matches master")
	w.look("wizard source", read(b, "the address", chromedp.Location()))
	w.next(`[data-part="choose"] button[type=submit]`, page.StepPeople)
	w.waits("Found in MAINTAINERS")
	if !w.ticked("asha@example.org") || w.ticked("milan@example.org") || w.ticked("list netdev@lists.example.org") {
		b.t.Error("not the maintainer alone is proposed for mail")
	}
	w.look("wizard people", read(b, "the address", chromedp.Location()))
	w.next(`[data-part="found"] form button`, page.StepBuilds)
	w.waits("arch/*/configs")
	w.look("wizard builds", read(b, "the address", chromedp.Location()))
	// Closing the browser and coming back: the first page leads to the draft.
	w.look("wizard drafts", site.base+string(route.NewTree()))
	b.press(`section[aria-label="Drafts"] a`)
	b.do("choose an own recipe", chromedp.Evaluate[chromedp.Void](`document.querySelector("#own-builds").open = true`))
	w.inputs++
	b.do("choose an own recipe", chromedp.Click(chromedp.CSS(`input[name=builds][value=recipe]`)))
	w.typed("#field-recipe", "test -f Kconfig")
	w.next(`main form button[type=submit]`, page.StepTests)
	w.waits("2 targets of kselftest")
	w.waits("Tick tests to see which of the newest 6 commits of master they would have run for.")
	w.inputs++
	b.do("tick a test", chromedp.Click(chromedp.CSS(`input[name=tests][value="sample/lib/ring"]`)))
	w.waits("1.0 of 1 tests a commit")
	b.picture("wizard-tests-tried")
	w.look("wizard tests", read(b, "the address", chromedp.Location()))
	w.next(`main form button.primary`, page.StepReview)
	w.waits("none: the tree is new")
	w.look("wizard review", read(b, "the address", chromedp.Location()))
	w.next(`main form.form button[type=submit]`, "/trees/kernel")
	b.t.Logf("measured: a tree from its URL to its rehearsal took %d inputs (at most 12)", w.inputs)
	if w.inputs > 12 {
		b.t.Errorf("a tree takes %d inputs, at most 12 are allowed", w.inputs)
	}
	w.waits("1 of 1 checkout done, 0 unexplained failures: ready")
	w.look("tree in rehearsal", site.base+string(route.Tree("kernel")))
	w.typed("#field-responder", "Asha Rao")
	b.press(`form[action$="/live"] button`)
	w.waits("The tree is live")
	b.quiet("wizard")
	b.addsTest(site)
}

// choose takes one of a list.
func (w *wizard) choose(selector, value string) {
	w.t.Helper()
	w.inputs++
	w.do("choose "+value, chromedp.SetValue(chromedp.CSS(selector), value))
}

// addsTest adds a test of the tree that was just added, from what is found there
// to its trial.
func (b *browser) addsTest(site installation) {
	b.t.Helper()
	w := &wizard{browser: b, site: site}
	here := func() string { return read(b, "the address", chromedp.Location()) }
	w.look("first page of a test", site.base+string(route.NewTest()))
	w.inputs++
	b.do("choose a tree", chromedp.Click(chromedp.CSS(`input[name=trees][value=kernel]`)))
	w.next(`main form button`, page.StepWhere)
	w.waits("Found in kernel, branch")
	w.look("test wizard where", here())
	w.choose("#field-what", "kselftest net")
	w.next(`[data-part="found"] form button`, page.StepNeeds)
	w.look("test wizard needs", here())
	w.next(`main form button`, page.StepTargeting)
	w.inputs++
	b.press(`nav[aria-label="Start from"] a`)
	w.waits("On changes of the past")
	w.look("test wizard targeting", here())
	b.do("type a pattern", chromedp.Focus(chromedp.CSS("#field-paths")), chromedp.SendKeys(chromedp.CSS("#field-paths"), "MAINTAINERS\n"))
	w.inputs++
	w.waits("Would have run on 1 of 1 change")
	w.next(`main form button.primary`, page.StepOwner)
	w.typed("#field-owners", "Asha Rao")
	w.look("test wizard owner", here())
	w.typed("#field-owners", "Asha Rao")
	w.next(`main form button`, page.StepReview)
	w.waits("TARGETS=net run_tests")
	w.look("test wizard review", here())
	w.next(`main form.form button[type=submit]`, "/tests/kselftest/net")
	b.t.Logf("measured: a test from its tree to its trial took %d inputs (at most 15)", w.inputs)
	if w.inputs > 15 {
		b.t.Errorf("a test takes %d inputs, at most 15 are allowed", w.inputs)
	}
	w.waits("The test was added in trial")
	b.quiet("wizard of tests")
}
