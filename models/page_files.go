package models

import "drover/rules/id"

// FileFilter chooses changed files of a checkout.
type FileFilter struct {
	Checkout id.ID
	Covered  Choice // yes, no, unknown
	Text     string // a part of the path
}

const (
	fromFiles    = ` FROM checkout_files f`
	fileCovered  = `CASE WHEN f.covering IS NULL THEN 'unknown' WHEN f.covering = 0 THEN 'no' ELSE 'yes' END`
	filesOrder   = `CASE WHEN f.covering = 0 THEN '0' ELSE '1' END || f.path`
	columnsOfAll = `f.checkout_id, f.path, f.old_path, f.kind, f.covering, f.covered_by`
)

func (f FileFilter) conditions() conditions {
	var c conditions
	c.add("f.checkout_id = ?", f.Checkout)
	c.choose(fileCovered, f.Covered)
	if f.Text != "" {
		c.contains(f.Text, "f.path")
	}
	return c
}

// KeyOf is the place of a file in the order of ListFiles.
func (f CheckoutFile) KeyOf() Key {
	first := "1"
	if f.Covering != nil && *f.Covering == 0 {
		first = "0"
	}
	return Key{Text: first + f.Path, ID: f.CheckoutID}
}

// ListFiles lists what a checkout changes: first the files that no test covers,
// then by path.
func (q Query) ListFiles(f FileFilter, s Slice) ([]CheckoutFile, Ends, error) {
	c := f.conditions()
	tail := c.slice(s, ordering{value: filesOrder, id: "f.checkout_id"})
	var rows []CheckoutFile
	err := q.db.Raw("SELECT "+columnsOfAll+fromFiles+c.where()+tail, c.args...).Scan(&rows).Error
	rows, e := ends(rows, s)
	return rows, e, err
}

// CountFiles counts them, up to CountLimit + 1.
func (q Query) CountFiles(f FileFilter) (int, error) { return q.count(fromFiles, f.conditions()) }
