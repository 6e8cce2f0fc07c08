package mail

import (
	"fmt"
	"strings"

	"drover/rules/notice"
)

// failures prints what does not build and what is newly failing: the first 20
// in full, then a line each up to 60, then a number.
func failures(p *page, r notice.Report) {
	printed := 0
	section := func(title, sameness string, all []notice.Failure) {
		if len(all) == 0 {
			return
		}
		p.heading(title)
		for i, f := range all {
			switch {
			case printed >= notice.MaxListed:
				p.line(fmt.Sprintf("and %d more, see", len(all)-i))
				p.url("  ", r.Links.Checkout)
				return
			case printed >= notice.MaxFull:
				p.line(cut(fmt.Sprintf("%d) %s on %s", f.Number, words(f.Title), words(f.On))))
			default:
				if i > 0 {
					p.blank()
				}
				failure(p, f, sameness)
				if printed == notice.MaxFull-1 && i < len(all)-1 {
					p.blank()
				}
			}
			printed++
		}
	}
	section("DOES NOT BUILD", "error", r.Broken)
	section("NEW FAILURES", "trace", r.Failures)
}

// failure prints one in full. sameness is what joins those that are folded
// into it: a trace, an error of the compiler.
func failure(p *page, f notice.Failure, sameness string) {
	title := f.Title
	if len(f.Also) > 0 {
		title += " and " + fmt.Sprint(len(f.Also), " more") + " with the same " + sameness
	}
	p.prose(fmt.Sprintf("%d) ", f.Number), title)
	on := f.On
	if f.PassesOn != "" {
		on += "; passes on " + f.PassesOn
	}
	field := func(label, text string) {
		if text != "" {
			p.prose(fmt.Sprintf("   %-8s", label), text)
		}
	}
	field("on", on)
	p.url("   result  ", f.ResultURL)
	p.url("   log     ", f.LogURL)
	field("before", f.Before)
	field("tries", f.Tries)
	if len(f.Lines) == 0 {
		return
	}
	p.blank()
	for i, line := range f.Lines {
		if i == notice.MaxLines {
			break
		}
		p.log(line)
	}
	if left := f.Left + max(0, len(f.Lines)-notice.MaxLines); left > 0 {
		p.line(logIndent + "(" + count(left, "more line", "more lines") + " in the log)")
	}
}

// known prints the issues that explain failures, then where they are described.
func known(p *page, r notice.Report) {
	if len(r.Known) == 0 {
		return
	}
	p.heading("KNOWN (not caused by this change)")
	var urls []string
	for i, k := range r.Known {
		if i == notice.MaxListed {
			p.more(len(r.Known)-i, r.Links.Checkout)
			break
		}
		p.columns(fmt.Sprintf("  #%-4d ", k.Number), k.Title, count(k.Results, "result", "results"))
		if k.URL != "" {
			urls = append(urls, address(k.URL))
		}
	}
	if len(urls) == 0 {
		return
	}
	indent := strings.Repeat(" ", 8)
	for _, line := range fold(indent, indent, strings.Join(urls, " ")) {
		p.line(line)
	}
}

// columns writes text, and right of it, at the margin if there is room, a number.
func (p *page) columns(first, text, right string) {
	lines := fold(first, strings.Repeat(" ", len(first)), words(text))
	last := len(lines) - 1
	const start = 53
	switch n := len(lines[last]); {
	case n < start && len(right) <= columns-start:
		lines[last] += strings.Repeat(" ", start-n) + right
	case n+2+len(right) <= columns:
		lines[last] += "  " + right
	default:
		lines = append(lines, strings.Repeat(" ", len(first))+right)
	}
	for _, line := range lines {
		p.line(line)
	}
}

func (p *page) more(n int, url string) {
	p.line(fmt.Sprintf("  and %d more, see", n))
	p.url("  ", url)
}

// list prints a section of one-sentence items.
func list(p *page, r notice.Report, title string, items []string) {
	if len(items) == 0 {
		return
	}
	p.heading(title)
	for i, item := range items {
		if i == notice.MaxListed {
			p.more(len(items)-i, r.Links.Checkout)
			return
		}
		for _, line := range fold("  ", "    ", words(item)) {
			p.line(line)
		}
	}
}

// reproduce prints commands as they are to be typed. A command that does not
// fit and cannot be folded is named and linked: broken, it would do something else.
func reproduce(p *page, r *notice.Reproduction) {
	if r == nil || len(r.Steps) == 0 {
		return
	}
	p.heading(fmt.Sprintf("HOW TO REPRODUCE %d)", r.Number))
	for _, step := range r.Steps {
		for _, line := range step.Lines {
			p.command(line, r.Link)
		}
	}
	text := strings.Join(r.Needs, ", ")
	if r.Link != "" {
		if text != "" {
			text += ", "
		}
		text += "config and kernel image:"
	}
	if text == "" {
		return
	}
	p.blank()
	p.prose("  ", text)
	p.url("  ", r.Link)
}

func (p *page) command(line, link string) {
	safe := strings.TrimRight(ascii(expand(line)), " ")
	if len(safe)+2 <= columns || len(safe) <= maxURL && hasURL(safe) {
		p.line("  " + safe)
		return
	}
	p.line(fmt.Sprintf("  # a command of %d characters stands on the page of the failure", len(safe)))
	p.url("  # ", link)
}

// hasURL tells whether a command is long because of an address in it.
func hasURL(line string) bool {
	for word := range strings.FieldsSeq(line) {
		if isURL(strings.Trim(word, `'"`)) {
			return true
		}
	}
	return false
}

// footer says what to do with the report, and why it came.
func footer(p *page, r notice.Report) {
	p.blank()
	switch {
	case r.Closes == "":
	case r.Series != nil:
		p.line("Please fix it in the next version of the series; no tag is needed.")
		p.blank()
	case r.Credit != "":
		p.line("If you fix one of these, this line helps us to follow it:")
		p.prose("  Reported-by: ", r.Credit)
		p.url("  Closes: ", r.Closes)
		p.blank()
	}
	if r.Links.Feedback != "" {
		p.line("Is this report wrong? Answer to this mail, or")
		p.url("  ", r.Links.Feedback)
	}
	if r.Audience.Why != "" {
		p.prose("", "You get it because "+sentence(r.Audience.Why)+".")
	}
	if r.Audience.Person {
		p.url("Fewer mails: ", r.Audience.Unsubscribe)
	} else {
		p.url("Who can stop it: ", r.Audience.Stop)
	}
	p.line(signature)
	p.line("Drover, continuous integration for the kernel")
	p.url("Failures explained: ", r.Links.Help)
}
