package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"drover/views/route"
)

// keys walks with the keyboard alone: into the search, to a failure, to its log
// and through the hits; the dialog lists the keys and switches them off.
func (b *browser) keys(site installation, pages []visited) {
	b.t.Helper()
	page := func(name string) string {
		return site.base + string(pages[slices.IndexFunc(pages, func(p visited) bool { return p.name == name })].url)
	}
	b.do("open a checkout", chromedp.EmulateViewport(1280, 720), chromedp.Navigate(page("checkout with a new failure")))
	b.do("ask for the keys", chromedp.KeyEvent("?"))
	if !b.is("document.querySelector('dialog[open] h2')?.textContent === 'Keys of this page'") {
		b.t.Error("? shows no keys")
	}
	if b.is("[...document.querySelectorAll('dialog tr:not([hidden])')].some(r => r.dataset.press === 'f')") {
		b.t.Error("the dialog lists a key for a form that the page has not")
	}
	read(b, "axe", chromedp.Evaluate[bool](b.axe+"; true"))
	if found := read(b, "axe", chromedp.Evaluate[string](violations, chromedp.EvalAwaitPromise)); found != "" {
		b.t.Errorf("the dialog of keys: axe-core found\n%s", found)
	}
	b.picture("keys")
	b.do("close it", chromedp.KeyEvent("\u001b"))
	b.do("next failure", chromedp.KeyEvent("n"))
	if !b.is("!document.querySelector('dialog[open]') && document.activeElement.closest('.failure') !== null") {
		b.t.Error("n does not lead to the failure")
	}
	b.follow("l", "/-/logs/")
	b.do("search this log", stroke("s"), stroke("g"), stroke("t"), stroke("?"))
	if !b.is("document.activeElement.id === 'log-q' && document.activeElement.value === 'gt?'") {
		b.t.Error("keys act in a field")
	}
	b.do("leave the field", chromedp.KeyEvent("\u001b"))
	b.follow("u", "/results/")
	b.follow("gt", "/trees")
	b.do("next row", chromedp.KeyEvent("j"))
	b.follow("o", "/trees/sample")
	b.do("search", stroke("/"), chromedp.KeyEvent("sample"))
	b.follow("\r", "/trees/sample")
	b.do("switch the keys off", chromedp.KeyEvent("?"))
	b.press("dialog form[method=post] button")
	if b.is("document.querySelector('dialog') !== null || document.querySelector('script[src*=keys]') !== null") {
		b.t.Error("the keys are still on")
	}
	b.quiet("keys")
	b.settings(site)
}

// settings are kept by the browser and change every page.
func (b *browser) settings(site installation) {
	b.t.Helper()
	b.do("open the settings", chromedp.Navigate(site.base+string(route.Me())), chromedp.Click(chromedp.CSS("input[value=compact]")),
		chromedp.Click(chromedp.CSS("input[name=theme][value=dark]")), chromedp.Click(chromedp.CSS("input[name=keys][value=on]")),
		chromedp.SetValue(chromedp.CSS("#field-time_zone"), "Asia/Tokyo"))
	b.press("main form button.primary")
	b.do("open the trees", chromedp.Navigate(site.base+string(route.Trees())))
	if !b.is("document.documentElement.dataset.density === 'compact' && document.documentElement.dataset.theme === 'dark'") {
		b.t.Error("the settings are not kept")
	}
	if !b.is("document.querySelector('footer time').textContent.endsWith(' JST') && document.querySelector('footer time').title.endsWith(' UTC')") {
		b.t.Error("times do not follow the zone, or their titles do")
	}
	b.picture("compact")
	b.quiet("settings")
}

// stroke is a key as a keyboard sends it: one event, whose letter is not typed
// if the page takes the key for itself. KeyEvent sends the letter apart.
func stroke(key string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
			if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: key, Text: key}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b *browser) is(condition string) bool {
	b.t.Helper()
	return read(b, condition, chromedp.Evaluate[bool](condition))
}

// follow presses keys that lead to another page.
func (b *browser) follow(keys, leads string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.KeyEvent(keys)); err != nil {
		b.t.Fatalf("press %q: %v", keys, err)
	}
	if at := read(b, "the address", chromedp.Location()); !strings.Contains(at, leads) {
		b.t.Errorf("%q led to %s, want %s", keys, at, leads)
	}
}
