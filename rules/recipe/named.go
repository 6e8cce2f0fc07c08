package recipe

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Names of recipes, as trees and tests store them beside their settings.
const (
	NameKBuild  = "kbuild"
	NameKUnitUM = "kunit-um"
	NameCommand = "command"
)

// Builds are the recipes that a tree can be built with; Tests are those that a
// test can be run with.
var (
	Builds = []string{NameKBuild, NameKUnitUM, NameCommand}
	Tests  = []string{NameCommand, NameKUnitUM}
)

// BuildSettings are the settings of a build under the name of their recipe.
type BuildSettings struct {
	Name string
	JSON string
}

// build is a recipe that makes something.
type build interface {
	Check() error
	plan(Place) (Plan, error)
	reproduce(Source) Reproduction
}

type (
	kbuildBuild  struct{ KBuild }
	kunitBuild   struct{ KUnitUM }
	commandBuild struct{ Command }
)

func (b kbuildBuild) plan(p Place) (Plan, error)      { return b.Plan(p) }
func (b kbuildBuild) reproduce(s Source) Reproduction { return b.Reproduce(s) }
func (b kunitBuild) plan(p Place) (Plan, error)       { return b.BuildPlan(p) }
func (b kunitBuild) reproduce(s Source) Reproduction  { return b.Reproduce(s) }
func (b commandBuild) plan(p Place) (Plan, error)     { return b.Plan(p) }

// reproduce is that of a test but for what the last step is called: a test on
// this build comes after it with a title of its own.
func (b commandBuild) reproduce(s Source) Reproduction {
	found := b.Reproduce(s, nil)
	found.Steps[len(found.Steps)-1].Title = "Build"
	return found
}

func (s BuildSettings) build() (build, error) {
	var err error
	read := func(into any) {
		if err = json.Unmarshal([]byte(s.JSON), into); err != nil {
			err = fmt.Errorf("read the settings of a %s build: %w", s.Name, err)
		}
	}
	switch s.Name {
	case NameKBuild:
		var b kbuildBuild
		read(&b.KBuild)
		return b, err
	case NameKUnitUM:
		var b kunitBuild
		read(&b.KUnitUM)
		return b, err
	case NameCommand:
		var b commandBuild
		read(&b.Command)
		return b, err
	}
	return nil, fmt.Errorf("no recipe is named %q: choose one of %v", s.Name, Builds)
}

// Check says what is wrong with the settings, or nil.
func (s BuildSettings) Check() error {
	b, err := s.build()
	if err != nil {
		return err
	}
	return b.Check()
}

// Plan makes the settings steps.
func (s BuildSettings) Plan(p Place) (Plan, error) {
	b, err := s.build()
	if err != nil {
		return Plan{}, err
	}
	return b.plan(p)
}

// Reproduce says how a person repeats the build.
func (s BuildSettings) Reproduce(source Source) (Reproduction, error) {
	b, err := s.build()
	if err != nil {
		return Reproduction{}, err
	}
	return b.reproduce(source), nil
}

// TestSettings are how a test is run on what a build made.
type TestSettings struct {
	Name    string // command or kunit-um
	Command string // for sh -c, of a command test
	Format  Format
	Timeout time.Duration
	Code    []string // paths in the tree where its code lives; none: FindCode looks
}

// Check says what is wrong with the settings, or nil.
func (t TestSettings) Check() error {
	if !slices.Contains(Tests, t.Name) {
		return Problems{{"recipe", fmt.Sprintf("no recipe is named %q: choose one of %v", t.Name, Tests)}}
	}
	list := KUnitUM{Timeout: t.Timeout}.problems()
	if t.Name == NameCommand {
		list = t.command().problems()
	}
	list.codePaths(t.Code)
	return list.err()
}

func (t TestSettings) command() Command {
	return Command{Command: t.Command, Format: t.Format, Timeout: t.Timeout}
}

// Plan makes the test steps. KUnit tests take their settings from the build.
func (t TestSettings) Plan(on BuildSettings, p Place) (Plan, error) {
	if t.Name != NameKUnitUM {
		return t.command().Plan(p)
	}
	b, err := on.build()
	if err != nil {
		return Plan{}, err
	}
	kunit, ok := b.(kunitBuild)
	if !ok {
		return Plan{}, fmt.Errorf("a kunit-um test needs a kunit-um build, this one is %s", on.Name)
	}
	kunit.Timeout = t.Timeout
	return kunit.RunPlan(p)
}

// Reproduce says how a person repeats the test on its build.
func (t TestSettings) Reproduce(on BuildSettings, source Source) (Reproduction, error) {
	b, err := on.build()
	if err != nil {
		return Reproduction{}, err
	}
	switch b := b.(type) {
	case kunitBuild:
		if t.Name == NameKUnitUM {
			return b.reproduce(source), nil
		}
	case kbuildBuild:
		return t.command().Reproduce(source, &b.KBuild), nil
	}
	found := b.reproduce(source)
	test := t.command().Reproduce(source, nil)
	found.Steps = append(found.Steps, test.Steps[len(test.Steps)-1])
	return found, nil
}
