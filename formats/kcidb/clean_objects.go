package kcidb

import (
	"math"
	"strings"

	"drover/rules/status"
)

func (c *cleaner) checkout(o Checkout) (Checkout, bool) {
	c.begin("checkout", o.ID)
	if !c.identity(&o.ID, &o.Origin) {
		return o, false
	}
	c.texts(&o.TreeName, &o.GitCommitName, &o.GitCommitMessage, &o.GitRepositoryBranch, &o.Comment)
	o.GitRepositoryURL = c.url("git_repository_url", o.GitRepositoryURL)
	if o.GitRepositoryURL != "" && !strings.HasPrefix(o.GitRepositoryURL, "https://") {
		o.GitRepositoryURL = c.drop("git_repository_url", "is not an https address")
	}
	o.GitCommitHash = c.hexadecimal("git_commit_hash", o.GitCommitHash, 40)
	o.GitCommitTags = c.list(o.GitCommitTags)
	o.PatchsetFiles = c.resources("patchset_files", o.PatchsetFiles)
	if o.PatchsetHash != nil && *o.PatchsetHash != "" {
		hash := c.hexadecimal("patchset_hash", *o.PatchsetHash, 64)
		o.PatchsetHash = &hash
		if hash == "" { // "" would claim that there are no patches
			o.PatchsetHash = nil
		}
	}
	o.MessageID = c.messageID(o.MessageID)
	c.time("start_time", &o.StartTime)
	c.time("origin_builds_finish_time", &o.OriginBuildsFinishTime)
	c.time("origin_tests_finish_time", &o.OriginTestsFinishTime)
	o.LogURL = c.url("log_url", o.LogURL)
	o.LogExcerpt = excerpt(o.LogExcerpt)
	o.Misc = c.misc("misc", o.Misc)
	return o, true
}

func (c *cleaner) build(o Build) (Build, bool) {
	c.begin("build", o.ID)
	if !c.identity(&o.ID, &o.Origin) || !c.reference("checkout_id", &o.CheckoutID, o.Origin) {
		return o, false
	}
	c.texts(&o.Comment, &o.Command, &o.Compiler, &o.ConfigName)
	c.time("start_time", &o.StartTime)
	o.Duration = c.seconds(o.Duration)
	o.Architecture = architecture(o.Architecture)
	o.InputFiles = c.resources("input_files", o.InputFiles)
	o.OutputFiles = c.resources("output_files", o.OutputFiles)
	o.ConfigURL = c.url("config_url", o.ConfigURL)
	o.LogURL = c.url("log_url", o.LogURL)
	o.LogExcerpt = excerpt(o.LogExcerpt)
	o.Status = c.status(o.Status)
	o.Misc = c.misc("misc", o.Misc)
	return o, true
}

func (c *cleaner) test(o Test) (Test, bool) {
	c.begin("test", o.ID)
	if !c.identity(&o.ID, &o.Origin) || !c.reference("build_id", &o.BuildID, o.Origin) {
		return o, false
	}
	c.texts(&o.Comment)
	if o.Environment != nil {
		o.Environment = c.environment(*o.Environment)
	}
	if o.Path != "" {
		o.Path = Path(o.Path)
	}
	o.LogURL = c.url("log_url", o.LogURL)
	o.LogExcerpt = excerpt(o.LogExcerpt)
	o.Status = c.status(o.Status)
	if o.Number != nil {
		o.Number = c.number(*o.Number)
	}
	c.time("start_time", &o.StartTime)
	o.Duration = c.seconds(o.Duration)
	o.InputFiles = c.resources("input_files", o.InputFiles)
	o.OutputFiles = c.resources("output_files", o.OutputFiles)
	o.Misc = c.misc("misc", o.Misc)
	return o, true
}

func (c *cleaner) environment(e Environment) *Environment {
	var compatible []string
	for _, s := range c.list(e.Compatible) {
		if strings.Contains(s, " ") {
			c.drop("environment.compatible", "has a space")
			continue
		}
		compatible = append(compatible, s)
	}
	e.Compatible = compatible
	c.texts(&e.Comment)
	e.Misc = c.misc("environment.misc", e.Misc)
	return &e
}

func (c *cleaner) number(n Number) *Number {
	if math.IsNaN(n.Value) || math.IsInf(n.Value, 0) {
		c.drop("number", "is not a number")
		return nil
	}
	c.texts(&n.Unit)
	if n.Prefix != "" && n.Prefix != "metric" && n.Prefix != "binary" {
		n.Prefix = c.drop("number.prefix", "is neither metric nor binary")
	}
	return &n
}

func (c *cleaner) issue(o Issue) (Issue, bool) {
	c.begin("issue", o.ID)
	if !c.identity(&o.ID, &o.Origin) || !c.notNegative("version", o.Version) {
		return o, false
	}
	var categories []string
	for _, category := range c.list(o.Categories) {
		categories = append(categories, Path(category))
	}
	o.Categories = categories
	c.texts(&o.ReportSubject, &o.Comment)
	o.ReportURL = c.url("report_url", o.ReportURL)
	o.Misc = c.misc("misc", o.Misc)
	return o, true
}

func (c *cleaner) incident(o Incident) (Incident, bool) {
	c.begin("incident", o.ID)
	if !c.identity(&o.ID, &o.Origin) || !c.reference("issue_id", &o.IssueID, o.Origin) ||
		!c.notNegative("issue_version", o.IssueVersion) {
		return o, false
	}
	if o.BuildID != "" && !c.reference("build_id", &o.BuildID, o.Origin) ||
		o.TestID != "" && !c.reference("test_id", &o.TestID, o.Origin) {
		return o, false
	}
	c.texts(&o.Comment)
	o.Misc = c.misc("misc", o.Misc)
	return o, true
}

// status is the word of the wire; a status that this project does not know is
// said and left out.
func (c *cleaner) status(s status.Status) status.Status {
	if s != "" && !s.Known() {
		c.drop("status", "is unknown: "+text(string(s)))
	}
	return toWire(s)
}
