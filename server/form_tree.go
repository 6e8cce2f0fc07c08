package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"runtime"
	"strings"
	"unicode"

	"drover/jobs"
	"drover/models"
	"drover/rules/notice"
	"drover/rules/permission"
	"drover/rules/recipe"
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

// presets are what a new tree can be built for.
var presets = []struct {
	option ui.Option
	builds func() []models.TreeBuild
	kunit  bool // its results come from the KUnit test
}{
	{ui.Option{Value: "defconfig", Text: "One kernel: this machine's arch, defconfig", Help: "make defconfig and make, with gcc."}, kernelBuilds("defconfig"), false},
	{ui.Option{Value: "tinyconfig", Text: "A small kernel: tinyconfig", Help: "Shows in a minute or two whether it compiles."}, kernelBuilds("tinyconfig"), false},
	{ui.Option{Value: "kunit", Text: "KUnit in User Mode Linux", Help: "Builds a kernel that runs as a program and runs all of its KUnit tests; each case has a history of its own."}, kunitBuilds, true},
	{ui.Option{Value: "recipe", Text: "An own recipe", Help: "The commands below; their exit status counts."}, nil, false},
}

func presetOptions() []ui.Option {
	options := make([]ui.Option, len(presets))
	for i, p := range presets {
		options[i] = p.option
	}
	return options
}

// machineArch is how the kernel calls the arch that this program was built for.
func machineArch() string {
	switch runtime.GOARCH {
	case "amd64":
		return "x86_64"
	case "arm64":
		return "arm64"
	case "ppc64le":
		return "powerpc"
	case "s390x":
		return "s390"
	case "riscv64":
		return "riscv"
	}
	return runtime.GOARCH
}

func kernelBuilds(config string) func() []models.TreeBuild {
	return func() []models.TreeBuild {
		settings := recipe.KBuild{Arch: machineArch(), Compiler: "gcc", ConfigTarget: config}
		return []models.TreeBuild{{Arch: settings.Arch, Config: config, Compiler: "gcc", Recipe: recipe.NameKBuild, Settings: settingsJSON(settings)}}
	}
}

func kunitBuilds() []models.TreeBuild {
	settings := recipe.KUnitUM{Compiler: "gcc"}
	return []models.TreeBuild{{Arch: "um", Config: "kunit", Compiler: "gcc", Recipe: recipe.NameKUnitUM, Settings: settingsJSON(settings)}}
}

func commandBuilds(command string) []models.TreeBuild {
	settings := recipe.Command{Command: command, Format: recipe.Exit}
	return []models.TreeBuild{{Arch: machineArch(), Config: "recipe", Recipe: recipe.NameCommand, Settings: settingsJSON(settings)}}
}

func settingsJSON(settings any) string {
	text, err := json.Marshal(settings)
	if err != nil {
		return "" // settings are texts and numbers; Check refuses an empty one
	}
	return string(text)
}

var treeFields = []string{"url", "branches", "name", "policy", "builds", "recipe", "mail", "trusted"}

func newTree(v *visit) error {
	return v.showNewTree(http.StatusOK, page.NewTreeForm{Policy: "tip", Builds: "defconfig"}, nil)
}

func (v *visit) showNewTree(status int, form page.NewTreeForm, errs ui.Errors) error {
	f := v.frame("Add a tree", route.NewTree(), ui.Crumb{Text: "Trees", URL: route.Trees()}, ui.Crumb{Text: "Add a tree"})
	f.Active = "trees"
	return v.html(status, page.NewTree{Frame: f, Values: form, Errors: errs, Policies: policyOptions, Presets: presetOptions(), Why: v.why(permission.Draft, permission.Object{})})
}

// addTree stores a tree with what the form, or a JSON object, says. Whether
// its remote answers is found out by the first look, which starts at once.
func addTree(v *visit) error {
	w, err := v.body()
	if err != nil {
		return err
	}
	if err := v.unknownFields(w, treeFields...); err != nil {
		return err
	}
	form := page.NewTreeForm{
		URL: strings.TrimSpace(w.get("url")), Branches: w.lines("branches"), Name: strings.TrimSpace(w.get("name")), Policy: w.get("policy"),
		Builds: w.get("builds"), Recipe: w.lines("recipe"), Mail: w.lines("mail"), Trusted: w.isSet("trusted"),
	}
	if form.Trusted {
		if err := v.may(permission.Operate, permission.Object{}); err != nil {
			return err
		}
	}
	wanted, errs := treeOf(&form)
	if len(errs) > 0 {
		return v.refuseTree(form, errs)
	}
	err = v.Store.Tx(v.context(), func(tx *models.Tx) error { return v.storeTree(tx, form, wanted) })
	if errors.Is(err, models.ErrDuplicate) {
		return v.refuseTree(form, ui.Errors{{Field: "name", Text: fmt.Sprintf("a tree is called %q already: choose another name", form.Name)}})
	}
	if err != nil {
		return err
	}
	if v.format == "json" {
		return v.created(form.Name)
	}
	v.leaveNote("tree")
	return v.redirect(http.StatusSeeOther, route.Tree(form.Name))
}

func (v *visit) refuseTree(form page.NewTreeForm, errs ui.Errors) error {
	if v.format == "json" {
		return failure{status: http.StatusUnprocessableEntity, title: "The tree was not added", text: "Some fields need another value.", fields: errs}
	}
	return v.showNewTree(http.StatusUnprocessableEntity, form, errs)
}

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
		form.Name = strings.TrimSuffix(path.Base(strings.TrimRight(form.URL, "/")), ".git")
	}
	bad("name", checkName(form.Name))
	if form.Policy == "" {
		form.Policy = policyOptions[0].Value
	}
	bad("policy", oneOf(form.Policy, policyOptions))
	if form.Builds == "" {
		form.Builds = presets[0].option.Value
	}
	builds, err := buildsOf(*form)
	bad(map[bool]string{true: "recipe", false: "builds"}[form.Builds == "recipe"], err)
	bad("mail", checkMail(form.Mail))
	return models.NewTree{
		Tree: models.Tree{
			Name: form.Name, State: status.TreeLive, Policy: form.Policy, DailyBudget: newTreeBudget, UnclearShare: newTreeUnclear,
			DeadlineS: newTreeDeadline, Trusted: form.Trusted, MailTo: strings.Join(models.Lines(form.Mail), "\n"),
		},
		URL: form.URL, Branches: branches, Builds: builds,
	}, errs
}

// buildsOf are the builds of a preset, checked as they will be run.
func buildsOf(form page.NewTreeForm) ([]models.TreeBuild, error) {
	if err := oneOf(form.Builds, presetOptions()); err != nil {
		return nil, err
	}
	var builds []models.TreeBuild
	for _, p := range presets {
		if p.option.Value == form.Builds && p.builds != nil {
			builds = p.builds()
		}
	}
	if form.Builds == "recipe" {
		builds = commandBuilds(strings.ReplaceAll(form.Recipe, "\r\n", "\n"))
	}
	for _, b := range builds {
		err := recipe.BuildSettings{Name: b.Recipe, JSON: b.Settings}.Check()
		var problems recipe.Problems
		if errors.As(err, &problems) && len(problems) > 0 {
			return nil, errors.New(problems[0].Message)
		}
		if err != nil {
			return nil, err
		}
	}
	return builds, nil
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
