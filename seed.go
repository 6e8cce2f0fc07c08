package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"drover/jobs"
)

type seedCommand struct {
	Checkouts int `default:"300" help:"How many checkouts, of all four trees together; 300 have some 250,000 results."`
}

// Run fills an empty installation. Nothing of it is sent anywhere.
func (s seedCommand) Run(ctx context.Context) error {
	c, err := readEnvironment()
	if err != nil {
		return err
	}
	return s.fill(ctx, c)
}

func (s seedCommand) fill(ctx context.Context, c Config) (err error) {
	if c.Environment == "production" {
		return errors.New("seeding is for installations to look at: this one is in production (DROVER_ENVIRONMENT)")
	}
	if s.Checkouts < 4 {
		return errors.New("--checkouts: at least 4, one for each tree")
	}
	clock := &jobs.SeedClock{}
	a, err := open(ctx, c, parts{work: true, now: clock.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	began := time.Now()
	seeding := jobs.Seeding{Worker: a.worker, Clock: clock, DataDir: c.Data, Checkouts: s.Checkouts, Said: s.progress}
	if err := seeding.Run(ctx, began); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "\rSeeded %d checkouts in %s. Start `drover serve` and look at them.\n", s.Checkouts, time.Since(began).Round(time.Second))
	return nil
}

func (s seedCommand) progress(done, all int) {
	fmt.Fprintf(os.Stderr, "\rSeeding: %d of %d checkouts", done, all)
}
