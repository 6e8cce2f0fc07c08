package ui

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"drover/rules/status"
	"drover/views/chart"
	"drover/views/route"
)

var update = flag.Bool("update", false, "write the golden files anew")

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	got = strings.ReplaceAll(got, "><", ">\n<") + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// The pictures as they stand in the page, with the sentence each is read as.
func TestPictures(t *testing.T) {
	cells := []chart.Cell{{Status: status.Pass}, {Status: status.Pass, Shown: status.Flaky}, {}, {Status: status.Skip}, {Status: status.Error}, {Status: status.Miss},
		{Status: status.Fail, Shown: status.KnownIssue}, {Status: status.Fail, Shown: status.New}, {Status: status.Queued}, {Status: status.Running}}
	golden(t, "strip.svg", render(t, Strip(cells, "result", "results", route.Test("a/b"))))
	golden(t, "strip-empty.svg", render(t, Strip(nil, "checkout", "checkouts", "")))
	golden(t, "spark.svg", render(t, Spark([]chart.Rate{0.99, 0.98, chart.NoRate(), 0.5, 0.96}, "Pass rate", "30 days")))
	golden(t, "spark-empty.svg", render(t, Spark([]chart.Rate{chart.NoRate()}, "Pass rate", "30 days")))
	golden(t, "grid.svg", render(t, GridPicture(chart.NewGrid([]string{"rc3-380", "rc3-391"}, []chart.GridRow{
		{Name: "kselftest/net/tls.sh", Cells: cells[1:3]}, {Name: "boot", Cells: cells[4:6]}, {Name: "fs", Cells: cells[6:8]}, {Name: "mm", Cells: cells[8:]}, {Name: "lib", Cells: []chart.Cell{cells[0], cells[3]}},
	}, "5 rows of 9 tests and 2 checkouts of net-next main"))))
	golden(t, "bar.svg", render(t, CountsBar(Counts{Pass: 1204, New: 2, Known: 4, Infra: 2, Missing: 1, Skipped: 31})))
}

// A picture that stands alone has a colour for everything that a strip can draw.
func TestGridPictureHasColours(t *testing.T) {
	for _, s := range []status.Status{status.Pass, status.Fail, status.Error, status.Miss, status.Skip, status.Running, status.Queued} {
		for _, shown := range []status.Shown{"", status.KnownIssue, status.Flaky} {
			if class := chart.Class(chart.Cell{Status: s, Shown: shown}); alone[class].fill == "" {
				t.Errorf("no colour for %s", class)
			}
		}
	}
}

func TestBadge(t *testing.T) {
	for _, c := range []struct {
		mark Mark
		want []string // parts of the markup
	}{
		{Mark{Status: status.Pass}, []string{`data-f="good"`, "Pass", glyphs["pass"]}},
		{Mark{Status: status.Fail, Shown: status.New}, []string{`data-f="bad"`, `data-look="new"`, "New", glyphs["fail"]}},
		{Mark{Status: status.Error, Shown: status.KnownIssue}, []string{`data-f="off"`, `data-look="known"`, "Known", glyphs["error"]}},
		{Mark{Status: status.Pass, Shown: status.Flaky}, []string{`data-f="good"`, "Flaky", glyphs["flaky"]}},
		{Mark{Status: status.Miss}, []string{`data-f="infra"`, `data-look="miss"`, "Missing"}},
		{Mark{Status: status.Fail, Shown: status.Trial}, []string{`data-f="off"`, "Trial: Fail"}},
		{Mark{Status: status.Running}, []string{`data-f="active"`, `class="solid"`}},
		{Mark{Status: status.Queued}, []string{`data-f="off"`, "Queued", glyphs["planned"]}},
		{Mark{Status: "later"}, []string{`data-f="off"`, "later"}},
	} {
		got := render(t, Badge(c.mark, ""))
		for _, part := range c.want {
			if !strings.Contains(got, part) {
				t.Errorf("%+v: no %s in %s", c.mark, part, got)
			}
		}
		if !strings.Contains(got, "aria-hidden") && c.mark.Status != "later" {
			t.Errorf("%+v has no hidden glyph: %s", c.mark, got)
		}
	}
}

// An empty box says nothing.
func TestBadgeWithoutAWord(t *testing.T) {
	if got := render(t, Badge(Mark{}, "")) + render(t, WordBadge(status.Off, "")); got != "" {
		t.Errorf("no word is drawn as %s", got)
	}
}

func TestEveryFinalStatusHasAGlyph(t *testing.T) {
	for _, s := range []status.Status{status.Pass, status.Fail, status.Error, status.Miss, status.Skip, status.Done, status.Planned, status.Queued, status.Running, status.Cancelled} {
		if glyphs[Mark{Status: s}.glyph()] == "" {
			t.Errorf("%s has no glyph", s)
		}
	}
	for _, v := range []status.Verdict{status.Nothing, status.Broken, status.NewFailures, status.StillRunning, status.Unclear, status.NoNewFailures, status.NotYetJudged} {
		if glyphs[verdictGlyph(v)] == "" {
			t.Errorf("verdict %q has no glyph", v)
		}
	}
}

