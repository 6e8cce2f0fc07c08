package grid

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drover/rules/status"
)

// letters are the marks that the cases below are written in.
var letters = map[rune]Mark{
	'n': {status.Fail, status.New}, 's': {status.Fail, status.StillFailing}, 'f': {status.Fail, ""}, 'k': {status.Fail, status.KnownIssue},
	'e': {status.Error, ""}, 'm': {status.Miss, ""}, 'y': {status.Pass, status.Flaky}, 'p': {status.Pass, ""}, 'x': {status.Pass, status.Fixed},
	'r': {status.Running, ""}, '-': {status.Skip, ""},
}

// cells reads one letter a checkout, a blank for none.
func cells(text string) []Cell {
	list := make([]Cell, 0, len(text))
	for _, letter := range text {
		mark, known := letters[letter]
		if !known {
			list = append(list, Cell{})
			continue
		}
		c := Cell{Rank: 1 + slices.Index(Marks, mark), Result: 100, Results: 1}
		switch mark.Status {
		case status.Pass:
			c.Passed = 1
		case status.Fail:
			c.Failed = 1
		}
		list = append(list, c)
	}
	return list
}

func TestFigures(t *testing.T) {
	for _, c := range []struct {
		why, cells string
		want       Figures
	}{
		{"nothing", "", Figures{}},
		{"no results at all", "   ", Figures{}},
		{"passes", "ppp", Figures{Passed: 3}},
		{"breaks", "ppn", Figures{Passed: 2, Failed: 1, Flips: 1, InARow: 1, New: true, Bad: 1}},
		{"stays broken", "pnss", Figures{Passed: 1, Failed: 3, Flips: 1, InARow: 3, Bad: 3}},
		{"is mended", "pnsx", Figures{Passed: 2, Failed: 2, Flips: 2, Bad: 2}},
		{"comes and goes", "pfpfp", Figures{Passed: 3, Failed: 2, Flips: 4, Bad: 2}},
		{"a gap does not end a row", "pn s", Figures{Passed: 1, Failed: 2, Flips: 1, InARow: 2, Bad: 2}},
		{"nor does a broken machine", "pnes", Figures{Passed: 1, Failed: 2, Flips: 1, InARow: 2, Bad: 2, Infra: 1}},
		{"a broken machine is no flip", "pep", Figures{Passed: 2, Infra: 1}},
		{"missing alone", "m", Figures{Infra: 1}},
		{"flaky", "ppyp", Figures{Passed: 4, Flaky: 1}},
		{"skipped and running say nothing", "-n-r", Figures{Failed: 1, InARow: 1, New: true, Bad: 1}},
		{"known failures count as failures", "pkk", Figures{Passed: 1, Failed: 2, Flips: 1, InARow: 2, Bad: 2}},
	} {
		if diff := cmp.Diff(c.want, FiguresOf(cells(c.cells))); diff != "" {
			t.Errorf("%s:\n%s", c.why, diff)
		}
	}
}

func TestWhichRows(t *testing.T) {
	for text, want := range map[string][2]bool{ // failing, changes its mind
		"ppp": {false, false}, "pyp": {false, true}, "ppn": {true, false}, "pfp": {true, true}, "pep": {false, false}, "pfpf": {true, true}, "-r ": {false, false},
	} {
		f := FiguresOf(cells(text))
		if f.Failing() != want[0] || f.ChangesItsMind() != want[1] {
			t.Errorf("%q: failing %v, changes its mind %v", text, f.Failing(), f.ChangesItsMind())
		}
	}
}

func TestTheWorstSpeaks(t *testing.T) {
	rows := []Row{{Cells: cells("ppp p-")}, {Cells: cells("pfe  p")}, {Cells: cells("-nk p ")}}
	var text strings.Builder
	for _, c := range Together(rows) {
		letter := " "
		for l, mark := range letters {
			if !c.Empty() && mark == c.Mark() {
				letter = string(l)
			}
		}
		text.WriteString(letter)
	}
	if got := text.String(); got != "pne pp" {
		t.Errorf("together %q", got)
	}
	if sum := Together(rows)[1]; sum.Results != 3 || sum.Failed != 2 || sum.Passed != 1 {
		t.Errorf("%+v", sum)
	}
	if Together(nil) != nil {
		t.Error("no rows have cells")
	}
	if (Cell{Rank: 99}).Mark() != (Mark{}) {
		t.Error("a rank that nothing has")
	}
}

func TestGroup(t *testing.T) {
	for path, want := range map[string]string{
		"boot": "", "net/tls.sh": "net", "kselftest/net/tls.sh": "kselftest/net", "kselftest/net/forwarding/a.sh": "kselftest/net", "": "",
	} {
		if got := Group(path); got != want {
			t.Errorf("%q is in %q, want %q", path, got, want)
		}
	}
}

func TestSort(t *testing.T) {
	all := []Row{
		{Path: "a/quiet", Cells: cells("pppp")}, {Path: "a/long", Cells: cells("psss")}, {Path: "b/new", Cells: cells("pppn")}, {Path: "b/quiet", Cells: cells("pppp")},
		{Path: "c/flips", Cells: cells("pfpf")}, {Path: "c/was", Cells: cells("pffp")}, {Path: "boot", Place: "x", Cells: cells("pppp")}, {Path: "boot", Place: "a", Cells: cells("pppp")},
	}
	for i := range all {
		all[i].Figures = FiguresOf(all[i].Cells)
	}
	for _, c := range []struct {
		order     Order
		backwards bool
		want      string
	}{
		{ByAttention, false, "b/new b/quiet a/long a/quiet c/flips c/was boot.a boot.x"},
		{ByName, false, "a/long a/quiet b/new b/quiet boot.a boot.x c/flips c/was"},
		{ByName, true, "c/was c/flips boot.x boot.a b/quiet b/new a/quiet a/long"},
		{ByFlips, false, "c/flips c/was a/long a/quiet b/new b/quiet boot.a boot.x"},
	} {
		rows := slices.Clone(all)
		Sort(rows, c.order, c.backwards)
		var names []string
		for _, r := range rows {
			names = append(names, strings.TrimSuffix(r.Path+"."+r.Place, "."))
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s, backwards %v:\n%s\n%s", c.order, c.backwards, got, c.want)
		}
	}
}

// Every status has a line of its own, so that no result is without a mark.
func TestEveryStatusHasAMark(t *testing.T) {
	for _, s := range []status.Status{status.Pass, status.Fail, status.Error, status.Miss, status.Skip, status.Done, status.Planned, status.Queued, status.Running, status.Cancelled} {
		if !slices.Contains(Marks, Mark{Status: s}) {
			t.Errorf("%s has none", s)
		}
	}
}
