package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"

	"drover/clients"
	"drover/clients/mail/mailtest"
	"drover/models"
	"drover/models/modelstest"
)

// closedPort is an address where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return listener.Addr().String()
}

// underFile is a folder that cannot be made, not even by root.
func underFile(t *testing.T) string {
	t.Helper()
	return filepath.Join(secretFile(t, "a file"), "data")
}

// onlyPrograms makes these all programs that are found.
func onlyPrograms(t *testing.T, names ...string) {
	t.Helper()
	folder := t.TempDir()
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", folder)
}

// stuckStore is a data folder in which a step waits for a person.
func stuckStore(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	s, err := models.Open(t.Context(), models.Options{Path: filepath.Join(folder, "drover.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	err = s.Tx(t.Context(), func(tx *models.Tx) error { return tx.Want("remote.poll", 7, tx.Now) })
	if err != nil {
		t.Fatal(err)
	}
	claim, err := s.Claim(t.Context(), models.Hint{Kind: "remote.poll", Object: 7}, "test", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	failure := models.Failure{Class: string(clients.Permanent), Text: "no such repository", Park: true, Due: s.Clock()}
	if err := s.Fail(t.Context(), claim, failure); err != nil {
		t.Fatal(err)
	}
	return folder
}

// redisWith is a Redis with a memory policy.
func redisWith(t *testing.T, policy string) string {
	t.Helper()
	m := miniredis.RunT(t)
	err := m.Server().Register("CONFIG", func(c *server.Peer, _ string, _ []string) {
		c.WriteMapLen(1)
		c.WriteBulk("maxmemory-policy")
		c.WriteBulk(policy)
	})
	if err != nil {
		t.Fatal(err)
	}
	return "redis://" + m.Addr() + "/0"
}

// TestDoctor: what works is named, what does not is said with what to do.
func TestDoctor(t *testing.T) {
	for _, one := range []struct {
		check, name string
		set         func(t *testing.T, c *Config)
		broken      bool
		want        []string
	}{
		{"data folder", "is made", func(t *testing.T, c *Config) { c.Data = filepath.Join(t.TempDir(), "a", "b") }, false, []string{"/a/b, ", " GiB free"}},
		{"data folder", "cannot be made", func(t *testing.T, c *Config) { c.Data = underFile(t) }, true,
			[]string{"not a directory", "make it writable, or point DROVER_DATA to another folder"}},

		{"database", "not yet", nil, false, []string{"SQLite, made at the first start"}},
		{"database", "PostgreSQL", func(t *testing.T, c *Config) { c.Database = modelstest.PostgresURL(t) }, false, []string{"PostgreSQL"}},
		{"database", "nobody listens", func(t *testing.T, c *Config) { c.Database = "postgres://drover:hunter2@" + closedPort(t) + "/drover" }, true,
			[]string{"connection refused", "is DATABASE_URL right, and the server up?"}},
		{"database", "an address that cannot be read", func(_ *testing.T, c *Config) { c.Database = "postgres://drover:hunter2@db:port/drover" }, true,
			[]string{"is DATABASE_URL right"}},
		{"database", "no database", func(t *testing.T, c *Config) {
			if err := os.WriteFile(filepath.Join(c.Data, "drover.db"), []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, true, []string{"not a database"}},
		{"database", "a step is stuck", func(t *testing.T, c *Config) { c.Data = stuckStore(t) }, true,
			[]string{"1 steps wait for a person, the oldest is remote.poll of ", "no such repository: mend that, then press Try again"}},

		{"queue", "in memory", nil, false, []string{"in memory of `drover serve`"}},
		{"queue", "Redis", func(t *testing.T, c *Config) { c.Redis = redisWith(t, "noeviction") }, false, []string{"Redis"}},
		{"queue", "Redis that forgets", func(t *testing.T, c *Config) { c.Redis = redisWith(t, "allkeys-lru") }, true,
			[]string{"keys may be dropped (maxmemory-policy allkeys-lru): set it to noeviction"}},
		{"queue", "nobody listens", func(t *testing.T, c *Config) { c.Redis = "redis://:hunter2@" + closedPort(t) + "/0" }, true,
			[]string{"connection refused", "is REDIS_URL right, and the server up?"}},
		{"queue", "an address that cannot be read", func(_ *testing.T, c *Config) { c.Redis = "redis://:hunter2%@queue:6379/0" }, true,
			[]string{"REDIS_URL cannot be read: write redis://:password@host:6379/0"}},

		{"git", "there", func(t *testing.T, _ *Config) { onlyPrograms(t, "git") }, false, []string{"git is there"}},
		{"git", "not there", func(t *testing.T, _ *Config) { onlyPrograms(t, "make") }, true, []string{"not found: install git"}},
		{"make", "there", func(t *testing.T, _ *Config) { onlyPrograms(t, "make") }, false, []string{"make is there"}},
		{"make", "not there", func(t *testing.T, _ *Config) { onlyPrograms(t) }, true, []string{"not found: install make"}},
		{"compiler cache", "there", func(t *testing.T, _ *Config) { onlyPrograms(t, "ccache") }, false, []string{"ccache is there"}},
		{"compiler cache", "not there", func(t *testing.T, _ *Config) { onlyPrograms(t) }, false, []string{"no ccache: builds work, but slower"}},

		{"isolation", "bubblewrap", func(t *testing.T, c *Config) {
			if runner, err := newRunner(*c, os.Args[0]); err != nil || runner.Isolation().Kind != "bubblewrap" {
				t.Skipf("this machine cannot isolate: %v", err)
			}
		}, false, []string{"bubblewrap, control groups ", ": each job runs in its own namespaces"}},
		{"isolation", "no bwrap", func(t *testing.T, _ *Config) { onlyPrograms(t) }, true, []string{"bwrap was not found: install bubblewrap"}},
		{"isolation", "a bwrap that cannot isolate", func(t *testing.T, _ *Config) { onlyPrograms(t, "bwrap") }, true, []string{"bubblewrap does not work here"}},
		{"isolation", "switched off", func(t *testing.T, c *Config) { onlyPrograms(t); c.Isolation = "none" }, false, []string{"isolation is switched off"}},
		{"isolation", "no folder", func(t *testing.T, c *Config) { c.Data = underFile(t) }, true, []string{"not a directory"}},
		{"isolation", "a folder that jobs can read", func(_ *testing.T, c *Config) { c.Data = "/usr/share" }, true, []string{"choose another data folder"}},

		{"mail", "not set", nil, false, []string{"not set: mails are stored and shown"}},
		{"mail", "not set in production", func(_ *testing.T, c *Config) { c.Environment = "production" }, true, []string{"DROVER_SMTP is not set: no report can leave"}},
		{"mail", "a server", func(t *testing.T, c *Config) {
			s, err := mailtest.Start(mailtest.Script{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			c.SMTP = s.Addr
		}, false, []string{" answers"}},
		{"mail", "nobody listens", func(t *testing.T, c *Config) { c.SMTP = closedPort(t) }, true,
			[]string{"connection refused", "is DROVER_SMTP right, and the server up?"}},
	} {
		t.Run(one.check+", "+one.name, func(t *testing.T) {
			c := standard(t)
			c.Data = t.TempDir()
			if one.set != nil {
				one.set(t, &c)
			}
			at := slices.IndexFunc(dependencies, func(d dependency) bool { return d.name == one.check })
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			found, err := dependencies[at].look(ctx, c)
			if err != nil {
				found = err.Error()
			}
			if (err != nil) != one.broken {
				t.Errorf("broken: %v; says %s", err != nil, found)
			}
			for _, want := range one.want {
				if !strings.Contains(found, want) {
					t.Errorf("says %q, want %q in it", found, want)
				}
			}
			if strings.Contains(found, "hunter2") {
				t.Errorf("tells a secret: %s", found)
			}
		})
	}
}
