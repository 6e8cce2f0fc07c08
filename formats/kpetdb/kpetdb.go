// Package kpetdb reads the databases of kpet, which chooses kernel tests for
// CKI, and makes targeting.Definitions of them.
//
// Both layouts are read: index.yaml with a list of suites that hold cases, and
// one tree of cases within cases. It is pure: the caller gives the folder. It
// must not change what a database means without saying so: what cannot be said
// here is a Problem. `drover import kpet` and `drover select` call it.
//
// The format is described by kpet's own documentation and its schema; nothing
// of its code is used.
package kpetdb

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"drover/rules/targeting"
)

// Bounds of a database.
const (
	maxFile  = 8 << 20 // bytes of one file
	maxTotal = 64 << 20
	maxFiles = 10_000
	maxNodes = 3_000_000 // of YAML, each counted as often as an alias repeats it
	maxCases = 200_000
	maxDepth = 24 // of cases in cases, and of patterns; a Condition has room for some more
)

// Database is what a database says.
type Database struct {
	Arches     []string
	Trees      []string
	Components []string
	Sets       []string
	HostTypes  []string // in the order of the file, in which they are tried
	Tests      []Test
}

// Test is a case without further cases, with all that those above it say.
type Test struct {
	Name         string // "suite - case"
	When         targeting.Condition
	Sets         []string
	HighCost     bool
	Waived       bool                 // always
	WaivedWhen   *targeting.Condition // where that depends on the target
	UniversalID  string
	Origin       string
	Location     string
	Maintainers  []string
	MaxDuration  time.Duration
	Role         string
	Environment  map[string]string
	HostTypes    []string // those it may run on, the first that is free to be taken first
	HostRequires []string // texts, from the outermost case inwards
	Partitions   []string
	Kickstart    []string

	File string
	Line int
}

// Problem is something wrong, or something that cannot be said.
type Problem struct {
	File    string
	Line    int // from 1; 0: the whole file
	Message string
	// Lost tells that the database is right, and something of it is not said by
	// what was made of it. Else kpet would refuse the database too.
	Lost bool
}

func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
}

// Wrong are the problems for which kpet would refuse the database.
func Wrong(all []Problem) []Problem {
	return slices.DeleteFunc(slices.Clone(all), func(p Problem) bool { return p.Lost })
}

// Read reads a database. With problems that are not Lost, the Database holds
// what could be read. Problems are in the order of files and lines.
func Read(folder fs.FS) (Database, []Problem) {
	r := newReader(folder)
	r.index()
	r.running.Wait()
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	r.db.Tests = slices.Concat(r.tests...)
	return r.db, r.problems
}

// Definitions are the tests as targeting wants them.
func (d Database) Definitions() []targeting.Definition {
	list := make([]targeting.Definition, len(d.Tests))
	for i := range d.Tests {
		t := &d.Tests[i]
		list[i] = targeting.Definition{
			Name: t.Name, When: t.When, Sets: t.Sets, File: t.File, Place: targeting.Place{Line: t.Line, Column: 1},
		}
		if t.HighCost {
			list[i].Cost = targeting.High
		}
	}
	return list
}
