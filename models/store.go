// Package models is the truth: rows, queries and transactions, on SQLite or
// PostgreSQL. It alone imports gorm. It decides nothing and calls nobody
// outside the database; server reads and writes through it, jobs most of all.
package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/glebarez/sqlite"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"drover/migrations"
	"drover/rules/id"
)

// Errors of this room. Others are the database's own, wrapped.
var (
	ErrNotFound  = errors.New("not found")
	ErrDuplicate = errors.New("exists already")
	// ErrLost says that a claim has lapsed and somebody else owns the step.
	ErrLost = errors.New("the claim was lost")
)

// Hint names a step that has become due. A lost hint costs a second, no more.
type Hint struct {
	Kind   string
	Object id.ID
}

// Options say where the database is and who is told of due steps.
type Options struct {
	URL  string // postgres://…; empty means SQLite in Folder
	Path string // file of the SQLite database

	// ReadOnly opens an SQLite database beside the process that owns it.
	ReadOnly bool

	Hint  func([]Hint)                          // after a commit; nil for none
	Told  func()                                // after a commit that stored changes for pages; nil for none
	Mark  func(context.Context) context.Context // marks the context inside a transaction; nil for none
	Point func(name string)                     // called before and after each commit; nil for none
	Now   func() time.Time                      // nil for the clock
}

// Store is an open database. Its methods are safe for concurrent use.
type Store struct {
	Query   // reads outside a transaction
	write   *gorm.DB
	dialect string
	options Options
	room    *room
	unlock  func() error
}

// Query reads. Embedded in Store it sees what is committed, embedded in Tx also
// what the transaction wrote.
type Query struct {
	db         *gorm.DB
	dialect    string
	now        func() time.Time
	restricted *restricted
	hidden     string // ids of trees that the reader may not read
}

// Tx is one transaction: everything Query reads, and the writes.
type Tx struct {
	Query
	Now     time.Time // of the whole transaction, UTC, microseconds
	hints   []Hint
	changes map[topic][]string // parts of pages, by what they are about

	happenings []FeedEvent   // what programs are told of
	told       map[topic]int // their places

	readersChanged bool // who may read which tree
}

// Open connects, and brings an SQLite database up to date. A PostgreSQL
// database must have been migrated (`drover migrate`).
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	clock := o.Now
	o.Now = func() time.Time { return clock().UTC().Truncate(time.Microsecond) }
	if o.Point == nil {
		o.Point = func(string) {}
	}
	if o.URL != "" {
		return openPostgres(ctx, o)
	}
	return openSQLite(ctx, o)
}

func openPostgres(ctx context.Context, o Options) (*Store, error) {
	room := roomOfPostgres()
	db, err := gorm.Open(postgresDialect{postgres.Open(o.URL).(*postgres.Dialector), room}, config(o.Now))
	if err != nil {
		return nil, fmt.Errorf("connect to PostgreSQL: is DATABASE_URL right, and the server up? (%w)", err)
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(20)
	pool.SetMaxIdleConns(10)
	if err := migrations.Check(ctx, pool, migrations.Postgres); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return newStore(db, db, room, o), nil
}

// Migrate brings the PostgreSQL database at url to the newest version.
func Migrate(ctx context.Context, url string) (int64, error) {
	db, err := gorm.Open(postgres.Open(url), config(time.Now))
	if err != nil {
		return 0, fmt.Errorf("connect to PostgreSQL: is DATABASE_URL right, and the server up? (%w)", err)
	}
	pool, err := db.DB()
	if err != nil {
		return 0, err
	}
	version, err := migrations.Up(ctx, pool, migrations.Postgres)
	return version, errors.Join(err, pool.Close())
}

func openSQLite(ctx context.Context, o Options) (*Store, error) {
	if o.ReadOnly {
		return readSQLite(ctx, o)
	}
	unlock, err := lock(filepath.Dir(o.Path))
	if err != nil {
		return nil, err
	}
	pragmas := "file:" + o.Path + "?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)" +
		"&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=temp_store(2)&_pragma=cache_size(-8000)"
	room := roomOfSQLite(o.Path)
	explain := func(err error) error {
		return fmt.Errorf("open the database %s: %w", o.Path, room.explainOpen(filepath.Dir(o.Path), err))
	}
	write, writePool, err := dialSQLite(pragmas, 1, room, o.Now)
	if err != nil {
		return nil, errors.Join(explain(err), unlock())
	}
	if _, err := migrations.Up(ctx, writePool, migrations.SQLite); err != nil {
		return nil, errors.Join(explain(err), writePool.Close(), unlock())
	}
	read, _, err := dialSQLite(pragmas+"&_pragma=query_only(1)", 4, room, o.Now)
	if err != nil {
		return nil, errors.Join(explain(err), writePool.Close(), unlock())
	}
	s := newStore(read, write, room, o)
	s.unlock = unlock
	return s, nil
}

// readSQLite opens a database that another process may write. Writes fail.
func readSQLite(ctx context.Context, o Options) (*Store, error) {
	if _, err := os.Stat(o.Path); err != nil {
		return nil, fmt.Errorf("there is no database at %s: is DROVER_DATA right? (%w)", o.Path, err)
	}
	room := roomOfSQLite(o.Path)
	db, pool, err := dialSQLite("file:"+o.Path+"?_pragma=busy_timeout(10000)&_pragma=query_only(1)", 4, room, o.Now)
	if err != nil {
		return nil, err
	}
	if err := migrations.Check(ctx, pool, migrations.SQLite); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return newStore(db, db, room, o), nil
}

func dialSQLite(dsn string, connections int, room *room, now func() time.Time) (*gorm.DB, *sql.DB, error) {
	db, err := gorm.Open(sqliteDialect{sqlite.Open(dsn).(*sqlite.Dialector), room}, config(now))
	if err != nil {
		return nil, nil, err
	}
	pool, err := db.DB()
	if err != nil {
		return nil, nil, err
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	return db, pool, nil
}

func config(now func() time.Time) *gorm.Config {
	return &gorm.Config{
		QueryFields:            true, // a rolling migration must not break `SELECT *` plans
		TranslateError:         true,
		SkipDefaultTransaction: true,
		NowFunc:                now,
		Logger: logger.NewSlogLogger(slog.Default(), logger.Config{
			LogLevel:                  logger.Silent, // whoever gets the error logs it, once
			IgnoreRecordNotFoundError: true,
			ParameterizedQueries:      true, // parameters may be secrets
		}),
	}
}

func newStore(read, write *gorm.DB, room *room, o Options) *Store {
	dialect := migrations.SQLite
	if o.URL != "" {
		dialect = migrations.Postgres
	}
	return &Store{
		Query:   Query{db: read, dialect: dialect, now: o.Now, restricted: &restricted{}},
		write:   write,
		dialect: dialect,
		options: o,
		room:    room,
	}
}

// Close ends all connections and gives the folder's lock back.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*gorm.DB{s.Query.db, s.write} {
		pool, err := db.DB()
		if err == nil {
			err = pool.Close()
		}
		errs = append(errs, err)
	}
	if s.unlock != nil {
		errs = append(errs, s.unlock())
	}
	return errors.Join(errs...)
}

