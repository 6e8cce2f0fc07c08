package models_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm/schema"

	_ "github.com/glebarez/go-sqlite"
	_ "github.com/jackc/pgx/v5/stdlib"

	"drover/models"
	"drover/models/modelstest"
)

// rows are all structs that are stored.
var rows = []any{
	models.Remote{}, models.Ref{}, models.Tree{}, models.TreeSource{}, models.TreeBuild{}, models.Event{},
	models.Commit{}, models.CommitParent{}, models.Checkout{}, models.CheckoutFile{}, models.UntestedCommit{},
	models.Test{}, models.TreeTest{}, models.PlanItem{}, models.Build{}, models.Result{}, models.Subresult{},
	models.Job{}, models.JobDecision{}, models.File{}, models.Subscription{}, models.Delivery{}, models.Mail{},
	models.Step{}, models.StepTry{}, models.RollupTest{}, models.RollupTree{}, models.Audit{}, models.Change{},
	models.TestVersion{}, models.TestSet{}, models.TestSetMember{},
	models.User{}, models.Identity{}, models.Session{}, models.Grant{}, models.SiteSetting{},
	models.Draft{}, models.Lookup{}, models.APIToken{}, models.KeyedRequest{}, models.FeedEvent{}, models.FeedHead{},
	models.Webhook{}, models.WebhookDelivery{},
}

// modelColumns lists "table.column" of every struct.
func modelColumns(t *testing.T) []string {
	t.Helper()
	var columns []string
	for _, row := range rows {
		s, err := schema.Parse(row, &sync.Map{}, schema.NamingStrategy{})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range s.DBNames {
			columns = append(columns, s.Table+"."+name)
		}
	}
	slices.Sort(columns)
	return columns
}

func query(t *testing.T, driver, dsn, text string) []string {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	found, err := db.Query(text)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = found.Close() }()
	var columns []string
	for found.Next() {
		var table, column string
		if err := found.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		columns = append(columns, fmt.Sprintf("%s.%s", table, column))
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(columns)
	return columns
}

func TestModelsMatchTheSchema(t *testing.T) {
	want := modelColumns(t)
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "drover.db")
		s, err := models.Open(t.Context(), models.Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		got := query(t, "sqlite", path, `SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT IN ('goose_db_version', 'id_blocks')`)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("models and schema differ (-models +schema):\n%s", diff)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Run("postgres", func(t *testing.T) {
		got := query(t, "pgx", modelstest.PostgresURL(t), `SELECT table_name, column_name FROM information_schema.columns
			WHERE table_schema = 'public' AND table_name <> 'goose_db_version'`)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("models and schema differ (-models +schema):\n%s", diff)
		}
	})
}

func TestBothFoldersHoldTheSameMigrations(t *testing.T) {
	names := func(dialect string) []string {
		entries, err := os.ReadDir(filepath.Join("..", "migrations", dialect))
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for i, e := range entries {
			if want := fmt.Sprintf("%05d_", i+1); e.Name()[:6] != want {
				t.Errorf("%s/%s: expected number %s", dialect, e.Name(), want)
			}
			list = append(list, e.Name())
		}
		return list
	}
	if diff := cmp.Diff(names("postgres"), names("sqlite")); diff != "" {
		t.Errorf("postgres and sqlite differ:\n%s", diff)
	}
}
