package models

import "time"

// BuildTime is how long one build took that passed.
type BuildTime struct {
	Arch, Config string
	StartedAt    time.Time
	FinishedAt   time.Time
}

const sqlBuildTimes = `SELECT arch, config, started_at, finished_at FROM builds
	WHERE status = 'pass' AND started_at IS NOT NULL AND finished_at IS NOT NULL ORDER BY id DESC LIMIT ?`

// BuildTimes lists how long the newest builds took that passed.
func (q Query) BuildTimes(limit int) ([]BuildTime, error) {
	var rows []BuildTime
	err := q.db.Raw(sqlBuildTimes, limit).Scan(&rows).Error
	return rows, err
}
