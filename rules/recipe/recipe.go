// Package recipe says how a build or a test is run, and how a person repeats
// it at home. It turns settings of a tree or a test into a Plan: steps as lists
// of arguments, never a shell text, except for Command, whose text is the
// owner's own.
//
// It is pure: it starts nothing and reads no file. jobs hands a Plan to a
// runner; the onboarding forms show what Check finds; notice and the pages
// print what Reproduce returns.
package recipe

import (
	"path"
	"strconv"
	"time"
)

// Format says how the output of a test is read.
type Format string

// The formats.
const (
	KTAP Format = "ktap" // kernel TAP: KUnit, kselftest
	TAP  Format = "tap"
	Exit Format = "exit" // only the exit code counts: 0 pass, 4 skip, else fail
	None Format = ""     // a build: its steps succeed or not
)

// Place is where a plan will run. Both folders are absolute paths as the steps
// see them; Source holds the checked out tree, Output is empty at first.
type Place struct {
	Source string
	Output string
	Ccache bool // ccache stands before the compilers
	Jobs   int  // parallel compile jobs when the settings do not say, at least 1
}

// Step is one program to start. It ends the plan if it does not exit with 0.
type Step struct {
	Name string   // one word, unique in its plan: "config", "build"
	Argv []string // Argv[0] is looked up in PATH, or relative to Dir if it has a slash
	Dir  string   // absolute
	Env  []string // "NAME=value", on top of what the runner gives
}

// Keep is a file to store after the last step, whether or not it succeeded.
type Keep struct {
	Name string // what people see: "config"
	Glob string // relative to Place.Output
	Max  int64  // bytes; a larger file is not kept, and the page says so
}

// Plan is what a runner gets.
type Plan struct {
	Steps       []Step
	Keep        []Keep
	Format      Format        // how the output of the last step is read
	Timeout     time.Duration // for all steps together
	WarningsLog string        // name of the step whose output has the compiler's words, "" if none
}

// Limits of a plan's time, and what is used when the settings do not say. The
// build default leaves room for an allmodconfig on a slow machine.
const (
	MinTimeout   = time.Second
	MaxTimeout   = 24 * time.Hour
	DefaultBuild = 2 * time.Hour
	DefaultTest  = 10 * time.Minute
)

const (
	maxJobs        = 1024
	shortTextLimit = 200 // bytes of a name in the settings
	mebibyte       = 1 << 20
)

// quietEnvironment makes output the same on every machine: messages in
// English, and no name of a user or host inside the kernel.
func quietEnvironment() []string {
	return []string{"LC_ALL=C", "KBUILD_BUILD_USER=drover", "KBUILD_BUILD_HOST=drover"}
}

func (p Place) jobs(wanted int) string {
	if wanted <= 0 {
		wanted = p.Jobs
	}
	return "-j" + strconv.Itoa(max(wanted, 1))
}

// check refuses a place that would make a plan mean something else: a relative
// folder depends on where the runner stands.
func (p Place) check() Problems {
	var list Problems
	if !path.IsAbs(p.Source) || !path.IsAbs(p.Output) {
		list.add("place", "source and output must be absolute folders")
	}
	return list
}

// pick is the first of the two that is set.
func pick(wanted, otherwise time.Duration) time.Duration {
	if wanted > 0 {
		return wanted
	}
	return otherwise
}
