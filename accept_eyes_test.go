package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"drover/views/route"
)

// media sets what the browser says of its user and of what it draws on.
func (b *browser) media(on string, features ...*emulation.MediaFeature) {
	b.t.Helper()
	b.do("set the media", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: on, Features: features})
		return err
	}))
}

// sight makes the browser show what somebody sees who lacks a kind of it.
func (b *browser) sight(lacks emulation.SetEmulatedVisionDeficiencyType) {
	b.t.Helper()
	b.do("set the sight", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedVisionDeficiency, emulation.SetEmulatedVisionDeficiencyParams{Type: lacks})
		return err
	}))
}

// drawn is a mark of a status on the screen.
type drawn struct {
	Name       string
	X, Y, W, H float64
}

const (
	// badgeSigns are the signs of all statuses, each once, by the first words that have them.
	badgeSigns = `{ const known = new Set(); [...document.querySelectorAll("main .badge")].filter((b) => { const d = b.querySelector("svg").innerHTML; return !known.has(d) && known.add(d) })
		.map((b) => { const r = b.querySelector("svg").getBoundingClientRect(); return {Name: b.innerText.trim(), X: r.x + scrollX, Y: r.y + scrollY, W: r.width, H: r.height} }) }`
	// stripCells are the cells of the strip that shows all of them, each kind once.
	stripCells = `{ const strip = document.querySelector("main .strip"), at = strip.getBoundingClientRect(), known = new Set();
		[...strip.querySelectorAll("g, path[class]")].filter((e) => !known.has(e.getAttribute("class")) && known.add(e.getAttribute("class"))).map((e) => {
		const x = e.matches("g") ? e.transform.baseVal[0].matrix.e : e.getBBox().x;
		return {Name: e.getAttribute("class"), X: at.x + x + scrollX - 1, Y: at.y + scrollY, W: 14, H: 14} }) }`
	// timelineEnds are the signs at the ends of jobs, each kind once.
	timelineEnds = `{ const known = new Set(); [...document.querySelectorAll(".gantt-picture g[class^=m-]")].filter((e) => !known.has(e.getAttribute("class")) && known.add(e.getAttribute("class"))).map((e) => {
		const r = e.getBoundingClientRect(); return {Name: e.getAttribute("class"), X: r.x + scrollX, Y: r.y + scrollY, W: r.width, H: r.height} }) }`
)

// inGrey: whatever a reader sees of colours, and on whichever ground, no two
// signs of statuses have the same shape.
func inGrey(m *month) {
	defer m.b.sight(emulation.SetEmulatedVisionDeficiencyTypeNone)
	look := func(theme string, u route.URL, width, height int64, kinds map[string]int) {
		m.b.theme(theme)
		m.b.do("marks", chromedp.EmulateViewport(width, height), chromedp.Navigate(m.url(u)))
		marks := map[string][]drawn{}
		for expression, least := range kinds {
			marks[expression] = read(m.b, "marks", chromedp.Evaluate[[]drawn](expression))
			if len(marks[expression]) < least {
				m.t.Errorf("only %d kinds of marks: %v", len(marks[expression]), marks[expression])
			}
		}
		for _, lacks := range []emulation.SetEmulatedVisionDeficiencyType{"achromatopsia", "protanopia", "deuteranopia", "tritanopia"} {
			m.b.sight(lacks)
			screen := m.screen()
			for _, some := range marks {
				m.differ(fmt.Sprintf("%s, %s, %s", u, theme, lacks), screen, some)
			}
		}
	}
	for _, theme := range []string{"light", "dark"} {
		look(theme, route.HelpPage("statuses"), wordsWidth, wordsHeight, map[string]int{badgeSigns: 10, stripCells: 8})
	}
	look("light", route.CheckoutTimeline(m.judged.ID), 1280, 720, map[string]int{timelineEnds: 2})
}

// The page of words has all its marks in this window.
const wordsWidth, wordsHeight = 640, 1700

