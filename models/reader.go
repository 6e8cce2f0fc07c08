package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"

	"drover/migrations"
	"drover/rules/id"
	"drover/rules/permission"
)

// Reader is who reads. The zero Reader is a visitor, who sees nothing of a
// tree that is for a group only.
type Reader struct {
	Groups []string
	Owns   []id.ID // trees
	All    bool    // administrators
}

func (r Reader) mayRead(t restrictedTree) bool {
	return r.All || slices.Contains(r.Groups, t.Readers) || slices.Contains(r.Owns, t.ID)
}

// restrictedTree is a tree that only a group may read.
type restrictedTree struct {
	ID      id.ID
	Readers string
}

// restrictedLasts is how long a process believes what it knows of restricted
// trees: what another process changed holds here that much later. Its own
// changes hold at once.
const restrictedLasts = time.Second

// restricted remembers which trees are for a group only.
type restricted struct {
	guard sync.Mutex
	known []restrictedTree
	until time.Time
}

const sqlRestricted = `SELECT id, readers FROM trees WHERE readers <> '' ORDER BY id`

func (r *restricted) list(db *gorm.DB) ([]restrictedTree, error) {
	r.guard.Lock()
	defer r.guard.Unlock()
	if time.Now().Before(r.until) {
		return r.known, nil
	}
	var rows []restrictedTree
	if err := db.Raw(sqlRestricted).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read which trees are restricted: %w", err)
	}
	r.known, r.until = rows, time.Now().Add(restrictedLasts)
	return rows, nil
}

func (r *restricted) forget() {
	r.guard.Lock()
	defer r.guard.Unlock()
	r.until = time.Time{}
}

// As binds the queries to a reader: they see nothing of trees that the reader
// may not read, whatever their SQL says, and cannot write. Where there is no
// such tree they are what they were. With an error they find nothing.
func (q Query) As(r Reader) (Query, error) {
	trees, err := q.restricted.list(q.db)
	if err != nil {
		q.db = q.db.Session(&gorm.Session{})
		_ = q.db.AddError(err) // every query of it fails with the same
		return q, err
	}
	var hidden []string
	for _, t := range trees {
		if !r.mayRead(t) {
			hidden = append(hidden, fmt.Sprint(int64(t.ID)))
		}
	}
	if len(hidden) == 0 {
		return q, nil
	}
	q.hidden = strings.Join(hidden, ",")
	schema := "main"
	if q.dialect == migrations.Postgres {
		schema = "public"
	}
	q.db = q.db.Session(&gorm.Session{Context: q.db.Statement.Context})
	q.db.Statement.ConnPool = veil{q.db.Statement.ConnPool, newViews(schema, q.hidden)}
	return q, nil
}

// Hidden names the trees that the reader of these queries may not read; "" if
// there are none. Two readers of whom it is the same are shown the same.
func (q Query) Hidden() string { return q.hidden }

// veil puts views in front of each statement, under the names of the tables:
// a statement cannot forget them.
type veil struct {
	gorm.ConnPool
	views views
}

var errReaderWrites = errors.New("a reader's queries cannot write")

// PrepareContext prepares a statement that sees what the reader may see.
func (v veil) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return v.ConnPool.PrepareContext(ctx, v.views.before(query))
}

// ExecContext refuses: writes go through a transaction of the store.
func (v veil) ExecContext(context.Context, string, ...any) (sql.Result, error) {
	return nil, errReaderWrites
}

// QueryContext reads what the reader may see.
func (v veil) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return v.ConnPool.QueryContext(ctx, v.views.before(query), args...)
}

// QueryRowContext reads what the reader may see.
func (v veil) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return v.ConnPool.QueryRowContext(ctx, v.views.before(query), args...)
}

// views are the tables as a reader may see them.
type views struct{ replace *strings.Replacer }

// newViews takes the ids of hidden trees as SQL writes a list of them.
func newViews(schema, hidden string) views {
	return views{strings.NewReplacer("{s}", schema, "{hidden}", hidden)}
}

