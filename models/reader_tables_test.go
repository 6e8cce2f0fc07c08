package models

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var created = regexp.MustCompile(`CREATE TABLE (\w+)`)

// TestEveryTableIsVeiledOrOpen: who adds a table says what of it a reader may see.
func TestEveryTableIsVeiledOrOpen(t *testing.T) {
	known := map[string]bool{}
	for _, v := range veiled {
		known[v.table] = true
	}
	for table, reason := range open {
		if known[table] || reason == "" {
			t.Errorf("%s: veiled and open, or open without a reason", table)
		}
		known[table] = true
	}
	delete(known, "id_blocks") // of SQLite alone
	files, err := filepath.Glob(filepath.Join("..", "migrations", "postgres", "*.sql"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range created.FindAllStringSubmatch(string(text), -1) {
			if !known[m[1]] {
				t.Errorf("%s: the table %s is neither veiled nor open", filepath.Base(file), m[1])
			}
			delete(known, m[1])
		}
	}
	for table := range known {
		t.Errorf("there is no table %s", table)
	}
}

func TestViewsStandInFront(t *testing.T) {
	v := newViews("main", "7,9")
	for _, c := range []struct{ query, begins, ends string }{
		{"SELECT 1", "SELECT 1", "SELECT 1"},
		{`SELECT "users"."id" FROM "users"`, `SELECT "users"`, `"users"`},
		{`SELECT "trees"."id" FROM "trees"`, "WITH trees AS NOT MATERIALIZED (SELECT t.* FROM main.trees t WHERE t.id NOT IN (7,9)) SELECT", `FROM "trees"`},
		{"\n\tSELECT 1 FROM Trees", "WITH trees AS", "Trees"},
		{"WITH RECURSIVE back AS (SELECT 1) SELECT 1 FROM trees", "WITH RECURSIVE trees AS", ", back AS (SELECT 1) SELECT 1 FROM trees"},
		{"WITH back AS (SELECT 1 FROM trees) SELECT 1", "WITH trees AS", ", back AS (SELECT 1 FROM trees) SELECT 1"},
	} {
		got := v.before(c.query)
		if !strings.HasPrefix(got, c.begins) || !strings.HasSuffix(got, c.ends) || strings.Contains(got, "{") {
			t.Errorf("%s:\n%s", c.query, got)
		}
	}
}
