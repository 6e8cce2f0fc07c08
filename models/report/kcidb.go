package report

import (
	"strings"

	"drover/formats/kcidb"
	"drover/models"
	"drover/rules/id"
)

// KCIDB writes a checkout with its builds and final results as a KCIDB
// document of the given origin. Ids are Drover's own, so that the same
// checkout sent again is the same objects.
func KCIDB(q models.Query, links Links, origin string, checkout id.ID) (kcidb.Document, error) {
	g := gatherer{q: q, links: links, builds: map[id.ID]models.Build{}}
	var err error
	if g.checkout, err = q.Checkout(checkout); err != nil {
		return kcidb.Document{}, err
	}
	if g.tree, err = q.Tree(g.checkout.TreeID); err != nil {
		return kcidb.Document{}, err
	}
	head, err := g.header()
	if err != nil {
		return kcidb.Document{}, err
	}
	none, valid := "", true
	out := kcidb.Checkout{
		ID: kcidb.ID(origin, checkout.String()), TreeName: g.tree.Name, GitRepositoryURL: head.Repository,
		GitCommitHash: g.checkout.SHA, GitCommitName: g.checkout.Describe, GitRepositoryBranch: g.checkout.Branch,
		PatchsetHash: &none, Valid: &valid, StartTime: g.checkout.PushedAt, Comment: g.checkout.VerdictText,
	}
	if g.checkout.FinishedAt != nil {
		out.OriginBuildsFinishTime, out.OriginTestsFinishTime = *g.checkout.FinishedAt, *g.checkout.FinishedAt
	}
	d := kcidb.Document{Origin: origin, Checkouts: []kcidb.Checkout{out}}
	if d.Builds, err = g.kcidbBuilds(origin); err != nil {
		return kcidb.Document{}, err
	}
	d.Tests, err = g.kcidbTests(origin)
	return d, err
}

func (g *gatherer) kcidbBuilds(origin string) ([]kcidb.Build, error) {
	builds, err := g.q.Builds(g.checkout.ID)
	if err != nil {
		return nil, err
	}
	var out []kcidb.Build
	for _, b := range builds {
		g.builds[b.ID] = b
		one := kcidb.Build{
			ID: kcidb.ID(origin, b.ID.String()), CheckoutID: kcidb.ID(origin, g.checkout.ID.String()),
			Architecture: b.Arch, ConfigName: b.Config, Compiler: b.Compiler, Status: b.Status, Comment: b.Reason,
			LogURL: g.links.Build(b.ID), LogExcerpt: b.FirstError,
		}
		if b.StartedAt != nil {
			one.StartTime = *b.StartedAt
			if b.FinishedAt != nil {
				seconds := b.FinishedAt.Sub(*b.StartedAt).Seconds()
				one.Duration = &seconds
			}
		}
		out = append(out, one)
	}
	return out, nil
}

func (g *gatherer) kcidbTests(origin string) ([]kcidb.Test, error) {
	results, err := g.q.Results(g.checkout.ID)
	if err != nil {
		return nil, err
	}
	var ids []id.ID
	for _, r := range results {
		ids = append(ids, r.TestID)
	}
	tests, err := g.q.TestsByID(ids)
	if err != nil {
		return nil, err
	}
	var out []kcidb.Test
	for _, r := range results {
		if !r.Final {
			continue
		}
		one := kcidb.Test{
			ID: kcidb.ID(origin, r.ID.String()), BuildID: kcidb.ID(origin, r.BuildID.String()),
			Path: kcidb.PathOf(strings.Split(tests[r.TestID].Path, "/")...), Status: r.Status, Comment: tests[r.TestID].Path,
			LogURL: g.links.Result(r.ID, r.FirstErrorLine), LogExcerpt: r.FirstError,
			Environment: &kcidb.Environment{Comment: r.Host},
		}
		if r.StartedAt != nil {
			one.StartTime = *r.StartedAt
		}
		if r.DurationMS > 0 {
			seconds := float64(r.DurationMS) / 1000
			one.Duration = &seconds
		}
		out = append(out, one)
	}
	return out, nil
}
