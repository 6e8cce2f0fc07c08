package server

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"drover/models"
	"drover/rules/recipe"
	"drover/rules/status"
	"drover/rules/targeting"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

func treeSettings(v *visit) error {
	t, err := v.namedTree()
	if err != nil {
		return err
	}
	data := page.TreeSettingsData{Name: t.Name, State: t.State, Mail: v.mailSettings(t)}
	sources, err := v.q.SourcesWithRemote(t.ID)
	if err != nil {
		return err
	}
	url := ""
	for _, s := range sources {
		url = s.URL
		data.Source = append(data.Source, ui.Pair{Name: "Repository", Value: s.URL},
			ui.Pair{Name: "Branches", Value: strings.Join(models.Lines(s.Branches), ", ")})
		if problem := problemOf(s); problem != "" {
			data.Source = append(data.Source, ui.Pair{Name: "Problem", Value: problem})
		}
	}
	data.Source = append(data.Source, sourceSettings(t)...)
	builds, err := v.q.TreeBuilds(t.ID)
	if err != nil {
		return err
	}
	for _, b := range builds {
		row := page.TreeBuild{Arch: b.Arch, Config: b.Config, Compiler: b.Compiler}
		if row.Commands, err = commandsOf(b, url); err != nil {
			return err
		}
		data.Builds = append(data.Builds, row)
	}
	list, err := v.q.TestsOfTree(t.ID)
	if err != nil {
		return err
	}
	for _, one := range list {
		when := "on every build of every checkout"
		if one.Conditions != "" && !t.Always {
			c, err := targeting.Parse(one.Conditions)
			if err != nil {
				return fmt.Errorf("read the conditions of %s: %w", one.Path, err)
			}
			when = "if the change " + c.String()
		}
		if one.State == status.TestOff {
			when = "never: it is switched off"
		}
		data.Tests = append(data.Tests, page.TreeTest{Test: one.Path, State: one.State, When: when})
	}
	changes, err := v.q.Changes("tree", t.ID, 50)
	if err != nil {
		return err
	}
	for _, c := range changes {
		data.Log = append(data.Log, ui.Event{When: c.At, Who: c.Who, What: c.What, Why: changeText(c)})
	}
	f := v.frame(t.Name+": settings", route.TreeSettings(t.Name), ui.Crumb{Text: "Trees", URL: route.Trees()},
		ui.Crumb{Text: t.Name, URL: route.Tree(t.Name)}, ui.Crumb{Text: "Settings"})
	f.Active = "trees"
	return v.object(page.TreeSettings{Frame: f, Data: data, Tabs: treeTabs(t.Name, "settings"), Actions: v.treeActions(t)}, data, route.TreeSettings(t.Name))
}

// commandsOf are the commands of a build without those that get the source.
func commandsOf(b models.TreeBuild, url string) ([]string, error) {
	r, err := recipe.BuildSettings{Name: b.Recipe, JSON: b.Settings}.Reproduce(recipe.Source{URL: url, Commit: "HEAD"})
	if err != nil {
		return nil, fmt.Errorf("read the build %s/%s: %w", b.Arch, b.Config, err)
	}
	var lines []string
	for _, step := range r.Steps[min(1, len(r.Steps)):] {
		lines = append(lines, step.Lines...)
	}
	return lines, nil
}

func changeText(c models.Audit) string {
	if c.Before == "" && c.After == "" {
		return ""
	}
	return cmp.Or(c.Before, "nothing") + " → " + cmp.Or(c.After, "nothing")
}

var policyOptions = []ui.Option{
	{Value: "tip", Text: "The tip", Help: "One checkout for each push; what lies between is listed as untested."},
	{Value: "first_parent", Text: "Every commit on the first-parent line", Help: "For trees of merges: each merge is one checkout."},
	{Value: "every", Text: "Every commit", Help: "Each commit of a push, up to the daily budget."},
}

func sourceSettings(t models.Tree) []ui.Pair {
	policy := t.Policy
	for _, o := range policyOptions {
		if o.Value == t.Policy {
			policy = o.Text
		}
	}
	budget := "no bound"
	if t.DailyBudget > 0 {
		budget = fmt.Sprintf("%d checkouts a day", t.DailyBudget)
	}
	trusted := "no: jobs run only where they can be isolated"
	if t.Trusted {
		trusted = "yes"
	}
	return []ui.Pair{
		{Name: "Tested of a push", Value: policy}, {Name: "Budget", Value: budget}, {Name: "Trusted", Value: trusted},
		{Name: "Unclear when", Value: fmt.Sprintf("more than %.0f %% have no result", t.UnclearShare*100)},
		{Name: "Deadline", Value: ui.SecondsOf(time.Duration(t.DeadlineS) * time.Second).String()},
	}
}

func (v *visit) mailSettings(t models.Tree) []ui.Pair {
	var list []ui.Pair
	for _, line := range models.Lines(t.MailTo) {
		if address, isList := strings.CutPrefix(line, "list "); isList {
			list = append(list, ui.Pair{Name: "List", Value: address})
		} else {
			list = append(list, ui.Pair{Name: "Person", Value: v.address(line, true)})
		}
	}
	if len(list) == 0 {
		list = append(list, ui.Pair{Name: "To", Value: "nobody"})
	}
	when := "when a checkout has new failures, does not build, or is fixed"
	if t.MailPass {
		when = "for every checkout"
	}
	if t.Responder != "" {
		list = append(list, ui.Pair{Name: "Acts on new failures", Value: v.address(t.Responder, true)})
	}
	return append(list, ui.Pair{Name: "When", Value: when})
}
