package models

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/glebarez/sqlite"
	"golang.org/x/sys/unix"
	"gorm.io/driver/postgres"
)

// FullError says that the database found no room for a write. The write left
// nothing behind, and all that was stored before is there.
type FullError struct {
	Place string // what is full: "the disk under /srv/drover"
	Err   error
}

func (e *FullError) Error() string {
	return fmt.Sprintf("%s is full: free some space; nothing that was stored is lost (%v)", e.Place, e.Err)
}

func (e *FullError) Unwrap() error { return e.Err }

const (
	sqliteFull       = 13   // SQLITE_FULL
	sqliteShortIndex = 4874 // SQLITE_IOERR_SHMSIZE: the index of the write-ahead log cannot grow
	postgresFull     = "53100"
	// fullFor is how long a full disk is told of after it was last met: a
	// process that seldom writes learns late that there is room again.
	fullFor = time.Minute
)

// isFull tells whether an error of either database means that there is no room.
func isFull(err error) bool {
	var lite interface{ Code() int }
	if errors.As(err, &lite) {
		return lite.Code()&0xff == sqliteFull || lite.Code() == sqliteShortIndex
	}
	var server interface{ SQLState() string }
	return errors.As(err, &server) && server.SQLState() == postgresFull
}

// room knows whether a database has room for what is written.
type room struct {
	place string
	last  atomic.Pointer[sighting]
}

// sighting is when the disk was met full.
type sighting struct {
	at  time.Time
	err *FullError
}

// explain gives the errors of a full disk their type, and remembers them.
func (r *room) explain(err error) error {
	var known *FullError
	if !isFull(err) || errors.As(err, &known) {
		return err
	}
	full := &FullError{Place: r.place, Err: err}
	r.last.Store(&sighting{at: time.Now(), err: full})
	return full
}

// wrote notes that there is room again.
func (r *room) wrote() {
	if r.last.Load() != nil {
		r.last.Store(nil)
	}
}

// Full is the *FullError of the newest write that found no room, nil if a later
// one succeeded or none was tried for a while.
func (s *Store) Full() error {
	if seen := s.room.last.Load(); seen != nil && time.Since(seen.at) < fullFor {
		return seen.err
	}
	return nil
}

// sqliteDialect and postgresDialect are gorm's, with errors that say when the
// disk is full: whatever statement meets it.
type sqliteDialect struct {
	*sqlite.Dialector
	room *room
}

// Translate names an error of SQLite.
func (d sqliteDialect) Translate(err error) error {
	return d.room.explain(d.Dialector.Translate(err))
}

type postgresDialect struct {
	*postgres.Dialector
	room *room
}

// Translate names an error of PostgreSQL.
func (d postgresDialect) Translate(err error) error {
	return d.room.explain(d.Dialector.Translate(err))
}

func roomOfSQLite(path string) *room { return &room{place: "the disk under " + filepath.Dir(path)} }

func roomOfPostgres() *room { return &room{place: "the disk of the PostgreSQL server (DATABASE_URL)"} }

// leastRoom is what SQLite needs to open a database that is there.
const leastRoom = 1 << 20

// explainOpen says that a database could not be opened because of a full disk:
// SQLite has several words for it then.
func (r *room) explainOpen(folder string, err error) error {
	var disk unix.Statfs_t
	if unix.Statfs(folder, &disk) == nil && disk.Bavail*uint64(disk.Bsize) < leastRoom {
		return &FullError{Place: r.place, Err: err}
	}
	return r.explain(err)
}

// BoundPages lets an SQLite database grow to a number of pages, or not at all
// if it has more. Tests fill it so.
func (s *Store) BoundPages(pages int) error {
	return s.write.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)).Error
}