func TestCountsAddUp(t *testing.T) {
	c := Counts{Pass: 100, New: 2, Known: 4, StillFailing: 1, FirstRun: 1, Infra: 2, Missing: 1, Flaky: 1, Skipped: 3, Waiting: 5, Trial: 9, Fixed: 7}
	if c.Planned() != 120 || c.Finished() != 115 {
		t.Errorf("planned %d, finished %d", c.Planned(), c.Finished())
	}
	drawn := 0
	for _, s := range c.shares() {
		drawn += s.Count
	}
	if drawn != c.Planned() {
		t.Errorf("the bar draws %d of %d", drawn, c.Planned())
	}
}

func TestSeconds(t *testing.T) {
	for s, want := range map[Seconds]string{0: "0 s", -4: "0 s", 0.84: "0.8 s", 3: "3 s", 59.4: "59 s", 60: "1 min", 252: "4 min 12 s", 3600: "1 h", 11520: "3 h 12 min", 86400: "24 h", 187200: "2 d 4 h", 1e18: "11574074 d 1 h"} {
		if got := s.String(); got != want {
			t.Errorf("%v is %q, want %q", float64(s), got, want)
		}
	}
	if b, err := json.Marshal(SecondsOf(1500 * time.Millisecond)); err != nil || string(b) != "1.5" {
		t.Errorf("JSON %s, %v", b, err)
	}
}

func TestAgo(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]string{
		0: "just now", 44 * time.Second: "just now", 50 * time.Second: "50 s ago", 12*time.Minute + 59*time.Second: "12 min ago", 3 * time.Hour: "3 h ago",
		47 * time.Hour: "47 h ago", 49 * time.Hour: "2 days ago", 90 * 24 * time.Hour: "2026-08-25", -5 * time.Minute: "in 5 min", -time.Second: "in 1 s",
	} {
		if got := ago(now.Add(-d), now); got != want {
			t.Errorf("%v ago is %q, want %q", d, got, want)
		}
	}
	if got := ago(time.Time{}, now); got != "" {
		t.Errorf("no time is %q", got)
	}
}

func TestNumbersAndNames(t *testing.T) {
	for n, want := range map[int]string{0: "0", 1204: "1204", 12345: "12\u00a0345", 1234567: "1\u00a0234\u00a0567", -12345: "-12\u00a0345"} {
		if got := Count(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 9_700_000: "9.7 MB", 1_000_000_000: "1.0 GB", 1500: "1.5 kB"} {
		if got := bytesText(n); got != want {
			t.Errorf("%d bytes are %q, want %q", n, got, want)
		}
	}
	if got, want := render(t, Long("a/b_c-<d>")), "a/<wbr>b_<wbr>c-<wbr>&lt;d&gt;"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := few([]string{"a", "b", "c"}, 2); got != "a, b and 1 more" {
		t.Error(got)
	}
	if got := firstCharacters("äöüß", 3); got != "äö…" {
		t.Error(got)
	}
}

func TestPagerText(t *testing.T) {
	for want, p := range map[string]Pager{
		"50 of about 12\u00a0000": {Shown: 50, Total: 12000}, "50 of 120": {Shown: 50, Total: 120, Exact: true}, "1 row": {Shown: 1, Total: 1, Exact: true}, "3 rows": {Shown: 3, Total: 3, Exact: true},
	} {
		if got := p.Text(); got != want {
			t.Errorf("%+v says %q, want %q", p, got, want)
		}
	}
}

func TestErrorsOf(t *testing.T) {
	e := Errors{{"a", "first"}, {"a", "second"}, {"b", "other"}}
	if e.Of("a") != "first" || e.Of("b") != "other" || e.Of("c") != "" {
		t.Errorf("%q %q %q", e.Of("a"), e.Of("b"), e.Of("c"))
	}
}

func TestActionThatCannotBeDone(t *testing.T) {
	got := render(t, ActionButton(Action{Text: "Retry", URL: "/x", Post: true, Danger: true, Confirm: "Sure?", Why: "not yours", Fields: []string{"a", "b"}}))
	for _, part := range []string{" disabled", "not yours", `method="post"`, `data-confirm="Sure?"`, `name="a" value="b"`, "data-danger"} {
		if !strings.Contains(got, part) {
			t.Errorf("no %s in %s", part, got)
		}
	}
}

func TestReproduceCopiesWhatIsShown(t *testing.T) {
	r := Reproduce{Steps: []ReproduceStep{{"One", []string{"a", "b"}}, {"Two", []string{"c"}}}, Missing: []string{"the firmware"}}
	if want := "# One\na\nb\n\n# Two\nc\n"; r.all() != want {
		t.Errorf("%q, want %q", r.all(), want)
	}
	if got := render(t, ReproduceBlock(r, false)); !strings.Contains(got, "the firmware") || strings.Contains(got, "<details class=\"fold\" id=\"reproduce\" open") {
		t.Error(got)
	}
}

func TestRulerEndsAtColumn72(t *testing.T) {
	if n := len([]rune(ruler)); n != 73 || !strings.HasSuffix(ruler, "|") {
		t.Errorf("the ruler has %d columns", n)
	}
}
