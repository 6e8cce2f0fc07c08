package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drover/jobs"
)

func TestKeepSettings(t *testing.T) {
	usual := jobs.Keep{
		Events: 30 * day, Passing: 30 * day, Failing: 90 * day, Reported: 365 * day, Tries: 30 * day, Jobs: 7 * day, Warm: 14 * day, Caches: 30 * day,
	}
	with := func(change func(*jobs.Keep)) jobs.Keep {
		k := usual
		change(&k)
		return k
	}
	for _, c := range []struct {
		why  string
		set  []string
		want jobs.Keep
		err  string
	}{
		{"nothing is set", nil, usual, ""},
		{"a week", []string{"DROVER_KEEP_EVENTS=7d"}, with(func(k *jobs.Keep) { k.Events = 7 * day }), ""},
		{"for good", []string{"DROVER_KEEP_REPORTED=forever"}, with(func(k *jobs.Keep) { k.Reported = 0 }), ""},
		{"all logs for good", []string{"DROVER_KEEP_PASSING=forever", "DROVER_KEEP_FAILING=forever", "DROVER_KEEP_REPORTED=forever"},
			with(func(k *jobs.Keep) { k.Passing, k.Failing, k.Reported = 0, 0, 0 }), ""},
		{"no unit", []string{"DROVER_KEEP_EVENTS=30"}, jobs.Keep{}, `"30" is no number of days such as 30d, nor forever`},
		{"at once", []string{"DROVER_KEEP_EVENTS=0d"}, jobs.Keep{}, "is no number of days"},
		{"what passed for longer than what failed", []string{"DROVER_KEEP_PASSING=91d"}, jobs.Keep{}, "none may be shorter than the one before it"},
		{"what failed for good, but not what was reported", []string{"DROVER_KEEP_FAILING=forever"}, jobs.Keep{}, "none may be shorter"},
	} {
		got, err := readConfig(c.set)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v, want %q", c.why, err, c.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
		}
		if diff := cmp.Diff(c.want, got.Keep); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.why, diff)
		}
	}
}
