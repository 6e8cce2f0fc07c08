// Package sampletree is the sample tree of Drover: a git history of eight
// commits, shaped like a kernel tree, that builds in about a second with plain
// make and cc. An empty installation makes a repository of it, so that a
// newcomer sees a new failure, a flake, an infrastructure error, a fix and a
// broken build on real runs.
//
// The package is content: the commits with what each is expected to show, the
// tests and the build. It calls no git, writes no file and imports nothing of
// Drover. The job that adds the sample tree calls it.
package sampletree

import (
	"embed"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
)

// One directory per commit, with the files that the commit adds or changes.
//
//go:embed all:tree
var trees embed.FS

// Commit is one commit of the history, on top of the one before it.
type Commit struct {
	Subject string
	Body    string // without the subject; ends with the sign-off and a line feed
	Author  string // "Name <mailbox@example.org>"

	// Files holds the whole content of each added or changed file, by slash
	// separated path. No file needs to be executable.
	Files   map[string]string
	Deleted []string // paths

	Expect Expectation
}

// Expectation is what Drover has to find out about a commit when each test that
// did not pass is tried twice. The counts are of the tests of Tests, not of
// their cases; a test is counted once, but for Passed.
type Expectation struct {
	Verdict      string // "ok", "new", "broken": words of rules/status
	Passed       int    // passed in the end, with Flaky and Fixed
	New          int    // fails, and passed before
	StillFailing int    // fails, and failed before
	Flaky        int    // failed at the first attempt, passed at the second
	Infra        int    // could not run, at both attempts
	Fixed        int    // passes, and failed before
	Skipped      int    // ran, and skipped all of its cases
}

// Commits returns the history, oldest first. The first commit has the whole
// tree.
func Commits() []Commit {
	commits := make([]Commit, 0, len(history))
	for _, entry := range history {
		entry.commit.Files = filesOf("tree/" + entry.directory)
		commits = append(commits, entry.commit)
	}
	return commits
}

// filesOf reads an embedded directory. What is embedded can be read, unless the
// table names a directory that is not there: a mistake no caller can handle.
func filesOf(directory string) map[string]string {
	files := map[string]string{}
	err := fs.WalkDir(trees, directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := trees.ReadFile(path)
		files[strings.TrimPrefix(path, directory+"/")] = string(content)
		return err
	})
	if err != nil {
		panic(fmt.Sprintf("sample tree: read %s: %v", directory, err))
	}
	return files
}

// Recipe is one way to build the tree.
type Recipe struct {
	Arch         string   // in the words of KCIDB: "x86_64"
	Config       string   // the configuration's name
	Compiler     string   // for display and scenario; the Makefile calls cc
	ConfigTarget string   // for "make ConfigTarget", run first
	Targets      []string // for "make -jN Targets...", run second
}

// Build returns the one build of the tree. The architecture is that of this
// machine, as what is built runs right away.
func Build() Recipe {
	return Recipe{
		Arch:         archOf(runtime.GOARCH),
		Config:       "sample_defconfig",
		Compiler:     "gcc",
		ConfigTarget: "sample_defconfig",
		Targets:      []string{"vmlinux", "tests"},
	}
}

// archOf translates Go's word for an architecture to the kernel's machine name.
func archOf(goarch string) string {
	switch goarch {
	case "amd64":
		return "x86_64"
	case "arm64":
		return "aarch64"
	case "386":
		return "i386"
	}
	return goarch // ppc64le, s390x, riscv64: the same word
}

// Test is one test of the tree. It runs in the top directory of the built tree,
// which may be read-only, and writes only to the directory $DROVER_OUT. It
// reads $DROVER_ATTEMPT: "1" for the first try, "2" for the retry. It needs no
// network.
type Test struct {
	Name           string   // a path: "lib/ring"
	Command        string   // for sh -c
	Code           []string // files of the tree that are the test
	Format         string   // of standard output: "ktap"
	TimeoutSeconds int
}

// Tests returns the tests in the order of their names. All of them are there
// from the first commit on.
func Tests() []Test {
	tests := make([]Test, 0, len(programs))
	for _, test := range programs {
		tests = append(tests, Test{
			Name:    test.name,
			Command: "sh tools/testing/run.sh " + test.name,
			Code:    []string{test.source},
			Format:  "ktap",
			// A hundred times what the slowest takes: a busy machine is no failure.
			TimeoutSeconds: 30,
		})
	}
	return tests
}

// programs are the tests, each with the source of what run.sh runs for it. The
// same list is in tools/testing/run.sh.
var programs = []struct{ name, source string }{
	{"fs/exfs", "tools/testing/exfs.sh"},
	{"kernel/boot", "tools/testing/boot.sh"},
	{"kernel/timers", "kernel/timers_test.c"},
	{"lib/bitmap", "lib/bitmap_test.c"},
	{"lib/cmdline", "lib/cmdline_test.c"},
	{"lib/crc32", "lib/crc32_test.c"},
	{"lib/list", "lib/list_test.c"},
	{"lib/ring", "lib/ring_test.c"},
	{"lib/stringhash", "lib/stringhash_test.c"},
	{"mm/lru", "mm/lru_test.c"},
	{"mm/slab", "mm/slab_test.c"},
	{"mm/slab-debug", "mm/slab_debug_test.c"},
	{"mm/slab-trace", "mm/slab_trace_test.c"},
	{"net/exring", "drivers/net/exring/exring_test.c"},
	{"tools/maintainers", "tools/testing/maintainers.sh"},
}
