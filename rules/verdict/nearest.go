package verdict

import (
	"cmp"
	"slices"

	"drover/rules/status"
)

// Commit is one commit of a Graph.
type Commit struct {
	Parents []string `json:"parents"`
	// Generation is 1 for a root, else one more than the highest of the
	// parents; 0 where it is not known.
	Generation int64 `json:"generation,omitempty"`
}

// Graph holds commits by their sha. It may be a part of history: a parent that
// is not in it ends the search there.
type Graph map[string]Commit

// Compared is the commit that a scenario is compared with.
type Compared struct {
	Commit string        `json:"commit"`
	Status status.Status `json:"status"` // pass or fail
	// Commits is how many commits back it is, by the shortest way; 0 if it is
	// not an ancestor.
	Commits     int  `json:"commits"`
	NotAncestor bool `json:"not_ancestor,omitempty"`
}

// Nearest finds what to compare a scenario at tip with: its nearest ancestor
// that passed or failed, through commits that were not tested and through
// merges. tested holds the statuses of this scenario by commit; others than
// pass and fail are looked through. Of ancestors equally near, the one with
// the highest generation is taken, then the first by sha. Without one it falls
// back to previous, the branch's checkout before this one ("" if none), as
// after a rebase. ok is false if that has no status either.
func Nearest(graph Graph, tip string, tested map[string]status.Status, previous string) (found Compared, ok bool) {
	seen := map[string]bool{tip: true}
	level := []string{tip}
	for commits := 1; len(level) > 0; commits++ {
		level = parents(graph, level, seen)
		if commit, ok := newest(graph, level, tested); ok {
			return Compared{Commit: commit, Status: tested[commit], Commits: commits}, true
		}
	}
	if previous != "" && previous != tip && decisive(tested[previous]) {
		return Compared{Commit: previous, Status: tested[previous], NotAncestor: true}, true
	}
	return Compared{}, false
}

// parents is the next level of the search, without what was seen.
func parents(graph Graph, level []string, seen map[string]bool) []string {
	var next []string
	for _, commit := range level {
		for _, parent := range graph[commit].Parents {
			if !seen[parent] {
				seen[parent] = true
				next = append(next, parent)
			}
		}
	}
	return next
}

// newest is the tested commit of one level.
func newest(graph Graph, level []string, tested map[string]status.Status) (string, bool) {
	candidates := slices.DeleteFunc(slices.Clone(level), func(commit string) bool { return !decisive(tested[commit]) })
	if len(candidates) == 0 {
		return "", false
	}
	return slices.MinFunc(candidates, func(a, b string) int {
		return cmp.Or(cmp.Compare(graph[b].Generation, graph[a].Generation), cmp.Compare(a, b))
	}), true
}

func decisive(s status.Status) bool { return s == status.Pass || s == status.Fail }
