package models

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"drover/rules/id"
	"drover/rules/status"
)

// ResultLine is a result in a list, with its test, its place and its checkout.
type ResultLine struct {
	Result   `gorm:"embedded"`
	Test     string
	Arch     string
	Config   string
	Compiler string
	Tree     string
	Branch   string
	SHA      string `gorm:"column:sha"`
	Describe string
	Subject  string
	PushedAt time.Time
	// Part and PartTotal are filled by Remarkable alone.
	Part      string
	PartTotal int
	SortText  string // what it is ordered by, if that is a text
	SortRank  int64  // the same, if that is a number
}

const columnsOfResultLine = `r.id, r.checkout_id, r.build_id, r.test_id, r.run_test_id, r.scenario, r.lane, r.attempt, r.final, r.status,
	r.shown, r.note, r.reason, r.retry_reason, r.host, r.job_id, r.first_error, r.first_error_line, r.test_revision, r.base_status,
	r.base_checkout_id, r.base_back, r.failing_for, r.started_at, r.finished_at, r.duration_ms,
	t.path AS test, b.arch, b.config, b.compiler, tr.name AS tree, c.branch, c.sha, c.describe, c.subject, c.pushed_at`

const fromResults = ` FROM results r JOIN tests t ON t.id = r.test_id JOIN builds b ON b.id = r.build_id
	JOIN checkouts c ON c.id = r.checkout_id JOIN trees tr ON tr.id = c.tree_id`

// ResultFilter chooses results for a list. Zero values choose all final ones
// of tests that count.
type ResultFilter struct {
	Checkout id.ID
	Test     id.ID
	Build    id.ID
	Tests    []id.ID // nil for all
	Status   Choice  // words of StatusWords
	Shown    Choice
	Tree     Choice
	Branch   Choice
	Arch     Choice
	Config   Choice
	Compiler Choice
	Host     Choice
	Text     string // a part of the path or of the first error
	Trial    bool   // with results that never count
	From, To time.Time
}

// StatusWords are the filter words for statuses, with what they select. Each
// selects what the count of the same name on a checkout counts: a test that
// passed only on its second try is flaky, not simply a pass, and one that was
// cancelled has no result. The order is that of the worst first.
var StatusWords = []struct{ Word, SQL string }{
	{"fail", "r.status = 'fail'"},
	{"error", "r.status = 'error'"},
	{"miss", "r.status IN ('miss', 'cancelled')"},
	{"pass", "(r.status = 'pass' AND r.shown <> 'flaky')"},
	{"skip", "r.status = 'skip'"},
	{"done", "r.status = 'done'"},
	{"waiting", "r.status IN ('planned', 'queued', 'running')"},
	{"planned", "r.status = 'planned'"},
	{"queued", "r.status = 'queued'"},
	{"running", "r.status = 'running'"},
	{"cancelled", "r.status = 'cancelled'"},
}

