package trigger

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const zeros = "0000000000000000000000000000000000000000"

// commitsOf reads "e:d d:c,x": commits newest first with their parents.
func commitsOf(text string) []Commit {
	var commits []Commit
	for _, field := range strings.Fields(text) {
		sha, rest, _ := strings.Cut(field, ":")
		c := Commit{SHA: sha}
		if rest != "" {
			c.Parents = strings.Split(rest, ",")
		}
		commits = append(commits, c)
	}
	return commits
}

func TestDecide(t *testing.T) {
	const (
		onlyTip  = "the tree tests only the tip of a push"
		merged   = "it came with a merge, the tree tests the first-parent line"
		usedUp   = "the budget of 5 checkouts a day is used up"
		rewrote  = "history was rewritten: only the tip is tested"
		isNew    = "the branch is new: only its tip is tested"
		deleted  = "the branch was deleted"
		perPush2 = "one push makes at most 2 checkouts"
	)
	line := commitsOf("d:c c:b b:a")
	// m merges x and y into the line b, c.
	merge := commitsOf("m:c,y y:x c:b x:a b:a")
	for _, c := range []struct {
		why      string
		push     Push
		policy   Policy
		chosen   string
		untested []Untested
		reason   string
	}{
		{"the tip", Push{Old: "a", New: "d", Commits: line}, Policy{Mode: Tip},
			"d", []Untested{{"c", onlyTip}, {"b", onlyTip}}, "the tip of the push"},
		{"no mode means the tip", Push{Old: "a", New: "d", Commits: line[:1]}, Policy{}, "d", nil, "the tip of the push"},
		{"each commit", Push{Old: "a", New: "d", Commits: line}, Policy{Mode: Every}, "d c b", nil, "each commit of the push"},
		{"each commit, with what merges brought", Push{Old: "a", New: "m", Commits: merge}, Policy{Mode: Every},
			"m y c x b", nil, "each commit of the push"},
		{"first parents leave out what merges brought", Push{Old: "a", New: "m", Commits: merge}, Policy{Mode: FirstParent},
			"m c b", []Untested{{"y", merged}, {"x", merged}}, "each commit on the first-parent line"},
		{"first parents of a line are all of it", Push{Old: "a", New: "d", Commits: line}, Policy{Mode: FirstParent},
			"d c b", nil, "each commit on the first-parent line"},
		{"a fast-forward to a merged branch: its line", Push{Old: "b", New: "m", Commits: commitsOf("m:y,c y:x c:b x:b")}, Policy{Mode: FirstParent},
			"m y x", []Untested{{"c", merged}}, "each commit on the first-parent line"},
		{"a deleted branch", Push{Old: "a", New: zeros}, Policy{Mode: Every}, "", nil, deleted},
		{"a deleted branch that says so", Push{Old: "a", New: "d", Deleted: true, Commits: line[:1]}, Policy{Mode: Every}, "", []Untested{{"d", deleted}}, deleted},
		{"a branch that did not move", Push{Old: "d", New: "d"}, Policy{Mode: Every}, "", nil, "the branch did not move"},
		{"a rewritten branch", Push{Old: "q", New: "d", Forced: true, Commits: line}, Policy{Mode: Every},
			"d", []Untested{{"c", rewrote}, {"b", rewrote}}, "history was rewritten: only the tip"},
		{"a new branch", Push{Old: zeros, New: "d", Commits: line}, Policy{Mode: Every},
			"d", []Untested{{"c", isNew}, {"b", isNew}}, "the branch is new: only its tip"},
		{"a new branch that says so, with nothing listed", Push{New: "d", NewBranch: true}, Policy{Mode: Every}, "d", nil, "the branch is new: only its tip"},
		{"commits that could not be listed", Push{Old: "a", New: "d"}, Policy{Mode: Every}, "d", nil, "each commit of the push"},
		{"a list without its tip", Push{Old: "a", New: "d", Commits: line[1:]}, Policy{Mode: Every}, "d c b", nil, "each commit of the push"},
		{"a list that names one twice", Push{Old: "a", New: "d", Commits: append(commitsOf("d:c"), line...)}, Policy{Mode: Every}, "d c b", nil, "each commit of the push"},
		{"a budget with room", Push{Old: "a", New: "d", Commits: line}, Policy{Mode: Every, DailyBudget: 5, UsedToday: 2}, "d c b", nil, "each commit of the push"},
		{"a budget for one: the tip", Push{Old: "a", New: "d", Commits: line}, Policy{Mode: Every, DailyBudget: 5, UsedToday: 4},
			"d", []Untested{{"c", usedUp}, {"b", usedUp}}, "each commit of the push; 2 left out: " + usedUp},
		{"a budget that is used up", Push{Old: "a", New: "d", Commits: line[:2]}, Policy{Mode: Tip, DailyBudget: 5, UsedToday: 5},
			"", []Untested{{"d", usedUp}, {"c", usedUp}}, usedUp},
		{"a budget that was lowered", Push{Old: "a", New: "d"}, Policy{Mode: Tip, DailyBudget: 5, UsedToday: 9}, "", []Untested{{"d", usedUp}}, usedUp},
		{"more than one push may make: the newest", Push{Old: "a", New: "d", Commits: line}, Policy{Mode: Every, PerPush: 2},
			"d c", []Untested{{"b", perPush2}}, "each commit of the push; 1 left out: " + perPush2},
		{"the mode's reason and the budget's, each its own", Push{Old: "a", New: "m", Commits: merge}, Policy{Mode: FirstParent, DailyBudget: 5, UsedToday: 4},
			"m", []Untested{{"y", merged}, {"c", usedUp}, {"x", merged}, {"b", usedUp}}, "each commit on the first-parent line; 2 left out: " + usedUp},
		{"a mode of a later version", Push{Old: "a", New: "d", Commits: line[:2]}, Policy{Mode: "some"},
			"d", []Untested{{"c", `the mode "some" is not known: only the tip is tested`}}, `the tip of the push: the mode "some" is not known`},
	} {
		got := Decide(c.push, c.policy)
		want := Decision{Untested: c.untested, Reason: c.reason, Chosen: strings.Fields(c.chosen)}
		if len(want.Chosen) == 0 {
			want.Chosen = nil
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", c.why, diff)
		}
	}
}

