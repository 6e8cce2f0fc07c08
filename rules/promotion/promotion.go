// Package promotion says whether a test has proved enough to count more than it
// does, and whether one that counts has become too flaky to go on.
//
// It is pure: models counts what a test did, the page of the test shows every
// condition with what is needed and what there is, and the server refuses a
// promotion with the same words.
package promotion

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"drover/rules/status"
)

// Needed are the numbers of a promotion to reporting.
type Needed struct {
	InARow     int     // passes in a row, on each arch
	Hosts      int     // different hosts that it passed on, on each arch
	InfraShare float64 // of its runs, that could not run or gave no result; less than this
}

// Default is what a tree needs unless its settings say otherwise.
var Default = Needed{InARow: 20, Hosts: 1, InfraShare: 0.05}

// Arch is what a test did on one arch since it is in trial.
type Arch struct {
	Name   string
	InARow int // newest passes before the last failure
	Hosts  int // different hosts that it passed on
}

// Record is what a test did since it is in trial.
type Record struct {
	Arches      []Arch
	Runs        int // finished, those that could not run too
	Infra       int // of them, those that could not run or gave no result
	P90         time.Duration
	Limit       time.Duration // of its running time
	Unexplained int           // failures that no known issue explains
}

// Condition is one line of the box on the page of a test.
type Condition struct {
	Text   string `json:"text"`   // "passes in a row, per arch"
	Needed string `json:"needed"` // "20"
	Have   string `json:"have"`   // "x86_64 20, aarch64 14"
	Met    bool   `json:"met"`
	Lacks  string `json:"lacks"` // what is still to come: "aarch64 needs 6 more passes"; counts unless met
}

// Conditions lists what a promotion to reporting needs and what there is.
func Conditions(n Needed, r Record) []Condition {
	return []Condition{inARow(n, r), hosts(n, r), infra(n, r), duration(r), unexplained(r)}
}

// Lacking says what is still to come, "" if nothing.
func Lacking(list []Condition) string {
	var parts []string
	for _, c := range list {
		if !c.Met && !slices.Contains(parts, c.Lacks) {
			parts = append(parts, c.Lacks)
		}
	}
	return strings.Join(parts, "; ")
}

func inARow(n Needed, r Record) Condition {
	return perArch("passes in a row, per arch", n.InARow, r, [2]string{"pass", "passes"}, func(a Arch) int { return a.InARow })
}

func hosts(n Needed, r Record) Condition {
	return perArch("different hosts, per arch", n.Hosts, r, [2]string{"host", "hosts"}, func(a Arch) int { return a.Hosts })
}

// perArch is a condition that each arch has to meet; words are its unit.
func perArch(text string, needed int, r Record, words [2]string, number func(Arch) int) Condition {
	c := Condition{Text: text, Needed: fmt.Sprint(needed), Have: "no run yet", Lacks: "it has not run yet"}
	if len(r.Arches) == 0 {
		return c
	}
	var have, lacks []string
	for _, a := range r.Arches {
		have = append(have, fmt.Sprintf("%s %d", a.Name, number(a)))
		if missing := needed - number(a); missing > 0 {
			lacks = append(lacks, fmt.Sprintf("%s needs %d more %s", a.Name, missing, plural(missing, words[0], words[1])))
		}
	}
	c.Have, c.Lacks, c.Met = strings.Join(have, ", "), strings.Join(lacks, ", "), len(lacks) == 0
	return c
}

func infra(n Needed, r Record) Condition {
	c := Condition{Text: "runs that could not run", Needed: "< " + percent(n.InfraShare), Have: "no run yet", Lacks: "it has not run yet"}
	if r.Runs == 0 {
		return c
	}
	share := float64(r.Infra) / float64(r.Runs)
	c.Have, c.Met = percent(share), share < n.InfraShare
	c.Lacks = fmt.Sprintf("%d of %s could not run", r.Infra, counted(r.Runs, "run", "runs"))
	return c
}

func duration(r Record) Condition {
	c := Condition{Text: "90 % of the runs end within the limit", Needed: "yes", Have: "no run yet", Lacks: "it has not run yet"}
	if r.P90 <= 0 {
		return c
	}
	c.Met, c.Have = r.P90 < r.Limit, "yes"
	if !c.Met {
		c.Have, c.Lacks = "no", fmt.Sprintf("a tenth of its runs takes longer than %s, which is its limit", r.P90.Round(time.Second))
	}
	return c
}

func unexplained(r Record) Condition {
	return Condition{
		Text: "unexplained failures", Needed: "0", Have: fmt.Sprint(r.Unexplained), Met: r.Unexplained == 0,
		Lacks: fmt.Sprintf("%s without an explanation", counted(r.Unexplained, "failure", "failures")),
	}
}

// next are the states that a test can be set to, from each.
var next = map[status.TestState][]status.TestState{
	status.TestOff:         {status.TestTrial},
	status.TestTrial:       {status.TestReporting, status.TestOff},
	status.TestReporting:   {status.TestBlocking, status.TestTrial, status.TestQuarantined, status.TestOff},
	status.TestBlocking:    {status.TestReporting, status.TestTrial, status.TestQuarantined, status.TestOff},
	status.TestQuarantined: {status.TestReporting, status.TestTrial, status.TestOff},
}

// Next lists the states that a test can be set to, the one that counts most first.
func Next(from status.TestState) []status.TestState { return slices.Clone(next[from]) }

// Move is a change of a test's state that somebody asks for.
type Move struct {
	From, To   status.TestState
	Conditions []Condition // of a promotion out of trial
	Issue      string      // that a quarantine is for
	Until      time.Time   // when a quarantine ends
	Now        time.Time
}

// longestQuarantine keeps a test from being forgotten.
const longestQuarantine = 180 * 24 * time.Hour

// Refused says why a state cannot be set, "" if it can: the field of the form
// and a sentence.
func Refused(m Move) (field, why string) {
	switch {
	case m.From == m.To:
		return "state", fmt.Sprintf("the test is %s already", m.To)
	case !slices.Contains(next[m.From], m.To):
		return "state", fmt.Sprintf("a test that is %s cannot become %s", m.From, m.To)
	case m.From == status.TestTrial && m.To == status.TestReporting:
		if lacks := Lacking(m.Conditions); lacks != "" {
			return "state", "not yet: " + lacks
		}
	case m.To == status.TestQuarantined && strings.TrimSpace(m.Issue) == "":
		return "issue", "say which issue the quarantine is for: its number or its address"
	case m.To == status.TestQuarantined && !m.Until.After(m.Now):
		return "until", "say until when, as 2026-12-31: a quarantine ends"
	case m.To == status.TestQuarantined && m.Until.Sub(m.Now) > longestQuarantine:
		return "until", "a quarantine lasts 180 days at most: it can be set again"
	}
	return "", ""
}

func percent(share float64) string {
	if share > 0 && share < 0.1 {
		return fmt.Sprintf("%.1f %%", 100*share)
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func counted(n int, one, many string) string { return fmt.Sprintf("%d %s", n, plural(n, one, many)) }
