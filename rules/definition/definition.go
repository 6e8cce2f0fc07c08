// Package definition says what a test is, in full: what it runs, for which
// changes, on which hosts, who looks after it, and how much it counts. The same
// checks hold for the forms of the site and for YAML files that a team keeps in
// git.
//
// It is pure: models stores definitions, the server and `drover apply` read
// them from people, jobs hands what they choose to rules/targeting.
package definition

import (
	"time"

	"drover/formats/strictyaml"
	"drover/formats/treefile"
	"drover/rules/recipe"
	"drover/rules/status"
	"drover/rules/targeting"
)

// Test is one definition.
type Test struct {
	Name        string // slash path, unique
	Description string
	Owners      []string // "Name <address>" or an address; the first is asked first
	State       status.TestState
	Quarantine  Quarantine // of a test in that state
	Sets        []string
	Trees       []string // that run it
	When        targeting.Condition
	Cost        targeting.Cost
	Recipe      string // command or kunit-um
	Command     string
	Code        []string // paths in the tree where its code lives
	Format      recipe.Format
	EachCase    bool // every case is a result of its own
	Timeout     time.Duration
	HostType    string // name of a kind of machines; "" for any
	HostNeeds   string // what a host must have, in the words of its lab

	// Edition is the one that a file was written on, 0 if it does not say.
	Edition int64

	// Places says where in the text the keys stand, "" is the name; nil where
	// it was not read from a text. File is the name of the text.
	Places map[string]strictyaml.Place
	File   string
}

// Place is where a key stands, or its test where the key does not.
func (t Test) Place(key string) strictyaml.Place {
	if place, known := t.Places[key]; known {
		return place
	}
	return t.Places[""]
}

// Quarantine says why results of a test do not count for a while.
type Quarantine struct {
	Issue string    // number or address
	Until time.Time // UTC day
}

// Set is a named group of tests.
type Set struct {
	Name        string
	Description string
	Includes    []string // other sets, whose tests belong to it too

	// Place is where it stands in the text called File.
	Place strictyaml.Place
	File  string
}

// File is what one text defines, or several.
type File struct {
	Trees []Tree
	Sets  []Set
	Tests []Test
}

// Tree is what a text says of a tree.
type Tree struct {
	treefile.File
	In string // the name of the text
}

// Settings are how the test runs.
func (t Test) Settings() recipe.TestSettings {
	return recipe.TestSettings{Name: t.Recipe, Command: t.Command, Format: t.Format, Timeout: t.Timeout, Code: t.Code}
}

// RunsOtherwise tells whether two definitions of one test run something
// different, so that their results should not be compared without saying so.
func RunsOtherwise(before, after Test) bool {
	return before.Recipe != after.Recipe || before.Command != after.Command || before.Format != after.Format ||
		before.EachCase != after.EachCase || before.HostType != after.HostType || before.HostNeeds != after.HostNeeds
}

// Difference is one key of two definitions.
type Difference struct {
	Key    string `json:"key"`
	Before string `json:"before"` // "" where it is not set
	After  string `json:"after"`
}

// Differences lists the keys in which two definitions differ, in the order in
// which they are written.
func Differences(before, after Test) []Difference {
	var list []Difference
	for _, k := range testKeys {
		list = append(list, Difference{k.name, k.text(before), k.text(after)})
	}
	return unlike(list)
}

// ByName finds a test of a file; nil if it has none of that name.
func (f File) ByName(name string) *Test {
	for i := range f.Tests {
		if f.Tests[i].Name == name {
			return &f.Tests[i]
		}
	}
	return nil
}

// Targeting is what chooses the tests, for rules/targeting.
func (f File) Targeting() []targeting.Definition {
	list := make([]targeting.Definition, len(f.Tests))
	for i, t := range f.Tests {
		list[i] = targeting.Definition{Name: t.Name, When: t.When, Sets: AllSets(t.Sets, f.Sets), Cost: t.Cost, File: t.File, Place: t.Place("")}
	}
	return list
}
