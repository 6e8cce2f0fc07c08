package jobs

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"drover/clients"
	"drover/models"
)

func TestOutcome(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	cause := errors.New("no answer")
	for _, c := range []struct {
		why         string
		err         error
		failures    int64
		park, free  bool
		least, most time.Duration
	}{
		{"a network error is tried soon", clients.Fail(clients.Transient, "x", cause), 0, false, false, 500 * time.Millisecond, time.Second},
		{"and later when it goes on", clients.Fail(clients.Transient, "x", cause), 6, false, false, 32 * time.Second, 64 * time.Second},
		{"but at most every five minutes", clients.Fail(clients.Transient, "x", cause), 20, false, false, 150 * time.Second, 5 * time.Minute},
		{"and not for ever", clients.Fail(clients.Transient, "x", cause), patience - 1, true, false, 0, 5 * time.Minute},
		{"a full disk for as long as it is full", clients.Fail(clients.Transient, "x", clients.ErrFull), patience - 1, false, false, 0, 5 * time.Minute},
		{"and a full database", fmt.Errorf("x: %w", &models.FullError{Place: "the disk", Err: cause}), patience - 1, false, false, 0, 5 * time.Minute},
		{"a full disk that a system call met", fmt.Errorf("x: %w", syscall.ENOSPC), patience - 1, false, false, 0, 5 * time.Minute},
		{"as the other side asks", &clients.Error{Op: "x", Class: clients.Transient, After: time.Hour, Err: cause}, 0, false, false, time.Hour, time.Hour},
		{"too early is no failure", clients.Fail(clients.NotYet, "x", cause), 5, false, true, time.Second, time.Second},
		{"a wrong password waits for a person", clients.Fail(clients.Auth, "x", cause), 0, true, false, 0, 0},
		{"what can never work too", fmt.Errorf("wrapped: %w", clients.Fail(clients.Permanent, "x", cause)), 0, true, false, 0, 0},
		{"an error of no class is tried again", cause, 0, false, false, 500 * time.Millisecond, time.Second},
	} {
		f := outcome(c.err, c.failures, now)
		wait := f.Due.Sub(now)
		if f.Park != c.park || f.Free != c.free || wait < c.least || wait > c.most || f.Text == "" {
			t.Errorf("%s: %+v after %v", c.why, f, wait)
		}
	}
}

func TestLookAfter(t *testing.T) {
	for age, want := range map[time.Duration]time.Duration{
		0: lookFirst, time.Second: 125 * time.Millisecond, 4 * time.Second: 500 * time.Millisecond, time.Hour: lookLast,
	} {
		if got := lookAfter(age); got != want {
			t.Errorf("a job of age %v is looked at after %v, want %v", age, got, want)
		}
	}
}
