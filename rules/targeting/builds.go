package targeting

import "slices"

// Planned is the choice of a test over all that a change is built for.
type Planned struct {
	Choice
	Arches []string // on which it runs, sorted; "" is left open
}

// OnBuilds asks which tests a change runs on each of some builds, and sums that
// up: a test is chosen that runs on one of them, with the reason that it has
// there. Covered are the changed files with the tests that any build runs
// because of them. Without builds their part of the change is as it is.
func (ix *Index) OnBuilds(change Change, builds []Build, policy Policy) (all []Planned, covered []Covered, summary string) {
	all = make([]Planned, ix.Len())
	each := func(number int, arch string, s *Selection) {
		for i, choice := range s.Choices() {
			if number == 0 || choice.Chosen && !all[i].Chosen {
				all[i].Choice = choice
			}
			if choice.Chosen && !slices.Contains(all[i].Arches, arch) {
				all[i].Arches = append(all[i].Arches, arch)
			}
		}
		if number == 0 {
			covered, summary = s.Covering(), s.Summary()
			return
		}
		for i, c := range s.Covering() {
			covered[i].Tests = sortedUnion(covered[i].Tests, c.Tests)
		}
	}
	for number, b := range builds {
		if b.Arch != "" {
			change.Arches = Only(ArchNames(b.Arch)...)
		}
		if b.Config != "" {
			change.Configs = Only(b.Config)
		}
		each(number, b.Arch, ix.Select(change, policy))
	}
	if len(builds) == 0 {
		each(0, "", ix.Select(change, policy))
	}
	for i := range all {
		slices.Sort(all[i].Arches)
	}
	return all, covered, summary
}

func sortedUnion(a, b []int) []int {
	all := append(slices.Clone(a), b...)
	slices.Sort(all)
	return slices.Compact(all)
}
