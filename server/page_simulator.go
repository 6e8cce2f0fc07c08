package server

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"drover/formats/patch"
	"drover/jobs"
	"drover/models"
	"drover/rules/id"
	"drover/rules/permission"
	"drover/rules/targeting"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// Bounds of a change that is tried, and how long what was read of a commit is
// good: a commit does not change, a branch does.
const (
	mostOfPatch   = 8 << 20 // bytes
	filesOfChange = 20_000
	commitFresh   = 30 * 24 * time.Hour
	rangeFresh    = time.Minute
)

// A change that an address names, and one that is sent.
var (
	simulatorFilters = []string{"tree", "arch", "checkout", "range"}
	simulatorFields  = append(slices.Clone(simulatorFilters), "patch", "file")
)

// simulation is a change that somebody tries.
type simulation struct {
	*visit
	page   page.Simulator
	tree   *models.Tree
	builds []models.TreeBuild // of the tree
	mirror string             // of the tree
	words  string             // which change it is
	change targeting.Change
	ready  bool // there is a change
	cut    bool
	asked  string            // the key of the range, "" if none was named
	failed string            // why it could not be read
	kinds  map[string]string // of files by path
	tip    string            // the commit whose MAINTAINERS counts, "" if none
}

// simulator shows the plan of a change that an address names.
func simulator(v *visit) error {
	if err := v.unknownFilters(simulatorFilters); err != nil {
		return err
	}
	s := &simulation{visit: v}
	q := v.query
	s.page.Values = page.SimulatorForm{Tree: q.Get("tree"), Arch: q.Get("arch"), Checkout: strings.TrimSpace(q.Get("checkout")), Range: strings.TrimSpace(q.Get("range"))}
	if err := s.read(); err != nil {
		return err
	}
	return s.show()
}

// trySimulator shows the plan of a patch. A change that is stored, or in the
// mirror of a tree, has an address of its own; what is not known of it is asked
// for.
func trySimulator(v *visit) error {
	w, err := v.patchBody()
	if err != nil {
		return err
	}
	if err := v.unknownFields(w, simulatorFields...); err != nil {
		return err
	}
	s := &simulation{visit: v}
	s.page.Values = page.SimulatorForm{Tree: w.get("tree"), Arch: w.get("arch"), Checkout: strings.TrimSpace(w.get("checkout")), Range: strings.TrimSpace(w.get("range")),
		Patch: cmp.Or(w.get("file"), w.lines("patch"))}
	if err := s.read(); err != nil {
		return err
	}
	if err := s.ask(); err != nil {
		return err
	}
	if f := s.page.Values; len(s.page.Errors) == 0 && f.Patch == "" && f.Checkout+f.Range != "" {
		to := route.Simulator("checkout", f.Checkout, "tree", f.Tree, "range", f.Range, "arch", f.Arch)
		if v.format == "json" {
			to = route.Format(to, "json")
		}
		return v.redirect(http.StatusSeeOther, to)
	}
	return s.show()
}

// patchBody is what was sent. A patch of a file in another encoding is read all
// the same, as its paths are what counts.
func (v *visit) patchBody() (values, error) {
	w, err := v.rawBody(mostOfPatch)
	if err != nil {
		return nil, err
	}
	for i, text := range w["file"] {
		w["file"][i] = strings.ToValidUTF8(text, "\uFFFD")
	}
	return w.checked()
}

// unknownFilters refuses what a program asks for and this page does not know.
func (v *visit) unknownFilters(known []string) error {
	for key := range v.query {
		if v.isBot() && !slices.Contains(known, key) {
			return failure{status: http.StatusBadRequest, title: "Unknown filter", text: "This page has no filter " + key + ". It has " + strings.Join(known, ", ") + "."}
		}
	}
	return nil
}

func (s *simulation) wrong(field, text string) {
	s.page.Errors = append(s.page.Errors, ui.FieldError{Field: field, Text: text})
}

// read finds the tree and the change that the form names.
func (s *simulation) read() error {
	f := &s.page.Values
	if f.Tree != "" {
		t, err := s.q.TreeByName(f.Tree)
		switch {
		case errors.Is(err, models.ErrNotFound):
			s.wrong("tree", fmt.Sprintf("no tree is called %q", f.Tree))
			return nil
		case err != nil:
			return err
		}
		s.tree = &t
	}
	switch {
	case f.Patch != "":
		s.readPatch(f.Patch)
	case f.Checkout != "":
		if err := s.readCheckout(f.Checkout); err != nil {
			return err
		}
	}
	var err error
	if s.tree != nil {
		if s.mirror, err = s.mirrorOf(s.tree.ID); err != nil {
			return err
		}
		if s.builds, err = s.q.TreeBuilds(s.tree.ID); err != nil {
			return err
		}
		s.checkArch()
	}
	switch {
	case f.Patch == "" && f.Checkout == "" && f.Range != "":
		return s.readRange(f.Range)
	case s.ready && s.tip == "" && s.tree != nil: // of a patch it is that of the newest checkout
		s.tip, err = s.newestOf(s.tree.ID)
	}
	return err
}

