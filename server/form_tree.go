package server

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"unicode"

	"drover/jobs"
	"drover/models"
	"drover/rules/notice"
	"drover/rules/permission"
	"drover/rules/status"
	"drover/rules/trigger"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// What a new tree gets where the form does not ask.
const (
	newTreeBudget   = 48        // checkouts a day
	newTreeUnclear  = 0.2       // share without a result
	newTreeDeadline = 12 * 3600 // seconds until a partial report
	longestName     = 100
)

var treeFields = []string{"url", "branches", "name", "policy", "builds", "recipe", "arches", "configs", "compilers", "mail", "trusted", "tests"}

// rehearsal is how a tree begins that a person adds.
const rehearsal = status.TreeRehearsal

// addTree begins to add a tree for a person. A program gives all of it at once,
// as a JSON object, and the tree is live.
func addTree(v *visit) error {
	w, err := v.body()
	if err != nil {
		return err
	}
	if v.format != "json" {
		return v.startTree(w)
	}
	if err := v.unknownFields(w, treeFields...); err != nil {
		return err
	}
	form := page.NewTreeForm{
		URL: strings.TrimSpace(w.get("url")), Branches: w.lines("branches"), Name: strings.TrimSpace(w.get("name")), Policy: w.get("policy"),
		Builds: w.get("builds"), Recipe: w.lines("recipe"), Arches: w["arches"], Configs: w.lines("configs"), Compilers: w["compilers"],
		Mail: w.lines("mail"), Trusted: w.isSet("trusted"), Tests: w["tests"],
	}
	if form.Trusted {
		if err := v.may(permission.Operate, permission.Object{}); err != nil {
			return err
		}
	}
	wanted, errs := treeOf(&form)
	if len(errs) == 0 {
		err = v.Store.Tx(v.context(), func(tx *models.Tx) error { return v.storeTree(tx, form, wanted) })
		if taken, ok := refusedTree(form, err); ok {
			errs, err = taken, nil
		}
	}
	if len(errs) > 0 {
		return failure{status: http.StatusUnprocessableEntity, title: "The tree was not added", text: "Some fields need another value.", fields: errs}
	}
	if err != nil {
		return err
	}
	return v.created(form.Name)
}

// refusedTree tells whether storing a tree failed for what was typed.
func refusedTree(form page.NewTreeForm, err error) (ui.Errors, bool) {
	var missing missingTest
	switch {
	case errors.Is(err, models.ErrDuplicate):
		return ui.Errors{{Field: "name", Text: fmt.Sprintf("a tree is called %q already: choose another name", form.Name)}}, true
	case errors.As(err, &missing):
		return ui.Errors{{Field: "tests", Text: missing.Error()}}, true
	}
	return nil, false
}

// missingTest is the path of a test that does not exist.
type missingTest string

func (m missingTest) Error() string { return fmt.Sprintf("no test is called %q", string(m)) }

func (v *visit) storeTree(tx *models.Tx, form page.NewTreeForm, wanted models.NewTree) error {
	t, remote, err := tx.AddTree(wanted)
	if err != nil {
		return err
	}
	if form.Builds == "kunit" {
		if err := tieKUnit(tx, t); err != nil {
			return err
		}
	}
	if err := v.own(tx, models.KindTree, t.ID); err != nil {
		return err
	}
	for _, path := range form.Tests {
		test, err := tx.TestByPath(path)
		if errors.Is(err, models.ErrNotFound) {
			return missingTest(path)
		}
		if err != nil {
			return err
		}
		if err := tx.TieTest(t.ID, test.ID); err != nil {
			return err
		}
	}
	after := fmt.Sprintf("%s, branches %s, builds %s", form.URL, strings.Join(wanted.Branches, " "), form.Builds)
	if err := v.record(tx, models.Audit{What: "added the tree", ObjectKind: "tree", ObjectID: t.ID, After: after}); err != nil {
		return err
	}
	return tx.Want(jobs.RemotePoll, remote.ID, tx.Now)
}

// tieKUnit makes a tree run the one KUnit test, which is made with the first
// tree that wants it.
func tieKUnit(tx *models.Tx, t models.Tree) error {
	wanted := models.KUnitTest()
	kunit, err := tx.TestByPath(wanted.Path)
	if errors.Is(err, models.ErrNotFound) {
		kunit, err = tx.AddTest(wanted, nil)
	}
	if err != nil {
		return err
	}
	return tx.TieTest(t.ID, kunit.ID)
}

