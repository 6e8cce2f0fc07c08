package trigger

import (
	"fmt"
	"testing"
)

// TestADay plays a day of pushes against one budget: never more checkouts than
// it allows, tips as long as there are any, and no commit without an answer.
func TestADay(t *testing.T) {
	for _, mode := range []Mode{Tip, FirstParent, Every} {
		policy := Policy{Mode: mode, DailyBudget: 30, PerPush: 8}
		chosen, pushed, decided := 0, 0, 0
		for i := range 40 {
			push := Push{Old: fmt.Sprintf("p%d-start", i), New: fmt.Sprintf("p%d-0", i)}
			for n := range i%12 + 1 {
				push.Commits = append(push.Commits, Commit{fmt.Sprintf("p%d-%d", i, n), []string{fmt.Sprintf("p%d-%d", i, n+1)}})
			}
			got := Decide(push, policy)
			left := policy.DailyBudget - policy.UsedToday
			if (len(got.Chosen) > 0) != (left > 0) || len(got.Chosen) > min(left, policy.PerPush) {
				t.Errorf("%s, push %d: %d chosen, %d left of the budget", mode, i, len(got.Chosen), left)
			}
			policy.UsedToday += len(got.Chosen)
			chosen += len(got.Chosen)
			pushed += len(push.Commits)
			decided += len(got.Chosen) + len(got.Untested)
		}
		if chosen != policy.DailyBudget || decided != pushed {
			t.Errorf("%s: %d checkouts, %d of %d commits decided", mode, chosen, decided, pushed)
		}
	}
}
