package server

import (
	"slices"
	"time"

	"drover/jobs"
	"drover/models"
	"drover/rules/permission"
	"drover/rules/status"
	"drover/views/page"
	"drover/views/route"
)

const (
	overviewTrees  = 200 // rows of trees on the front page
	overviewGroups = 20  // groups of new failures
)

func overview(v *visit) error {
	if len(v.query) > 0 && v.isBot() {
		if _, err := v.listing(route.Home(), nil); err != nil {
			return err
		}
	}
	rows, err := v.treeRows(false)
	if err != nil {
		return err
	}
	data := page.OverviewData{Trees: rows[:min(overviewTrees, len(rows))]}
	p := page.Overview{Frame: v.frame("Overview", route.Home())}
	failures, err := v.q.NewFailures(v.now.Add(-24 * time.Hour))
	if err != nil { // the rest of the page stands
		v.Log.Error("new failures could not be read", "request_id", noteOf(v.echo).id, "error", err.Error())
		p.FailuresError = "The new failures could not be read"
	}
	groups := failureGroups(failures)
	data.NewFailures, data.NewFailuresTotal = groups[:min(overviewGroups, len(groups))], len(groups)
	p.Data = data
	if p.Setup, err = v.setup(rows); err != nil {
		return err
	}
	p.Live = v.live(route.TopicHome)
	p.Refresh = slices.ContainsFunc(rows, func(r page.TreeRow) bool { return r.Running > 0 })
	if slices.ContainsFunc(rows, func(r page.TreeRow) bool { return r.New > 0 }) {
		p.Family = status.Bad
	}
	return v.object(p, data, route.Home())
}

// setup is the first steps of a fresh installation; nil once a checkout ran.
func (v *visit) setup(rows []page.TreeRow) (*page.Setup, error) {
	s := page.Setup{Why: v.why(permission.Draft, permission.Object{})}
	for _, r := range rows {
		switch {
		case r.Tree == jobs.SampleName:
			s.SampleDone = true
		default:
			s.TreeDone = true
		}
		if r.Checkout != nil && r.Verdict != status.NotYetJudged && r.Verdict != status.StillRunning && r.Tree != jobs.SampleName {
			return nil, nil
		}
	}
	found, _, err := v.q.ListTests(models.TestFilter{}, models.Slice{Limit: 1})
	s.TestDone = len(found) > 0
	return &s, err
}

// failureGroups puts failures with the same line together, newest first.
func failureGroups(failures []models.NewFailure) []page.FailureGroup {
	var groups []page.FailureGroup
	places := map[string]int{}
	for _, f := range failures {
		key := f.FirstError
		if key == "" {
			key = "\x00" + f.Test // nothing says that two of these have one cause
		}
		i, seen := places[key]
		if !seen {
			i = len(groups)
			places[key] = i
			g := page.FailureGroup{FirstError: f.FirstError, Result: f.ResultID, Line: int(f.FirstErrorLine), LastSeen: at(f.FinishedAt)}
			if f.JobID != nil && f.FirstErrorLine > 0 {
				g.Log = jobs.TestLog
			}
			groups = append(groups, g)
		}
		g := &groups[i]
		g.Results++
		g.FirstSeen = at(f.FinishedAt)
		g.Tests, g.Trees, g.Arches = once(g.Tests, f.Test), once(g.Trees, f.Tree), once(g.Arches, f.Arch)
	}
	return groups
}

// once adds a text to a list that has it not.
func once(list []string, text string) []string {
	if text == "" || slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}

// addSample adds the sample tree with one click.
func addSample(v *visit) error {
	var tree models.Tree
	err := v.Store.Tx(v.context(), func(tx *models.Tx) error {
		_, err := tx.TreeByName(jobs.SampleName)
		there := err == nil
		if tree, err = jobs.AddSample(tx, v.Settings.DataDir); err != nil || there {
			return err
		}
		if err := v.own(tx, models.KindTree, tree.ID); err != nil {
			return err
		}
		return v.record(tx, models.Audit{What: "added the sample tree", ObjectKind: "tree", ObjectID: tree.ID})
	})
	if err != nil {
		return err
	}
	if v.format == "json" {
		return v.created(tree.Name)
	}
	v.leaveNote("sample")
	return v.redirect(303, route.Tree(tree.Name))
}
