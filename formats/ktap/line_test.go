package ktap

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"drover/rules/status"
)

func TestWithoutStamp(t *testing.T) {
	tests := []struct{ in, want string }{
		{"ok 1", "ok 1"},
		{"[    5.1] ok 1", "ok 1"},
		{"[    5.1]   ok 1", "  ok 1"},
		{"[    5.1] \tok 1", "\tok 1"},
		{"<6>[    5.1] ok 1", "ok 1"},
		{"<6>ok 1", "ok 1"},
		{"<6>  ok 1", "  ok 1"},
		{"[ 5.1][   T12] ok 1", "ok 1"},
		{"[ 5.1][C3]   ok 1", "  ok 1"},
		{"[ 5.1]", ""},
		{"[ 5.1][T1]", ""},
		{"[ 5.1]ok", "[ 5.1]ok"},           // no space: not a stamp
		{"[ 5.1][X1] ok", "[ 5.1][X1] ok"}, // not a caller
		{"[5] ok", "[5] ok"},
		{"[ok.1] ok", "[ok.1] ok"},
		{"[.] ok", "[.] ok"},
		{"[" + strings.Repeat("1", 60) + ".1] ok", "[" + strings.Repeat("1", 60) + ".1] ok"},
		{"<info> ok", "<info> ok"},
		{"<1234>ok", "<1234>ok"},
		{"<", "<"},
		{"[", "["},
		{"", ""},
	}
	for _, test := range tests {
		if got := withoutStamp(test.in); got != test.want {
			t.Errorf("withoutStamp(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestClean(t *testing.T) {
	tests := []struct{ in, want string }{
		{"plain\ttab\r", "plain\ttab\r"},
		{"a\x00b\x01\x7f", "ab"},
		{"\x1b[32;1mok\x1b[0m 1", "ok 1"},
		{"\x1b]0;title\x07ok", "ok"},
		{"\x1b]0;title\x1b\\ok", "ok"},
		{"\x1b]ok 1", "ok 1"}, // never ends: only the introducer goes
		{"\x1bcok", "ok"},
		{"ok\x1b", "ok"},
		{"\x1b\x1b[1mok", "ok"},
		{"\x1b[12", ""},
		{"\x1b[\xff ok", "\xff ok"},
		{"größe", "größe"},
	}
	for _, test := range tests {
		if got := string(clean([]byte(test.in))); got != test.want {
			t.Errorf("clean(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestScan(t *testing.T) {
	tests := []struct {
		in             string
		kind           kind
		column, hashes int
		text           string
	}{
		{"KTAP version 1", version, 0, 0, "KTAP version 1"},
		{"    TAP version 14", version, 4, 0, "TAP version 14"},
		{"# TAP version 13", version, 2, 1, "TAP version 13"},
		{"KTAP version one", noise, 0, 0, "KTAP version one"},
		{"KTAP version 1 and more", noise, 0, 0, "KTAP version 1 and more"},
		{"TTAP version 1", noise, 0, 0, "TTAP version 1"},
		{"1..4", plan, 0, 0, "1..4"},
		{"1..4  # why", plan, 0, 0, "1..4  # why"},
		{"1..0 # SKIP", plan, 0, 0, "1..0 # SKIP"},
		{"1..4 tests", noise, 0, 0, "1..4 tests"},
		{"1..", noise, 0, 0, "1.."},
		{"1..-1", noise, 0, 0, "1..-1"},
		{"10..20", noise, 0, 0, "10..20"},
		{"\tok 1 a", outcome, 8, 0, "ok 1 a"},
		{"  \tok 1 a", outcome, 8, 0, "ok 1 a"},
		{"# # ok 1 a", outcome, 4, 2, "ok 1 a"},
		{"#   ok 1 a  ", outcome, 4, 1, "ok 1 a"},
		{"#ok 1 a", comment, 0, 1, "ok 1 a"},
		{"#", comment, 0, 1, ""},
		{"    # Subtest: x", comment, 6, 1, "Subtest: x"},
		{"okay", noise, 0, 0, "okay"},
		{"not ok", outcome, 0, 0, "not ok"},
		{"note", noise, 0, 0, "note"},
		{"OK 1", noise, 0, 0, "OK 1"},
		{"Bail out!", bail, 0, 0, "Bail out!"},
		{"Bail out", noise, 0, 0, "Bail out"},
		{"  ---", yamlStart, 2, 0, "---"},
		{"--- a/file", noise, 0, 0, "--- a/file"},
		{"", noise, 0, 0, ""},
		{"   ", noise, 0, 0, ""},
	}
	for _, test := range tests {
		got := scan(test.in)
		want := scanned{kind: test.kind, column: test.column, hashes: test.hashes, text: test.text}
		ignore := cmpopts.IgnoreFields(scanned{}, "hashAt", "glued", "ktap", "number", "result")
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(scanned{}), ignore); diff != "" {
			t.Errorf("scan(%q) (-want +got)\n%s", test.in, diff)
		}
	}
}

func TestParseResult(t *testing.T) {
	none := result{number: -1}
	tests := []struct {
		in     string
		want   result
		status status.Status
	}{
		{"ok", result{ok: true, number: -1}, status.Pass},
		{"not ok", none, status.Fail},
		{"ok 1", result{ok: true, number: 1}, status.Pass},
		{"ok 1 -", result{ok: true, number: 1, dash: true}, status.Pass},
		{"ok 007 name", result{ok: true, number: 7, name: "name"}, status.Pass},
		{"ok 1 - a - b", result{ok: true, number: 1, dash: true, name: "a - b"}, status.Pass},
		{"ok 1 -a", result{ok: true, number: 1, name: "-a"}, status.Pass},
		{"ok\t1\ta b ", result{ok: true, number: 1, name: "a b"}, status.Pass},
		{"ok - a", result{ok: true, number: -1, dash: true, name: "a"}, status.Pass},
		{"ok 1: a", result{ok: true, number: 1, name: "a"}, status.Pass},
		{"ok 1st a", result{ok: true, number: -1, name: "1st a"}, status.Pass},
		{"not ok 2 a # exit=139", result{number: 2, name: "a", reason: "exit=139"}, status.Fail},
		{"ok 2 a #", result{ok: true, number: 2, name: "a"}, status.Pass},
		{"ok 2 a#b", result{ok: true, number: 2, name: "a#b"}, status.Pass},
		{"ok 2 a #3", result{ok: true, number: 2, name: "a #3"}, status.Pass},
		{"ok 2 # SKIP name", result{ok: true, number: 2, name: "name", directive: "SKIP"}, status.Skip},
		{"ok 2 # SKIP", result{ok: true, number: 2, directive: "SKIP"}, status.Skip},
		{"ok 2 # Skipped: why", result{ok: true, number: 2, directive: "SKIP", name: "why"}, status.Skip},
		{"ok 2 a # Skipped: why", result{ok: true, number: 2, name: "a", directive: "SKIP", reason: "why"}, status.Skip},
		{"not ok 2 a # TODO: why", result{number: 2, name: "a", directive: "TODO", reason: "why"}, status.Pass},
		{"not ok 2 a # TODOS", result{number: 2, name: "a", reason: "TODOS"}, status.Fail},
		{"not ok 2 # error it broke", result{number: 2, name: "it broke", directive: "ERROR"}, status.Error},
		{`ok 2 a \# SKIP b`, result{ok: true, number: 2, name: "a # SKIP b"}, status.Pass},
		{`ok 2 a \\ # SKIP b`, result{ok: true, number: 2, name: `a \`, directive: "SKIP", reason: "b"}, status.Skip},
		{`ok 2 a \`, result{ok: true, number: 2, name: `a \`}, status.Pass},
		{"ok 9999999999 a", result{ok: true, number: 0, overflow: true, name: "a"}, status.Pass},
	}
	for _, test := range tests {
		got, ok := parseResult(test.in)
		if !ok {
			t.Errorf("parseResult(%q): no result", test.in)
			continue
		}
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(result{})); diff != "" {
			t.Errorf("parseResult(%q) (-want +got)\n%s", test.in, diff)
		}
		if s := got.status(); s != test.status {
			t.Errorf("parseResult(%q) is %s, want %s", test.in, s, test.status)
		}
	}
	for _, in := range []string{"", "o", "okay", "not", "not okay", "notok", "ok:", "ok#", "nok 1"} {
		if got, ok := parseResult(in); ok {
			t.Errorf("parseResult(%q) = %+v, want none", in, got)
		}
	}
}

func TestKept(t *testing.T) {
	tests := []struct {
		in    string
		limit int
		want  string
	}{
		{"  a  ", 10, "a"},
		{"abc", 3, "abc"},
		{"abcd", 3, "abc…"},
		{"aäö", 2, "a…"}, // never half a character
		{"\xff\xfe", 10, "\uFFFD"},
		{strings.Repeat("\x80", 20), 8, "\uFFFD"},
		{strings.Repeat("\x80a", 20), 8, "\uFFFDa\uFFFDa…"}, // the limit counts what is stored
		{"", 5, ""},
	}
	for _, test := range tests {
		if got := kept(test.in, test.limit); got != test.want {
			t.Errorf("kept(%q, %d) = %q, want %q", test.in, test.limit, got, test.want)
		}
	}
}

func TestLevelMissing(t *testing.T) {
	tests := []struct {
		name    string
		plan    int
		numbers []int
		want    []int
		total   int
	}{
		{"no plan", -1, []int{1}, nil, 0},
		{"met", 2, []int{1, 2}, nil, 0},
		{"end", 4, []int{1, 2}, []int{3, 4}, 2},
		{"middle", 4, []int{1, 2, 4}, []int{3}, 1},
		{"all", 2, nil, []int{1, 2}, 2},
		{"doubles do not count twice", 3, []int{1, 1, 1}, []int{2, 3}, 2},
		{"beyond", 2, []int{1, 7}, []int{2}, 1},
		{"more than planned", 1, []int{1, 2, 3}, nil, 0},
		{"limit", 9, []int{2}, []int{1, 3, 4}, 8},
		{"backwards", 3, []int{3, 2, 1}, nil, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			lv := &level{section: newSection(0)}
			lv.section.plan = test.plan
			for _, n := range test.numbers {
				lv.add(&Test{Number: n})
			}
			got, total := lv.missing(3)
			if diff := cmp.Diff(test.want, got); diff != "" || total != test.total {
				t.Errorf("missing %v of %d, want %v of %d", got, total, test.want, test.total)
			}
		})
	}
}

func TestLeavesPathsAreUnique(t *testing.T) {
	leaf := func(name string) *Test { return &Test{Name: name, Status: status.Pass} }
	report := &Report{Tests: []*Test{
		leaf("a"), leaf("a"), leaf("a #2"), leaf("a"),
		{Name: "p", Status: status.Error, Children: []*Test{leaf("x"), leaf("x")}},
		{Name: "p", Status: status.Pass, Children: []*Test{leaf("x")}},
		leaf("selftests: net: tls"),
		{Name: "net", Status: status.Pass, Children: []*Test{leaf("tls")}},
		leaf("selftests: alone"),
	}}
	want := []string{"a", "a #2", "a #2 #2", "a #3", "p/x", "p/x #2", "p", "p #2/x", "net/tls", "net/tls #2", "selftests: alone"}
	var got []string
	for _, l := range report.Leaves() {
		got = append(got, strings.Join(l.Path, "/"))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
