package kcidb

import (
	"time"

	"drover/rules/status"
)

// The fields below have the names and meanings of the schema. Zero values are
// absent in the document, pointers tell absent from false, zero and "". An ID
// without "origin:" before it gets the origin of its object.

// Checkout is one state of the source.
type Checkout struct {
	ID                     string         `json:"id"`
	Origin                 string         `json:"origin"`
	TreeName               string         `json:"tree_name,omitempty"`
	GitRepositoryURL       string         `json:"git_repository_url,omitempty"` // https only
	GitCommitHash          string         `json:"git_commit_hash,omitempty"`    // 40 hex digits
	GitCommitName          string         `json:"git_commit_name,omitempty"`    // git describe
	GitCommitTags          []string       `json:"git_commit_tags,omitempty"`
	GitCommitMessage       string         `json:"git_commit_message,omitempty"`
	GitRepositoryBranch    string         `json:"git_repository_branch,omitempty"`
	GitRepositoryBranchTip *bool          `json:"git_repository_branch_tip,omitempty"`
	PatchsetFiles          []Resource     `json:"patchset_files,omitempty"` // in order of application
	PatchsetHash           *string        `json:"patchset_hash,omitempty"`  // "" for no patches; PatchsetHash makes it
	MessageID              string         `json:"message_id,omitempty"`
	Comment                string         `json:"comment,omitempty"`
	StartTime              time.Time      `json:"start_time,omitzero"`
	OriginBuildsFinishTime time.Time      `json:"origin_builds_finish_time,omitzero"` // no more builds come
	OriginTestsFinishTime  time.Time      `json:"origin_tests_finish_time,omitzero"`
	LogURL                 string         `json:"log_url,omitempty"`
	LogExcerpt             string         `json:"log_excerpt,omitempty"`
	Valid                  *bool          `json:"valid,omitempty"` // checkout and patching worked
	Misc                   map[string]any `json:"misc,omitempty"`
}

// Build is a build of a checkout.
type Build struct {
	ID           string         `json:"id"`
	Origin       string         `json:"origin"`
	CheckoutID   string         `json:"checkout_id"`
	Comment      string         `json:"comment,omitempty"`
	StartTime    time.Time      `json:"start_time,omitzero"`
	Duration     *float64       `json:"duration,omitempty"` // seconds
	Architecture string         `json:"architecture,omitempty"`
	Command      string         `json:"command,omitempty"`
	Compiler     string         `json:"compiler,omitempty"`
	InputFiles   []Resource     `json:"input_files,omitempty"`
	OutputFiles  []Resource     `json:"output_files,omitempty"`
	ConfigName   string         `json:"config_name,omitempty"`
	ConfigURL    string         `json:"config_url,omitempty"`
	LogURL       string         `json:"log_url,omitempty"`
	LogExcerpt   string         `json:"log_excerpt,omitempty"`
	Status       status.Status  `json:"status,omitempty"`
	Misc         map[string]any `json:"misc,omitempty"`
}

// Test is one run of a test on a build.
type Test struct {
	ID          string         `json:"id"`
	Origin      string         `json:"origin"`
	BuildID     string         `json:"build_id"`
	Environment *Environment   `json:"environment,omitempty"`
	Path        string         `json:"path,omitempty"` // dotted; Path and PathOf make it
	Comment     string         `json:"comment,omitempty"`
	LogURL      string         `json:"log_url,omitempty"`
	LogExcerpt  string         `json:"log_excerpt,omitempty"`
	Status      status.Status  `json:"status,omitempty"`
	Number      *Number        `json:"number,omitempty"`
	StartTime   time.Time      `json:"start_time,omitzero"`
	Duration    *float64       `json:"duration,omitempty"` // seconds
	InputFiles  []Resource     `json:"input_files,omitempty"`
	OutputFiles []Resource     `json:"output_files,omitempty"`
	Misc        map[string]any `json:"misc,omitempty"`
}

// Environment is where a test ran.
type Environment struct {
	Compatible []string       `json:"compatible,omitempty"` // device tree
	Comment    string         `json:"comment,omitempty"`
	Misc       map[string]any `json:"misc,omitempty"`
}

// Number is what a test measured.
type Number struct {
	Value  float64 `json:"value"`
	Unit   string  `json:"unit,omitempty"`
	Prefix string  `json:"prefix,omitempty"` // "metric", "binary" or none
}

// Issue is a cause that many failures may have. Its key is ID and Version.
type Issue struct {
	ID            string         `json:"id"`
	Origin        string         `json:"origin"`
	Version       int64          `json:"version"` // the largest is valid
	Categories    []string       `json:"categories,omitempty"`
	ReportURL     string         `json:"report_url,omitempty"`
	ReportSubject string         `json:"report_subject,omitempty"`
	Culprit       *Culprit       `json:"culprit,omitempty"`
	Comment       string         `json:"comment,omitempty"`
	Misc          map[string]any `json:"misc,omitempty"`
}

// Culprit tells which layers are to blame; nil is not known.
type Culprit struct {
	Code    *bool `json:"code,omitempty"`
	Tool    *bool `json:"tool,omitempty"`
	Harness *bool `json:"harness,omitempty"`
}

// Incident says that an issue was seen, or was not, in a build or a test.
type Incident struct {
	ID           string         `json:"id"`
	Origin       string         `json:"origin"`
	IssueID      string         `json:"issue_id"`
	IssueVersion int64          `json:"issue_version"`
	BuildID      string         `json:"build_id,omitempty"`
	TestID       string         `json:"test_id,omitempty"`
	Present      *bool          `json:"present,omitempty"`
	Comment      string         `json:"comment,omitempty"`
	Misc         map[string]any `json:"misc,omitempty"`
}

// Resource is a file to fetch.
type Resource struct {
	Name string `json:"name"` // without "/"
	URL  string `json:"url"`
}
