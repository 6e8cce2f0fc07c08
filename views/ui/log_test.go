package ui

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drover/views/route"
)

func lines(texts ...string) []Line {
	list := make([]Line, len(texts))
	for i, text := range texts {
		if text != "" {
			list[i].Text = []Span{{Text: text}}
		}
	}
	return list
}

func TestLogView(t *testing.T) {
	w := Window{First: 811, Lines: lines("", "<script>alert(1)</script>", "not ok 14", "", "end"), Chosen: route.Lines{First: 813, Last: 814}, Raw: "/x.txt"}
	w.Lines[4].Cut = true
	w.Lines[4].Text = append(w.Lines[4].Text, Span{"a1", "red"})
	got := render(t, LogView("A log", w, []Hit{{Line: 812}, {Line: 9999}}))
	want := `<pre class="tx">` + "\n\n" + `<mark id="L812" data-n="812" data-m="hit">&lt;script&gt;alert(1)&lt;/script&gt;</mark>` + "\n" +
		`<mark id="L813" data-n="813" data-m="chosen">not ok 14</mark>` + "\n" + `<mark id="L814" data-n="814" data-m="chosen"> </mark>` +
		"\nend" + `<span class="a1">red</span> … <a href="/x.txt?l=815">whole line</a>` + "\n</pre>"
	if !strings.Contains(got, want) {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if !strings.Contains(got, `data-first="811">811`+"\n812\n813\n814\n815\n</pre>") {
		t.Errorf("numbers are wrong: %s", got)
	}
}

func TestWrappedLines(t *testing.T) {
	w := Window{First: 7, Lines: lines("", "a"), Wrap: true, Clock: true}
	w.Lines[1].Clock = "+0.5"
	got := render(t, LogView("A log", w, nil))
	if want := `<pre class="tx"><span class="l" data-n="7" data-t=""></span><span class="l" data-n="8" data-t="+0.5">a</span></pre>`; !strings.Contains(got, want) || strings.Contains(got, `class="ln"`) {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestLogBlocks(t *testing.T) {
	w := Window{First: 401, Lines: make([]Line, 2*blockLines)}
	var ends []int
	for _, b := range w.blocks(nil) {
		ends = append(ends, b.First, b.Last())
	}
	if diff := cmp.Diff([]int{401, 500, 501, 1000, 1001, 1400}, ends); diff != "" {
		t.Error(diff)
	}
	if (Window{First: 1}).Last() != 0 || len((Window{}).blocks(nil)) != 0 {
		t.Error("an empty window has lines")
	}
}

// A choice far outside of the window must not cost anything, however large.
func TestChosenLinesOutsideOfTheWindow(t *testing.T) {
	w := Window{First: 1, Lines: lines("a"), Chosen: route.Lines{First: 5, Last: 2_000_000_000}}
	if got := w.marks(nil)[1]; got != "" {
		t.Errorf("line 1 is marked %q", got)
	}
}

// TestLogBody is how a log is laid out: sections as folds, what is not here as
// gaps.
func TestLogBody(t *testing.T) {
	log := Log{Lines: 1000, CutLine: 905, Cut: "x", Sections: []Section{
		{Name: "test", First: 301, Last: 1000, Open: true}, {Name: "install", First: 11, Last: 200}, {Name: "inner", First: 20, Last: 30}, {Name: "odd", First: 990, Last: 2000},
	}}
	window := func(first, last int) Window { return Window{First: first, Lines: make([]Line, last-first+1)} }
	for _, c := range []struct {
		why  string
		body LogBody
		want string
	}{
		{"a window in the last section", LogBody{Windows: []Window{window(900, 999)}, Target: 910},
			"gap 1-10 | install(gap 11-200) | gap 201-300 | test open(before 301-899 lines 900-905 cut lines 906-999 gap 1000-1000)"},
		{"a window over all", LogBody{Windows: []Window{window(1, 1000)}, Target: 1},
			"lines 1-10 | install(lines 11-200) | lines 201-300 | test(lines 301-905 cut lines 906-1000)"},
		{"hits open a section", LogBody{Windows: []Window{window(1, 5)}, Marks: []Hit{{Line: 100}, {Line: 120}}},
			"lines 1-5 gap 6-10 | install open(gap 11-200) | gap 201-300 | test(gap 301-1000)"},
		{"a link opens them", LogBody{Chosen: route.Lines{First: 190, Last: 400}},
			"gap 1-10 | install open(gap 11-200) | gap 201-300 | test open(gap 301-1000)"},
		{"somebody left one open, and it runs", LogBody{Opened: []int{11, 5}, Running: true},
			"gap 1-10 | install open(gap 11-200) | gap 201-300 | test open(gap 301-1000)"},
		{"two windows", LogBody{Windows: []Window{window(3, 4), window(8, 12)}},
			"before 1-2 lines 3-4 before 5-7 lines 8-10 | install(lines 11-12 gap 13-200) | gap 201-300 | test(gap 301-1000)"},
	} {
		c.body.Log = log
		if diff := cmp.Diff(c.want, layout(c.body)); diff != "" {
			t.Errorf("%s: %s", c.why, diff)
		}
	}
	if got := layout(LogBody{Log: Log{}}); got != "" {
		t.Errorf("an empty log: %q", got)
	}
}

// layout writes a body as words.
func layout(b LogBody) string {
	var parts []string
	for _, p := range b.parts() {
		var words []string
		for _, s := range p.stretches {
			kind := "gap"
			switch {
			case s.cut:
				words = append(words, "cut")
				continue
			case s.window != nil:
				kind = "lines"
				if s.window.First != s.first || s.window.Last() != s.last {
					kind = "WRONG"
				}
			case s.before:
				kind = "before"
			}
			words = append(words, kind+" "+Count(s.first)+"-"+strings.ReplaceAll(Count(s.last), "\u202f", ""))
		}
		text := strings.Join(words, " ")
		if p.fold != nil {
			name := p.fold.Name
			if p.open {
				name += " open"
			}
			text = name + "(" + text + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " | ")
}

func TestManySections(t *testing.T) {
	log := Log{Lines: 5000}
	for i := range 1000 {
		log.Sections = append(log.Sections, Section{Name: "s", First: i*5 + 1, Last: i*5 + 5})
	}
	b := LogBody{Log: log, Windows: []Window{{First: 101, Lines: make([]Line, 50)}}}
	if got := len(b.folds()); got != 10 {
		t.Errorf("%d folds", got)
	}
}
