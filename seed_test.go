package main

import (
	"path/filepath"
	"strings"
	"testing"

	"drover/models"
	"drover/rules/status"
)

// A seeded month is judged history: every checkout but the last has a verdict
// of its own, failures come and go, one log is long, one remote is away, and
// what was told stands in the outbox. Only an empty installation is seeded,
// and never one in production.
func TestSeed(t *testing.T) {
	if testing.Short() {
		t.Skip("a month takes some seconds")
	}
	data := t.TempDir()
	environ := []string{"DROVER_DATA=" + data, "DROVER_LOG_LEVEL=warn"}
	expectation{code: 1, err: []string{"--checkouts: at least 4"}}.check(t, ended(t, call(t, environ, "seed", "--checkouts", "3")))
	expectation{code: 1, err: []string{"is in production (DROVER_ENVIRONMENT)"}}.check(t, ended(t, call(t, append(environ, "DROVER_ENVIRONMENT=production"), "seed")))
	expectation{err: []string{"Seeded 12 checkouts"}}.check(t, ended(t, call(t, environ, "seed", "--checkouts", "12")))
	expectation{code: 1, err: []string{"there are trees already"}}.check(t, ended(t, call(t, environ, "seed")))

	s, err := models.Open(t.Context(), models.Options{Path: filepath.Join(data, "drover.db"), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	trees, err := s.Trees()
	if err != nil || len(trees) != 4 {
		t.Fatalf("%d trees, %v", len(trees), err)
	}
	verdicts, shown, results, running := map[status.Verdict]int{}, map[status.Shown]int{}, 0, 0
	for _, tree := range trees {
		lines, _, err := s.ListCheckouts(models.CheckoutFilter{Tree: tree.ID}, models.Slice{Limit: 100})
		if err != nil || len(lines) != 3 {
			t.Fatalf("%s has %d checkouts, %v", tree.Name, len(lines), err)
		}
		for _, line := range lines {
			verdicts[line.Verdict]++
			if line.State != models.CheckoutFinished {
				running++
			}
			rows, err := s.Results(line.ID)
			if err != nil {
				t.Fatal(err)
			}
			results += len(rows)
			for _, r := range rows {
				shown[r.Shown]++
			}
		}
	}
	t.Logf("measured: %d results of 12 checkouts, %v, %v", results, verdicts, shown)
	for _, want := range []status.Shown{status.New, status.StillFailing, status.Fixed, status.Flaky, status.FirstRun} {
		if shown[want] == 0 {
			t.Errorf("no result is %s", want)
		}
	}
	if results < 12*800 || running != 1 || verdicts[status.NewFailures] == 0 {
		t.Errorf("%d results, %d checkouts run, %v", results, running, verdicts)
	}
	remotes, err := s.Remotes()
	away := 0
	for _, r := range remotes {
		if strings.Contains(r.Error, "Could not resolve host") {
			away++
		}
	}
	if err != nil || away != 1 {
		t.Errorf("%d remotes are away, %v", away, err)
	}
	if mails, err := s.Mails(0, 100); err != nil || len(mails) == 0 {
		t.Errorf("%d mails, %v", len(mails), err)
	}
}
