package models

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"drover/rules/feed"
	"drover/rules/id"
	"drover/rules/status"
)

// Result is one execution of a test on one build: one attempt.
type Result struct {
	ID             id.ID
	CheckoutID     id.ID
	BuildID        id.ID
	TestID         id.ID
	RunTestID      id.ID // the test whose job ran it: itself, or the parent of a case
	Scenario       int64 // test × tree branch × arch × config × compiler
	Lane           status.Lane
	Attempt        int64
	Final          bool // the last attempt so far
	Status         status.Status
	Shown          status.Shown
	Note           string // what the comparison says, for people
	Reason         string // why it is error, miss or skip
	RetryReason    string // why this attempt was made, "" for the first
	Host           string
	JobID          *id.ID
	FirstError     string
	FirstErrorLine int64 // in the job's log, from 1; 0 if none
	TestRevision   string
	BaseStatus     status.Status
	BaseCheckoutID *id.ID
	BaseBack       int64
	FailingFor     int64
	StartedAt      *time.Time
	FinishedAt     *time.Time
	DurationMS     int64 `gorm:"column:duration_ms"`
}

// Subresult is one case of a result.
type Subresult struct {
	ID       id.ID
	ResultID id.ID
	Position int64
	Name     string
	Status   status.Status
	Line     int64 // in the job's log, from 1
	Message  string
}

// Result reads a result.
func (q Query) Result(result id.ID) (Result, error) { return take[Result](q.db, "id = ?", result) }

// Results lists all attempts of a checkout's results, in the order of planning.
func (q Query) Results(checkout id.ID) ([]Result, error) {
	var rows []Result
	err := q.db.Where("checkout_id = ?", checkout).Order("id").Limit(100_000).Find(&rows).Error
	return rows, err
}

// ResultsOfRun lists the results that a job of a test on a build gives, all attempts.
func (q Query) ResultsOfRun(build, test id.ID) ([]Result, error) {
	var rows []Result
	err := q.db.Where("build_id = ? AND run_test_id = ?", build, test).Order("id").Limit(100_000).Find(&rows).Error
	return rows, err
}

// Attempts lists the attempts of one test on one build.
func (q Query) Attempts(build, test id.ID) ([]Result, error) {
	var rows []Result
	err := q.db.Where("build_id = ? AND test_id = ?", build, test).Order("attempt").Limit(100).Find(&rows).Error
	return rows, err
}

// Subresults lists the cases of a result.
func (q Query) Subresults(result id.ID) ([]Subresult, error) {
	var rows []Subresult
	err := q.db.Where("result_id = ?", result).Order("position").Limit(10_000).Find(&rows).Error
	return rows, err
}

// AddResults stores planned or new results and gives them their ids. They are
// counted in the statistics from now on.
func (tx *Tx) AddResults(tree id.ID, arch string, rows []Result) error {
	ids, err := tx.IDs(len(rows))
	if err != nil {
		return err
	}
	var moves []move
	for i := range rows {
		rows[i].ID = ids[i]
		moves = append(moves, move{result: rows[i], weight: 1})
	}
	if err := insert(tx.db, rows); err != nil {
		return fmt.Errorf("store results: %w", err)
	}
	for _, r := range rows {
		tx.changed(ChangeCheckout, r.CheckoutID, "head", "results", "verdict")
		tx.changed(ChangeBuild, r.BuildID)
	}
	return tx.roll(tree, arch, moves)
}

// Collected is a result as it is now and as it was before.
type Collected struct {
	Before, After Result
}

// SetResults stores what came of results, and moves the statistics by the
// difference between the old and the new state.
func (tx *Tx) SetResults(tree id.ID, arch string, list []Collected) error {
	var moves []move
	for _, c := range list {
		r := c.After
		done := tx.db.Model(&Result{}).Where("id = ?", r.ID).Updates(map[string]any{
			"final": r.Final, "status": r.Status, "reason": r.Reason, "host": r.Host, "job_id": r.JobID,
			"first_error": r.FirstError, "first_error_line": r.FirstErrorLine, "test_revision": r.TestRevision,
			"started_at": r.StartedAt, "finished_at": r.FinishedAt, "duration_ms": r.DurationMS,
		})
		if done.Error != nil {
			return fmt.Errorf("store result %s: %w", r.ID, done.Error)
		}
		moves = append(moves, move{c.Before, -1}, move{c.After, 1})
		tx.changed(ChangeCheckout, r.CheckoutID, "builds", "results", "verdict")
		tx.changed(ChangeBuild, r.BuildID)
		tx.changed(ChangeResult, r.ID)
		tx.changed(ChangeTest, r.TestID)
	}
	return tx.roll(tree, arch, moves)
}

const sqlJudgeResults = `UPDATE results SET shown = said.column2, note = said.column3, base_status = said.column4,
	base_checkout_id = said.column5, base_back = said.column6, failing_for = said.column7
	FROM (VALUES %s) AS said WHERE results.id = said.column1`

// The types stand in the first row, from which PostgreSQL takes those of the columns.
const (
	judgedFirst = `(CAST(? AS bigint), CAST(? AS text), CAST(? AS text), CAST(? AS text), CAST(? AS bigint), CAST(? AS bigint), CAST(? AS bigint))`
	judgedNext  = `, (?, ?, ?, ?, ?, ?, ?)`
)

