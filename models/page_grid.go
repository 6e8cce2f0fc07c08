package models

import (
	"errors"
	"fmt"
	"slices"

	"drover/rules/grid"
	"drover/rules/id"
	"drover/rules/status"
)

// GridColumnFilter chooses the checkouts of a grid.
type GridColumnFilter struct {
	Tree   id.ID
	Branch string
	Source Choice
}

// GridColumns lists the newest checkouts of a branch that run or have finished,
// newest first.
func (q Query) GridColumns(f GridColumnFilter, limit int) ([]CheckoutLine, error) {
	var c conditions
	c.add("c.tree_id = ?", f.Tree)
	c.add("c.branch = ?", f.Branch)
	c.add("c.lane IN ('baseline', 'rehearsal')")
	c.add("c.state IN ('running', 'finished')")
	c.choose("c.source", f.Source)
	var rows []CheckoutLine
	tail := fmt.Sprintf(" ORDER BY c.id DESC LIMIT %d", limit)
	err := q.db.Raw("SELECT "+columnsOfCheckoutLine+fromCheckouts+c.where()+tail, c.args...).Scan(&rows).Error
	return rows, err
}

// GridBuild is where a build of one of the checkouts ran.
type GridBuild struct {
	ID                     id.ID
	Arch, Config, Compiler string
}

const sqlGridBuilds = `SELECT id, arch, config, compiler FROM builds WHERE checkout_id IN ? ORDER BY arch, config, compiler, id LIMIT 20000`

// GridBuilds lists the builds of some checkouts, by arch, config and compiler.
func (q Query) GridBuilds(checkouts []id.ID) ([]GridBuild, error) {
	var rows []GridBuild
	if len(checkouts) == 0 {
		return rows, nil
	}
	err := q.db.Raw(sqlGridBuilds, checkouts).Scan(&rows).Error
	return rows, err
}

// GridFilter chooses the results of a grid. Results that never count are left
// out. Lists that are nil choose all.
type GridFilter struct {
	Checkouts []id.ID
	Tests     []id.ID
	Builds    []id.ID
	Status    Choice // words of StatusWords; of tests that have such a result in one of the checkouts
	ByBuild   bool   // a cell for each build, not for all together
}

// GridCell is what one test gave in one checkout, on one of its builds if they
// are apart.
type GridCell struct {
	Test, Checkout, Build id.ID
	grid.Cell
}

// A result's rank among grid.Marks and its id become one number, so that the
// least of them names both the worst mark of a cell and whose it is. Ids have
// 40 bits.
const gridRank = 1 << 40

// gridRankOf is the SQL of a result's rank. What simply passed, most results,
// comes first.
var gridRankOf = func() string {
	usual, shown, plain := "", "", ""
	for i, m := range grid.Marks {
		switch {
		case m == grid.Mark{Status: status.Pass}:
			usual = fmt.Sprintf(" WHEN r.status = '%s' AND r.shown = '' THEN %d", m.Status, i+1)
		case m.Shown != "":
			shown += fmt.Sprintf(" WHEN r.status = '%s' AND r.shown = '%s' THEN %d", m.Status, m.Shown, i+1)
		default:
			plain += fmt.Sprintf(" WHEN r.status = '%s' THEN %d", m.Status, i+1)
		}
	}
	return "CASE" + usual + shown + plain + fmt.Sprintf(" ELSE %d END", len(grid.Marks))
}()

var sqlGridCells = fmt.Sprintf(`SELECT r.test_id, r.checkout_id, %%s, MIN(%s * %d + r.id), COUNT(*),
		SUM(CASE WHEN r.status = 'pass' THEN 1 ELSE 0 END), SUM(CASE WHEN r.status = 'fail' THEN 1 ELSE 0 END) FROM results r`, gridRankOf, gridRank)

func (f GridFilter) conditions() conditions {
	var c conditions
	c.add("r.checkout_id IN ?", f.Checkouts)
	c.add("r.final")
	c.add("r.shown <> 'trial'")
	if f.Tests != nil {
		c.add("r.test_id IN ?", append([]id.ID{0}, f.Tests...)) // never an empty list
	}
	if f.Builds != nil {
		c.add("r.build_id IN ?", append([]id.ID{0}, f.Builds...))
	}
	return c
}

// GridCells reads the cells of a grid, one statement for all of them.
func (q Query) GridCells(f GridFilter) ([]GridCell, error) {
	if len(f.Checkouts) == 0 {
		return nil, nil
	}
	c := f.conditions()
	if !f.Status.Empty() {
		inner := f.conditions()
		if len(f.Status.Any) > 0 {
			inner.add(statusCondition(f.Status.Any))
		}
		if len(f.Status.None) > 0 {
			inner.add("NOT " + statusCondition(f.Status.None))
		}
		c.add("r.test_id IN (SELECT r.test_id FROM results r"+inner.where()+")", inner.args...)
	}
	build, by := "0", "r.checkout_id, r.test_id"
	if f.ByBuild {
		build, by = "r.build_id", "r.checkout_id, r.test_id, r.build_id"
	}
	statement := fmt.Sprintf(sqlGridCells, build) + c.where() + " GROUP BY " + by + " ORDER BY " + by + " LIMIT 500000"
	return q.gridCells(statement, c.args)
}

// gridCells scans by hand: there are many thousands of rows, and gorm looks at
// the type of each value anew.
func (q Query) gridCells(statement string, args []any) (cells []GridCell, err error) {
	rows, err := q.db.Raw(statement, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var c GridCell
		var worst int64
		if err := rows.Scan((*int64)(&c.Test), (*int64)(&c.Checkout), (*int64)(&c.Build), &worst, &c.Results, &c.Passed, &c.Failed); err != nil {
			return nil, err
		}
		c.Rank, c.Result = int(worst/gridRank), id.ID(worst%gridRank)
		cells = append(cells, c)
	}
	return cells, rows.Err()
}

// GridTest is a test of a grid.
type GridTest struct {
	ID    id.ID
	Path  string
	Owner string
}

// GridTests reads what a grid shows of some tests, by path.
func (q Query) GridTests(tests []id.ID) ([]GridTest, error) {
	var rows []GridTest
	for part := range slices.Chunk(tests, 5000) { // a statement has at most 32,766 parameters on SQLite
		var some []GridTest
		if err := q.db.Raw(`SELECT id, path, owner FROM tests WHERE id IN ? ORDER BY path LIMIT 5000`, part).Scan(&some).Error; err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	return rows, nil
}
