package models

import (
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"drover/rules/feed"
	"drover/rules/id"
	"drover/rules/status"
)

// States of a checkout's life. The verdict is another matter.
const (
	CheckoutPlanned  = "planned"  // stored, not yet planned
	CheckoutRunning  = "running"  // planned, something is still to come
	CheckoutFinished = "finished" // every planned build and result has ended
)

// Checkout is one exact source state under test.
type Checkout struct {
	ID           id.ID
	TreeID       id.ID
	Branch       string
	CommitID     id.ID
	SHA          string `gorm:"column:sha"`
	Patchset     string // hash over the patches, "" without
	Lane         status.Lane
	Request      string // number of a merge request, "" without
	Source       string // git, button, api
	EventID      id.ID
	PreviousID   *id.ID // the branch's checkout before this one
	Describe     string // git describe, "" without tags
	Subject      string
	Author       string
	Email        string
	State        string
	PlanNote     string // why nothing is tested, "" otherwise
	Selection    string // how its tests were chosen, a sentence
	Verdict      status.Verdict
	VerdictText  string
	Version      int64  // of the rules that judged
	News         bool   // whether developers are to be told
	Counts       string // JSON of verdict.Counts
	Reasons      string // JSON list of sentences
	ComparedID   *id.ID
	ComparedBack int64 // commits, or checkouts where NotAncestor
	NotAncestor  bool  // compared with the branch's previous checkout after a rebase
	PushedAt     time.Time
	PlannedAt    *time.Time
	StartedAt    *time.Time
	FinishedAt   *time.Time
	JudgedAt     *time.Time
}

// CheckoutFile is a file that a checkout changes against its parent.
type CheckoutFile struct {
	CheckoutID id.ID
	Path       string
	OldPath    string // before a rename; else ""
	Kind       string
	Covering   *int64 // how many tests it chooses; nil where nobody looked
	CoveredBy  string // the first few of them, one a line
}

// Checkout reads a checkout.
func (q Query) Checkout(checkout id.ID) (Checkout, error) {
	return take[Checkout](q.db, "id = ?", checkout)
}

// EnsureCheckout stores a checkout unless it is there; fresh tells which.
func (tx *Tx) EnsureCheckout(c Checkout) (checkout Checkout, fresh bool, err error) {
	if c.ID, err = tx.ID(); err != nil {
		return Checkout{}, false, err
	}
	previous, err := tx.newestCheckout(c.TreeID, c.Branch, c.Lane)
	if err == nil {
		c.PreviousID = &previous.ID
	} else if !isGone(err) {
		return Checkout{}, false, err
	}
	done := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&c)
	if done.Error != nil {
		return Checkout{}, false, fmt.Errorf("store checkout: %w", done.Error)
	}
	if done.RowsAffected == 0 {
		checkout, err = take[Checkout](tx.db, "tree_id = ? AND branch = ? AND sha = ? AND patchset = ? AND lane = ? AND request = ?",
			c.TreeID, c.Branch, c.SHA, c.Patchset, c.Lane, c.Request)
		return checkout, false, err
	}
	tx.checkoutChanged(c)
	return c, true, nil
}

func (q Query) newestCheckout(tree id.ID, branch string, lane status.Lane) (Checkout, error) {
	return take[Checkout](q.db.Order("id DESC"), "tree_id = ? AND branch = ? AND lane = ?", tree, branch, lane)
}

// CheckoutsSince counts the checkouts that a tree got from pushes since a time.
func (q Query) CheckoutsSince(tree id.ID, since time.Time) (int64, error) {
	var n int64
	err := q.db.Model(&Checkout{}).Where("tree_id = ? AND source = 'git' AND pushed_at >= ?", tree, since).Count(&n).Error
	return n, err
}

// Unfinished lists checkouts with something still to come, oldest first.
func (q Query) Unfinished(limit int) ([]Checkout, error) {
	var rows []Checkout
	err := q.db.Where("state <> ?", CheckoutFinished).Order("id").Limit(limit).Find(&rows).Error
	return rows, err
}