// JudgeResults stores what comparison said of results.
func (tx *Tx) JudgeResults(rows []Result) error {
	for part := range slices.Chunk(rows, batch) {
		args := make([]any, 0, 7*len(part))
		for _, r := range part {
			tx.changed(ChangeCheckout, r.CheckoutID, "results")
			tx.changed(ChangeResult, r.ID)
			args = append(args, r.ID, r.Shown, r.Note, r.BaseStatus, r.BaseCheckoutID, r.BaseBack, r.FailingFor)
		}
		if err := tx.newFailures(part); err != nil {
			return err
		}
		sql := fmt.Sprintf(sqlJudgeResults, judgedFirst+strings.Repeat(judgedNext, len(part)-1))
		if err := tx.db.Exec(sql, args...).Error; err != nil {
			return fmt.Errorf("store what is said of %d results: %w", len(part), err)
		}
	}
	return nil
}

// newFailures tells of those among some results that are to be new failures and
// were none yet.
func (tx *Tx) newFailures(judged []Result) error {
	fresh := map[id.ID]Result{}
	for _, r := range judged {
		if r.Shown == status.New {
			fresh[r.ID] = r
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	var told []id.ID
	err := tx.db.Raw(`SELECT id FROM results WHERE id IN ? AND shown = ?`, slices.Sorted(maps.Keys(fresh)), status.New).Scan(&told).Error
	if err != nil {
		return fmt.Errorf("read which failures are known: %w", err)
	}
	for _, r := range judged {
		if _, isNew := fresh[r.ID]; isNew && !slices.Contains(told, r.ID) {
			tx.happened(FeedEvent{Kind: feed.FailureNew, ObjectID: r.ID, CheckoutID: r.CheckoutID, TestID: r.TestID, Detail: string(r.Status)})
		}
	}
	return nil
}

// AddSubresults stores the cases of a result, in place of those it had.
func (tx *Tx) AddSubresults(result id.ID, rows []Subresult) error {
	if err := tx.db.Exec(`DELETE FROM subresults WHERE result_id = ?`, result).Error; err != nil {
		return err
	}
	ids, err := tx.IDs(len(rows))
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].ID, rows[i].ResultID, rows[i].Position = ids[i], result, int64(i)
	}
	if err := insert(tx.db, rows); err != nil {
		return fmt.Errorf("store subresults: %w", err)
	}
	return nil
}

// Outcome is the effective result of a scenario in one checkout.
type Outcome struct {
	CheckoutID   id.ID
	Scenario     int64
	Status       status.Status
	TestRevision string
}

const sqlOutcomes = `SELECT checkout_id, scenario, status, test_revision FROM results
	WHERE checkout_id IN ? AND final AND status IN ('pass', 'fail') ORDER BY checkout_id, id`

// Outcomes lists what passed or failed in the end in some checkouts.
func (q Query) Outcomes(checkouts []id.ID) ([]Outcome, error) {
	var rows []Outcome
	err := q.db.Raw(sqlOutcomes, checkouts).Scan(&rows).Error
	return rows, err
}

const sqlHistory = `SELECT * FROM (
		SELECT r.id, r.checkout_id, r.build_id, r.test_id, r.run_test_id, r.scenario, r.lane, r.attempt, r.final, r.status,
			r.shown, r.host, r.first_error, r.first_error_line, r.duration_ms, r.finished_at,
			ROW_NUMBER() OVER (PARTITION BY r.scenario ORDER BY r.id DESC) AS place
		FROM results r WHERE r.scenario IN ? AND r.final AND r.lane = 'baseline' AND r.id <= ?
	) AS history WHERE place <= ? ORDER BY scenario, id`

// History lists the last results of some scenarios up to one result id, oldest
// first within a scenario.
func (q Query) History(scenarios []int64, upTo id.ID, limit int) (map[int64][]Result, error) {
	history := make(map[int64][]Result, len(scenarios))
	for start := 0; start < len(scenarios); start += 500 {
		var rows []Result
		part := scenarios[start:min(start+500, len(scenarios))]
		if err := q.db.Raw(sqlHistory, part, upTo, limit).Scan(&rows).Error; err != nil {
			return nil, fmt.Errorf("read history: %w", err)
		}
		for _, row := range rows {
			history[row.Scenario] = append(history[row.Scenario], row)
		}
	}
	return history, nil
}

const sqlMarkResults = `UPDATE results SET status = ? WHERE build_id = ? AND run_test_id = ? AND attempt = ?
	AND status IN ('planned', 'queued', 'running') RETURNING id, checkout_id`

// MarkResults gives the unfinished results of one run's attempt a status that
// is not final either.
func (tx *Tx) MarkResults(build, test id.ID, attempt int64, s status.Status) error {
	var marked []Result
	if err := tx.db.Raw(sqlMarkResults, s, build, test, attempt).Scan(&marked).Error; err != nil {
		return err
	}
	for _, r := range marked {
		tx.changed(ChangeCheckout, r.CheckoutID, "results", "verdict")
		tx.changed(ChangeBuild, build)
		tx.changed(ChangeResult, r.ID)
	}
	return nil
}

// ResultsOfBuild lists all attempts of a build's results.
func (q Query) ResultsOfBuild(build id.ID) ([]Result, error) {
	var rows []Result
	err := q.db.Where("build_id = ?", build).Order("id").Limit(100_000).Find(&rows).Error
	return rows, err
}

// UnfinishedOfBuild counts the results of a build that are still to come.
func (q Query) UnfinishedOfBuild(build id.ID) (int64, error) {
	var n int64
	err := q.db.Raw(`SELECT COUNT(*) FROM results WHERE build_id = ? AND status IN ('planned', 'queued', 'running')`, build).Scan(&n).Error
	return n, err
}
