package jobs

import (
	"io"
	"strings"
	"testing"
	"time"

	"drover/clients/local"
	"drover/models"
)

// TestRunningLog: what a running job says can be read before it ends, by
// somebody who knows nothing of the runner.
func TestRunningLog(t *testing.T) {
	eachHouse(t, func(h *house) {
		err := h.w.Local.Submit(t.Context(), local.Spec{
			Marker: h.job.Marker, Trusted: true, Steps: []local.Step{{Name: "talk", Argv: []string{"sh", "-c", "echo one; sleep 60"}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := h.w.Local.Cancel(t.Context(), h.job.Marker); err != nil {
				t.Error(err)
			}
		}()
		h.job.State, h.job.StartedAt = models.JobRunning, &h.clock
		if err := h.w.Store.Tx(t.Context(), func(tx *models.Tx) error { return tx.SetJob(h.job) }); err != nil {
			t.Fatal(err)
		}
		ticker, deadline := time.NewTicker(20*time.Millisecond), time.After(30*time.Second)
		defer ticker.Stop()
		for !strings.Contains(h.shown(), "\none\n") {
			select {
			case <-deadline:
				t.Fatalf("shown: %q", h.shown())
			case <-ticker.C:
			}
			if _, err := h.try(JobLook, h.job.ID, ""); err != nil {
				t.Fatal(err)
			}
		}
		before := h.shown()
		for range 2 {
			if _, err := h.try(JobLook, h.job.ID, ""); err != nil {
				t.Fatal(err)
			}
		}
		if after := h.shown(); after != before {
			t.Errorf("looking again made %q of %q", after, before)
		}
		run := &Run{Log: h.w.log}
		for range 2 {
			h.w.dropShown(run, h.job)
		}
		if left := h.shown(); left != "" {
			t.Errorf("the copy stays: %q", left)
		}
	})
}

// shown is the copy of the log of the house's job, as far as there is one.
func (h *house) shown() string {
	h.t.Helper()
	b, err := h.blobs.Open(RunningLog(h.job, BuildLog)[0])
	if err != nil {
		return ""
	}
	defer func() { _ = b.Close() }() // only read
	text, err := io.ReadAll(b)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(text)
}

func TestOnlyTheMainLogIsShown(t *testing.T) {
	job := models.Job{ID: 7, Kind: models.JobTest}
	if keys := RunningLog(job, BuildLog); keys != nil {
		t.Errorf("a test has a build log: %v", keys)
	}
	if keys := RunningLog(job, TestLog); len(keys) != 2 || keys[0] != keys[1]+".part" {
		t.Errorf("keys are %v", keys)
	}
}
