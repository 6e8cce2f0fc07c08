package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"drover/jobs"
	"drover/models"
	"drover/models/report"
	"drover/rules/id"
	"drover/rules/notice"
	"drover/rules/recipe"
	"drover/rules/status"
	"drover/views/mail"
	"drover/views/route"
)

type runCommand struct {
	Tree    string        `arg:"" help:"Folder or URL of a git repository."`
	Rev     string        `help:"Commit, tag or branch to test." default:"HEAD"`
	Branch  string        `help:"Branch that holds it; by default the one that HEAD names."`
	Recipe  string        `help:"kbuild, kunit-um or command." default:"kbuild" enum:"kbuild,kunit-um,command"`
	Arch    string        `help:"Architecture, as the kernel names it." default:"x86_64"`
	Target  string        `name:"config" help:"Configuration target of a kbuild." default:"defconfig"`
	Build   string        `help:"The command that builds, with --recipe command."`
	Test    []string      `help:"A test as name=command; may be repeated."`
	Format  string        `help:"Format of the tests' output." default:"ktap" enum:"ktap,tap,exit"`
	Timeout time.Duration `help:"When to give up." default:"2h"`
}

// Run builds and tests one revision in a folder of its own, through the same
// events, steps and rules as a server, and prints the report. It fails when
// there is something to mend.
func (r runCommand) Run(ctx context.Context) (err error) {
	data, err := os.MkdirTemp("", "drover-run-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	c, err := readEnvironment("DROVER_DATA="+data, "DATABASE_URL=", "REDIS_URL=", "DROVER_ALLOW_LOCAL_REMOTES=true", "DROVER_LOG_LEVEL=error")
	if err != nil {
		return err
	}
	a, err := open(ctx, c, parts{work: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	event, err := r.store(ctx, a)
	if err != nil {
		return err
	}
	if err := a.worker.Start(); err != nil {
		return err
	}
	defer a.worker.Close()
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	checkout, err := a.follow(ctx, event)
	if err != nil {
		return err
	}
	return r.print(a, checkout)
}

// store makes the tree, its tests and the event that asks for the revision.
func (r runCommand) store(ctx context.Context, a *app) (models.Event, error) {
	where := r.Tree
	if info, err := os.Stat(where); err == nil && info.IsDir() {
		if where, err = filepath.Abs(where); err != nil {
			return models.Event{}, err
		}
	}
	build, err := r.build()
	if err != nil {
		return models.Event{}, err
	}
	branch := r.Branch
	if branch == "" {
		branch = headOf(ctx, a, where)
	}
	body, err := json.Marshal(jobs.Push{Branch: branch, Revision: r.revision(branch), By: "the command line"})
	if err != nil {
		return models.Event{}, err
	}
	var event models.Event
	err = a.store.Tx(ctx, func(tx *models.Tx) error {
		tree, _, err := tx.AddTree(models.NewTree{
			Tree: models.Tree{Name: "here", State: status.TreePaused, Policy: "tip", UnclearShare: 0.2, DeadlineS: 86400, Trusted: true},
			// No branch is watched: the poll would find the same commit on its
			// own, and whoever comes second gets no checkout.
			URL: where, Builds: []models.TreeBuild{build},
		})
		if err != nil {
			return err
		}
		if err := r.addTests(tx, tree.ID); err != nil {
			return err
		}
		if err := tx.SetTreeState(tree.ID, status.TreeLive); err != nil {
			return err
		}
		event, _, err = tx.AddEvent(models.Event{Source: "button", Dedup: "run", TreeID: tree.ID, Body: string(body)}, jobs.EventRead)
		return err
	})
	return event, err
}

// revision is what git is asked for: HEAD is the tip of the branch.
func (r runCommand) revision(branch string) string {
	if r.Rev == "HEAD" {
		return branch
	}
	return r.Rev
}

// headOf asks a repository for its default branch; "main" when it is silent.
func headOf(ctx context.Context, a *app, where string) string {
	target, err := a.git.Check(ctx, where)
	if err != nil {
		return "main"
	}
	listing, err := a.git.LsRefs(ctx, target, nil)
	if err != nil || listing.Head == "" {
		return "main"
	}
	return strings.TrimPrefix(listing.Head, "refs/heads/")
}

// build makes the settings of the recipe that was asked for.
func (r runCommand) build() (models.TreeBuild, error) {
	b := models.TreeBuild{Arch: r.Arch, Config: r.Target, Compiler: "gcc", Recipe: r.Recipe}
	var settings any
	switch r.Recipe {
	case recipe.NameKBuild:
		settings = recipe.KBuild{Arch: r.Arch, ConfigTarget: r.Target}
	case recipe.NameKUnitUM:
		settings, b.Arch, b.Config = recipe.KUnitUM{}, "um", "kunit"
	case recipe.NameCommand:
		settings, b.Config = recipe.Command{Command: r.Build, Format: recipe.Exit}, "default"
	}
	text, err := json.Marshal(settings)
	b.Settings = string(text)
	if err != nil {
		return b, err
	}
	if err := (recipe.BuildSettings{Name: b.Recipe, JSON: b.Settings}).Check(); err != nil {
		return b, fmt.Errorf("--recipe %s: %w", r.Recipe, err)
	}
	if r.Recipe != recipe.NameCommand && r.Build != "" {
		return b, fmt.Errorf("--build needs --recipe %s: %s has its own", recipe.NameCommand, r.Recipe)
	}
	return b, nil
}

func (r runCommand) addTests(tx *models.Tx, tree id.ID) error {
	if r.Recipe == recipe.NameKUnitUM {
		if len(r.Test) > 0 {
			return fmt.Errorf("--test: %s runs its own tests and no others", r.Recipe)
		}
		_, err := tx.AddTest(models.KUnitTest(), []id.ID{tree})
		return err
	}
	for _, test := range r.Test {
		name, command, ok := strings.Cut(test, "=")
		if !ok || name == "" {
			return fmt.Errorf("--test %q: write it as name=command", test)
		}
		settings := recipe.TestSettings{Name: recipe.NameCommand, Command: command, Format: recipe.Format(r.Format)}
		if err := settings.Check(); err != nil {
			return fmt.Errorf("--test %s: %w", name, err)
		}
		_, err := tx.AddTest(models.Test{
			Path: name, Command: command, Recipe: recipe.NameCommand, Format: r.Format, State: status.TestReporting,
		}, []id.ID{tree})
		if errors.Is(err, models.ErrDuplicate) {
			return fmt.Errorf("--test %s: there are two of this name", name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// follow prints what changes until the checkout of an event is judged.
func (a *app) follow(ctx context.Context, event models.Event) (models.Checkout, error) {
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	said := ""
	for {
		select {
		case <-ctx.Done():
			return models.Checkout{}, fmt.Errorf("no verdict in time, last seen: %s (%w)", cmp.Or(said, "nothing"), ctx.Err())
		case <-ticker.C:
		}
		q := a.store.With(context.WithoutCancel(ctx)) // the time that is up is told above
		read, err := q.Event(event.ID)
		if err != nil {
			return models.Checkout{}, err
		}
		if read.Decision == "nothing" {
			return models.Checkout{}, errors.New(read.Reason)
		}
		checkouts, err := q.CheckoutsOfEvent(event.ID)
		if err != nil {
			return models.Checkout{}, err
		}
		now, err := progressOf(q, event, checkouts)
		if err != nil {
			return models.Checkout{}, err
		}
		if now != "" && now != said {
			said = now
			fmt.Fprintln(os.Stderr, said)
		}
		if len(checkouts) > 0 && checkouts[0].State == models.CheckoutFinished {
			return checkouts[0], nil
		}
	}
}

// progressOf says where an event is: before it has a checkout, what keeps it
// from having one.
func progressOf(q models.Query, event models.Event, checkouts []models.Checkout) (string, error) {
	if len(checkouts) > 0 {
		return progress(checkouts[0]), nil
	}
	step, err := q.Step(jobs.EventRead, event.ID)
	if errors.Is(err, models.ErrNotFound) || err == nil && step.LastError == "" {
		return "", nil
	}
	return "still trying: " + step.LastError, err
}

func progress(c models.Checkout) string {
	text := c.VerdictText
	if text == "" {
		text = "planning"
	}
	return notice.Short(c.SHA) + " " + text
}

// print shows the report and fails when somebody has to act.
func (r runCommand) print(a *app, c models.Checkout) error {
	base, err := route.ParseBase(a.config.URL)
	if err != nil {
		return err
	}
	facts, err := report.Facts(a.store.Query, a.blobs, unlinked{jobs.Links{Base: base}}, c.ID)
	if err != nil {
		return err
	}
	fmt.Print(mail.Body(notice.Compose(facts)))
	printFirst(facts.Results)
	if c.Verdict == status.NoNewFailures {
		return nil
	}
	return fmt.Errorf("verdict %s: %s", c.Verdict, c.VerdictText)
}

// printFirst shows what the failures said that a report only lists, since it
// has nothing to compare them with: here that is all of them, and their logs
// go with the folder of the run.
func printFirst(results []notice.Result) {
	for _, r := range results {
		if r.Kind == notice.Test && r.Shown == status.FirstRun && len(r.Lines) > 0 {
			fmt.Printf("\n%s failed:\n\n  %s\n", r.Test, strings.Join(r.Lines, "\n  "))
		}
	}
}

// unlinked leaves the addresses out: nothing serves the pages of a run here.
type unlinked struct{ jobs.Links }

func (unlinked) Checkout(id.ID) string      { return "" }
func (unlinked) Result(id.ID, int64) string { return "" }
func (unlinked) Build(id.ID) string         { return "" }
func (unlinked) BuildConfig(id.ID) string   { return "" }
