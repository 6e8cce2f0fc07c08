package server

import (
	"errors"
	"fmt"
	"strings"

	"drover/models"
	"drover/rules/id"
	"drover/rules/notice"
	"drover/views/page"
	"drover/views/route"
)

// This file finds what a text is the whole name of, or, of a commit, the
// beginning.

// byID finds the one thing that a short id belongs to.
func (f *finding) byID() error {
	if f.asked.ID == 0 {
		return nil
	}
	things, err := f.q.ThingsNamed(f.asked.ID)
	if err != nil {
		return err
	}
	for _, thing := range things {
		if err := f.thing(thing); err != nil {
			return fmt.Errorf("read the %s %s: %w", thing.Kind, thing.ID, err)
		}
	}
	return nil
}

func (f *finding) thing(thing models.NamedThing) error {
	switch thing.Kind {
	case "checkout":
		lines, err := f.q.CheckoutLines([]id.ID{thing.ID})
		if line, ok := lines[thing.ID]; ok {
			f.name("checkouts", checkoutHit(line))
		}
		return err
	case "build":
		b, err := f.q.Build(thing.ID)
		mark := markOf(b.Status, b.Shown)
		f.name("builds", page.Hit{Name: thing.ID.String(), Text: strings.Join([]string{b.Arch, b.Config, b.Compiler}, " · "), URL: route.Build(thing.ID), Mark: &mark, Code: true})
		return err
	case "result":
		return f.result(thing.ID)
	case "mail":
		f.name("mails", page.Hit{Name: thing.ID.String(), Text: "a mail from here", URL: route.Mail(thing.ID), Code: true})
		return nil
	}
	return f.jobs("", thing.ID)
}

func (f *finding) result(result id.ID) error {
	r, err := f.q.Result(result)
	if err != nil {
		return err
	}
	t, err := f.q.Test(r.TestID)
	mark := markOf(r.Status, r.Shown)
	f.name("results", page.Hit{Name: result.String(), Text: t.Path, URL: route.Result(result), Mark: &mark, Code: true})
	return err
}

// byMarker finds a job by the name it has outside.
func (f *finding) byMarker() error {
	kind, _, found := strings.Cut(f.asked.Text, "-")
	if !found || !f.asked.Word || kind != models.JobBuild && kind != models.JobTest {
		return nil
	}
	return f.jobs(f.asked.Text, 0)
}

// jobs have no page of their own: a job leads to what came out of it.
func (f *finding) jobs(marker string, number id.ID) error {
	list, err := f.q.JobsNamed(marker, number)
	for _, j := range list {
		to, text := route.Build(j.BuildID), "a build"
		switch {
		case j.Results == 1:
			to, text = route.Result(j.ResultID), "a run of "+j.Test
		case j.Results > 1:
			to = route.CheckoutTests(j.CheckoutID, "status", "all", "test", j.Test+"/**", "build", j.BuildID.String())
			text = fmt.Sprintf("a run of %s, %d results", j.Test, j.Results)
		case j.Test != "":
			text = "a run of " + j.Test + ", no result yet"
		}
		f.name("jobs", page.Hit{Name: j.Marker, Text: text, URL: to, Code: true})
	}
	return err
}

// byCommit finds checkouts by the beginning of a hash or the text of git
// describe, and commits that were left out.
func (f *finding) byCommit() error {
	var lines []models.CheckoutLine
	if f.asked.Word {
		described, err := f.q.CheckoutsDescribed(f.asked.Text, hitsOfKind+1)
		if err != nil {
			return err
		}
		lines = described
	}
	if f.asked.Hash != "" {
		hashed, err := f.q.CheckoutsOfHash(f.asked.Hash, hitsOfKind+1)
		if err != nil {
			return err
		}
		lines = append(lines, hashed...)
	}
	for _, c := range lines {
		f.name("checkouts", checkoutHit(c))
	}
	if f.asked.Hash == "" || len(lines) > 0 {
		return nil
	}
	untested, err := f.q.UntestedOfHash(f.asked.Hash, hitsOfKind+1)
	for _, u := range untested {
		f.name("commits", untestedHit(u))
	}
	return err
}

// untestedHit leads to the checkout that has the commit in its range, or to the
// branch.
func untestedHit(u models.UntestedLine) page.Hit {
	h := page.Hit{Name: notice.Short(u.SHA), Text: fmt.Sprintf("%s %s: %s; left out: %s", u.Tree, u.Branch, shortened(u.Subject, 120), u.Reason), When: u.NotedAt,
		URL: route.TreeBranch(u.Tree, u.Branch), Code: true}
	if u.CheckoutID != 0 {
		h.URL = route.Checkout(u.CheckoutID)
	}
	return h
}

// byMessage finds what a mail is about.
func (f *finding) byMessage() error {
	if f.asked.Message == "" {
		return nil
	}
	lines, err := f.q.CheckoutsOfMessage(f.asked.Message, hitsOfKind+1)
	for _, c := range lines {
		f.name("checkouts", checkoutHit(c))
	}
	return err
}

// byTree finds a tree by its whole name.
func (f *finding) byTree() error {
	if !f.asked.Word {
		return nil
	}
	t, err := f.q.TreeByName(f.asked.Text)
	if errors.Is(err, models.ErrNotFound) {
		return nil
	}
	if err == nil {
		f.name("trees", page.Hit{Name: t.Name, Text: string(t.State), URL: route.Tree(t.Name)})
	}
	return err
}

// byPath finds a test by its whole path. A path of one word may be meant as a
// word, so only one with a slash is taken for the name.
func (f *finding) byPath() error {
	if !f.asked.Word {
		return nil
	}
	t, err := f.q.TestByPath(f.asked.Text)
	if errors.Is(err, models.ErrNotFound) {
		return nil
	}
	if err == nil && strings.Contains(t.Path, "/") {
		f.name("tests", testHit(t))
	} else if err == nil {
		f.add("tests", testHit(t))
	}
	return err
}