func TestMergeWindow(t *testing.T) {
	push := Push{Old: "c-1", New: "c0"}
	for i := range 12_000 {
		push.Commits = append(push.Commits, Commit{fmt.Sprint("c", i), []string{fmt.Sprint("c", i+1)}})
	}
	for _, mode := range []Mode{Tip, FirstParent, Every} {
		got := Decide(push, Policy{Mode: mode})
		if len(got.Chosen) > DefaultPerPush || got.Chosen[0] != "c0" || len(got.Chosen)+len(got.Untested) != 12_000 {
			t.Errorf("%s: %d chosen, %d untested", mode, len(got.Chosen), len(got.Untested))
		}
	}
}

func FuzzDecide(f *testing.F) {
	f.Add([]byte{1, 2, 3}, uint8(0), 2, 5, 3)
	f.Add([]byte{0x12, 0x33, 0x45, 0x11}, uint8(1), 0, 0, 0)
	f.Add([]byte{9, 9, 0}, uint8(0x1e), -3, 2, -1)
	f.Fuzz(func(t *testing.T, shape []byte, flags uint8, used, budget, perPush int) {
		name := func(i int) string { return fmt.Sprint("c", i) }
		push := Push{Old: "old", New: name(0), Forced: flags&4 != 0, Deleted: flags&8 != 0, NewBranch: flags&16 != 0}
		all := map[string]bool{push.New: true}
		for i, b := range shape {
			if len(shape) > 64 {
				break
			}
			push.Commits = append(push.Commits, Commit{name(i), []string{name(int(b & 15)), name(i + 1 + int(b>>4))}})
			all[name(i)] = true
		}
		policy := Policy{Mode: []Mode{Tip, FirstParent, Every, "x"}[flags&3], UsedToday: used % 100, DailyBudget: budget % 100, PerPush: perPush % 100}
		got := Decide(push, policy)
		if got.Reason == "" {
			t.Fatal("no reason")
		}
		seen := map[string]bool{}
		for _, sha := range got.Chosen {
			if seen[sha] || !all[sha] {
				t.Fatalf("%s is chosen twice or was not pushed", sha)
			}
			seen[sha] = true
		}
		for _, u := range got.Untested {
			if seen[u.SHA] || !all[u.SHA] || u.Reason == "" {
				t.Fatalf("%+v is decided twice, was not pushed or has no reason", u)
			}
			seen[u.SHA] = true
		}
		if !push.Deleted && len(seen) != len(all) {
			t.Fatalf("%d of %d commits are decided", len(seen), len(all))
		}
		if push.Deleted && len(got.Chosen) > 0 {
			t.Fatal("a deleted branch is tested")
		}
		if len(got.Chosen) > 0 && got.Chosen[0] != push.New {
			t.Fatalf("the tip is not the first of %v", got.Chosen)
		}
		left := policy.DailyBudget - policy.UsedToday
		if policy.DailyBudget > 0 && len(got.Chosen) > max(left, 0) {
			t.Fatalf("%d chosen, %d left", len(got.Chosen), left)
		}
		if !push.Deleted && (policy.DailyBudget <= 0 || left > 0) && !slices.Contains(got.Chosen, push.New) {
			t.Fatal("the tip was left out")
		}
		if (push.Forced || push.NewBranch || policy.Mode == Tip) && len(got.Chosen) > 1 {
			t.Fatalf("%v chosen", got.Chosen)
		}
	})
}
