package targeting

// Build is what a tree is built for.
type Build struct{ Arch, Config string }

// Past is a change of the past, and what its tree was built for.
type Past struct {
	Change Change
	Builds []Build
}

// Foreseen is what a condition would have done with one change.
type Foreseen struct {
	Runs   bool   // with the new condition
	Ran    bool   // with the old one
	Builds int    // on how many builds it runs
	Choice Choice // why it runs, or does not
	Files  []int  // which of the changed files the condition is aimed at
}

// Foresee says what a test would have done with changes of the past, by its
// new definition and by the one that it has. What other tests do does not
// count: where no test is aimed at a change, more may run.
func Foresee(before, after Definition, past []Past, sections Sections) ([]Foreseen, error) {
	old, err := Compile([]Definition{before}, sections)
	if err != nil {
		return nil, err
	}
	ix, err := Compile([]Definition{after}, sections)
	if err != nil {
		return nil, err
	}
	list := make([]Foreseen, len(past))
	for i, p := range past {
		list[i] = foresee(old, ix, p)
	}
	return list, nil
}

func foresee(old, ix *Index, p Past) Foreseen {
	var f Foreseen
	for number, b := range p.Builds {
		change := p.Change
		change.Arches, change.Configs = Only(ArchNames(b.Arch)...), Only(b.Config)
		f.Ran = f.Ran || old.Select(change, Policy{}).Chosen(0)
		selection := ix.Select(change, Policy{})
		runs := selection.Chosen(0)
		if number == 0 || runs && !f.Runs {
			f.Choice = selection.Choice(0)
		}
		if runs {
			f.Builds++
			f.Runs = true
		}
		if f.Files == nil && runs {
			for at, covered := range selection.Covering() {
				if len(covered.Tests) > 0 {
					f.Files = append(f.Files, at)
				}
			}
		}
	}
	return f
}
