package ktap

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drover/rules/status"
)

// repeat is an endless reader.
type repeat struct {
	text string
	at   int
	read int64
}

func (r *repeat) Read(p []byte) (int, error) {
	n := copy(p, r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	r.read += int64(n)
	return n, nil
}

func TestEndless(t *testing.T) {
	tests := []struct {
		name    string
		text    string
		limits  Limits
		problem string
		tests   int
	}{
		{"results", "ok 1 again\n", Limits{Tests: 1000}, "more than 1000 tests", 1000},
		{"noise", "exdrv: link up\n", Limits{Bytes: 1 << 20}, "input is longer", 0},
		{"one line", "ok 1 x", Limits{Bytes: 1 << 20}, "input is longer", 0},
		{"nothing but zeros", "\x00", Limits{Bytes: 1 << 20}, "input is longer", 0},
		{"documents", "TAP version 13\n1..2\nok 1 a\n", Limits{Tests: 999}, "more than 999 tests", 999},
		{"names", "ok 1 " + strings.Repeat("long", 50) + "\n", Limits{Text: 10_000}, "names and reasons", 50},
		{"diagnostics", "# " + strings.Repeat("long", 50) + "\n", Limits{Bytes: 1 << 20}, "input is longer", 0},
		{"headings", "  KTAP version 1\nKTAP version 1\n", Limits{Tests: 500}, "more than 500 tests", 500},
		{"plans alone", "KTAP version 1\n1..2\n", Limits{Tests: 500}, "more than 500 tests", 500},
		{"plans", "1..999999999\nok 1 a\n", Limits{Tests: 5000}, "more than 5000 tests", 5000},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			source := &repeat{text: test.text}
			report, err := Parse(source, test.limits)
			if err != nil {
				t.Fatal(err)
			}
			if !report.Truncated || report.Complete || report.Overall() == status.Pass {
				t.Errorf("truncated %v, complete %v, overall %s", report.Truncated, report.Complete, report.Overall())
			}
			if !hasProblem(report, test.problem) {
				t.Errorf("problems %v, want %q", report.Problems, test.problem)
			}
			if got := len(report.Tests); got > test.tests+1 || got < test.tests-1 {
				t.Errorf("%d tests, want about %d", got, test.tests)
			}
			if source.read > 4<<20 {
				t.Errorf("read %d bytes", source.read)
			}
			checkInvariants(t, report)
		})
	}
}

func hasProblem(r *Report, text string) bool {
	for _, p := range r.Problems {
		if strings.Contains(p.Text, text) {
			return true
		}
	}
	return false
}

