package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"drover/jobs"
	"drover/models"
	"drover/models/blob"
)

type doctorCommand struct{}

// dependency is one thing that Drover depends on.
type dependency struct {
	name string
	look func(context.Context, Config) (found string, err error)
}

// dependencies is the table of dependencies, in the order in which to mend them.
var dependencies = []dependency{
	{"data folder", checkData},
	{"database", checkDatabase},
	{"queue", checkQueue},
	{"git", checkProgram("git", "install git; every tree needs it")},
	{"make", checkProgram("make", "install make; builds need it")},
	{"isolation", checkIsolation},
	{"compiler cache", func(context.Context, Config) (string, error) {
		if hasProgram("ccache") {
			return "ccache is there", nil
		}
		return "no ccache: builds work, but slower (Debian's package ccache)", nil
	}},
	{"mail", checkMail},
	{"secrets", checkSecrets},
}

// Run looks at every dependency and fails when one is broken.
func (doctorCommand) Run(ctx context.Context) error {
	c, err := readEnvironment()
	if err != nil {
		return err
	}
	broken := 0
	for _, one := range dependencies {
		limited, cancel := context.WithTimeout(ctx, 20*time.Second)
		found, err := one.look(limited, c)
		cancel()
		if err != nil {
			broken++
			fmt.Printf("BROKEN  %-15s %v\n", one.name, err)
			continue
		}
		fmt.Printf("ok      %-15s %s\n", one.name, found)
	}
	if broken > 0 {
		return fmt.Errorf("%d of %d checks failed", broken, len(dependencies))
	}
	return nil
}

func checkData(_ context.Context, c Config) (string, error) {
	if err := os.MkdirAll(c.Data, 0o750); err != nil {
		return "", fmt.Errorf("%w: make it writable, or point DROVER_DATA to another folder", err)
	}
	free, err := freeUnder(c.Data)
	if err != nil {
		return "", err
	}
	if free < blob.LeastFree {
		return "", fmt.Errorf("the disk under %s is full (%d MiB are free): free some space; nothing that was stored is lost, and Drover goes on by itself", c.Data, free>>20)
	}
	probe, err := os.CreateTemp(c.Data, ".doctor-*")
	if err != nil {
		return "", fmt.Errorf("%w: make it writable, or point DROVER_DATA to another folder", err)
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return "", err
	}
	if free < blob.LowFree {
		return "", fmt.Errorf("only %d MiB are free under %s: free some space before the disk is full; a kernel build needs some GiB", free>>20, c.Data)
	}
	return fmt.Sprintf("%s, %d GiB free", c.Data, free>>30), nil
}

func freeUnder(folder string) (int64, error) {
	var disk unix.Statfs_t
	if err := unix.Statfs(folder, &disk); err != nil {
		return 0, fmt.Errorf("read the free space of %s: %w", folder, err)
	}
	return int64(disk.Bavail) * disk.Bsize, nil
}

func checkDatabase(ctx context.Context, c Config) (string, error) {
	path := filepath.Join(c.Data, "drover.db")
	kind := "PostgreSQL"
	if c.Database == "" {
		kind = "SQLite at " + path
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			return "SQLite, made at the first start", nil
		}
	}
	store, err := models.Open(ctx, models.Options{URL: c.Database, Path: path, ReadOnly: true})
	if err != nil {
		return "", err
	}
	parked, err := store.With(ctx).Parked(1000)
	if err == nil && len(parked) > 0 {
		err = fmt.Errorf("%d steps wait for a person, the oldest is %s of %s: %s: mend that, then press Try again on the page of the tree or checkout",
			len(parked), parked[0].Kind, parked[0].ObjectID, parked[0].LastError)
	}
	return kind, errors.Join(err, store.Close())
}

func checkQueue(ctx context.Context, c Config) (string, error) {
	queue, err := jobs.OpenQueue(ctx, c.Redis, newLogger("error"))
	if err != nil {
		return "", err
	}
	policy := queue.Policy(ctx)
	err = queue.Close()
	switch {
	case c.Redis == "":
		return "in memory of `drover serve`", err
	case policy != "" && policy != "noeviction":
		return "", fmt.Errorf("keys may be dropped (maxmemory-policy %s): set it to noeviction", policy)
	}
	return "Redis", err
}

func checkProgram(name, advice string) func(context.Context, Config) (string, error) {
	return func(context.Context, Config) (string, error) {
		if !hasProgram(name) {
			return "", errors.New("not found: " + advice)
		}
		return name + " is there", nil
	}
}

func checkIsolation(_ context.Context, c Config) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	runner, err := newRunner(c, self)
	if err != nil {
		return "", err
	}
	i := runner.Isolation()
	if i.Kind == "none" && c.Isolation != "none" {
		return "", errors.New(i.Why)
	}
	return fmt.Sprintf("%s, control groups %s: %s", i.Kind, i.Cgroup, i.Why), nil
}

// secretsLooked bounds how many stored secrets are tried.
const secretsLooked = 1000

// checkSecrets wants that every stored secret can be read with the keys that are
// set.
func checkSecrets(ctx context.Context, c Config) (found string, err error) {
	path := filepath.Join(c.Data, "drover.db")
	if c.Database == "" {
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			return "none yet", nil
		}
	}
	store, err := models.Open(ctx, models.Options{URL: c.Database, Path: path, ReadOnly: true})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	wrong, err := store.With(ctx).UnreadableSecrets(c.keys(), secretsLooked)
	switch {
	case err != nil:
		return "", err
	case len(wrong) > 0:
		return "", fmt.Errorf("the secrets of %d webhooks cannot be read, the first is that of %s", len(wrong), wrong[0])
	case c.keys() == nil:
		return "DROVER_SECRET_KEY is not set: no webhook can be made", nil
	}
	return "all can be read", nil
}

func checkMail(ctx context.Context, c Config) (string, error) {
	if c.SMTP == "" {
		if c.Environment == "production" {
			return "", errors.New("DROVER_SMTP is not set: no report can leave")
		}
		return "not set: mails are stored and shown", nil
	}
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", c.SMTP)
	if err != nil {
		return "", fmt.Errorf("%w: is DROVER_SMTP right, and the server up?", err)
	}
	return c.SMTP + " answers", connection.Close()
}