// Parts of views: what belongs to a hidden tree.
const (
	hiddenCheckouts = `(SELECT id FROM {s}.checkouts WHERE tree_id IN ({hidden}))`
	ofTree          = `tree_id NOT IN ({hidden})`
	ofCheckout      = `checkout_id NOT IN ` + hiddenCheckouts
	// ofObject is for rows that name an object of any kind by its id, of which
	// no two are the same.
	ofObject = `NOT EXISTS (SELECT 1 FROM {s}.checkouts o WHERE o.id = t.object_id AND o.tree_id IN ({hidden}))
		AND NOT EXISTS (SELECT 1 FROM {s}.builds o JOIN {s}.checkouts c ON c.id = o.checkout_id WHERE o.id = t.object_id AND c.tree_id IN ({hidden}))
		AND NOT EXISTS (SELECT 1 FROM {s}.results o JOIN {s}.checkouts c ON c.id = o.checkout_id WHERE o.id = t.object_id AND c.tree_id IN ({hidden}))
		AND NOT EXISTS (SELECT 1 FROM {s}.jobs o JOIN {s}.checkouts c ON c.id = o.checkout_id WHERE o.id = t.object_id AND c.tree_id IN ({hidden}))
		AND NOT EXISTS (SELECT 1 FROM {s}.deliveries o JOIN {s}.checkouts c ON c.id = o.checkout_id WHERE o.id = t.object_id AND c.tree_id IN ({hidden}))
		AND NOT EXISTS (SELECT 1 FROM {s}.events o WHERE o.id = t.object_id AND o.tree_id IN ({hidden}))
		AND NOT EXISTS (SELECT 1 FROM {s}.webhooks o WHERE o.id = t.object_id AND o.tree_id IN ({hidden}))
		AND NOT EXISTS (SELECT 1 FROM {s}.tests o WHERE o.id = t.object_id AND NOT (` + visibleTest + `))
		AND t.object_id NOT IN ({hidden}) AND (t.object_id NOT IN ` + hiddenRemotes + ` OR t.object_id IN ` + shownRemotes + `)`
	ofTest = `EXISTS (SELECT 1 FROM {s}.tests o WHERE o.id = t.test_id AND ` + visibleTest + `)`
	// visibleTest is a test, called o, that runs on a tree that may be read, or
	// on none at all; a case only where a result of it may be read.
	visibleTest = `(COALESCE(o.parent_id, o.id) NOT IN (SELECT test_id FROM {s}.tree_tests WHERE tree_id IN ({hidden}))
		OR COALESCE(o.parent_id, o.id) IN (SELECT test_id FROM {s}.tree_tests WHERE tree_id NOT IN ({hidden})))
		AND (o.parent_id IS NULL OR NOT EXISTS (SELECT 1 FROM {s}.results r WHERE r.test_id = o.id)
		OR EXISTS (SELECT 1 FROM {s}.results r WHERE r.test_id = o.id AND r.checkout_id NOT IN ` + hiddenCheckouts + `))`
	hiddenRemotes = `(SELECT remote_id FROM {s}.tree_sources WHERE tree_id IN ({hidden}))`
	shownRemotes  = `(SELECT remote_id FROM {s}.tree_sources WHERE tree_id NOT IN ({hidden}))`
)

// view is one table as a reader may see it.
type view struct{ table, where string }

