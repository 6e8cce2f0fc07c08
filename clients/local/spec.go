package local

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Spec is one job. It is stored as JSON in the job's folder.
type Spec struct {
	Marker  string   // names the job, unique: [a-z0-9][a-z0-9._-]{0,63}
	Source  *Source  `json:",omitempty"` // what is checked out at /work/src; nil: an empty folder
	From    string   `json:",omitempty"` // marker of a finished job whose tree is read-only at /work/src, its output at /work/build
	Steps   []Step   // run in order, each in its own sandbox, the first failure is the last step
	Env     []string `json:",omitempty"` // NAME=value, added to a clean environment
	Keep    []Keep   `json:",omitempty"`
	Limits  Limits
	CCache  string `json:",omitempty"` // key of a compiler cache at /ccache; empty: none
	Network bool   `json:",omitempty"` // may reach the network of the machine
	Trusted bool   `json:",omitempty"` // may run on a machine that cannot isolate, there with all rights of this process
}

// Source is a commit of a bare repository on this machine.
type Source struct {
	Mirror string // absolute path of the bare repository, only read
	Commit string // 40 or 64 hexadecimal digits
	Warm   string `json:",omitempty"` // key of a tree to start from, see Runner.Warm
}

// Step is one command.
type Step struct {
	Name string   // shown in the log
	Argv []string // looked up in PATH; paths below /work are the same in every job
	Dir  string   `json:",omitempty"` // relative to /work/src
	Env  []string `json:",omitempty"`
}

// Keep names files that are copied out of the tree after the last step.
type Keep struct {
	Name string // name under which it is kept; a name that ends in / keeps all matches below it
	Glob string // as path.Match, relative to /work/src, or absolute below /work/src or /work/out
	Max  int64  // bytes of one file; 0: a default. Larger files are named but not kept
}

// Limits bound a job. Zero means the runner's default.
type Limits struct {
	Time      time.Duration // of all steps together, preparation included
	Output    int64         // bytes of the log
	Disk      int64         // bytes of the job's tree, output and home, and of what the compiler cache grows by
	Memory    int64         // bytes, with files in /tmp and /dev/shm
	Processes int           // processes and threads
}

var standardLimits = Limits{
	Time: 4 * time.Hour, Output: 64 << 20, Disk: 20 << 30, Memory: 4 << 30, Processes: 4096,
}

const (
	// mostKept is the default bound of one kept file.
	mostKept = 256 << 20
	// mostMatches bounds the files one Keep can bring.
	mostMatches = 1000
	// sourceStep names the log section in which the tree is checked out.
	sourceStep = "source"
)

var (
	markerShape = shape{64, regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)}
	keyShape    = shape{128, regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)}
	commitShape = shape{64, regexp.MustCompile(`^[0-9a-f]+$`)}
	stepShape   = shape{64, regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/+-]*$`)}
	envShape    = shape{1 << 20, regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=[^\x00]*$`)}
)

// shape is a form with a greatest length, in bytes. The length stands beside
// the expression since a counted repetition costs a millisecond to compile, at
// every start of the program, and each job starts it twice.
type shape struct {
	most int
	form *regexp.Regexp
}

func (s shape) matches(text string) bool { return len(text) <= s.most && s.form.MatchString(text) }

func (l Limits) or(standard Limits) Limits {
	if l.Time <= 0 {
		l.Time = standard.Time
	}
	if l.Output <= 0 {
		l.Output = standard.Output
	}
	if l.Disk <= 0 {
		l.Disk = standard.Disk
	}
	if l.Memory <= 0 {
		l.Memory = standard.Memory
	}
	if l.Processes <= 0 {
		l.Processes = standard.Processes
	}
	return l
}

// Validate says what is wrong with a Spec, without looking at the machine.
func (s Spec) Validate() error {
	if !markerShape.matches(s.Marker) {
		return fmt.Errorf("marker %q: want small letters, digits, dots, dashes, at most 64", s.Marker)
	}
	if s.From != "" && (s.Source != nil || !markerShape.matches(s.From) || s.From == s.Marker) {
		return fmt.Errorf("from %q: want the marker of another job, and no source", s.From)
	}
	if s.CCache != "" && !keyShape.matches(s.CCache) {
		return fmt.Errorf("key of the compiler cache %q: want letters, digits, dots, dashes", s.CCache)
	}
	if len(s.Steps) == 0 {
		return errors.New("the job has no steps")
	}
	return errors.Join(s.Source.validate(), validateSteps(s.Steps), validateEnv(s.Env), validateKeep(s.Keep))
}

func (s *Source) validate() error {
	switch {
	case s == nil:
		return nil
	case !filepath.IsAbs(s.Mirror):
		return fmt.Errorf("mirror %q: want an absolute path", s.Mirror)
	case len(s.Commit) != 40 && len(s.Commit) != 64 || !commitShape.matches(s.Commit):
		return fmt.Errorf("commit %q: want 40 hexadecimal digits", s.Commit)
	case s.Warm != "" && !keyShape.matches(s.Warm):
		return fmt.Errorf("key of the warm tree %q: want letters, digits, dots, dashes", s.Warm)
	}
	return nil
}

func validateSteps(steps []Step) error {
	for i, step := range steps {
		switch {
		case !stepShape.matches(step.Name) || step.Name == sourceStep:
			return fmt.Errorf("step %d: the name %q is not usable", i, step.Name)
		case len(step.Argv) == 0 || step.Argv[0] == "":
			return fmt.Errorf("step %s: there is no command", step.Name)
		case step.Dir != "" && !filepath.IsLocal(step.Dir):
			return fmt.Errorf("step %s: the folder %q leaves the tree", step.Name, step.Dir)
		case slices.ContainsFunc(step.Argv, hasZero):
			return fmt.Errorf("step %s: the command has a zero byte", step.Name)
		}
		if err := validateEnv(step.Env); err != nil {
			return fmt.Errorf("step %s: %w", step.Name, err)
		}
	}
	return nil
}

func hasZero(word string) bool { return strings.ContainsRune(word, 0) }

func validateEnv(env []string) error {
	for _, pair := range env {
		if !envShape.matches(pair) {
			return fmt.Errorf("environment %q: want NAME=value", pair)
		}
	}
	return nil
}

func validateKeep(keep []Keep) error {
	for _, item := range keep {
		if name := strings.TrimSuffix(item.Name, "/"); !filepath.IsLocal(name) || path.Clean(name) != name || hasZero(name) {
			return fmt.Errorf("kept file %q: the name is not usable", item.Name)
		}
		if _, err := path.Match(item.Glob, ""); err != nil || item.Glob == "" || hasZero(item.Glob) {
			return fmt.Errorf("kept file %s: the pattern %q is not usable", item.Name, item.Glob)
		}
		if _, pattern := splitGlob(item.Glob); !filepath.IsLocal(pattern) {
			return fmt.Errorf("kept file %s: the pattern %q leaves the tree", item.Name, item.Glob)
		}
	}
	return nil
}

// splitGlob gives the part of the job's folder, and the pattern in it.
func splitGlob(glob string) (folder, pattern string) {
	if rest, found := strings.CutPrefix(glob, insideOut+"/"); found {
		return folderOut, rest
	}
	return folderSource, strings.TrimPrefix(glob, insideSource+"/")
}
