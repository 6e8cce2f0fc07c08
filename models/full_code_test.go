package models

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// coded is an error as SQLite's driver gives them.
type coded int

func (c coded) Error() string { return fmt.Sprintf("error (%d)", int(c)) }
func (c coded) Code() int     { return int(c) }

func TestWordsForAFullDisk(t *testing.T) {
	for _, c := range []struct {
		why  string
		err  error
		want bool
	}{
		{"SQLite: database or disk is full", coded(sqliteFull), true},
		{"SQLite: the index of the log cannot grow", coded(sqliteShortIndex), true},
		{"SQLite: another error of the disk", coded(10), false},
		{"PostgreSQL: disk full", &pgconn.PgError{Code: "53100"}, true},
		{"PostgreSQL: a duplicate", &pgconn.PgError{Code: "23505"}, false},
		{"wrapped", fmt.Errorf("store event: %w", &pgconn.PgError{Code: "53100"}), true},
		{"anything else", errors.New("connection refused"), false},
		{"nothing", nil, false},
	} {
		r := &room{place: "the disk"}
		var full *FullError
		if got := errors.As(r.explain(c.err), &full); got != c.want || (r.last.Load() != nil) != c.want {
			t.Errorf("%s: full is %v, want %v", c.why, got, c.want)
		}
	}
	r := &room{place: "the disk"}
	first := r.explain(coded(sqliteFull))
	if again := r.explain(first); again != first {
		t.Errorf("explained twice: %v", again)
	}
}
