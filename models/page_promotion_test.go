package models

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drover/rules/promotion"
	"drover/rules/status"
)

func TestRecordOf(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) *time.Time { at := now.Add(-d); return &at }
	run := func(arch string, s status.Status, host string, minutes int64, at *time.Time) trialRun {
		return trialRun{Arch: arch, Status: s, Host: host, DurationMS: minutes * 60_000, FinishedAt: at}
	}
	runs := []trialRun{ // newest first
		run("x86_64", status.Pass, "a", 1, ago(time.Hour)), run("aarch64", status.Pass, "c", 9, ago(2*time.Hour)), run("x86_64", status.Pass, "b", 2, ago(3*time.Hour)),
		run("x86_64", status.Error, "b", 0, ago(4*time.Hour)), run("aarch64", status.Fail, "c", 1, ago(24*time.Hour)), run("aarch64", status.Pass, "d", 3, ago(30*time.Hour)),
		run("x86_64", status.Pass, "a", 2, ago(40*time.Hour)), run("aarch64", status.Fail, "c", 1, ago(9*24*time.Hour)), run("x86_64", status.Miss, "", 0, nil),
	}
	runs = append(runs, trialRun{Arch: "aarch64", Status: status.Fail, Shown: status.KnownIssue, FinishedAt: ago(time.Hour)})
	want := promotion.Record{
		Arches: []promotion.Arch{{Name: "aarch64", InARow: 1, Hosts: 2}, {Name: "x86_64", InARow: 3, Hosts: 2}},
		Runs:   10, Infra: 2, P90: 9 * time.Minute, Limit: time.Hour, Unexplained: 1,
	}
	if diff := cmp.Diff(want, recordOf(promotion.Record{Limit: time.Hour}, runs, now)); diff != "" {
		t.Error(diff)
	}
	if got := recordOf(promotion.Record{}, nil, now); got.Runs != 0 || got.Arches != nil || got.P90 != 0 {
		t.Errorf("%+v", got)
	}
}