func (m *month) screen() image.Image {
	m.t.Helper()
	screen, err := png.Decode(bytes.NewReader(read(m.b, "look", chromedp.CaptureScreenshot())))
	if err != nil {
		m.t.Fatal(err)
	}
	return screen
}

// differ compares the shapes of marks, as they are on the screen, in pairs.
func (m *month) differ(what string, screen image.Image, marks []drawn) {
	m.t.Helper()
	shapes := make([]shape, len(marks))
	for i, mark := range marks {
		if int(mark.Y+mark.H) > screen.Bounds().Dy() {
			m.t.Fatalf("%s: %s is below the window", what, mark.Name)
		}
		shapes[i] = shapeOf(screen, mark)
		if shapes[i].contrast < 2 {
			m.t.Errorf("%s: %s has a contrast of %.1f", what, mark.Name, shapes[i].contrast)
		}
		for j := range i {
			if share := shapes[i].apart(shapes[j]); share < 0.03 {
				m.t.Errorf("%s: %s and %s differ in %.0f %% of their pixels", what, marks[j].Name, mark.Name, share*100)
			}
		}
	}
}

// shape is what is left of a picture without its colours: which pixels are the
// darker ones.
type shape struct {
	dark     []bool
	contrast float64 // as in WCAG, of the lightest and the darkest pixel
}

// shapeSide is the width and height of shapes in pixels.
const shapeSide = 12

func shapeOf(screen image.Image, d drawn) shape {
	var light [shapeSide * shapeSide]float64
	low, high := 1.0, 0.0
	for i := range light {
		x, y := d.X+d.W*(float64(i%shapeSide)+0.5)/shapeSide, d.Y+d.H*(float64(i/shapeSide)+0.5)/shapeSide
		r, g, b, _ := screen.At(int(x), int(y)).RGBA()
		light[i] = (0.2126*float64(r*r) + 0.7152*float64(g*g) + 0.0722*float64(b*b)) / (0xffff * 0xffff) // near enough to sRGB's luminance
		low, high = min(low, light[i]), max(high, light[i])
	}
	s := shape{dark: make([]bool, len(light)), contrast: (high + 0.05) / (low + 0.05)}
	for i, l := range light {
		s.dark[i] = l < (low+high)/2
	}
	return s
}

// apart is the share of the pixels in which two shapes differ, or one and the
// other's opposite: a light sign on dark ground is the same sign.
func (s shape) apart(other shape) float64 {
	n := 0
	for i := range s.dark {
		if s.dark[i] != other.dark[i] {
			n++
		}
	}
	return float64(min(n, len(s.dark)-n)) / float64(len(s.dark))
}

