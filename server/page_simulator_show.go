package server

import (
	"cmp"
	"net/http"
	"slices"

	"drover/formats/maintainers"
	"drover/jobs"
	"drover/models"
	"drover/rules/targeting"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// ownersNamed bounds who is named for one file.
const ownersNamed = 4

// show answers with the plan, or the form alone.
func (s *simulation) show() error {
	if s.failed != "" {
		s.wrong("range", s.failed)
	}
	if s.ready && len(s.page.Errors) == 0 {
		if err := s.plan(); err != nil {
			return err
		}
	}
	code := http.StatusOK
	if len(s.page.Errors) > 0 {
		code = http.StatusUnprocessableEntity
	}
	self := route.Simulator("checkout", s.page.Values.Checkout, "tree", s.page.Values.Tree, "range", s.page.Values.Range, "arch", s.page.Values.Arch)
	if s.format == "json" {
		if len(s.page.Errors) > 0 {
			return failure{status: code, title: "No change to try", text: "Some fields need another value.", fields: s.page.Errors}
		}
		return s.object(s.page, page.SimulatorData{Plan: s.page.Data, Asking: s.page.Asking}, self)
	}
	if len(s.page.Values.Patch) > mostTyped { // nobody edits that in a browser
		s.page.Values.Patch = ""
	}
	all, err := s.q.Trees()
	if err != nil {
		return err
	}
	s.page.Trees = []ui.Option{{Value: "", Text: "any: all tests"}}
	for _, t := range all {
		s.page.Trees = append(s.page.Trees, ui.Option{Value: t.Name, Text: t.Name})
	}
	s.page.Arches = append([]ui.Option{{Value: "", Text: "all"}}, archOptions()...)
	title := "Try a change"
	if f := s.page.Values; s.tree != nil && f.Checkout+f.Range != "" {
		title += ": " + cmp.Or(f.Checkout, f.Range) + " of " + s.tree.Name
	}
	s.page.Frame, s.page.AskWhy = s.frame(title, self, ui.Crumb{Text: "Tests", URL: route.Tests()}, ui.Crumb{Text: "Try a change"}), s.mayAsk()
	s.page.Active = "tests"
	return s.html(code, s.page)
}

// plan chooses the tests.
func (s *simulation) plan() error {
	file, sections, err := s.maintainers()
	if err != nil {
		return err
	}
	tests, definitions, err := s.definitions()
	if err != nil {
		return err
	}
	ix, err := targeting.Compile(definitions, sections)
	if err != nil {
		return err
	}
	builds, policy := s.onBuilds()
	planned, covered, summary := ix.OnBuilds(s.change, builds, policy)
	s.page.Data.Change, s.page.Data.Summary, s.page.Data.Cut = s.words, summary, s.cut
	for i, p := range planned {
		item := page.PlanItem{Test: tests[i].Path, State: tests[i].State, Chosen: p.Chosen, Rule: p.Rule, Why: p.Reason, File: p.File}
		item.Arches = slices.DeleteFunc(p.Arches, func(arch string) bool { return arch == "" })
		s.page.Data.Tests = append(s.page.Data.Tests, item)
	}
	slices.SortStableFunc(s.page.Data.Tests, func(a, b page.PlanItem) int { return -cmp.Compare(one(a.Chosen), one(b.Chosen)) })
	s.files(covered, tests, file)
	return nil
}

// maintainers reads the MAINTAINERS of the change, as far as it is known.
func (s *simulation) maintainers() (*maintainers.Index, targeting.Sections, error) {
	s.page.Data = &page.Simulated{Maintainers: page.MaintainersUnknown}
	if s.tip == "" || s.mirror == "" {
		return nil, nil, nil
	}
	known, err := s.maintainersOf(jobs.CommitKey(s.mirror, s.tip))
	s.page.Data.Maintainers = known.state
	if err != nil || known.state != page.MaintainersKnown {
		return nil, known.sections(), err
	}
	return maintainers.NewIndex(known.file, maintainers.Options{}), known.sections(), nil
}

// definitions are the tests that count: those of the tree, or all.
func (s *simulation) definitions() (tests []models.Test, definitions []targeting.Definition, err error) {
	list := s.q.Definitions
	if s.tree != nil {
		list = func() ([]models.Test, error) { return s.q.TestsOfTree(s.tree.ID) }
	}
	all, err := list()
	if err != nil {
		return nil, nil, err
	}
	return s.q.Targeting(all)
}

// onBuilds are what the tree is built for, of the arch that was chosen; and what
// runs where no file chooses a test.
func (s *simulation) onBuilds() ([]targeting.Build, targeting.Policy) {
	arch := s.page.Values.Arch
	if s.tree == nil {
		return []targeting.Build{{Arch: arch}}, targeting.Policy{}
	}
	s.change.Trees = targeting.Only(s.tree.Name)
	if s.tree.Always {
		s.change.Files = targeting.AllFiles()
	}
	var builds []targeting.Build
	for _, b := range s.builds {
		if arch == "" || arch == b.Arch {
			builds = append(builds, targeting.Build{Arch: b.Arch, Config: b.Config})
		}
	}
	if len(builds) == 0 {
		builds = []targeting.Build{{Arch: arch}}
	}
	return builds, targeting.Policy{Unmatched: targeting.Unmatched(s.tree.Unmatched), Sets: models.Lines(s.tree.UnmatchedSets)}
}

// files are the changed files, those that no test covers first.
func (s *simulation) files(covered []targeting.Covered, tests []models.Test, index *maintainers.Index) {
	for _, c := range covered {
		count := len(c.Tests)
		f := page.ChangedFile{Path: c.File, OldPath: c.Old, Kind: s.kinds[c.File], Tests: &count}
		for _, i := range c.Tests[:min(count, aimedShown)] {
			f.Names = append(f.Names, tests[i].Path)
		}
		if count == 0 {
			s.page.Data.Uncovered++
		}
		if index != nil {
			f.Owners = s.ownersOf(index, c.File)
		}
		s.page.Data.Files = append(s.page.Data.Files, f)
	}
	slices.SortStableFunc(s.page.Data.Files, func(a, b page.ChangedFile) int { return cmp.Compare(one(*a.Tests > 0), one(*b.Tests > 0)) })
}

// ownersOf names who looks after a file: people, and where there are none the
// lists.
func (s *simulation) ownersOf(index *maintainers.Index, path string) []string {
	o := index.Owners(path, "")
	people := o.People
	if len(people) == 0 {
		people = o.Lists
	}
	var names []string
	for _, p := range people[:min(len(people), ownersNamed)] {
		names = append(names, cmp.Or(p.Name, p.Address))
	}
	return s.owners(names)
}
