package verdict_test

import (
	"slices"
	"testing"

	"drover/rules/herding"
	"drover/rules/status"
	"drover/rules/verdict"
)

// TestHerdingAgrees plays every way a job can go: what the herder tries again
// is not finished for the verdict, and what it leaves alone is. Otherwise a
// checkout would never end, or end too early.
func TestHerdingAgrees(t *testing.T) {
	outcome := map[herding.Kind]func([]status.Status, bool) verdict.Outcome{herding.Test: verdict.OfTest, herding.Build: verdict.OfBuild}
	for kind, of := range outcome {
		var play func(attempts []status.Status)
		play = func(attempts []status.Status) {
			job := herding.Job{Kind: kind}
			for _, s := range attempts {
				job.Attempts = append(job.Attempts, herding.Attempt{Status: s})
			}
			decision := herding.Decide(job, herding.Limits{})
			retry := decision.Action == herding.Retry
			got := of(attempts, retry)
			if got.Finished == retry {
				t.Errorf("%s %v: the herder says %s (%s), the verdict %+v", kind, attempts, decision.Action, decision.Rule, got)
			}
			if decision.Rule == "confirmed" && got.Status != status.Fail {
				t.Errorf("%v is confirmed and judged %s", attempts, got.Status)
			}
			if !retry {
				return
			}
			for _, next := range []status.Status{status.Pass, status.Fail, status.Error, status.Miss, status.Skip, status.Done, status.Cancelled} {
				play(append(slices.Clone(attempts), next))
			}
		}
		for _, first := range []status.Status{status.Pass, status.Fail, status.Error, status.Miss, status.Skip, status.Done, status.Cancelled} {
			play([]status.Status{first})
		}
	}
}
