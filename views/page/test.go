package page

import (
	"drover/rules/status"
	"drover/views/chart"
	"drover/views/ui"
)

// Tests is the list of test definitions.
type Tests struct {
	ui.Frame
	Data []TestRow
	ListParts
	AddWhy string // why this person cannot add a test; "" if they can
}

// TestRow is one test definition with its health.
type TestRow struct {
	Test   string           `json:"test"`
	State  status.TestState `json:"state"`
	Health Health           `json:"health"`
	// PassRate is 30 days by day.
	PassRate    []chart.Rate `json:"pass_rate"`
	Flaky       chart.Rate   `json:"flaky"` // share that passed only on retry
	RunsPerDay  float64      `json:"runs_per_day"`
	Median      ui.Seconds   `json:"duration_median"`
	P90         ui.Seconds   `json:"duration_p90"`
	Unexplained int          `json:"unexplained"`
	Owner       string       `json:"owner"`
	Arches      []string     `json:"arches"`
}

// Health is a short word on a test, with the family of its badge.
type Health struct {
	Text   string        `json:"text"` // "Healthy", "Fails on aarch64"
	Family status.Family `json:"family"`
}

// Test is one test: its health, history and where it runs.
type Test struct {
	ui.Frame
	Data TestData
	ListParts
	Actions []ui.Action
	Changes []StateChange // what else it can be
}

// TestData is /tests/{path}.json.
type TestData struct {
	Test        string           `json:"test"`
	State       status.TestState `json:"state"`
	StateSince  Time             `json:"state_since,omitzero"`
	StateBy     string           `json:"state_by"`
	Owner       ui.Person        `json:"owner"`
	Description string           `json:"description"`
	// Part names the definition this is a case of; "" for a definition itself.
	Part string `json:"part_of,omitempty"`
	// HealthText is one sentence: "Fails 3 of 40 on aarch64, 0 of 160 elsewhere".
	HealthText string        `json:"health_text"`
	Family     status.Family `json:"-"`
	Last       []chart.Cell  `json:"last"` // 60
	PassRate   []chart.Rate  `json:"pass_rate"`
	// Where it fails, the dimension that explains most first.
	Where    []Dimension  `json:"where"`
	Results  []TestResult `json:"results"`
	Settings []ui.Pair    `json:"settings"` // command, format, timeout, trees: in words
	// Command is how it is run, one line each.
	Command []string `json:"command"`
	// NextRun says when an unused test may run: "every checkout of net-next".
	NextRun   string    `json:"next_run"`
	Promotion Promotion `json:"promotion"`
}

// Dimension is one way to split the results of a test.
type Dimension struct {
	Name string      `json:"name"` // "arch", "host", "tree"
	Rows []FailShare `json:"rows"`
}

// FailShare is how often a test failed in one place.
type FailShare struct {
	Name   string `json:"name"`
	Failed int    `json:"failed"`
	Total  int    `json:"total"`
}

// TestResult is a result in the history of a test.
type TestResult struct {
	Result
	Checkout ui.Revision `json:"checkout"`
	Started  Time        `json:"started"`
}

// TestHistory is the table of all results of a test, with every filter.
type TestHistory struct {
	ui.Frame
	Test string // its path
	Data []TestResult
	ListParts
}