// veiled are the tables that hold something of a tree, with what of them a
// reader may see. Each table is here or in open: a test says so.
var veiled = []view{
	{"audit", `SELECT t.* FROM {s}.audit t WHERE ` + ofObject},
	{"builds", `SELECT t.* FROM {s}.builds t WHERE ` + ofCheckout},
	{"checkout_files", `SELECT t.* FROM {s}.checkout_files t WHERE ` + ofCheckout},
	{"checkouts", `SELECT t.* FROM {s}.checkouts t WHERE ` + ofTree},
	{"deliveries", `SELECT t.* FROM {s}.deliveries t WHERE ` + ofCheckout},
	{"events", `SELECT t.* FROM {s}.events t WHERE ` + ofTree},
	{"feed_events", `SELECT t.* FROM {s}.feed_events t WHERE ` + ofTree + ` AND ` + ofCheckout + `
		AND (t.test_id = 0 OR t.checkout_id <> 0 OR ` + ofTest + `)`},
	{"files", `SELECT t.* FROM {s}.files t WHERE
		EXISTS (SELECT 1 FROM {s}.builds o WHERE o.id = t.owner_id AND o.checkout_id NOT IN ` + hiddenCheckouts + `)
		OR EXISTS (SELECT 1 FROM {s}.results o WHERE o.id = t.owner_id AND o.checkout_id NOT IN ` + hiddenCheckouts + `)
		OR EXISTS (SELECT 1 FROM {s}.jobs o WHERE o.id = t.owner_id AND o.checkout_id NOT IN ` + hiddenCheckouts + `)`},
	{"grants", `SELECT t.* FROM {s}.grants t WHERE t.object_kind = '' OR ` + ofObject},
	{"job_decisions", `SELECT t.* FROM {s}.job_decisions t WHERE EXISTS (SELECT 1 FROM {s}.jobs o
		WHERE o.id = t.job_id AND o.checkout_id NOT IN ` + hiddenCheckouts + `)`},
	{"jobs", `SELECT t.* FROM {s}.jobs t WHERE ` + ofCheckout},
	{"mails", `SELECT t.* FROM {s}.mails t WHERE ` + ofCheckout},
	{"plan_items", `SELECT t.* FROM {s}.plan_items t WHERE ` + ofCheckout},
	{"refs", `SELECT t.* FROM {s}.refs t WHERE t.remote_id NOT IN ` + hiddenRemotes + ` OR t.remote_id IN ` + shownRemotes},
	{"remotes", `SELECT t.* FROM {s}.remotes t WHERE t.id NOT IN ` + hiddenRemotes + ` OR t.id IN ` + shownRemotes},
	{"results", `SELECT t.* FROM {s}.results t WHERE ` + ofCheckout},
	{"rollup_trees", `SELECT t.* FROM {s}.rollup_trees t WHERE ` + ofTree},
	{"step_tries", `SELECT t.* FROM {s}.step_tries t WHERE ` + ofObject},
	{"steps", `SELECT t.* FROM {s}.steps t WHERE ` + ofObject},
	{"subresults", `SELECT t.* FROM {s}.subresults t WHERE EXISTS (SELECT 1 FROM {s}.results o
		WHERE o.id = t.result_id AND o.checkout_id NOT IN ` + hiddenCheckouts + `)`},
	{"tests", `SELECT o.* FROM {s}.tests o WHERE ` + visibleTest},
	{"test_set_members", `SELECT t.* FROM {s}.test_set_members t WHERE ` + ofTest},
	{"test_versions", `SELECT t.* FROM {s}.test_versions t WHERE ` + ofTest},
	{"tree_builds", `SELECT t.* FROM {s}.tree_builds t WHERE ` + ofTree},
	{"tree_sources", `SELECT t.* FROM {s}.tree_sources t WHERE ` + ofTree},
	{"tree_tests", `SELECT t.* FROM {s}.tree_tests t WHERE ` + ofTree},
	{"trees", `SELECT t.* FROM {s}.trees t WHERE t.id NOT IN ({hidden})`},
	{"untested_commits", `SELECT t.* FROM {s}.untested_commits t WHERE ` + ofTree},
	{"webhook_deliveries", `SELECT t.* FROM {s}.webhook_deliveries t WHERE EXISTS (SELECT 1 FROM {s}.webhooks o
		WHERE o.id = t.webhook_id AND o.` + ofTree + `)`},
	{"webhooks", `SELECT t.* FROM {s}.webhooks t WHERE ` + ofTree},
}

// open are the tables of which nothing is hidden, each with the reason.
var open = map[string]string{
	"api_tokens":     "people, of no tree",
	"changes":        "ids and parts of pages; topics are checked where they are asked for",
	"commit_parents": "reached from a checkout that may be read, and git shows the history of one to whoever has it",
	"commits":        "as commit_parents",
	"drafts":         "of who began them, which is checked where one is opened",
	"feed_head":      "numbers",
	"id_blocks":      "numbers",
	"identities":     "people, of no tree",
	"keyed_requests": "of whoever sent them, found by those alone",
	"lookups":        "of drafts, found by those alone",
	"rollup_tests":   "does not count what runs on restricted trees",
	"sessions":       "people, of no tree",
	"site_settings":  "of the whole site",
	"subscriptions":  "whoever holds the link of a mail may stop that mail",
	"test_sets":      "names of groups of tests, of no tree",
	"users":          "people, of no tree",
}

var words = regexp.MustCompile(`[A-Za-z_]+`)

// before puts the views that a statement needs in front of it.
func (v views) before(query string) string {
	named := map[string]bool{}
	for _, word := range words.FindAllString(query, -1) {
		named[strings.ToLower(word)] = true
	}
	var b strings.Builder
	for _, one := range veiled {
		if named[one.table] {
			fmt.Fprintf(&b, "%s AS NOT MATERIALIZED (%s), ", one.table, one.where)
		}
	}
	if b.Len() == 0 {
		return query
	}
	front := v.replace.Replace(b.String())
	rest := strings.TrimSpace(query)
	for _, head := range []string{"WITH RECURSIVE ", "WITH "} {
		if tail, ok := strings.CutPrefix(rest, head); ok {
			return head + front + tail
		}
	}
	return "WITH " + strings.TrimSuffix(front, ", ") + " " + rest
}

