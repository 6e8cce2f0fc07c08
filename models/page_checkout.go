package models

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"drover/rules/id"
	"drover/rules/status"
)

// CheckoutFilter chooses checkouts for a list. Zero values choose all.
type CheckoutFilter struct {
	Tree     id.ID
	TreeName Choice
	Branch   Choice
	Verdict  Choice // the words, "planned" for not yet judged
	Source   Choice
	Lanes    []string // nil for baseline and rehearsal
	Author   string   // a part of it
	Text     string   // a part of subject, describe or hash
	From, To time.Time
}

const fromCheckouts = ` FROM checkouts c JOIN trees t ON t.id = c.tree_id`

func (f CheckoutFilter) conditions() conditions {
	var c conditions
	if f.Tree != 0 {
		c.add("c.tree_id = ?", f.Tree)
	}
	c.choose("t.name", f.TreeName)
	c.choose("c.branch", f.Branch)
	c.choose("CASE WHEN c.verdict = '' THEN 'planned' ELSE c.verdict END", f.Verdict)
	c.choose("c.source", f.Source)
	if len(f.Lanes) == 0 {
		f.Lanes = []string{string(status.Baseline), string(status.Rehearsal)}
	}
	c.add("c.lane IN ?", f.Lanes)
	if f.Author != "" {
		c.contains(f.Author, "c.author", "c.email")
	}
	if f.Text != "" {
		c.contains(f.Text, "c.subject", "c.describe", "c.sha")
	}
	if !f.From.IsZero() {
		c.add("c.pushed_at >= ?", f.From)
	}
	if !f.To.IsZero() {
		c.add("c.pushed_at < ?", f.To)
	}
	return c
}

// ListCheckouts lists checkouts, newest first.
func (q Query) ListCheckouts(f CheckoutFilter, s Slice) ([]CheckoutLine, Ends, error) {
	c := f.conditions()
	tail := c.slice(s, ordering{id: "c.id", descending: true})
	var rows []CheckoutLine
	err := q.db.Raw("SELECT "+columnsOfCheckoutLine+fromCheckouts+c.where()+tail, c.args...).Scan(&rows).Error
	rows, e := ends(rows, s)
	return rows, e, err
}

// CountCheckouts counts them, up to CountLimit + 1.
func (q Query) CountCheckouts(f CheckoutFilter) (int, error) {
	return q.count(fromCheckouts, f.conditions())
}

const sqlCheckoutLines = `SELECT ` + columnsOfCheckoutLine + fromCheckouts + ` WHERE c.id IN ? ORDER BY c.id LIMIT 1000`

// CheckoutLines reads some checkouts, by id.
func (q Query) CheckoutLines(ids []id.ID) (map[id.ID]CheckoutLine, error) {
	lines := make(map[id.ID]CheckoutLine, len(ids))
	if len(ids) == 0 {
		return lines, nil
	}
	var rows []CheckoutLine
	if err := q.db.Raw(sqlCheckoutLines, ids).Scan(&rows).Error; err != nil {
		return nil, err
	}
	for _, row := range rows {
		lines[row.ID] = row
	}
	return lines, nil
}

// CheckoutCounts is how much a checkout has.
type CheckoutCounts struct {
	Tests, Builds, Reports, Files int
	Newer                         id.ID // the branch's next checkout, 0 for none
}

const sqlCheckoutCounts = `SELECT
	(SELECT COUNT(*) FROM results WHERE checkout_id = ? AND final) AS tests,
	(SELECT COUNT(*) FROM builds WHERE checkout_id = ?) AS builds,
	(SELECT COUNT(*) FROM deliveries WHERE checkout_id = ?) AS reports,
	(SELECT COUNT(*) FROM checkout_files WHERE checkout_id = ?) AS files,
	COALESCE((SELECT MIN(id) FROM checkouts WHERE tree_id = ? AND branch = ? AND lane = ? AND id > ?), 0) AS newer`

// CountsOfCheckout counts what the head of a checkout's pages shows.
func (q Query) CountsOfCheckout(c Checkout) (CheckoutCounts, error) {
	var counts CheckoutCounts
	err := q.db.Raw(sqlCheckoutCounts, c.ID, c.ID, c.ID, c.ID, c.TreeID, c.Branch, c.Lane, c.ID).Scan(&counts).Error
	return counts, err
}

// CheckoutsNamed lists a tree's checkouts of a revision, newest first: a full
// or shortened hash, or the text of git describe.
func (q Query) CheckoutsNamed(tree id.ID, revision string, limit int) ([]Checkout, error) {
	db := q.db.Where("tree_id = ? AND (sha = ? OR describe = ?)", tree, revision, revision)
	if len(revision) >= 7 {
		db = q.db.Where("tree_id = ? AND (sha = ? OR describe = ? OR sha LIKE ?)",
			tree, revision, revision, likeEscapes.Replace(strings.ToLower(revision))+"%")
	}
	var rows []Checkout
	err := db.Order("id DESC").Limit(limit).Find(&rows).Error
	return rows, err
}

