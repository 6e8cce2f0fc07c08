package ui

import "drover/views/route"

// Key is one line of the table of keys. The help page, the dialog of each page
// and the script all read this table: the dialog carries it to the script.
type Key struct {
	// Press is what is pressed, keys of a sequence with a space: "g t". Two
	// ways to do the same are two lines.
	Press string
	Does  string
	// Action names a function of keys.js, "" if another script listens; Target is
	// what it works on: a selector, or an address for "go".
	Action, Target string
}

// What keys move between, and where they begin.
const (
	keyRows  = "main .data tbody tr, main .failure"
	failures = "main .failure"
	gridBox  = ".grid-box"
)

// everywhere are the keys of all pages. Those whose target a page has not are
// left out of its dialog.
var everywhere = []Key{
	{"?", "show the keys of this page", "help", ""},
	{"/", "go to the search field", "focus", "#search-q"},
	{"g h", "go to the overview", "go", string(route.Home())},
	{"g t", "go to the trees", "go", string(route.Trees())},
	{"g e", "go to the tests", "go", string(route.Tests())},
	{"g m", "go to your settings", "go", string(route.Me())},
	{"j", "next row or card", "next", keyRows},
	{"k", "previous row or card", "previous", keyRows},
	{"o", "open the row (or Enter; with Ctrl in a new tab)", "open", keyRows},
	{"x", "select the row, or not", "select", "main .data tbody tr:has(input[type=checkbox])"},
	{"f", "go to the first filter field", "focus", "form.filters :is(input:not([type=hidden]), select)"},
	{"u", "up to what this page is part of", "follow", ".crumbs li:nth-last-child(2) a"},
	{"y", "copy the link to this page", "copy", ""},
	{"z", "pause or resume live updates", "follow", "[data-live-state] button"},
	{"Escape", "close the dialog, leave the field", "leave", ""},
}

// onPages are the keys of single kinds of pages, by topic. They win over those
// of every page.
var onPages = map[string][]Key{
	"checkout": {
		{"n", "next failure", "next", failures},
		{"p", "previous failure", "previous", failures},
		{"l", "log of the failure", "within", `main .failure a[href*="/-/logs/"]`},
		{"h", "history of the failing test", "within", `main .failure-links a[href^="/tests/"]`},
		{"c", "compare with another checkout", "follow", `.tabs a[href*="/-/compare"]`},
		{"[", "older checkout of this branch", "follow", ".page-head a[rel=prev]"},
		{"]", "newer checkout of this branch", "follow", ".page-head a[rel=next]"},
	},
	"grid": {
		{"ArrowLeft ArrowRight ArrowUp ArrowDown", "move between cells, while the grid has the focus", "", gridBox},
		{"Home End", "first and last cell of the row", "", gridBox},
		{"n", "next cell that did not pass", "", gridBox},
		{"p", "previous cell that did not pass", "", gridBox},
		{"=", "compare the checkout with the one on its left", "", gridBox},
		{"d", "cells or strips", "", gridBox},
	},
	"log": {
		{"n", "next hit", "follow", ".log-links [data-key=n]"},
		{"p", "previous hit", "follow", ".log-links [data-key=p]"},
		{"s", "search this log", "focus", "#log-q"},
		{"L", "go to a line", "focus", "#log-l"},
		{"w", "wrap long lines, or not", "follow", ".log-view button[name=wrap]"},
		{"F", "follow the end of a running log", "follow", "[data-follow]"},
		{"g g", "top of the log", "follow", ".log-links [data-key=gg]"},
		{"G", "end of the log", "follow", ".log-links [data-key=G]"},
	},
}

// KeyGroup is keys under one heading.
type KeyGroup struct {
	Title string
	Keys  []Key
}

// KeysOf are the keys of a kind of page: its own, then those of every page.
func KeysOf(topic string) []KeyGroup {
	var groups []KeyGroup
	if own := onPages[topic]; len(own) > 0 {
		groups = append(groups, KeyGroup{Title: "On this page", Keys: own})
	}
	return append(groups, KeyGroup{Title: "Everywhere", Keys: everywhere})
}

// AllKeys are the keys of all pages, for the help.
func AllKeys() []KeyGroup {
	return []KeyGroup{
		{Title: "Everywhere", Keys: everywhere},
		{Title: "On a checkout", Keys: onPages["checkout"]},
		{Title: "On a grid", Keys: onPages["grid"]},
		{Title: "In a log", Keys: onPages["log"]},
	}
}

// strokes are the keys of a sequence.
func (k Key) strokes() []string {
	var list []string
	start := 0
	for i := range len(k.Press) {
		if k.Press[i] == ' ' {
			list = append(list, k.Press[start:i])
			start = i + 1
		}
	}
	return append(list, k.Press[start:])
}

// keyCaps are what stands on keys, where that is not their name.
var keyCaps = map[string]string{"Escape": "Esc", "ArrowLeft": "←", "ArrowRight": "→", "ArrowUp": "↑", "ArrowDown": "↓"}

// shown is a key as it is written on keyboards.
func shown(stroke string) string {
	if word, ok := keyCaps[stroke]; ok {
		return word
	}
	return stroke
}