// heard are the tables of what pages listen to by number.
var heard = map[string]string{ChangeCheckout: "checkouts", ChangeBuild: "builds", ChangeResult: "results", ChangeTest: "tests", ChangeJob: "jobs", ChangeWebhook: "webhooks"}

// MayHear tells whether the reader may be told of changes of an object. Where
// nothing is hidden nobody is asked.
func (q Query) MayHear(kind string, object id.ID) (bool, error) {
	if q.hidden == "" {
		return true, nil
	}
	table, known := heard[kind]
	if !known {
		return false, nil
	}
	var found []id.ID
	err := q.db.Raw("SELECT id FROM "+table+" WHERE id = ?", object).Scan(&found).Error
	return len(found) > 0, err
}

const sqlKnownAddress = `SELECT u.id, u.member_of FROM users u WHERE LOWER(u.email) = ? AND u.blocked_at IS NULL`

// MayBeMailed tells whether an address may get mail about a tree: about a
// restricted one only that of somebody who may read it, as their identity
// provider verified it. Nothing is known of who reads a list.
func (q Query) MayBeMailed(t Tree, address string) (bool, error) {
	if t.Readers == "" {
		return true, nil
	}
	var people []User
	if err := q.db.Raw(sqlKnownAddress, strings.ToLower(address)).Scan(&people).Error; err != nil || address == "" {
		return false, err
	}
	for _, u := range people {
		r := Reader{Groups: u.Groups()}
		grants, err := q.GrantsOf(u.ID)
		if err != nil {
			return false, err
		}
		for _, g := range grants {
			if g.ObjectKind == KindTree && g.Role == permission.Owner.String() {
				r.Owns = append(r.Owns, g.ObjectID)
			}
			r.All = r.All || g.ObjectKind == "" && g.Role == permission.Admin.String()
		}
		if r.mayRead(restrictedTree{t.ID, t.Readers}) {
			return true, nil
		}
	}
	return false, nil
}

const sqlResultsOfTree = `SELECT r.id, r.lane, r.test_id, r.status, r.final, r.attempt, r.retry_reason
	FROM results r JOIN checkouts c ON c.id = r.checkout_id WHERE c.tree_id = ? AND r.id > ? ORDER BY r.id LIMIT ?`

// resultsAtOnce bounds what is read at once when a tree is restricted.
const resultsAtOnce = 10_000

// SetReaders makes a tree readable by a group only, or by all if it is "". The
// statistics of tests leave out what runs on restricted trees, so what the
// tree has counted is taken out of them, or put back. ErrStale when the tree
// is not at that version any more.
func (tx *Tx) SetReaders(t Tree, readers string) error {
	done := tx.db.Model(&Tree{}).Where("id = ? AND version = ?", t.ID, t.Version).
		Updates(map[string]any{"readers": readers, "updated_at": tx.Now, "version": t.Version + 1})
	if err := staleUnless(done.RowsAffected, done.Error); err != nil {
		return err
	}
	tx.treeChanged(t.ID)
	tx.readersChanged = true
	if (t.Readers == "") == (readers == "") {
		return nil
	}
	weight := int64(1)
	if readers != "" {
		weight = -1
	}
	return tx.rollWhole(t.ID, weight)
}

// rollWhole counts all results of a tree in the statistics of tests, or takes
// them out.
func (tx *Tx) rollWhole(tree id.ID, weight int64) error {
	tests := map[RollupTest]*Tally{}
	last := id.ID(0)
	for {
		var rows []Result
		if err := tx.db.Raw(sqlResultsOfTree, tree, last, resultsAtOnce).Scan(&rows).Error; err != nil {
			return fmt.Errorf("read what a tree has counted: %w", err)
		}
		for _, r := range rows {
			tallyTest(tests, move{r, weight})
		}
		if len(rows) < resultsAtOnce {
			return tx.rollTests(tests)
		}
		last = rows[len(rows)-1].ID
	}
}

// isRestricted tells whether only a group may read a tree.
func (q Query) isRestricted(tree id.ID) (bool, error) {
	var readers []string
	err := q.db.Raw("SELECT readers FROM trees WHERE id = ?", tree).Scan(&readers).Error
	return len(readers) > 0 && readers[0] != "", err
}