// Ping asks the database for an answer.
func (s *Store) Ping(ctx context.Context) error {
	return s.With(ctx).db.Exec("SELECT 1").Error
}

// With gives the queries of the store a context that can cancel them.
func (q Query) With(ctx context.Context) Query {
	q.db = q.db.WithContext(ctx)
	return q
}

// Clock is the store's time: UTC, cut to microseconds as the database keeps it.
func (q Query) Clock() time.Time { return q.now() }

// Tx runs fn in one transaction and tells of the steps that it made due. An
// error rolls back. fn must not call outside: its context says so.
func (s *Store) Tx(ctx context.Context, fn func(*Tx) error) error {
	hints, err := s.tx(ctx, fn)
	if err == nil && len(hints) > 0 && s.options.Hint != nil {
		s.options.Hint(hints)
	}
	return err
}

func (s *Store) tx(ctx context.Context, fn func(*Tx) error) ([]Hint, error) {
	if s.options.Mark != nil {
		ctx = s.options.Mark(ctx)
	}
	var hints []Hint
	var told, readersChanged bool
	err := s.write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		tx := &Tx{Query: Query{db: db, dialect: s.dialect, now: s.options.Now, restricted: s.restricted}, Now: s.options.Now()}
		if err := fn(tx); err != nil {
			return err
		}
		err := tx.stampKey(ctx)
		if err != nil {
			return err
		}
		if told, err = tx.storeChanges(); err != nil {
			return err
		}
		if err := tx.storeFeed(); err != nil {
			return err
		}
		hints, readersChanged = tx.hints, tx.readersChanged
		s.options.Point("commit.before")
		return nil
	})
	if err != nil {
		return nil, translate(err)
	}
	s.room.wrote()
	if readersChanged {
		s.restricted.forget()
	}
	s.options.Point("commit.after")
	if told && s.options.Told != nil {
		s.options.Told()
	}
	return hints, nil
}

// translate turns gorm's errors into this room's.
func translate(err error) error {
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return fmt.Errorf("%w (%w)", ErrNotFound, err)
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return fmt.Errorf("%w (%w)", ErrDuplicate, err)
	}
	return err
}

// take reads exactly one row or reports ErrNotFound.
func take[T any](db *gorm.DB, where string, args ...any) (T, error) {
	var row T
	err := db.Where(where, args...).Take(&row).Error
	return row, translate(err)
}

// batch bounds the rows of one INSERT: SQLite compiles every row's parameters.
const batch = 50

// insert writes rows in batches.
func insert[T any](db *gorm.DB, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	return translate(db.CreateInBatches(rows, batch).Error)
}
