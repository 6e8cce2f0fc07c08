// Package trigger decides which commits of a push become checkouts.
//
// It is pure: the caller has listed the commits of the push and counted what
// was used of the day's budget. It must not know where the push came from. The
// job that reads an event calls it, and stores the decision on the event.
package trigger

import (
	"fmt"
	"strings"
)

// Push is one movement of a branch.
type Push struct {
	Old       string // commit before, "" or zeros if the branch is new
	New       string // commit after, "" or zeros if the branch was deleted
	Forced    bool   // Old is no ancestor of New: history was rewritten
	Deleted   bool
	NewBranch bool
	// Commits are those that New has and Old has not, newest first, New at
	// their head. For a new branch they may be all of history, or none.
	Commits []Commit
}

// Commit is one commit with its parents, the first parent first.
type Commit struct {
	SHA     string
	Parents []string
}

// Mode is which commits a tree wants tested.
type Mode string

// The modes.
const (
	Tip         Mode = "tip"          // the last commit of a push
	FirstParent Mode = "first_parent" // and each before it, without what merges brought
	Every       Mode = "every"        // each commit
)

// DefaultPerPush is how many checkouts one push may make, where the tree does
// not say: more than a person pushes by hand, less than a merge window.
const DefaultPerPush = 20

// Policy is the tree's.
type Policy struct {
	Mode        Mode
	DailyBudget int // checkouts in a UTC day, 0 for no limit
	UsedToday   int // of these
	PerPush     int // checkouts of one push, 0 for DefaultPerPush
}

// Decision says what becomes of each commit of the push.
type Decision struct {
	Chosen   []string   // newest first; the tip is at their head
	Untested []Untested // the others, in the order of the push
	Reason   string     // why these
}

// Untested is a commit that is left out by choice.
type Untested struct {
	SHA    string
	Reason string
}

// Decide chooses. The tip goes first: it is chosen whenever anything is. Every
// commit of the push is in the decision once.
func Decide(push Push, policy Policy) Decision {
	if push.Deleted || none(push.New) {
		return Decision{Untested: leaveOut(push.Commits, "the branch was deleted"), Reason: "the branch was deleted"}
	}
	if push.New == push.Old {
		return Decision{Untested: leaveOut(push.Commits, "the branch did not move"), Reason: "the branch did not move"}
	}
	limit, limited := room(policy)
	if limit == 0 {
		return Decision{Untested: leaveOut(withTip(push), limited), Reason: limited}
	}
	wanted, reason, other := want(push, policy.Mode)
	return choose(withTip(push), wanted, Decision{Reason: reason}, bound{limit, limited, other})
}

// bound is how many are chosen, and what is said of those beyond it and of
// those that the mode leaves out.
type bound struct {
	limit   int
	limited string
	other   string
}

// choose takes the tip and then the newest of the wanted commits.
func choose(commits []Commit, wanted map[string]bool, d Decision, b bound) Decision {
	beyond := 0
	seen := make(map[string]bool, len(commits))
	for _, commit := range commits {
		switch {
		case seen[commit.SHA]:
			continue
		case !wanted[commit.SHA]:
			d.Untested = append(d.Untested, Untested{commit.SHA, b.other})
		case len(d.Chosen) == b.limit:
			beyond++
			d.Untested = append(d.Untested, Untested{commit.SHA, b.limited})
		default:
			d.Chosen = append(d.Chosen, commit.SHA)
		}
		seen[commit.SHA] = true
	}
	if beyond > 0 {
		d.Reason += fmt.Sprintf("; %d left out: %s", beyond, b.limited)
	}
	return d
}

// want is the set of commits that the mode asks for, why, and what is said of
// the others.
func want(push Push, mode Mode) (wanted map[string]bool, reason, other string) {
	tip := map[string]bool{push.New: true}
	switch {
	case push.Forced:
		return tip, "history was rewritten: only the tip", "history was rewritten: only the tip is tested"
	case push.NewBranch || none(push.Old):
		return tip, "the branch is new: only its tip", "the branch is new: only its tip is tested"
	case mode == FirstParent:
		return firstParents(push), "each commit on the first-parent line", "it came with a merge, the tree tests the first-parent line"
	case mode == Every:
		for _, commit := range push.Commits {
			tip[commit.SHA] = true
		}
		return tip, "each commit of the push", ""
	case mode == Tip || mode == "":
		return tip, "the tip of the push", "the tree tests only the tip of a push"
	}
	return tip, fmt.Sprintf("the tip of the push: the mode %q is not known", mode), fmt.Sprintf("the mode %q is not known: only the tip is tested", mode)
}

// firstParents walks from the tip within the push.
func firstParents(push Push) map[string]bool {
	parents := make(map[string][]string, len(push.Commits))
	for _, commit := range push.Commits {
		parents[commit.SHA] = commit.Parents
	}
	wanted := map[string]bool{push.New: true}
	for at := push.New; len(parents[at]) > 0; {
		at = parents[at][0]
		if _, pushed := parents[at]; !pushed || wanted[at] {
			break
		}
		wanted[at] = true
	}
	return wanted
}

// room is how many checkouts may still be made, and what limits them.
func room(policy Policy) (limit int, limited string) {
	limit = policy.PerPush
	if limit <= 0 {
		limit = DefaultPerPush
	}
	limited = fmt.Sprintf("one push makes at most %d checkouts", limit)
	if policy.DailyBudget <= 0 {
		return limit, limited
	}
	left := max(policy.DailyBudget-policy.UsedToday, 0)
	if left < limit {
		return left, fmt.Sprintf("the budget of %d checkouts a day is used up", policy.DailyBudget)
	}
	return limit, limited
}

// withTip are the commits of the push with its tip at their head, also where
// the caller could not list them.
func withTip(push Push) []Commit {
	if len(push.Commits) > 0 && push.Commits[0].SHA == push.New {
		return push.Commits
	}
	return append([]Commit{{SHA: push.New}}, push.Commits...)
}

func leaveOut(commits []Commit, reason string) []Untested {
	var untested []Untested
	seen := make(map[string]bool, len(commits))
	for _, commit := range commits {
		if !seen[commit.SHA] {
			untested = append(untested, Untested{commit.SHA, reason})
		}
		seen[commit.SHA] = true
	}
	return untested
}

// none tells whether an object id is git's "no object".
func none(oid string) bool { return strings.Trim(oid, "0") == "" }
