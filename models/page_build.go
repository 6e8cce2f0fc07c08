package models

import (
	"time"

	"drover/rules/id"
)

// BuildTally counts the final results of tests on a build that count.
type BuildTally struct {
	BuildID                 id.ID
	Passed, Failed, Planned int
}

const sqlBuildTallies = `SELECT build_id, SUM(CASE WHEN status = 'pass' THEN 1 ELSE 0 END) AS passed,
		SUM(CASE WHEN status = 'fail' THEN 1 ELSE 0 END) AS failed, COUNT(*) AS planned
	FROM results WHERE checkout_id = ? AND final AND shown <> 'trial' GROUP BY build_id ORDER BY build_id LIMIT 1000`

// BuildTallies counts, for each build of a checkout, the tests on it.
func (q Query) BuildTallies(checkout id.ID) (map[id.ID]BuildTally, error) {
	var rows []BuildTally
	if err := q.db.Raw(sqlBuildTallies, checkout).Scan(&rows).Error; err != nil {
		return nil, err
	}
	tallies := make(map[id.ID]BuildTally, len(rows))
	for _, row := range rows {
		tallies[row.BuildID] = row
	}
	return tallies, nil
}

// CellsOfBuild lists the final results of the tests on a build, by path.
func (q Query) CellsOfBuild(build id.ID, limit int) ([]Result, error) {
	var rows []Result
	err := q.db.Raw(`SELECT r.id, r.status, r.shown FROM results r JOIN tests t ON t.id = r.test_id
		WHERE r.build_id = ? AND r.final AND r.shown <> 'trial' ORDER BY t.path, r.id LIMIT ?`, build, limit).Scan(&rows).Error
	return rows, err
}

// Timing is how long one finished build or test took.
type Timing struct {
	Scenario   int64
	StartedAt  *time.Time
	FinishedAt *time.Time
}

const sqlBuildTimings = `SELECT * FROM (
		SELECT scenario, started_at, finished_at, ROW_NUMBER() OVER (PARTITION BY scenario ORDER BY id DESC) AS place
		FROM builds WHERE scenario IN ? AND status IN ('pass', 'fail') AND started_at IS NOT NULL AND finished_at IS NOT NULL
	) AS timings WHERE place <= 40 ORDER BY scenario, place`

// BuildTimings lists how long the last 40 builds of some scenarios took.
func (q Query) BuildTimings(scenarios []int64) (map[int64][]time.Duration, error) {
	timings := map[int64][]time.Duration{}
	if len(scenarios) == 0 {
		return timings, nil
	}
	var rows []Timing
	if err := q.db.Raw(sqlBuildTimings, scenarios).Scan(&rows).Error; err != nil {
		return nil, err
	}
	for _, row := range rows {
		timings[row.Scenario] = append(timings[row.Scenario], row.FinishedAt.Sub(*row.StartedAt))
	}
	return timings, nil
}

// JobsOfRun lists the jobs of a kind on a build, oldest first; of a test if
// test is not 0.
func (q Query) JobsOfRun(build id.ID, kind string, test id.ID) ([]Job, error) {
	db := q.db.Where("build_id = ? AND kind = ?", build, kind)
	if test != 0 {
		db = db.Where("test_id = ?", test)
	}
	var rows []Job
	err := db.Order("id").Limit(100).Find(&rows).Error
	return rows, err
}

// DecisionsOfJobs lists the decisions about some jobs, oldest first.
func (q Query) DecisionsOfJobs(jobs []id.ID) ([]JobDecision, error) {
	var rows []JobDecision
	if len(jobs) == 0 {
		return rows, nil
	}
	err := q.db.Where("job_id IN ?", jobs).Order("id").Limit(1000).Find(&rows).Error
	return rows, err
}

// FilesOfJobs lists the files of some jobs, by job and name.
func (q Query) FilesOfJobs(jobs []id.ID) ([]File, error) {
	var rows []File
	if len(jobs) == 0 {
		return rows, nil
	}
	err := q.db.Where("owner_kind = 'job' AND owner_id IN ?", jobs).Order("owner_id, name").Limit(1000).Find(&rows).Error
	return rows, err
}