func statusCondition(words []string) string {
	var parts []string
	for _, word := range words {
		for _, known := range StatusWords {
			if known.Word == word {
				parts = append(parts, known.SQL)
			}
		}
	}
	if len(parts) == 0 {
		return "1 = 0"
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

func (f ResultFilter) conditions() conditions {
	var c conditions
	if f.Checkout != 0 {
		c.add("r.checkout_id = ?", f.Checkout)
	}
	if f.Test != 0 {
		c.add("r.test_id = ?", f.Test)
	}
	if f.Build != 0 {
		c.add("r.build_id = ?", f.Build)
	}
	c.add("r.final")
	if f.Tests != nil {
		c.add("r.test_id IN ?", append([]id.ID{0}, f.Tests...)) // never an empty list
	}
	if len(f.Status.Any) > 0 {
		c.add(statusCondition(f.Status.Any))
	}
	if len(f.Status.None) > 0 {
		c.add("NOT " + statusCondition(f.Status.None))
	}
	c.choose("r.shown", f.Shown)
	c.choose("tr.name", f.Tree)
	c.choose("c.branch", f.Branch)
	c.choose("b.arch", f.Arch)
	c.choose("b.config", f.Config)
	c.choose("b.compiler", f.Compiler)
	c.choose("r.host", f.Host)
	if f.Text != "" {
		c.contains(f.Text, "t.path", "r.first_error")
	}
	if !f.Trial {
		c.add("r.shown <> ?", status.Trial)
	}
	if !f.From.IsZero() {
		c.add("c.pushed_at >= ?", f.From)
	}
	if !f.To.IsZero() {
		c.add("c.pushed_at < ?", f.To)
	}
	return c
}

// resultOrders are the orders of a list of results, by the name of the column.
var resultOrders = map[string]ordering{
	"": {id: "r.id", descending: true}, // newest first
	"status": {number: true, id: "r.id", value: `CASE WHEN r.shown = 'new' THEN 1 WHEN r.shown = 'still_failing' THEN 2
		WHEN r.shown = 'first_run' THEN 3 WHEN r.status = 'fail' THEN 4 WHEN r.status = 'error' THEN 5 WHEN r.status = 'miss' THEN 6
		WHEN r.status = 'cancelled' THEN 7 WHEN r.shown = 'flaky' THEN 8 WHEN r.shown = 'fixed' THEN 9 WHEN r.status = 'running' THEN 10
		WHEN r.status = 'queued' THEN 11 WHEN r.status = 'planned' THEN 12 WHEN r.status = 'skip' THEN 13 WHEN r.status = 'done' THEN 14
		ELSE 15 END`},
	"test":     {id: "r.id", value: "t.path"},
	"arch":     {id: "r.id", value: "b.arch"},
	"config":   {id: "r.id", value: "b.config || ' ' || b.compiler"},
	"host":     {id: "r.id", value: "r.host"},
	"duration": {id: "r.id", value: "r.duration_ms", number: true},
}

// ResultOrder is an order of ListResults: by status, test, arch, config, host
// or duration; "" is newest first. Descending turns it round.
type ResultOrder struct {
	By         string
	Descending bool
}

// KeyOf is the place of a row in the order it was listed in.
func (l ResultLine) KeyOf() Key { return Key{Text: l.SortText, Number: l.SortRank, ID: l.ID} }

// ListResults lists results in an order.
func (q Query) ListResults(f ResultFilter, by ResultOrder, s Slice) ([]ResultLine, Ends, error) {
	order, known := resultOrders[by.By]
	if !known {
		return nil, Ends{}, fmt.Errorf("results have no order by %q", by.By)
	}
	order.descending = order.descending != by.Descending
	columns := columnsOfResultLine
	switch {
	case order.value == "":
	case order.number:
		columns += ", " + order.value + " AS sort_rank"
	default:
		columns += ", " + order.value + " AS sort_text"
	}
	c := f.conditions()
	tail := c.slice(s, order)
	var rows []ResultLine
	err := q.db.Raw("SELECT "+columns+fromResults+c.where()+tail, c.args...).Scan(&rows).Error
	rows, e := ends(rows, s)
	return rows, e, err
}

// CountResults counts them, up to CountLimit + 1.
func (q Query) CountResults(f ResultFilter) (int, error) { return q.count(f.from(), f.conditions()) }

// from joins only what the conditions need: each result has exactly one test,
// build, checkout and tree, so the others do not change what is counted.
func (f ResultFilter) from() string {
	from := " FROM results r"
	if f.Text != "" {
		from += " JOIN tests t ON t.id = r.test_id"
	}
	if !f.Arch.Empty() || !f.Config.Empty() || !f.Compiler.Empty() {
		from += " JOIN builds b ON b.id = r.build_id"
	}
	if ofTree := !f.Tree.Empty(); ofTree || !f.Branch.Empty() || !f.From.IsZero() || !f.To.IsZero() {
		from += " JOIN checkouts c ON c.id = r.checkout_id"
		if ofTree {
			from += " JOIN trees tr ON tr.id = c.tree_id"
		}
	}
	return from
}

const remarkablePart = `CASE WHEN r.shown <> '' THEN r.shown ELSE 'infra' END`

const sqlRemarkable = `SELECT * FROM (
		SELECT ` + columnsOfResultLine + `, ` + remarkablePart + ` AS part,
			ROW_NUMBER() OVER (PARTITION BY ` + remarkablePart + ` ORDER BY t.path, r.id) AS place,
			COUNT(*) OVER (PARTITION BY ` + remarkablePart + `) AS part_total` + fromResults + `
		WHERE r.checkout_id = ? AND r.final AND (r.shown <> '' OR r.status IN ('error', 'miss', 'cancelled'))
	) AS remarkable WHERE place <= CASE WHEN part = 'new' THEN 1000 ELSE ? END ORDER BY part, place`

// Remarkable lists the results of a checkout that are not simply passed or
// skipped, by part: what is shown of them, or "infra". At most limit of each
// part, but up to 1,000 new ones, since those are grouped.
func (q Query) Remarkable(checkout id.ID, limit int) ([]ResultLine, error) {
	var rows []ResultLine
	err := q.db.Raw(sqlRemarkable, checkout, limit).Scan(&rows).Error
	return rows, err
}

const sqlSameTests = `SELECT ` + columnsOfResultLine + fromResults + `
	WHERE r.checkout_id = ? AND r.test_id IN ? ORDER BY t.path, b.arch, b.config, b.compiler, r.attempt LIMIT 5000`

// ResultsOfTests lists all attempts at some tests in one checkout.
func (q Query) ResultsOfTests(checkout id.ID, tests []id.ID) ([]ResultLine, error) {
	var rows []ResultLine
	if len(tests) == 0 {
		return rows, nil
	}
	err := q.db.Raw(sqlSameTests, checkout, tests).Scan(&rows).Error
	return rows, err
}

// RecentOnHost lists the newest final results of any test on a host up to one
// result id, oldest first.
func (q Query) RecentOnHost(host string, upTo id.ID, limit int) ([]Result, error) {
	var rows []Result
	err := q.db.Select("id", "status", "shown").Where("host = ? AND id <= ? AND final", host, upTo).
		Order("id DESC").Limit(limit).Find(&rows).Error
	slices.Reverse(rows)
	return rows, err
}

// RecentOfTest lists the newest final baseline results of a test, oldest first.
func (q Query) RecentOfTest(test id.ID, limit int) ([]Result, error) {
	var rows []Result
	err := q.db.Select("id", "status", "shown").Where("test_id = ? AND final AND lane = 'baseline'", test).
		Order("id DESC").Limit(limit).Find(&rows).Error
	slices.Reverse(rows)
	return rows, err
}

// NamedTest is a test and its path.
type NamedTest struct {
	ID   id.ID
	Path string
}

const sqlTestNames = `SELECT t.id, t.path FROM tests t WHERE t.id IN (SELECT r.test_id FROM results r WHERE r.checkout_id = ? AND r.final)
	ORDER BY t.path LIMIT 50000`

// TestNamesOf lists the tests that a checkout has results of.
func (q Query) TestNamesOf(checkout id.ID) ([]NamedTest, error) {
	var rows []NamedTest
	err := q.db.Raw(sqlTestNames, checkout).Scan(&rows).Error
	return rows, err
}

// Facet is a value that a column of a checkout's results has.
type Facet struct {
	Kind  string // arch, config, compiler
	Value string
}

const sqlFacets = `SELECT DISTINCT 'arch' AS kind, arch AS value FROM builds WHERE checkout_id = ?
	UNION SELECT DISTINCT 'config', config FROM builds WHERE checkout_id = ?
	UNION SELECT DISTINCT 'compiler', compiler FROM builds WHERE checkout_id = ? ORDER BY kind, value LIMIT 200`

// FacetsOfBuilds lists what the builds of a checkout differ in.
func (q Query) FacetsOfBuilds(checkout id.ID) ([]Facet, error) {
	var rows []Facet
	err := q.db.Raw(sqlFacets, checkout, checkout, checkout).Scan(&rows).Error
	return rows, err
}

// SubresultCount is how many cases of a result have a status.
type SubresultCount struct {
	Status status.Status
	Cases  int
}

// SubresultCounts counts the cases of a result by status.
func (q Query) SubresultCounts(result id.ID) ([]SubresultCount, error) {
	var rows []SubresultCount
	err := q.db.Raw(`SELECT status, COUNT(*) AS cases FROM subresults WHERE result_id = ? GROUP BY status ORDER BY status`, result).Scan(&rows).Error
	return rows, err
}

const sqlWorstSubresults = `SELECT id, result_id, position, name, status, line, message FROM subresults WHERE result_id = ?
	ORDER BY CASE WHEN status = 'fail' THEN 1 WHEN status = 'error' THEN 2 WHEN status = 'miss' THEN 3 ELSE 4 END, position LIMIT ?`

// WorstSubresults lists cases of a result, failing ones first.
func (q Query) WorstSubresults(result id.ID, limit int) ([]Subresult, error) {
	var rows []Subresult
	err := q.db.Raw(sqlWorstSubresults, result, limit).Scan(&rows).Error
	return rows, err
}

// NewFailure is a new failure of the last day.
type NewFailure struct {
	ResultID       id.ID
	JobID          *id.ID
	Test           string
	Tree           string
	Arch           string
	FirstError     string
	FirstErrorLine int64
	FinishedAt     *time.Time
}

const sqlNewFailures = `SELECT r.id AS result_id, r.job_id, t.path AS test, tr.name AS tree, b.arch, r.first_error, r.first_error_line, r.finished_at` +
	fromResults + ` WHERE r.id >= ? AND r.final AND r.shown = 'new' AND r.lane = 'baseline' AND r.finished_at >= ? ORDER BY r.id DESC LIMIT 2000`

// NewFailures lists the new failures since a time, newest first.
func (q Query) NewFailures(since time.Time) ([]NewFailure, error) {
	first, err := id.New(since.AddDate(0, 0, -1), 1) // a result may be planned a day before it ends
	if err != nil {
		return nil, err
	}
	var rows []NewFailure
	err = q.db.Raw(sqlNewFailures, first, since).Scan(&rows).Error
	return rows, err
}
