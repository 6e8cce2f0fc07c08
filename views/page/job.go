package page

import (
	"drover/rules/id"
	"drover/rules/status"
	"drover/views/ui"
)

// Jobs is the list of jobs: units handed to a runner.
type Jobs struct {
	ui.Frame
	Data []JobRow
	ListParts
}

// JobRow is one job.
type JobRow struct {
	ID       id.ID       `json:"id"`
	State    string      `json:"state"` // see JobState
	Kind     string      `json:"kind"`  // build, test
	What     string      `json:"what"`  // path of the test, "" of a build
	Build    id.ID       `json:"build"`
	Where    string      `json:"where"` // "aarch64 / debug / gcc-14"
	Checkout ui.Revision `json:"checkout"`
	Attempt  int         `json:"attempt"`
	Host     string      `json:"host"`
	Reason   string      `json:"reason"` // how it ended, as a sentence
	Created  Time        `json:"created"`
	Waited   ui.Seconds  `json:"waited"`   // until it started, or so far
	Duration ui.Seconds  `json:"duration"` // of the run, or so far
}

// jobStates are the colours of the states of a job.
var jobStates = map[string]status.Family{
	"waiting": status.Off, "submitted": status.Active, "running": status.Active, "ended": status.Good,
	"failed": status.Bad, "infra error": status.Infra, "cancelled": status.Off,
}

// JobState is the colour of a job's state: waiting, submitted, running, ended,
// failed, infra error or cancelled.
func JobState(state string) status.Family {
	if f, ok := jobStates[state]; ok {
		return f
	}
	return status.Off
}

// Job is one job with everything that was decided about it.
type Job struct {
	ui.Frame
	Data JobData
}

// JobData is /jobs/{id}.json.
type JobData struct {
	JobRow
	Marker    string     `json:"marker"`
	Runner    string     `json:"runner"`
	Isolation string     `json:"isolation"`
	Exit      int        `json:"exit_status"`
	Times     []JobTime  `json:"times"`
	Decisions []Decision `json:"decisions"`
	Log       string     `json:"log"`    // name of its log, "" if there is none
	Result    id.ID      `json:"result"` // whose log it is, of a test; zero of a build
	Files     []ui.File  `json:"files"`
}

// JobTime is a moment in the life of a job.
type JobTime struct {
	What string     `json:"what"`
	When Time       `json:"when"`
	Took ui.Seconds `json:"took"` // since the moment before
}

// Decision is what was decided about a job, and because of what.
type Decision struct {
	When   Time       `json:"when"`
	Rule   string     `json:"rule"`
	Action string     `json:"action"`
	Why    string     `json:"why"`
	Line   string     `json:"line"` // of the log, "" if none caused it
	After  ui.Seconds `json:"after"`
}
