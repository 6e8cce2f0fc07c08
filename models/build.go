package models

import (
	"time"

	"drover/rules/feed"
	"drover/rules/id"
	"drover/rules/status"
)

// Build is one compile of a checkout.
type Build struct {
	ID              id.ID
	CheckoutID      id.ID
	TreeBuildID     id.ID
	Arch            string
	Config          string
	Compiler        string
	CompilerVersion string // as it names itself, "" while unknown
	Recipe          string
	Settings        string // JSON of the recipe's settings, as planned
	Scenario        int64  // tree branch × arch × config × compiler
	Status          status.Status
	Shown           status.Shown
	Attempt         int64
	Reason          string
	FirstError      string
	FirstErrorLine  int64 // in build.log, from 1; 0 if none
	Warnings        int64
	BaseStatus      status.Status
	BaseCheckoutID  *id.ID
	FailingFor      int64 // checkouts in a row, this one included
	Released        bool  // its work tree has been given back
	StartedAt       *time.Time
	FinishedAt      *time.Time
}

// Label names the configuration: "x86_64 / defconfig / gcc".
func (b Build) Label() string {
	label := b.Arch + " / " + b.Config
	if b.Compiler != "" {
		label += " / " + b.Compiler
	}
	return label
}

// Build reads a build.
func (q Query) Build(build id.ID) (Build, error) { return take[Build](q.db, "id = ?", build) }

// Builds lists the builds of a checkout.
func (q Query) Builds(checkout id.ID) ([]Build, error) {
	var rows []Build
	err := q.db.Where("checkout_id = ?", checkout).Order("arch, config, compiler").Limit(1000).Find(&rows).Error
	return rows, err
}

// BuildsOf lists the builds of several checkouts.
func (q Query) BuildsOf(checkouts []id.ID) ([]Build, error) {
	var rows []Build
	err := q.db.Where("checkout_id IN ?", checkouts).Order("id").Limit(10_000).Find(&rows).Error
	return rows, err
}

// AddBuilds stores planned builds and gives them their ids.
func (tx *Tx) AddBuilds(rows []Build) error {
	ids, err := tx.IDs(len(rows))
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].ID = ids[i]
		tx.changed(ChangeCheckout, rows[i].CheckoutID, "builds", "head")
	}
	return insert(tx.db, rows)
}

// SetBuild stores where a build is in its life and what came of it.
func (tx *Tx) SetBuild(b Build) error {
	tx.buildChanged(b)
	if b.Status.Final() {
		tx.happened(FeedEvent{Kind: feed.BuildEnded, ObjectID: b.ID, CheckoutID: b.CheckoutID, Detail: string(b.Status)})
	}
	return tx.db.Model(&Build{}).Where("id = ?", b.ID).Updates(map[string]any{
		"status": b.Status, "attempt": b.Attempt, "reason": b.Reason, "compiler_version": b.CompilerVersion,
		"first_error": b.FirstError, "first_error_line": b.FirstErrorLine, "warnings": b.Warnings,
		"started_at": b.StartedAt, "finished_at": b.FinishedAt,
	}).Error
}

// JudgeBuild stores what comparison said of a build.
func (tx *Tx) JudgeBuild(b Build) error {
	tx.buildChanged(b)
	return tx.db.Model(&Build{}).Where("id = ?", b.ID).Updates(map[string]any{
		"shown": b.Shown, "base_status": b.BaseStatus, "base_checkout_id": b.BaseCheckoutID, "failing_for": b.FailingFor,
	}).Error
}

func (tx *Tx) buildChanged(b Build) {
	tx.changed(ChangeBuild, b.ID)
	tx.changed(ChangeCheckout, b.CheckoutID, "builds")
}

// ReleaseBuild notes that a build's work tree is gone.
func (tx *Tx) ReleaseBuild(build id.ID) error {
	return tx.db.Model(&Build{}).Where("id = ?", build).Update("released", true).Error
}
