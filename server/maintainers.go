package server

import (
	"cmp"
	"fmt"
	"slices"

	"drover/formats/maintainers"
	"drover/jobs"
	"drover/models"
	"drover/rules/id"
	"drover/rules/targeting"
	"drover/views/page"
)

// maintainersKnown is what is known of the MAINTAINERS of a commit.
type maintainersKnown struct {
	state string // of the words of page
	file  maintainers.File
}

// sections are those for conditions: nil where the file is not known, so that
// what asks for them is left open.
func (k maintainersKnown) sections() targeting.Sections {
	if k.state != page.MaintainersKnown && k.state != page.MaintainersNone {
		return nil
	}
	return targeting.SectionsOf(k.file)
}

// mirrorOf is the mirror of a tree's repository, "" if it has none.
func (v *visit) mirrorOf(tree id.ID) (string, error) {
	sources, err := v.q.TreeSources(tree)
	if err != nil || len(sources) == 0 {
		return "", err
	}
	remote, err := v.q.Remote(sources[0].RemoteID)
	return remote.Mirror, err
}

// newestOf is the commit of a tree's newest checkout, "" if it has none.
func (v *visit) newestOf(tree id.ID) (string, error) {
	tails, err := v.q.BranchTails(tree, 1)
	if err != nil || len(tails) == 0 {
		return "", err
	}
	return slices.MaxFunc(tails, func(a, b models.CheckoutLine) int { return cmp.Compare(a.ID, b.ID) }).SHA, nil
}

// newestMaintainers is the key of the MAINTAINERS of a tree's newest checkout,
// "" if there is none.
func (v *visit) newestMaintainers(tree id.ID) (string, error) {
	mirror, err := v.mirrorOf(tree)
	if err != nil || mirror == "" {
		return "", err
	}
	sha, err := v.newestOf(tree)
	if err != nil || sha == "" {
		return "", err
	}
	return jobs.CommitKey(mirror, sha), nil
}

// askMaintainers has a MAINTAINERS read, unless it is known.
func (v *visit) askMaintainers(key string) error {
	return v.Store.Tx(v.context(), func(tx *models.Tx) error {
		_, err := tx.Ask(jobs.LookupAnswer, jobs.LookupMaintainers, key, commitFresh)
		return err
	})
}

// maintainersOf reads the MAINTAINERS of a commit as a job found it. It asks
// for nothing.
func (v *visit) maintainersOf(key string) (known maintainersKnown, err error) {
	var found lookedUp[jobs.MaintainersFound]
	if err := found.read(v.q, jobs.LookupMaintainers, key); err != nil {
		return known, err
	}
	switch {
	case !found.asked:
		known.state = page.MaintainersUnasked
	case found.waits():
		known.state = page.MaintainersWaits
	case !found.known:
		known.state = page.MaintainersUnknown
	case !found.value.Has:
		known.state = page.MaintainersNone
	default:
		known.state = page.MaintainersKnown
		if known.file, err = maintainers.Parse(found.value.Text, maintainers.Limits{}); err != nil {
			return known, fmt.Errorf("read MAINTAINERS: %w", err)
		}
	}
	return known, nil
}
