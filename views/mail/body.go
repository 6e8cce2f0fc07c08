// Package mail prints a report as the text of a mail: plain, ASCII, 72 columns.
// The same text is the page /checkouts/{id}.txt and the preview. It decides
// nothing: what is said, and to whom, is in the report, made by rules/notice.
//
// jobs stores and sends what Message returns; server shows Body.
package mail

import (
	"fmt"
	"strings"
	"time"

	"drover/rules/notice"
	"drover/rules/status"
)

// Body is the text of the report, with "\n" after each line. Every line is
// printable ASCII and at most 72 columns, except for URLs.
func Body(r notice.Report) string {
	p := &page{}
	opening(p, r)
	summary(p, r)
	table(p, r.Counts)
	failures(p, r)
	known(p, r)
	list(p, r, "FIXED SINCE THE COMPARED COMMIT", r.Fixed)
	list(p, r, "STILL FAILING (failed before this change too)", r.Still)
	list(p, r, "FIRST RUN (fails, with nothing to compare)", r.FirstRun)
	list(p, r, "FLAKY (failed, then passed when tried again)", r.Flaky)
	list(p, r, "NOT TESTED", r.NotTested)
	reproduce(p, r.Reproduce)
	footer(p, r)
	return p.b.String()
}

// opening is the answer to "is my code all right", before anything else.
func opening(p *page, r notice.Report) {
	p.line("Hello,")
	p.blank()
	if c := r.Corrects; c != nil {
		p.prose("", fmt.Sprintf("This corrects our report of %s, which said: %s.", stamp(c.Finished), sentence(c.Sentence)))
		p.blank()
	}
	text := sentence(r.Sentence) + "."
	if s := r.Series; s != nil {
		text = seriesSentence(s) + ": " + text
	}
	if r.Partial {
		text = "PARTIAL, not everything has finished. " + text
	}
	p.prose("", text)
	if r.Series != nil {
		patches(p, r.Series.Lines)
	}
	p.blank()
}

// sentence is without the end that the mail puts itself.
func sentence(text string) string { return strings.TrimRight(oneLine(text), ". ") }

func seriesSentence(s *notice.Series) string {
	text := "Your series (" + count(s.Patches, "patch", "patches") + ")"
	if s.Version > 1 {
		text = fmt.Sprintf("Your series (v%d, %s)", s.Version, count(s.Patches, "patch", "patches"))
	}
	if oneLine(s.Base) != "" {
		text += " applied on " + s.Base
	}
	if s.Guilty > 0 {
		text += fmt.Sprintf(", first bad patch %d/%d", s.Guilty, s.Patches)
	}
	return text
}

func patches(p *page, lines []notice.PatchLine) {
	if len(lines) == 0 {
		return
	}
	p.blank()
	for _, one := range lines {
		parts := []string{one.Subject, "- built " + state(one.Built) + ", tested " + state(one.Tested)}
		if one.Note != "" {
			parts = append(parts, "("+one.Note+")")
		}
		p.prose(fmt.Sprintf("  %2d  ", one.Number), strings.Join(parts, " "))
	}
}

// state is the word of a mail for a status.
func state(s status.Status) string {
	if s == "" {
		return "no"
	}
	word := s.Word()
	if word.Mail != "" {
		return word.Mail
	}
	return strings.ToLower(word.Text)
}

// summary says what was tested and against what.
func summary(p *page, r notice.Report) {
	p.url("  Report    ", r.Links.Checkout)
	p.prose("  Tree      ", r.Tree+", branch "+r.Branch)
	p.url("            ", r.Repository)
	p.prose("  Commit    ", notice.Short(r.Commit.SHA)+` ("`+r.Commit.Subject+`")`)
	if r.Commit.Describe != "" {
		p.prose("            ", r.Commit.Describe)
	}
	p.prose("  Compared  ", compared(r.Compared))
	p.prose("  Finished  ", finished(r))
}

func compared(c *notice.Compared) string {
	if c == nil {
		return "with nothing: there is no earlier result"
	}
	text := notice.Short(c.SHA)
	if !c.Tested.IsZero() {
		text += ", tested " + stamp(c.Tested)
	}
	if c.Back == 0 {
		return text + ", not an ancestor"
	}
	return text + ", " + count(c.Back, "commit", "commits") + " back"
}

func finished(r notice.Report) string {
	text := "complete"
	if r.Partial {
		text = "PARTIAL"
	}
	if !r.Finished.IsZero() {
		text = stamp(r.Finished) + ", " + text
	}
	if r.Took > 0 {
		text += ", " + span(r.Took) + " after the push"
	}
	return text
}

// table prints the counts in columns of seven.
func table(p *page, rows []notice.Count) {
	if len(rows) == 0 {
		return
	}
	p.blank()
	p.line("             pass    new  known  infra   miss   skip")
	for _, c := range rows {
		name := words(c.Name)
		if len(name) > 8 {
			name = name[:8]
		}
		p.line(cut(fmt.Sprintf("  %-8s %6d %6d %6d %6d %6d %6d", name, c.Pass, c.New, c.Known, c.Infra, c.Miss, c.Skip)))
	}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// stamp is a time for people, in UTC since readers live everywhere.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") + " UTC" }

// span is a duration in hours and minutes.
func span(d time.Duration) string {
	minutes := int(d.Round(time.Minute) / time.Minute)
	switch {
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	case minutes%60 == 0:
		return fmt.Sprintf("%d h", minutes/60)
	}
	return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
}