// ChangedFiles lists the files of a checkout that were recorded, by path.
func (q Query) ChangedFiles(checkout id.ID, limit int) ([]CheckoutFile, error) {
	var rows []CheckoutFile
	err := q.db.Where("checkout_id = ?", checkout).Order("path").Limit(limit).Find(&rows).Error
	return rows, err
}

// SetPlanned records what a checkout was found to be when it was planned.
func (tx *Tx) SetPlanned(c Checkout, files []CheckoutFile) error {
	for start := 0; start < len(files); start += batch {
		part := files[start:min(start+batch, len(files))]
		if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&part).Error; err != nil {
			return fmt.Errorf("store changed files: %w", err)
		}
	}
	tx.checkoutChanged(c)
	tx.happened(FeedEvent{Kind: feed.CheckoutPlanned, ObjectID: c.ID, CheckoutID: c.ID, Detail: c.PlanNote})
	return tx.db.Model(&Checkout{}).Where("id = ?", c.ID).Updates(map[string]any{
		"describe": c.Describe, "state": CheckoutRunning, "plan_note": c.PlanNote, "selection": c.Selection, "planned_at": tx.Now,
	}).Error
}

// SetStarted records the first job of a checkout that ran.
func (tx *Tx) SetStarted(checkout id.ID, at time.Time) error {
	tx.changed(ChangeCheckout, checkout, "verdict")
	return tx.db.Model(&Checkout{}).Where("id = ? AND started_at IS NULL", checkout).Update("started_at", at).Error
}

// SetVerdict stores what the judge said.
func (tx *Tx) SetVerdict(c Checkout) error {
	tx.checkoutChanged(c, "head", "verdict")
	var before []Checkout
	if err := tx.db.Select("verdict", "state").Where("id = ?", c.ID).Limit(1).Find(&before).Error; err != nil {
		return err
	}
	if len(before) > 0 && (before[0].Verdict != c.Verdict || before[0].State != c.State) {
		tx.happened(FeedEvent{Kind: feed.CheckoutJudged, ObjectID: c.ID, CheckoutID: c.ID, Detail: string(c.Verdict)})
	}
	return tx.db.Model(&Checkout{}).Where("id = ?", c.ID).Updates(map[string]any{
		"state": c.State, "verdict": c.Verdict, "verdict_text": c.VerdictText, "version": c.Version,
		"news": c.News, "counts": c.Counts, "reasons": c.Reasons, "compared_id": c.ComparedID,
		"compared_back": c.ComparedBack, "not_ancestor": c.NotAncestor,
		"finished_at": c.FinishedAt, "judged_at": tx.Now,
	}).Error
}

// checkoutChanged tells of a checkout, some parts of its pages or all, and the
// lists that it is in.
func (tx *Tx) checkoutChanged(c Checkout, parts ...string) {
	tx.changed(ChangeCheckout, c.ID, parts...)
	tx.changed(ChangeTree, c.TreeID, "checkouts", "verdict", "grid")
	tx.changed(ChangeHome, 0)
}

// CheckoutsOfBranch lists the newest checkouts of a branch of a tree in the
// baseline lane, or in rehearsal while the tree is not live.
func (q Query) CheckoutsOfBranch(tree id.ID, branch string, limit int) ([]Checkout, error) {
	var rows []Checkout
	err := q.db.Where("tree_id = ? AND branch = ? AND lane IN ('baseline', 'rehearsal')", tree, branch).
		Order("id DESC").Limit(limit).Find(&rows).Error
	return rows, err
}

// CheckoutsOfEvent lists the checkouts that an event made, or asked for again.
func (q Query) CheckoutsOfEvent(event id.ID) ([]Checkout, error) {
	var rows []Checkout
	err := q.db.Where("event_id = ?", event).Order("id").Limit(1000).Find(&rows).Error
	return rows, err
}

// CheckoutsOfCommit lists the checkouts of a commit in a tree, newest first.
func (q Query) CheckoutsOfCommit(tree id.ID, sha string) ([]Checkout, error) {
	var rows []Checkout
	err := q.db.Where("tree_id = ? AND sha = ?", tree, sha).Order("id DESC").Limit(100).Find(&rows).Error
	return rows, err
}
