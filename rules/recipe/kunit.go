package recipe

import (
	"path"
	"slices"
	"time"
)

// KUnitUM runs KUnit in user mode Linux, as tools/testing/kunit/kunit.py does,
// in two halves: a build, which is a build of the checkout like any other, and
// a run of the program it made.
type KUnitUM struct {
	KUnitConfig  []string      `json:"kunitconfig,omitempty"` // files in the tree, later ones win; none is DefaultKUnitConfig
	Compiler     string        `json:"compiler,omitempty"`
	FilterGlob   string        `json:"filter_glob,omitempty"` // "suite.case" with * and ?
	Jobs         int           `json:"jobs,omitempty"`
	BuildTimeout time.Duration `json:"build_timeout,omitempty"` // 0: DefaultBuild
	Timeout      time.Duration `json:"timeout,omitempty"`       // of the run; 0: DefaultTest
}

// DefaultKUnitConfig is what kunit.py takes: the options of the architecture,
// then the default tests (UML_KCONFIG_PATH and DEFAULT_KUNITCONFIG_PATH of
// tools/testing/kunit/kunit_kernel.py, v5.18 and later). An older tree has to
// name its own files, such as arch/um/configs/kunit_defconfig.
func DefaultKUnitConfig() []string {
	return []string{
		"tools/testing/kunit/configs/arch_uml.config",
		"tools/testing/kunit/configs/default.config",
	}
}

// Definition is a test as Drover itself defines it.
type Definition struct {
	TestSettings
	Path        string
	Description string
	EachCase    bool // every case is a result of its own
}

// KUnitTest is the test that every tree with KUnit runs: all suites that its
// configuration has, in one run. The time is for a tree with every suite on a
// machine that has other work.
func KUnitTest() Definition {
	return Definition{
		TestSettings: TestSettings{Name: NameKUnitUM, Format: KTAP, Timeout: 30 * time.Minute},
		Path:         "kunit",
		Description:  "All KUnit tests that the tree's configuration has, in User Mode Linux.",
		EachCase:     true,
	}
}

// umlArguments are the parameters of the kernel, from LinuxSourceTreeOperationsUml.start
// and run_kernel of kunit_kernel.py. Without kunit.enable a kernel of v6.0 or
// later built with the tests does not run them; older ones ignore it.
func (k KUnitUM) umlArguments() []string {
	list := []string{"mem=1G", "console=tty", "kunit_shutdown=halt", "kunit.enable=1"}
	if k.FilterGlob != "" {
		list = append(list, "kunit.filter_glob="+k.FilterGlob)
	}
	return list
}

// Check returns Problems, or nil.
func (k KUnitUM) Check() error { return k.problems().err() }

func (k KUnitUM) problems() Problems {
	var list Problems
	list.files("kunitconfig", k.KUnitConfig)
	list.compiler(k.Compiler)
	if k.FilterGlob != "" && (!globPattern.MatchString(k.FilterGlob) || len(k.FilterGlob) > shortTextLimit) {
		list.add("filter_glob", "name suites and cases such as list-kunit-test or ext4*.*, without spaces, or leave it empty for all")
	}
	list.jobs(k.Jobs)
	list.timeout("build_timeout", k.BuildTimeout)
	list.timeout("timeout", k.Timeout)
	return list
}

// BuildPlan makes the program "linux".
func (k KUnitUM) BuildPlan(p Place) (Plan, error) {
	if err := append(k.problems(), p.check()...).err(); err != nil {
		return Plan{}, err
	}
	return k.kbuild().Plan(p)
}

// RunPlan runs it; its output is KTAP among the kernel's other messages. The
// output folder must hold "linux" from the build.
func (k KUnitUM) RunPlan(p Place) (Plan, error) {
	if err := append(k.problems(), p.check()...).err(); err != nil {
		return Plan{}, err
	}
	return Plan{
		Steps: []Step{{
			Name: "run",
			Argv: append([]string{path.Join(p.Output, "linux")}, k.umlArguments()...),
			Dir:  p.Output,
		}},
		Format:  KTAP,
		Timeout: pick(k.Timeout, DefaultTest),
	}, nil
}

// kbuild is the build as an ordinary one.
func (k KUnitUM) kbuild() KBuild {
	files := slices.Clone(k.KUnitConfig)
	if len(files) == 0 {
		files = DefaultKUnitConfig()
	}
	return KBuild{
		Arch:          "um",
		Compiler:      k.Compiler,
		Fragments:     files,
		onlyFragments: true,
		Targets:       []string{"linux"},
		Jobs:          k.Jobs,
		Timeout:       k.BuildTimeout,
	}
}
