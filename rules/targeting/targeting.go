// Package targeting decides which tests a change runs: conditions on files,
// trees, architectures and the like are compiled into an Index once, and each
// Change is answered with a Selection that says for every test why it runs or
// not, and for every file which tests cover it.
//
// It is pure: the caller has read the definitions and listed the changed files.
// It must not know where a change comes from or what a test is. The job that
// plans a checkout calls it, the pages that preview a condition, and
// `drover select`.
//
// Values are three: true, false, and unknown for a part of the change that was
// left open. Unknown parts are dropped from and/or; a test whose condition is
// unknown as a whole runs. The rules are those of kpet, so that its databases
// can be taken over.
package targeting

// Condition says for which changes a test runs. Its keys are joined by "and";
// of the list behind a key any one is enough. The zero Condition is "always".
//
// Paths and NotPaths are patterns of whole paths: a glob, in which * stays
// within one folder, ** does not, and a / at the end stands for everything
// below; or, behind a ~, a regular expression (RE2) of the whole path. Trees,
// Arches, Configs, Components and Sets have the same patterns of whole names.
// The pattern Whole ("", null in YAML) matches a change of everything alone.
type Condition struct {
	Paths       []string // a file like one of these and like none of NotPaths
	NotPaths    []string
	Trees       []string
	Arches      []string
	Configs     []string
	Components  []string
	Sets        []string // of those that were asked for
	Subject     string   // regular expression, found anywhere in the subject of a commit
	Maintainers []string // names of sections of MAINTAINERS, for their files
	And         []Condition
	Or          []Condition
	Not         *Condition

	// Places says where in the text the keys stand; nil where there was none.
	Places Places `yaml:"-" json:"-"`
}

// Places are where the keys of a condition stand; the key "" is itself.
type Places []KeyPlace

// KeyPlace is where a key stands.
type KeyPlace struct {
	Key string
	Place
}

// At is where a key stands, the zero Place if that is not known.
func (p Places) At(key string) Place {
	for i := range p {
		if p[i].Key == key {
			return p[i].Place
		}
	}
	return Place{}
}

// Whole is the pattern that matches a change of everything alone, such as a run
// without patches. In YAML it is null.
const Whole = ""

// Cost says when a test may run besides its condition.
type Cost string

// The costs.
const (
	Normal Cost = ""
	Always Cost = "always" // runs whatever has changed: paths do not count, the other keys do
	High   Cost = "high"   // runs as Policy.HighCost says
)

// Definition is one test, as far as it matters here.
type Definition struct {
	Name string
	When Condition
	Sets []string // it belongs to; a change that asks for sets runs these alone
	Cost Cost

	File  string // that it was read from, "" if from none
	Place Place  // in File
}

// Unmatched is what runs when files have changed and no test is aimed at any.
type Unmatched string

// The policies. Tests without conditions on paths run in each of them.
const (
	UnmatchedNone Unmatched = "none" // and no others
	UnmatchedSets Unmatched = "sets" // and those of the sets that Policy names
	UnmatchedAll  Unmatched = "all"  // and all others, as if paths were left open
)

// HighCost says when tests of high cost run.
type HighCost string

// The policies for high cost.
const (
	HighTargeted HighCost = "targeted" // when a changed file asks for them
	HighNever    HighCost = "never"
	HighAlways   HighCost = "always" // as all other tests
)

// Policy is the tree's. The zero Policy is UnmatchedNone and HighTargeted.
type Policy struct {
	Unmatched Unmatched
	Sets      []string // of UnmatchedSets
	HighCost  HighCost
}
