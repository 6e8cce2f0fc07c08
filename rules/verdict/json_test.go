package verdict

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestJSON pins the names that the API and `drover verdict` read and print.
func TestJSON(t *testing.T) {
	const in = `{
		"unclear_percent": 30,
		"builds": [{"key": "s390x/default/gcc-14", "attempts": ["error", "pass"], "history": {"base": "pass"}}],
		"results": [
			{"test": "kselftest/net/fib_tests.sh", "scenario": "s390x/default/gcc-14", "build": "s390x/default/gcc-14", "state": "blocking",
			 "attempts": ["fail", "fail"], "history": {"base": "pass", "back": 3, "label": "77aa01c", "not_ancestor": true, "test_changed": true}},
			{"test": "ltp/mm/ksm05", "state": "reporting", "attempts": ["fail"], "retry_left": true, "issue": 412, "history": {"last": "pass", "failing_for": 2}}
		]}`
	const want = `{
  "version": 1,
  "verdict": "new",
  "verdict_text": "1 new failure",
  "reasons": [
    "new: 1 result fails that passed before, each confirmed by a second failure",
    "kselftest/net/fib_tests.sh s390x/default/gcc-14: Failed 2 of 2, compared with 77aa01c, 3 checkouts back, not an ancestor; the test changed too"
  ],
  "counts": {
    "planned": 2,
    "finished": 1,
    "pass": 0,
    "new": 1,
    "known": 0,
    "still_failing": 0,
    "first_run": 0,
    "infra": 0,
    "missing": 0,
    "skipped": 0,
    "done": 0,
    "fixed": 0,
    "flaky": 0,
    "trial": 0,
    "builds": {
      "planned": 1,
      "finished": 1,
      "pass": 1,
      "failed": 0,
      "before": 0,
      "infra": 0,
      "skipped": 0
    }
  },
  "builds": [
    {
      "key": "s390x/default/gcc-14",
      "status": "pass",
      "attempts": 2,
      "failed": 0,
      "finished": true,
      "counts": true
    }
  ],
  "results": [
    {
      "key": "kselftest/net/fib_tests.sh s390x/default/gcc-14",
      "status": "fail",
      "shown": "new",
      "text": "Failed 2 of 2, compared with 77aa01c, 3 checkouts back, not an ancestor; the test changed too",
      "attempts": 2,
      "failed": 2,
      "finished": true,
      "counts": true
    },
    {
      "key": "ltp/mm/ksm05",
      "status": "queued",
      "reason": "failed once, not yet confirmed by a retry",
      "attempts": 1,
      "failed": 1,
      "finished": false,
      "counts": true
    }
  ],
  "finished": false,
  "news": true
}`
	var input Input
	if err := json.Unmarshal([]byte(in), &input); err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(Judge(input), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}