// treeOf checks what was typed and makes a tree of it. It fills in what was
// left out.
func treeOf(form *page.NewTreeForm) (models.NewTree, ui.Errors) {
	var errs ui.Errors
	bad := func(field string, err error) {
		if err != nil {
			errs = append(errs, ui.FieldError{Field: field, Text: err.Error()})
		}
	}
	bad("url", checkURL(form.URL))
	branches := models.Lines(form.Branches)
	if len(branches) == 0 {
		branches = []string{"main", "master"}
	}
	for _, branch := range branches {
		bad("branches", trigger.CheckPattern(branch))
	}
	if form.Name == "" {
		form.Name = nameOf(form.URL)
	}
	bad("name", checkName(form.Name))
	if form.Policy == "" {
		form.Policy = policyOptions[0].Value
	}
	bad("policy", oneOf(form.Policy, policyOptions))
	if form.Builds == "" {
		form.Builds = presets[0].option.Value
	}
	builds, field, err := buildsOf(*form)
	bad(field, err)
	bad("mail", checkMail(form.Mail))
	return models.NewTree{
		Tree: models.Tree{
			Name: form.Name, State: status.TreeLive, Policy: form.Policy, DailyBudget: newTreeBudget, UnclearShare: newTreeUnclear,
			DeadlineS: newTreeDeadline, Trusted: form.Trusted, MailTo: strings.Join(models.Lines(form.Mail), "\n"),
		},
		URL: form.URL, Branches: branches, Builds: builds,
	}, errs
}

// nameOf proposes the last part of an address.
func nameOf(url string) string {
	return strings.TrimSuffix(path.Base(strings.TrimRight(url, "/")), ".git")
}

func oneOf(value string, options []ui.Option) error {
	var known []string
	for _, o := range options {
		if o.Value == value {
			return nil
		}
		known = append(known, o.Value)
	}
	return fmt.Errorf("%q is none of %s", value, strings.Join(known, ", "))
}

// checkURL refuses at once what no git remote can be. Whether it answers, and
// whether it may be asked, is for the look to find out.
func checkURL(text string) error {
	switch {
	case text == "":
		return errors.New("give the address of a git repository, as you would to git clone")
	case len(text) > 1000, strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || r == ' ' }):
		return errors.New("an address has no spaces and at most 1000 characters")
	case strings.HasPrefix(text, "-"):
		return errors.New("an address does not begin with a dash")
	case path.IsAbs(text):
		return nil
	}
	u, err := url.Parse(text)
	if err == nil && u.Scheme != "" && u.Host != "" {
		switch u.Scheme {
		case "https", "http", "git", "ssh":
		default:
			return fmt.Errorf("%s:// is not one of https, git and ssh", u.Scheme)
		}
		if _, has := u.User.Password(); has {
			return errors.New("leave the password out of the address: it would be shown on pages")
		}
		return nil
	}
	if err == nil && u.Scheme == "file" {
		return nil
	}
	if host, rest, found := strings.Cut(text, ":"); found && host != "" && rest != "" && !strings.Contains(host, "/") {
		return nil // user@host:path
	}
	return errors.New("this is not the address of a git repository: try https://host/path.git")
}

func checkName(name string) error {
	if len(name) > longestName {
		return fmt.Errorf("a name has at most %d characters", longestName)
	}
	if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || r == ' ' }) {
		return errors.New("a name has no spaces")
	}
	return route.CheckName(name)
}

func checkMail(text string) error {
	for _, line := range models.Lines(text) {
		address, _ := strings.CutPrefix(line, "list ")
		if !notice.ValidAddress(strings.TrimSpace(address)) {
			return fmt.Errorf("%q is not a plain mail address such as name@example.org; a mailing list is written as: list name@example.org", line)
		}
	}
	return nil
}

// created answers a program that made a tree.
func (v *visit) created(name string) error {
	t, err := v.q.TreeByName(name)
	if err != nil {
		return err
	}
	self := route.Tree(name)
	v.echo.Response().Header().Set("Location", string(self))
	return v.json(http.StatusCreated, map[string]any{
		"data": map[string]any{"id": t.ID, "tree": t.Name, "state": t.State},
		"links": map[string]string{
			"html": v.absolute(self), "self": v.absolute(route.Format(self, "json")), "settings": v.absolute(route.TreeSettings(name)),
			"test": v.absolute(route.Action(self, "test")),
		},
	})
}