// PlanCount is how many tests a rule chose, or left out.
type PlanCount struct {
	Rule   string
	Chosen bool
	Tests  int
}

const sqlPlanCounts = `SELECT rule, chosen, COUNT(*) AS tests FROM plan_items WHERE checkout_id = ?
	GROUP BY rule, chosen ORDER BY chosen DESC, rule LIMIT 1000`

// PlanCounts sums the plan of a checkout up by rule.
func (q Query) PlanCounts(checkout id.ID) ([]PlanCount, error) {
	var rows []PlanCount
	err := q.db.Raw(sqlPlanCounts, checkout).Scan(&rows).Error
	return rows, err
}

// PlanLine is a row of a plan with its test.
type PlanLine struct {
	PlanItem `gorm:"embedded"`
	Path     string
	State    status.TestState
}

// PlanFilter chooses rows of a plan.
type PlanFilter struct {
	Checkout id.ID
	Chosen   Choice // yes, no
	Rule     Choice
	Text     string // a part of the test's path
}

const (
	fromPlan     = ` FROM plan_items p JOIN tests t ON t.id = p.test_id`
	planOrder    = `CASE WHEN p.chosen THEN '0' ELSE '1' END || t.path`
	columnsOfRow = `p.id, p.checkout_id, p.test_id, p.chosen, p.rule, p.reason, p.file, p.arches, t.path, t.state`
)

func (f PlanFilter) conditions() conditions {
	var c conditions
	c.add("p.checkout_id = ?", f.Checkout)
	c.choose("CASE WHEN p.chosen THEN 'yes' ELSE 'no' END", f.Chosen)
	c.choose("p.rule", f.Rule)
	if f.Text != "" {
		c.contains(f.Text, "t.path")
	}
	return c
}

// KeyOf is the place of a row in the order of ListPlan.
func (l PlanLine) KeyOf() Key {
	first := "1"
	if l.Chosen {
		first = "0"
	}
	return Key{Text: first + l.Path, ID: l.ID}
}

// ListPlan lists why tests were chosen or not: chosen first, then by path.
func (q Query) ListPlan(f PlanFilter, s Slice) ([]PlanLine, Ends, error) {
	c := f.conditions()
	tail := c.slice(s, ordering{value: planOrder, id: "p.id"})
	var rows []PlanLine
	err := q.db.Raw("SELECT "+columnsOfRow+fromPlan+c.where()+tail, c.args...).Scan(&rows).Error
	rows, e := ends(rows, s)
	return rows, e, err
}

// CountPlan counts them, up to CountLimit + 1.
func (q Query) CountPlan(f PlanFilter) (int, error) { return q.count(fromPlan, f.conditions()) }

// DeliveryLine is something said about a checkout, with the mail if one was written.
type DeliveryLine struct {
	Delivery `gorm:"embedded"`
	MailID   id.ID
	Subject  string
	Tries    int64
}

const sqlDeliveryLines = `SELECT d.id, d.kind, d.checkout_id, d.number, d.verdict, d.state, d.reason, d.recipients, d.why, d.person,
		d.created_at, d.sent_at, COALESCE(m.id, 0) AS mail_id, COALESCE(m.subject, '') AS subject, COALESCE(m.tries, 0) AS tries
	FROM deliveries d LEFT JOIN mails m ON m.delivery_id = d.id WHERE d.checkout_id = ? ORDER BY d.number DESC, d.id LIMIT 1000`

// DeliveryLines lists what was said, or not said, about a checkout: reports
// first, then those who were not told.
func (q Query) DeliveryLines(checkout id.ID) ([]DeliveryLine, error) {
	var rows []DeliveryLine
	err := q.db.Raw(sqlDeliveryLines, checkout).Scan(&rows).Error
	return rows, err
}

// CommitRange lists the newest commits that a checkout has and an older commit
// has not, newest first, and counts all of them.
func (q Query) CommitRange(c Checkout, since id.ID, limit int) ([]Commit, int, error) {
	with, err := q.behind(c.CommitID)
	if err != nil {
		return nil, 0, err
	}
	without, err := q.behind(since)
	if err != nil {
		return nil, 0, err
	}
	r, err := q.onlyIn(with, without, limit)
	return r.Commits, r.Total, err
}

// nearest keeps the ids with the smallest distance.
func nearest(ids []id.ID, distance map[id.ID]int, limit int) []id.ID {
	slices.SortFunc(ids, func(a, b id.ID) int {
		return cmp.Or(cmp.Compare(distance[a], distance[b]), cmp.Compare(a, b))
	})
	return ids[:min(limit, len(ids))]
}

// PlanOfTest says why one test was chosen for a checkout; ErrNotFound if it
// was not known then.
func (q Query) PlanOfTest(checkout, test id.ID) (PlanItem, error) {
	return take[PlanItem](q.db, "checkout_id = ? AND test_id = ?", checkout, test)
}
