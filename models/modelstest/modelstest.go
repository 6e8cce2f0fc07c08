// Package modelstest opens an own, empty store for a test, once on SQLite and
// once on PostgreSQL. Only tests import it.
package modelstest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the "pgx" driver for making databases

	"drover/models"
)

// Variable names the setting that holds the URL of a PostgreSQL server on
// which tests may make databases. `make test` sets it.
const Variable = "DROVER_TEST_POSTGRES"

// Each runs a test on both databases.
func Each(t *testing.T, test func(t *testing.T, s *models.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t, models.Options{})) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t, models.Options{})) })
}

// SQLite opens a new SQLite store that ends with the test.
func SQLite(t testing.TB, o models.Options) *models.Store {
	t.Helper()
	content, err := template()
	if err != nil {
		t.Fatal(err)
	}
	o.Path = filepath.Join(t.TempDir(), "drover.db")
	if err := os.WriteFile(o.Path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, o)
}

// template is a migrated and empty SQLite database. To migrate anew for each
// test takes most of the time of most tests.
var template = sync.OnceValues(func() (content []byte, err error) {
	folder, err := os.MkdirTemp("", "drover-template-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	path := filepath.Join(folder, "drover.db")
	s, err := models.Open(context.Background(), models.Options{Path: path})
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("make the template database: %w", err)
	}
	return os.ReadFile(path)
})

// Postgres opens a new PostgreSQL store that ends with the test.
func Postgres(t testing.TB, o models.Options) *models.Store {
	t.Helper()
	o.URL = PostgresURL(t)
	return open(t, o)
}

func open(t testing.TB, o models.Options) *models.Store {
	t.Helper()
	s, err := models.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

var (
	cloned      sync.Once
	clonedError error
	number      atomic.Int64
)

// PostgresURL makes an own, migrated database, dropped with the test.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv(Variable)
	if server == "" {
		t.Skipf("no PostgreSQL: set %s, or run `make test`, which starts one", Variable)
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close() }()
	prefix := fmt.Sprintf("t%d_%s", os.Getpid(), digest(t))
	cloned.Do(func() { clonedError = makeTemplate(admin, server, templateName()) })
	if clonedError != nil {
		t.Fatal(clonedError)
	}
	name := fmt.Sprintf("%s_%d", prefix, number.Add(1))
	if _, err := admin.Exec("CREATE DATABASE " + name + " TEMPLATE " + templateName()); err != nil {
		t.Fatalf("clone the template database: %v", err)
	}
	t.Cleanup(func() {
		admin, err := sql.Open("pgx", server)
		if err == nil {
			_, err = admin.Exec("DROP DATABASE " + name + " WITH (FORCE)")
		}
		if err != nil {
			t.Errorf("drop the test database: %v", err)
		}
		_ = admin.Close()
	})
	return withDatabase(server, name)
}

func templateName() string { return fmt.Sprintf("template_%d", os.Getpid()) }

func makeTemplate(admin *sql.DB, server, name string) error {
	if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
		return fmt.Errorf("make the template database: %w", err)
	}
	_, err := models.Migrate(context.Background(), withDatabase(server, name))
	return err
}

func digest(t testing.TB) string {
	sum := sha256.Sum256([]byte(t.Name()))
	return hex.EncodeToString(sum[:4])
}

// withDatabase names another database in a PostgreSQL URL.
func withDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		return server + " dbname=" + name
	}
	u.Path = "/" + name
	return u.String()
}
