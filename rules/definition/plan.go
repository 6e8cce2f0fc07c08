package definition

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"

	"drover/formats/treefile"
	"drover/rules/recipe"
	"drover/rules/status"
)

// Kinds of what a file defines, in the order in which they are applied.
const (
	KindTree = "tree"
	KindSet  = "set"
	KindTest = "test"
)

// Object names one thing that a file defines.
type Object struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// Change is what applying files does to one object.
type Change struct {
	Object
	New         bool         `json:"new"`
	Differences []Difference `json:"differences"`
}

// Plan is what applying files would do.
type Plan struct {
	Changes   []Change `json:"changes"`
	Unchanged []Object `json:"unchanged"`
	// Absent is stored and in no file. It stays as it is: applying removes
	// nothing.
	Absent []Object `json:"absent"`
	// Base names what is stored of all that the files define. A plan with
	// another base was made before somebody changed it.
	Base string `json:"base"`
}

// Count is how many objects are added or changed.
func (p Plan) Count(added bool) int {
	n := 0
	for _, c := range p.Changes {
		if c.New == added {
			n++
		}
	}
	return n
}

// Over is what files say together with what they leave to what is stored: the
// state of a test, and what a tree is built for.
func (f File) Over(stored File) File {
	f.Tests, f.Trees = slices.Clone(f.Tests), slices.Clone(f.Trees)
	tests, trees := map[string]Test{}, map[string]Tree{}
	for _, t := range stored.Tests {
		tests[t.Name] = t
	}
	for _, t := range stored.Trees {
		trees[t.Tree] = t
	}
	for i, t := range f.Tests {
		t.Sets, t.Trees = sortedOnce(t.Sets), sortedOnce(t.Trees)
		_, said := t.Places["state"]
		if before, known := tests[t.Name]; known && !said && t.Quarantine == (Quarantine{}) {
			t.State, t.Quarantine = before.State, before.Quarantine
		}
		f.Tests[i] = t
	}
	for i, t := range f.Trees {
		if before, known := trees[t.Tree]; known && t.SaysNoBuilds() {
			t.File = t.WithBuildsOf(before.File)
		}
		f.Trees[i] = t
	}
	return f
}

func sortedOnce(names []string) []string {
	names = slices.Clone(names)
	slices.Sort(names)
	return slices.Compact(names)
}

// Stored is a test as it is kept, with what an old row leaves out said as a
// file would say it.
func (t Test) Stored() Test {
	t.Format = cmp.Or(t.Format, recipe.KTAP)
	t.Recipe = cmp.Or(t.Recipe, recipe.NameCommand)
	t.Timeout = cmp.Or(t.Timeout, recipe.DefaultTest)
	t.State = cmp.Or(t.State, status.TestTrial)
	return t
}

// Compare says what applying wanted, which went Over stored, would do.
func Compare(stored, wanted File) Plan {
	p := planning{sum: sha256.New()}
	compare(&p, KindTree, stored.Trees, wanted.Trees, func(t Tree) string { return t.Tree }, func(a, b Tree) []Difference { return treeDifferences(a.File, b.File) })
	compare(&p, KindSet, stored.Sets, wanted.Sets, func(s Set) string { return s.Name }, setDifferences)
	compare(&p, KindTest, stored.Tests, wanted.Tests, func(t Test) string { return t.Name }, Differences)
	p.Base = hex.EncodeToString(p.sum.Sum(nil)[:16])
	return p.Plan
}

// planning is a plan that is being made.
type planning struct {
	Plan
	sum hash.Hash
}

func compare[T any](p *planning, kind string, stored, wanted []T, name func(T) string, differ func(before, after T) []Difference) {
	known, said := map[string]T{}, map[string]bool{}
	for _, one := range stored {
		known[name(one)] = one
	}
	wanted = slices.Clone(wanted)
	slices.SortStableFunc(wanted, func(a, b T) int { return cmp.Compare(name(a), name(b)) })
	for _, one := range wanted {
		what := Object{kind, name(one)}
		said[what.Name] = true
		before, isKnown := known[what.Name]
		var none T
		p.note(what, isKnown, differ(none, before))
		differences := differ(before, one)
		switch {
		case !isKnown || len(differences) > 0:
			p.Changes = append(p.Changes, Change{what, !isKnown, differences})
		default:
			p.Unchanged = append(p.Unchanged, what)
		}
	}
	for _, one := range stored {
		if len(wanted) > 0 && !said[name(one)] {
			p.Absent = append(p.Absent, Object{kind, name(one)})
		}
	}
}

// note adds what is stored of an object to the base.
func (p *planning) note(what Object, known bool, all []Difference) {
	_, _ = fmt.Fprintf(p.sum, "%s %q %t\n", what.Kind, what.Name, known) // a hash never fails
	for _, d := range all {
		_, _ = fmt.Fprintf(p.sum, "%q %q\n", d.Key, d.After)
	}
}

func setDifferences(before, after Set) []Difference {
	return unlike([]Difference{
		{"description", before.Description, after.Description},
		{"includes", lines(sortedOnce(before.Includes)), lines(sortedOnce(after.Includes))},
	})
}

func treeDifferences(before, after treefile.File) []Difference {
	var all []Difference
	for _, key := range treefile.Keys() {
		if key != KindTree { // the name, by which they were found
			all = append(all, Difference{key, before.Text(key), after.Text(key)})
		}
	}
	return unlike(all)
}

// unlike leaves out what is the same, whatever space stands around it.
func unlike(all []Difference) []Difference {
	return slices.DeleteFunc(all, func(d Difference) bool { return strings.TrimSpace(d.Before) == strings.TrimSpace(d.After) })
}