func TestAbsurd(t *testing.T) {
	deep := &strings.Builder{}
	for i := range 200 {
		fmt.Fprintf(deep, "%sKTAP version 1\n%s1..1\n", strings.Repeat(" ", i), strings.Repeat(" ", i))
	}
	fmt.Fprintf(deep, "%snot ok 1 bottom\n", strings.Repeat(" ", 199))
	for i := 199; i >= 0; i-- {
		fmt.Fprintf(deep, "%sok 1 level%d\n", strings.Repeat(" ", i), i)
	}
	tests := []struct {
		name, input string
		check       func(*testing.T, *Report)
	}{
		{"nesting", deep.String(), func(t *testing.T, r *Report) {
			if r.Overall() == status.Pass || !r.Truncated {
				t.Errorf("overall %s, truncated %v: the failure below the limit is forgotten", r.Overall(), r.Truncated)
			}
		}},
		{"indentation", "TAP version 13\n1..1\n" + strings.Repeat(" ", 50_000) + "not ok 1 far\nok 1 near\n", func(t *testing.T, r *Report) {
			if len(r.Tests) != 1 || r.Tests[0].Name != "near" || len(r.Tests[0].Children) != 0 {
				t.Errorf("got\n%s", render(r))
			}
		}},
		{"hashes", strings.Repeat("# ", 20_000) + "ok 1 far\n", func(t *testing.T, r *Report) {
			if len(r.Tests) != 0 {
				t.Errorf("got\n%s", render(r))
			}
		}},
		{"long line", "TAP version 13\n1..2\nok 1 " + strings.Repeat("ä", 500_000) + "\nok 2 b\n", func(t *testing.T, r *Report) {
			if len(r.Tests) != 2 || r.Overall() != status.Pass || len(r.Tests[0].Name) > 300 {
				t.Errorf("got\n%s", render(r))
			}
		}},
		{"huge plan", "1..999999999\nok 1 a\n", func(t *testing.T, r *Report) {
			if len(r.Tests) != mostMissing+1 || r.Overall() != status.Error {
				t.Errorf("%d tests, overall %s", len(r.Tests), r.Overall())
			}
			if !hasProblem(r, "only 1000 of the 999999998") {
				t.Errorf("problems %v", r.Problems)
			}
		}},
		{"plan too long for a number", "1..99999999999999999999\nok 1 a\n", func(t *testing.T, r *Report) {
			if r.Complete || len(r.Tests) != 1 {
				t.Errorf("got\n%s", render(r))
			}
		}},
		{"YAML without end", "ok 1 a\n  ---\n" + strings.Repeat("  line\n", 3000) + "not ok 2 b\n", func(t *testing.T, r *Report) {
			if len(r.Tests) != 2 || r.Tests[1].Status != status.Fail || !hasProblem(r, "YAML") {
				t.Errorf("got\n%s", render(r))
			}
		}},
		{"YAML where nothing is open", "  ok 1 a\n# selftests: a: b\r    ---\n", func(t *testing.T, r *Report) {
			if len(r.Tests) != 2 || r.Tests[1].Name != "selftests: a: b" || r.Tests[1].Status != status.Error {
				t.Errorf("got\n%s", render(r))
			}
		}},
		{"many problems", strings.Repeat("TAP version 99\n1..1\nok 1 a\n", 5000), func(t *testing.T, r *Report) {
			if len(r.Problems) != 100 || len(r.Tests) != 5000 {
				t.Errorf("%d problems, %d tests", len(r.Problems), len(r.Tests))
			}
			if last := r.Leaves()[4999].Path[0]; last != "a #5000" {
				t.Errorf("last path %q", last)
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			report, err := Parse(strings.NewReader(test.input), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			checkInvariants(t, report)
			test.check(t, report)
		})
	}
}

func TestDiagnosticsAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("KTAP version 1\n1..2\n")
	for i := range 1000 {
		fmt.Fprintf(&b, "# line %d\n", i)
	}
	b.WriteString("not ok 1 a\nok 2 b\n")
	report, err := Parse(strings.NewReader(b.String()), Limits{Diagnostics: 6})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"line 0", "line 1", "line 2", "… 995 lines left out", "line 998", "line 999"}
	if diff := cmp.Diff(want, report.Tests[0].Diagnostics); diff != "" {
		t.Error(diff)
	}
	if len(report.Tests[1].Diagnostics) != 0 {
		t.Errorf("the next test got %q", report.Tests[1].Diagnostics)
	}
}

func TestChatterDoesNotCrowdOutFailures(t *testing.T) {
	var b strings.Builder
	b.WriteString("KTAP version 1\n1..101\n")
	for i := range 100 {
		fmt.Fprintf(&b, "# %s\nok %d t%d\n", strings.Repeat("chatter ", 60), i+1, i)
	}
	b.WriteString("# why it failed\nnot ok 101 last\n")
	report, err := Parse(strings.NewReader(b.String()), Limits{Text: 20_000})
	if err != nil {
		t.Fatal(err)
	}
	if report.Truncated {
		t.Error("chatter counted as results")
	}
	if diff := cmp.Diff([]string{"why it failed"}, report.Tests[100].Diagnostics); diff != "" {
		t.Error(diff)
	}
}
