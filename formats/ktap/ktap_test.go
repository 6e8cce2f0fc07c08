package ktap

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"drover/rules/status"
)

var update = flag.Bool("update", false, "rewrite the expected part of testdata")

// TestCases reads testdata: why, input, expected. The expected part is what
// render prints.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			head, input, expected := readCase(t, file)
			report, err := Parse(strings.NewReader(input), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			checkInvariants(t, report)
			got := render(report)
			if *update {
				if err := os.WriteFile(file, []byte(head+"-- expected --\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(expected, got); diff != "" {
				t.Errorf("%s\n(-expected +got)\n%s", head, diff)
			}
			// The same in pieces of one byte.
			again, err := Parse(iotest.OneByteReader(strings.NewReader(input)), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(report, again); diff != "" {
				t.Errorf("byte by byte it differs (-whole +bytes)\n%s", diff)
			}
		})
	}
}

// readCase takes a case file apart; head is everything before the expected part.
func readCase(t *testing.T, file string) (head, input, expected string) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, expected, _ = strings.Cut(string(raw), "-- expected --\n")
	_, input, ok := strings.Cut(head, "-- input --\n")
	if ok {
		return head, input, expected
	}
	_, escaped, ok := strings.Cut(head, "-- input escaped --\n")
	if !ok {
		t.Fatalf("%s has no input", file)
	}
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(strings.ReplaceAll(escaped, `"`, `\"`), "\n", `\n`) + `"`)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return head, text, expected
}

// render prints a report, a test a line: status, what its own line said if that
// is other, number and name, directive, reason, line, plan, diagnostics.
func render(r *Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s; version %q, complete %v", r.Overall(), r.Version, r.Complete)
	if r.Bail != "" {
		fmt.Fprintf(&b, ", bail %q", r.Bail)
	}
	if r.Skipped != "" {
		fmt.Fprintf(&b, ", skipped %q", r.Skipped)
	}
	b.WriteString("\n")
	renderTests(&b, "  ", r.Tests)
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "! line %d: %s\n", p.Line, p.Text)
	}
	for _, leaf := range r.Leaves() {
		fmt.Fprintf(&b, "= %s: %s\n", strings.Join(leaf.Path, " / "), leaf.Status)
	}
	return b.String()
}

func renderTests(b *strings.Builder, indent string, tests []*Test) {
	for _, t := range tests {
		fmt.Fprintf(b, "%s%s", indent, t.Status)
		if t.Reported != t.Status {
			fmt.Fprintf(b, " (said %s)", t.Reported)
		}
		fmt.Fprintf(b, " %d %q", t.Number, t.Name)
		if t.Directive != "" {
			fmt.Fprintf(b, " %s", t.Directive)
		}
		if t.Reason != "" {
			fmt.Fprintf(b, " because %q", t.Reason)
		}
		if t.Line > 0 {
			fmt.Fprintf(b, " at line %d", t.Line)
		}
		if t.Planned > 0 {
			fmt.Fprintf(b, " of %d", t.Planned)
		}
		b.WriteString("\n")
		for _, d := range t.Diagnostics {
			fmt.Fprintf(b, "%s  | %s\n", indent, d)
		}
		renderTests(b, indent+"    ", t.Children)
	}
}

// checkInvariants checks what holds for every report, whatever the input.
func checkInvariants(t *testing.T, r *Report) {
	t.Helper()
	if r == nil {
		t.Fatal("no report")
	}
	reported := map[*Test]bool{}
	checkTests(t, r.Tests, reported)
	overall := r.Overall()
	if overall == status.Pass && (!r.Complete || r.Truncated || r.Bail != "") {
		t.Errorf("passes although complete %v, truncated %v, bail %q", r.Complete, r.Truncated, r.Bail)
	}
	if !overall.Known() {
		t.Errorf("overall status %q", overall)
	}
	if !r.Complete && len(r.Problems) == 0 {
		t.Error("incomplete without a problem that says why")
	}
	paths := map[string]bool{}
	for _, leaf := range r.Leaves() {
		path := strings.Join(leaf.Path, "\x00")
		if paths[path] {
			t.Errorf("path %q twice", leaf.Path)
		}
		paths[path] = true
		if !reported[leaf.Test] {
			t.Errorf("leaf %q is not in the tree", leaf.Path)
		}
	}
}

func checkTests(t *testing.T, tests []*Test, seen map[*Test]bool) {
	t.Helper()
	for _, test := range tests {
		if seen[test] {
			t.Errorf("test %q is in the tree twice", test.Name)
		}
		seen[test] = true
		if test.Name == "" || len(test.Name) > nameBytes+len("…") {
			t.Errorf("name %q", test.Name)
		}
		if !test.Status.Final() || !test.Status.Known() || !test.Reported.Known() {
			t.Errorf("status %q, reported %q", test.Status, test.Reported)
		}
		if test.Line == 0 && (test.Status == status.Pass || test.Status == status.Skip) {
			t.Errorf("%q has no result line and status %s", test.Name, test.Status)
		}
		if worst := status.Worst(test.Status, test.Reported, worstOf(test.Children)); worst != test.Status && len(test.Children) > 0 {
			t.Errorf("%q is %s, its parts are %s", test.Name, test.Status, worst)
		}
		checkTests(t, test.Children, seen)
	}
}

func TestReaderErrorKeepsWhatCame(t *testing.T) {
	broken := errors.New("connection reset")
	input := io.MultiReader(strings.NewReader("KTAP version 1\n1..2\nok 1 a\n"), iotest.ErrReader(broken))
	report, err := Parse(input, Limits{})
	if !errors.Is(err, broken) {
		t.Fatalf("error %v, want it to wrap %v", err, broken)
	}
	if len(report.Tests) != 2 || report.Tests[0].Status != status.Pass || report.Tests[1].Status != status.Miss {
		t.Errorf("tests\n%s", render(report))
	}
	if report.Overall() != status.Error {
		t.Errorf("overall %s, want error", report.Overall())
	}
	checkInvariants(t, report)
}

// TestEveryCut cuts real-looking logs after every byte. What was not reported
// may never read as a pass, and what was must not change.
func TestEveryCut(t *testing.T) {
	for _, name := range []string{"kunit", "kselftest", "nested_three", "tap14"} {
		_, input, _ := readCase(t, "testdata/"+name+".txt")
		whole, err := Parse(strings.NewReader(input), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		last := strings.LastIndex(strings.TrimRight(input, "\n"), "\n")
		for cut := range last {
			report, err := Parse(strings.NewReader(input[:cut]), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			checkInvariants(t, report)
			if report.Complete || report.Overall() == status.Pass {
				t.Fatalf("%s cut at byte %d of %d: complete %v, %s", name, cut, len(input), report.Complete, report.Overall())
			}
		}
		if !whole.Complete {
			continue
		}
		t.Logf("%s: %d cuts", name, last)
	}
}
