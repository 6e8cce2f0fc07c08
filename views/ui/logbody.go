package ui

import (
	"slices"

	"drover/views/route"
)

// LogBody is the viewer of a log: its sections as folds, the windows that are
// here, and gaps that lead to the lines between them.
type LogBody struct {
	Log
	Windows []Window // in order, none touches another
	Chosen  route.Lines
	Marks   []Hit
	// Target is the line at which the page opens; its section is open.
	Target int
	// Opened are first lines of sections that somebody left open.
	Opened  []int
	Running bool
	AtEnd   bool                      // it opens at the end of the last window
	NoWrap  bool                      // long lines are never wrapped, however narrow the screen
	Only    bool                      // gaps between the windows stay
	At      func(first int) route.URL // the page with a window from a line on
}

// WindowLines is how many lines a page of a log has.
const WindowLines = 2000

// manySections is from how many sections on only those are drawn that the
// windows touch: a list of a thousand folds is no overview.
const manySections = 100

// logPart is a piece of the body: lines outside of sections, or a section.
type logPart struct {
	fold      *Section
	open      bool
	hits      int
	stretches []stretch
}

// stretch is lines that are here, or a gap, or the place where the log was cut.
type stretch struct {
	first, last int
	window      *Window // nil: a gap
	before      bool    // a gap with lines that are here right after it
	cut         bool
}

// parts lays the whole log out.
func (b LogBody) parts() []logPart {
	var parts []logPart
	outside := func(first, last int) {
		if first <= last {
			parts = append(parts, logPart{stretches: b.stretches(first, last)})
		}
	}
	next := 1
	for _, s := range b.folds() {
		outside(next, s.First-1)
		hits := b.hitsIn(s)
		parts = append(parts, logPart{fold: &s, open: hits > 0 || b.isOpen(s), hits: hits, stretches: b.stretches(s.First, s.Last)})
		next = s.Last + 1
	}
	outside(next, b.Lines)
	return parts
}

// folds are the outermost sections: a fold within a fold hides what it is for.
func (b LogBody) folds() []Section {
	sections := slices.Clone(b.Sections)
	slices.SortStableFunc(sections, func(x, y Section) int { return x.First - y.First })
	var folds []Section
	for _, s := range sections {
		s.Last = min(s.Last, b.Lines)
		inside := len(folds) > 0 && s.First <= folds[len(folds)-1].Last
		if inside || s.First < 1 || s.Last < s.First || len(sections) > manySections && !b.isHere(s) {
			continue
		}
		folds = append(folds, s)
	}
	return folds
}

// isHere tells whether a window has lines of a section.
func (b LogBody) isHere(s Section) bool {
	return slices.ContainsFunc(b.Windows, func(w Window) bool { return w.First <= s.Last && s.First <= w.Last() })
}

// isOpen tells whether a section is open although nothing was found in it: it
// is what the person came for, it runs, or there would be nothing else to see.
func (b LogBody) isOpen(s Section) bool {
	return b.Target >= s.First && b.Target <= s.Last || b.Running && s.Last == b.Lines || slices.Contains(b.Opened, s.First) ||
		b.Chosen.First > 0 && b.Chosen.First <= s.Last && max(b.Chosen.First, b.Chosen.Last) >= s.First
}

func (b LogBody) hitsIn(s Section) int {
	count := 0
	for _, h := range b.Marks {
		if h.Line >= s.First && h.Line <= s.Last {
			count++
		}
	}
	return count
}

// stretches cuts the lines first to last into what is here and what is not.
func (b LogBody) stretches(first, last int) []stretch {
	var list []stretch
	for _, w := range b.Windows {
		from, to := max(first, w.First), min(last, w.Last())
		if from > to {
			continue
		}
		if first < from {
			list = append(list, stretch{first: first, last: from - 1, before: true})
		}
		list = append(list, b.here(w, from, to)...)
		first = to + 1
	}
	if first <= last {
		list = append(list, stretch{first: first, last: last})
	}
	return list
}

// here is lines that are here, with a word where the runner cut the log.
func (b LogBody) here(w Window, first, last int) []stretch {
	part := func(from, to int) stretch {
		piece := w.part(from, to)
		return stretch{first: from, last: to, window: &piece}
	}
	if b.CutLine < first || b.CutLine > last {
		return []stretch{part(first, last)}
	}
	list := []stretch{part(first, b.CutLine), {cut: true}}
	if b.CutLine < last {
		list = append(list, part(b.CutLine+1, last))
	}
	return list
}

// link leads to the lines of a gap that are nearest to what is here.
func (b LogBody) link(s stretch) route.URL {
	if s.before {
		return b.At(max(s.first, s.last-WindowLines+1))
	}
	return b.At(s.first)
}

func (s stretch) words() string {
	switch {
	case s.before:
		return "Earlier lines, from " + Count(s.first)
	case s.first == s.last:
		return "Line " + Count(s.first)
	}
	return "Lines " + Count(s.first) + " to " + Count(s.last)
}

// marks of all windows.
func (b LogBody) marks() map[int]string {
	marks := Window{}.marks(b.Marks)
	for _, w := range b.Windows {
		w.Chosen = b.Chosen
		for n, mark := range w.marks(nil) {
			marks[n] = mark
		}
	}
	return marks
}
