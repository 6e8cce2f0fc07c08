// Package compare says what became of each build and test between two
// checkouts. The pages that compare call it.
//
// It is pure: the caller chooses what is compared (by what a thing is, never by
// how it ended) and hands over both sides; what differs in status can only be
// sorted out after the pairs are made. It knows nothing of history: which
// failure is new to a branch is the judgement of package verdict, while here
// "new" means passed on the one side and fails on the other.
package compare

import (
	"cmp"
	"slices"

	"drover/rules/status"
)

// Change is what became of one thing from side A to side B.
type Change string

// The changes. Each pair has exactly one.
const (
	New           Change = "new"            // passed in A, fails in B
	Fixed         Change = "fixed"          // failed in A, passes in B
	StillFailing  Change = "still_failing"  // fails in both
	Appeared      Change = "appeared"       // only in B
	Gone          Change = "gone"           // only in A
	StatusChanged Change = "status_changed" // another status, neither from pass to fail nor back
	Unfinished    Change = "unfinished"     // one of the sides has no end yet
	Same          Change = "same"           // the same status, and no failure
)

// Changes lists them in the order of importance; the first six are differences.
var Changes = []Change{New, Fixed, StillFailing, Appeared, Gone, StatusChanged, Unfinished, Same}

var words = map[Change]status.Word{
	New: {Text: "New", Family: status.Bad}, Fixed: {Text: "Fixed", Family: status.Good}, StillFailing: {Text: "Still failing", Family: status.Bad},
	Appeared: {Text: "Appeared", Family: status.Active}, Gone: {Text: "Gone", Family: status.Infra},
	StatusChanged: {Text: "Status changed", Family: status.Infra}, Unfinished: {Text: "Not finished", Family: status.Off}, Same: {Text: "Same", Family: status.Off},
}

// Word is how a change is said; an unknown one is shown as it is, in grey.
func (c Change) Word() status.Word {
	if w, ok := words[c]; ok {
		return w
	}
	return status.Word{Text: string(c), Family: status.Off}
}

// Known tells whether c is one of the changes.
func (c Change) Known() bool { return slices.Contains(Changes, c) }

// Rank is the place of c among Changes.
func (c Change) Rank() int {
	if i := slices.Index(Changes, c); i >= 0 {
		return i
	}
	return len(Changes)
}

// Swapped is the change seen from the other side.
func (c Change) Swapped() Change {
	switch c {
	case New:
		return Fixed
	case Fixed:
		return New
	case Appeared:
		return Gone
	case Gone:
		return Appeared
	}
	return c
}

// Of says what became of a thing. A side that does not have it has the status
// "": what is on one side only is never new and never fixed.
func Of(a, b status.Status) Change {
	a, b = settled(a), settled(b)
	switch {
	case a == "" && b == "":
		return Same
	case a == "":
		return Appeared
	case b == "":
		return Gone
	case !a.Final() || !b.Final():
		return Unfinished
	case a == status.Fail && b == status.Fail:
		return StillFailing
	case a == b:
		return Same
	case a == status.Pass && b == status.Fail:
		return New
	case a == status.Fail && b == status.Pass:
		return Fixed
	}
	return StatusChanged
}

// settled takes what was cancelled for what has no result, as counts do.
func settled(s status.Status) status.Status {
	if s == status.Cancelled {
		return status.Miss
	}
	return s
}

// Key is what a thing is: the same on both sides makes a pair. A build has no
// test.
type Key struct{ Test, Arch, Config, Compiler string }

// Compare orders keys: builds first, then by test and place.
func (k Key) Compare(other Key) int {
	return cmp.Or(cmp.Compare(k.Test, other.Test), cmp.Compare(k.Arch, other.Arch),
		cmp.Compare(k.Config, other.Config), cmp.Compare(k.Compiler, other.Compiler))
}

// Item is one thing on one side.
type Item struct {
	Key    Key
	Status status.Status
}

// Pair is one thing on both sides: places in the lists given to Pairs, -1
// where a side does not have it.
type Pair struct {
	Key    Key
	A, B   int
	Change Change
}

// Pairs puts two sides together, one pair for each key, in the order of keys.
// Of items with one key on one side, the last counts.
func Pairs(a, b []Item) []Pair {
	at := make(map[Key]int, len(a)+len(b))
	var pairs []Pair
	place := func(key Key) *Pair {
		i, known := at[key]
		if !known {
			i = len(pairs)
			at[key] = i
			pairs = append(pairs, Pair{Key: key, A: -1, B: -1})
		}
		return &pairs[i]
	}
	for i, item := range a {
		place(item.Key).A = i
	}
	for i, item := range b {
		place(item.Key).B = i
	}
	for i := range pairs {
		pairs[i].Change = Of(statusAt(a, pairs[i].A), statusAt(b, pairs[i].B))
	}
	slices.SortFunc(pairs, func(x, y Pair) int { return x.Key.Compare(y.Key) })
	return pairs
}

func statusAt(items []Item, i int) status.Status {
	if i < 0 {
		return ""
	}
	return items[i].Status
}

// Counts is how many pairs have each change.
type Counts map[Change]int

// Count counts pairs by their change.
func Count(pairs []Pair) Counts {
	counts := Counts{}
	for _, p := range pairs {
		counts[p.Change]++
	}
	return counts
}

// Total is how many pairs there are, InBoth how many both sides have.
func (c Counts) Total() (total, inBoth int) {
	for change, n := range c {
		total += n
		if change != Appeared && change != Gone {
			inBoth += n
		}
	}
	return total, inBoth
}