// ownColours: where the reader's system decides the colours, statuses still
// have borders and signs, the focus a ring, and fields and buttons an edge.
func ownColours(m *month) {
	m.b.media("", &emulation.MediaFeature{Name: "forced-colors", Value: "active"}, &emulation.MediaFeature{Name: "prefers-color-scheme", Value: "light"})
	defer m.b.media("")
	m.b.do("a window in front", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	}))
	m.b.do("words", chromedp.EmulateViewport(wordsWidth, wordsHeight), chromedp.Navigate(m.url(route.HelpPage("statuses"))))
	m.b.script("colours are forced", `matchMedia("(forced-colors: active)").matches`)
	for what, marks := range map[string]string{"badges": badgeSigns, "strip": stripCells} {
		m.differ(what+" in forced colours", m.screen(), read(m.b, what, chromedp.Evaluate[[]drawn](marks)))
	}
	const edges = `[...document.querySelectorAll(".badge, .button, main input:not([type=hidden], [type=checkbox], [type=radio]), select, .failure, .verdict, .state, .data td, .filters")].filter((e) => {
		const s = getComputedStyle(e), ground = getComputedStyle(document.body).backgroundColor;
		return e.checkVisibility() && (parseFloat(s.borderBottomWidth) === 0 || s.borderBottomStyle === "none" || s.borderBottomColor === ground) }).map((e) => e.outerHTML.slice(0, 120)).join("\n")`
	const rings = `[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary, [tabindex='0']")].filter((e) => { if (!e.checkVisibility() || e.disabled || e.matches(".skip, .vh *")) return false;
		e.focus({focusVisible: true}); const s = getComputedStyle(e); return s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2 || s.outlineColor === getComputedStyle(document.body).backgroundColor }).map((e) => e.outerHTML.slice(0, 120)).join("\n")`
	for _, p := range m.pages {
		if !strings.Contains("checkout,tests of a checkout,grid in cells,tree,log,new tree", p.name) {
			continue
		}
		m.b.do(p.name, chromedp.EmulateViewport(1280, 720), chromedp.Navigate(m.url(p.url)))
		if found := read(m.b, p.name, chromedp.Evaluate[string](edges)); found != "" {
			m.t.Errorf("%s in forced colours: without an edge:\n%s", p.name, found)
		}
		if found := read(m.b, p.name, chromedp.Evaluate[string](rings)); found != "" {
			m.t.Errorf("%s in forced colours: the focus is not to be seen on\n%s", p.name, found)
		}
		m.b.picture("forced-" + p.name)
	}
}

// axeOpened: axe-core finds nothing where everything that can be opened is open,
// on the pages that a seeded month fills and the sample tree does not.
func axeOpened(m *month) {
	for i, p := range m.pages {
		if !slices.Contains([]string{"checkout", "result", "timeline", "builds", "plan", "reports", "history", "settings of a tree", "steps of a kind", "unsubscribe", "sign in", "nothing there", "long checkout"}, p.name) {
			continue
		}
		m.b.theme([]string{"light", "dark"}[i%2])
		m.b.do(p.name, chromedp.EmulateViewport([]int64{1280, 360}[i/2%2], 740), chromedp.Navigate(m.url(p.url)))
		m.b.script("open", `document.querySelectorAll("details").forEach((d) => d.open = true), true`)
		m.b.inspectHere(p.name + ", opened")
	}
	m.quietButMissing("axe")
}

// onPaper: a printed checkout reads like its mail: verdict, failures and where
// they are, nothing to press, light colours.
func onPaper(m *month) {
	m.b.media("print", &emulation.MediaFeature{Name: "prefers-color-scheme", Value: "dark"})
	defer m.b.media("")
	m.b.do("print", chromedp.EmulateViewport(800, 1100), chromedp.Navigate(m.url(route.Checkout(m.judged.ID))))
	if pressed := read(m.b, "print", chromedp.Evaluate[string](`{`+seen+`[...document.querySelectorAll("nav, button, input, select, form, footer, .skip, .top, .live")].filter(seen).map((e) => e.outerHTML.slice(0, 120)).join("\n") }`)); pressed != "" {
		m.t.Errorf("on paper there is\n%s", pressed)
	}
	m.b.script("the verdict is there", `document.querySelector(".verdict h2").checkVisibility()`)
	m.b.script("so are the failures", `{`+seen+`const all = [...document.querySelectorAll(".failure .first-error, .fold .error-cell code")]; all.length > 0 && all.every(seen) }`)
	m.b.script("and where they are", `[...document.querySelectorAll(".failure h3 a, .failure-links a")].some((a) => getComputedStyle(a, "::after").content.includes("/")) &&
		[...document.querySelectorAll(".failure h3 a")].every((a) => getComputedStyle(a, "::after").content.includes(a.getAttribute("href")))`)
	m.b.script("nothing is beside the paper", `[...document.querySelectorAll("main *")].every((e) => e.getBoundingClientRect().right <= innerWidth + 1)`)
	m.b.script("in light colours", `getComputedStyle(document.documentElement).colorScheme === "light" && getComputedStyle(document.body).color === "rgb(21, 26, 33)"`)
	m.b.picture("print")
}
