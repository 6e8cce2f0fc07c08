package ui

import (
	"time"

	"drover/rules/id"
	"drover/rules/notice"
	"drover/rules/status"
	"drover/views/chart"
	"drover/views/route"
)

// Revision names one checkout where another thing refers to it.
type Revision struct {
	ID       id.ID  `json:"id"`
	Tree     string `json:"tree"`
	Branch   string `json:"branch"`
	Commit   string `json:"commit"`   // full hash
	Describe string `json:"describe"` // git describe; "" if unknown
	Subject  string `json:"subject"`  // first line of the commit message
}

// Name is the describe text, or the first 12 characters of the hash.
func (r Revision) Name() string {
	if r.Describe != "" {
		return r.Describe
	}
	return notice.Short(r.Commit)
}

// Verdict is the judgement of a checkout as it was computed and stored.
type Verdict struct {
	Kind     status.Verdict `json:"verdict"`
	Sentence string         `json:"verdict_text"`
	Counts   Counts         `json:"counts"`
	// Compared is what it was compared with; nil if with nothing.
	Compared *Compared `json:"compared"`
	// Started is when the change was seen, Finished when the last result came;
	// zero while running.
	Started  time.Time `json:"started,omitzero"`
	Finished time.Time `json:"finished,omitzero"`
	// Report is the time from seeing the change to the end; 0 while running.
	Report Seconds `json:"time_to_report"`
}

// Compared is the other side of a comparison.
type Compared struct {
	Revision
	Verdict status.Verdict `json:"verdict"`
	// CommitsBack counts commits between the two; 0 if unknown.
	CommitsBack int `json:"commits_back"`
	// Why explains a choice that needs it: "not an ancestor: the branch was
	// rebased". "" for the nearest tested ancestor.
	Why string `json:"why,omitempty"`
}

// Issue is a described problem that explains failures.
type Issue struct {
	Number int    `json:"number"`
	Title  string `json:"title"`
}

// Failure is one test, or several with one signature, that fail in a checkout.
type Failure struct {
	Mark
	// Result is the one whose error and log are shown.
	Result id.ID `json:"result"`
	// Tests that fail this way, the leading one first; never empty.
	Tests     []string `json:"tests"`
	Arches    []string `json:"arches"`
	Configs   []string `json:"configs"`
	Compilers []string `json:"compilers"`
	Hosts     int      `json:"hosts"` // on how many different hosts
	// PassesOn lists where the leading test passed in the same checkout.
	PassesOn []string `json:"passes_on,omitempty"`
	// FirstError is the line that says what went wrong; "" if none was found.
	FirstError string `json:"first_error"`
	// Log is the name of the main log, Line the number of FirstError in it
	// (from 1, 0 unknown). Log is "" if there is none; LogMissing then says why.
	Log        string `json:"log"`
	Line       int    `json:"line"`
	LogMissing string `json:"log_missing,omitempty"`
	// Last holds the last 20 results of the leading test on this branch, this
	// one last.
	Last []chart.Cell `json:"last"`
	// Before says how the test did before: "passed 38 of 38 on this branch
	// since 2026-10-24".
	Before string `json:"before"`
	// Tries says how often it was tried here: "failed 2 of 2".
	Tries string `json:"tries"`
	Issue *Issue `json:"issue"`
}

// Empty is what stands where a list has no rows.
type Empty struct {
	Text   string
	Action *Link
	// Why is a second, quieter sentence.
	Why string
}

// Pager leads through a list.
type Pager struct {
	Prev, Next route.URL // "" at the ends
	Shown      int       // rows on this page
	Total      int       // rows that match
	Exact      bool      // false: about Total
}

// Filters is the form above a list; it is sent with GET to Action.
type Filters struct {
	Action route.URL
	Fields []FilterField
	Chips  []Chip
	Clear  route.URL
	// Keep are hidden keys that the form carries on: name, value, …
	Keep []string
}

// FilterField is a text field, or a choice if it has options.
type FilterField struct {
	Name, Label, Value string
	Options            []Option
	// Error says why Value was not understood; the list ignores it then.
	Error string
}

// Chip is a filter in force, with the URL that takes it away.
type Chip struct {
	Text   string
	Remove route.URL
}

// Option is one choice of a field.
type Option struct{ Value, Text, Help string }

// Column is the head of a column. Sort is the URL that sorts by it, if any;
// Sorted is "ascending", "descending" or "".
type Column struct {
	Text   string
	Number bool
	Sort   route.URL
	Sorted string
}

// FieldError is what is wrong with one field of a form.
type FieldError struct{ Field, Text string }

// Errors are all of a form; the list on top of it shows them in order.
type Errors []FieldError

// Of is the first error of a field, "" if it is fine.
func (e Errors) Of(field string) string {
	for _, f := range e {
		if f.Field == field {
			return f.Text
		}
	}
	return ""
}

// Pair is a name and its value, for facts and settings in words.
type Pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// File is a stored file of a build or result.
type File struct {
	Name string `json:"name"`
	Size int64  `json:"size"` // bytes
	Note string `json:"note,omitempty"`
}

// Reproduce tells how to see the same without our machines.
type Reproduce struct {
	Steps []ReproduceStep `json:"steps"`
	Needs []string        `json:"needs"`
	// Missing names parts that are not public.
	Missing []string `json:"missing,omitempty"`
}

// ReproduceStep is one block of commands.
type ReproduceStep struct {
	Title string   `json:"title"`
	Lines []string `json:"lines"`
}

// Event is something that happened, and why.
type Event struct {
	When time.Time `json:"when"`
	Who  string    `json:"who"`
	What string    `json:"what"`
	Why  string    `json:"why"`
}