// checkArch refuses an architecture for which the tree is not built.
func (s *simulation) checkArch() {
	arch := s.page.Values.Arch
	if arch != "" && len(s.builds) > 0 && !slices.ContainsFunc(s.builds, func(b models.TreeBuild) bool { return b.Arch == arch }) {
		s.wrong("arch", fmt.Sprintf("%s is not built for %s", s.tree.Name, arch))
	}
}

func (s *simulation) readPatch(text string) {
	var lists [][]targeting.File
	var subjects []string
	for _, part := range patch.Split([]byte(strings.ReplaceAll(text, "\r\n", "\n"))) {
		p, err := patch.Parse(bytes.NewReader(part), patch.Limits{})
		if err != nil {
			s.wrong("patch", "this cannot be read as a patch: "+err.Error())
			return
		}
		lists = append(lists, targeting.OfPatch(p.Files))
		if p.Header.Subject != "" {
			subjects = append(subjects, p.Header.Subject)
		}
	}
	files := targeting.Union(lists...)
	if len(files.List) == 0 {
		s.wrong("patch", "this changes no file: is it a patch, as git diff or git format-patch writes it?")
		return
	}
	s.words = "The patch that was given."
	s.take(files.List, subjects)
}

// take is the change of these files.
func (s *simulation) take(files []targeting.File, subjects []string) {
	s.ready, s.kinds = true, map[string]string{}
	for _, f := range files {
		s.kinds[f.Path] = f.Kind
	}
	s.change.Files = targeting.OfFiles(files...)
	if len(subjects) > 0 {
		s.change.Subjects = targeting.Only(subjects...)
	}
}

func (s *simulation) readCheckout(name string) error {
	number, err := id.Parse(name)
	if err != nil {
		s.wrong("checkout", fmt.Sprintf("%q is not the short name of a checkout", name))
		return nil
	}
	c, err := s.q.Checkout(number)
	if errors.Is(err, models.ErrNotFound) {
		s.wrong("checkout", fmt.Sprintf("no checkout is called %q", name))
		return nil
	}
	if err != nil {
		return err
	}
	t, err := s.q.Tree(c.TreeID)
	if err != nil {
		return err
	}
	stored, err := s.q.ChangedFiles(c.ID, filesOfChange+1)
	if err != nil {
		return err
	}
	s.tree, s.tip, s.page.Values.Tree, s.page.Values.Range = &t, c.SHA, "", ""
	s.words = fmt.Sprintf("Checkout %s of %s: %s", c.ID, t.Name, c.Subject)
	files := make([]targeting.File, len(stored))
	for i, f := range stored {
		files[i] = targeting.File{Path: f.Path, Old: f.OldPath, Kind: f.Kind}
	}
	s.take(files, []string{c.Subject})
	if s.cut = len(stored) > filesOfChange; s.cut || len(stored) == 0 { // the first of its branch: everything is new
		s.change.Files = targeting.AllFiles()
	}
	return nil
}

func (s *simulation) readRange(text string) error {
	from, to, two := strings.Cut(text, "..")
	switch {
	case s.tree == nil:
		s.wrong("tree", "choose the tree that these commits are in")
		return nil
	case !two && !isRevision(text), two && (!isRevision(from) || !isRevision(to)):
		s.wrong("range", "write A..B, or one commit: branches, tags or commits of the tree")
		return nil
	}
	s.asked = jobs.RangeKey(s.mirror, text)
	var found lookedUp[jobs.RangeFound]
	if err := found.read(s.q, jobs.LookupRange, s.asked); err != nil {
		return err
	}
	switch {
	case found.known:
		files := make([]targeting.File, len(found.value.Files))
		for i, f := range found.value.Files {
			files[i] = targeting.File{Path: f.Path, Old: f.Old, Kind: f.Kind}
		}
		s.tip, s.words = found.value.Tip, "Commits "+text+" of "+s.tree.Name+"."
		s.take(files, found.value.Subjects)
		if s.cut = found.value.Cut; s.cut {
			s.change.Files = targeting.AllFiles()
		}
	case found.waits():
		s.page.Asking = "The commits are being read in the mirror of " + s.tree.Name + ", which takes some seconds."
	case found.asked:
		s.failed = found.row.Error
	default:
		s.page.Asking = "Nobody had these commits read yet: press “Show the plan”."
		if s.mayAsk() != "" {
			s.page.Asking = "Nobody had these commits read yet. " + s.mayAsk()
		}
	}
	return nil
}

// mayAsk says why this person cannot have something read, "" if they can.
func (s *simulation) mayAsk() string { return s.why(permission.Draft, permission.Object{}) }

// ask has read what is not known of the change; what failed is tried again.
func (s *simulation) ask() error {
	if s.mayAsk() != "" || s.mirror == "" {
		return nil
	}
	return s.Store.Tx(s.context(), func(tx *models.Tx) error {
		if s.asked != "" {
			if _, err := tx.Ask(jobs.LookupAnswer, jobs.LookupRange, s.asked, rangeFresh); err != nil {
				return err
			}
		}
		if s.tip == "" {
			return nil
		}
		_, err := tx.Ask(jobs.LookupAnswer, jobs.LookupMaintainers, jobs.CommitKey(s.mirror, s.tip), commitFresh)
		return err
	})
}
