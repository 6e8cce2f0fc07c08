package recipe

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// said is an error as text, "" for none.
func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestBuildSettings(t *testing.T) {
	for _, one := range []struct {
		name  string
		build BuildSettings
		steps []string // of the plan
		last  string   // title of the last step of the reproduction
	}{
		{
			"kbuild", BuildSettings{NameKBuild, `{"arch":"arm64","config_target":"tinyconfig","targets":["Image"],"jobs":3}`},
			[]string{
				"config: make|O=/box/output|ARCH=arm64|tinyconfig",
				"build: make|O=/box/output|ARCH=arm64|-j3|Image",
			}, "Build",
		}, {
			"kunit-um", BuildSettings{NameKUnitUM, `{"kunitconfig":["lib/.kunitconfig"],"compiler":"clang"}`},
			[]string{
				"merge: scripts/kconfig/merge_config.sh|-m|-O|/box/output|/dev/null|lib/.kunitconfig",
				"olddefconfig: make|O=/box/output|ARCH=um|LLVM=1|olddefconfig",
				"build: make|O=/box/output|ARCH=um|LLVM=1|-j8|linux",
			}, "Run the tests",
		}, {
			"command", BuildSettings{NameCommand, `{"command":"make tools","format":"exit"}`},
			[]string{"run: sh|-c|make tools"}, "Build",
		},
	} {
		t.Run(one.name, func(t *testing.T) {
			if err := one.build.Check(); err != nil {
				t.Error(err)
			}
			plan, err := one.build.Plan(place)
			if diff := cmp.Diff(one.steps, argvs(plan)); err != nil || diff != "" {
				t.Errorf("plan: %v\n%s", err, diff)
			}
			found, err := one.build.Reproduce(netNext)
			if err != nil {
				t.Fatal(err)
			}
			if last := found.Steps[len(found.Steps)-1].Title; last != one.last {
				t.Errorf("the last step is %q, want %q", last, one.last)
			}
		})
	}
}

func TestBuildSettingsRefused(t *testing.T) {
	for _, one := range []struct {
		name  string
		build BuildSettings
		want  string
	}{
		{"no such recipe", BuildSettings{"cmake", `{}`}, `no recipe is named "cmake": choose one of [kbuild kunit-um command]`},
		{"no recipe", BuildSettings{}, `no recipe is named ""`},
		{"not JSON", BuildSettings{NameKBuild, `arch=um`}, "read the settings of a kbuild build: "},
		{"another type", BuildSettings{NameKUnitUM, `{"jobs":"many"}`}, "read the settings of a kunit-um build: "},
		{"nothing stored", BuildSettings{NameCommand, ``}, "read the settings of a command build: "},
		{"a bad field", BuildSettings{NameKBuild, `{"arch":"../um"}`}, "arch: use the kernel's name"},
		{"a bad field of KUnit", BuildSettings{NameKUnitUM, `{"filter_glob":"a b"}`}, "filter_glob: "},
		{"an empty command", BuildSettings{NameCommand, `{"format":"exit"}`}, "command: write the command"},
	} {
		t.Run(one.name, func(t *testing.T) {
			_, planned := one.build.Plan(place)
			for what, err := range map[string]error{"check": one.build.Check(), "plan": planned} {
				if !strings.Contains(said(err), one.want) {
					t.Errorf("%s says %q, want %q in it", what, said(err), one.want)
				}
			}
			if _, err := one.build.Reproduce(netNext); err == nil && strings.Contains(one.want, "recipe") {
				t.Error("it was reproduced")
			}
		})
	}
}

func TestTestSettingsCheck(t *testing.T) {
	for _, one := range []struct {
		name string
		test TestSettings
		want string
	}{
		{"a command", TestSettings{Name: NameCommand, Command: "./run.sh", Format: TAP}, ""},
		{"KUnit has no command", TestSettings{Name: NameKUnitUM}, ""},
		{"a command of nothing", TestSettings{Name: NameCommand, Format: KTAP}, "command: write the command"},
		{"a format nobody reads", TestSettings{Name: NameCommand, Command: "./run.sh", Format: "junit"}, "format: choose ktap, tap, or exit"},
		{"a kernel is no test", TestSettings{Name: NameKBuild}, `recipe: no recipe is named "kbuild": choose one of [command kunit-um]`},
		{"too long for a command", TestSettings{Name: NameCommand, Command: "true", Format: Exit, Timeout: 25 * time.Hour}, "timeout: use a time"},
		{"too long for KUnit", TestSettings{Name: NameKUnitUM, Timeout: 25 * time.Hour}, "timeout: use a time"},
	} {
		t.Run(one.name, func(t *testing.T) {
			if got := said(one.test.Check()); got != one.want && (one.want == "" || !strings.Contains(got, one.want)) {
				t.Errorf("says %q, want %q", got, one.want)
			}
		})
	}
}

// Builds that the tests below run on.
var (
	onKernel  = BuildSettings{NameKBuild, `{"arch":"x86_64"}`}
	onKUnit   = BuildSettings{NameKUnitUM, `{"filter_glob":"list*.*","timeout":1000000000}`}
	onCommand = BuildSettings{NameCommand, `{"command":"make -C tools","format":"exit"}`}
)

func TestTestSettingsPlan(t *testing.T) {
	script := TestSettings{Name: NameCommand, Command: "./run.sh", Format: Exit, Timeout: time.Minute}
	kunit := TestSettings{Name: NameKUnitUM, Timeout: 3 * time.Minute}
	for _, one := range []struct {
		name    string
		test    TestSettings
		on      BuildSettings
		steps   []string
		format  Format
		timeout time.Duration
		err     string
	}{
		{"a command needs no kernel of a kind", script, onKernel, []string{"run: sh|-c|./run.sh"}, Exit, time.Minute, ""},
		{
			"KUnit runs what its build says, for as long as the test says", kunit, onKUnit,
			[]string{"run: /box/output/linux|mem=1G|console=tty|kunit_shutdown=halt|kunit.enable=1|kunit.filter_glob=list*.*"},
			KTAP, 3 * time.Minute, "",
		},
		{"KUnit on a kernel for a machine", kunit, onKernel, nil, "", 0, "a kunit-um test needs a kunit-um build, this one is kbuild"},
		{"KUnit on settings that cannot be read", kunit, BuildSettings{Name: NameKUnitUM}, nil, "", 0, "read the settings of a kunit-um build"},
	} {
		t.Run(one.name, func(t *testing.T) {
			plan, err := one.test.Plan(one.on, place)
			if !strings.Contains(said(err), one.err) || (err == nil) != (one.err == "") {
				t.Fatalf("says %q, want %q in it", said(err), one.err)
			}
			if diff := cmp.Diff(one.steps, argvs(plan)); diff != "" {
				t.Error(diff)
			}
			if plan.Format != one.format || plan.Timeout != one.timeout {
				t.Errorf("format %q for %v", plan.Format, plan.Timeout)
			}
		})
	}
}

func TestTestSettingsReproduce(t *testing.T) {
	script := TestSettings{Name: NameCommand, Command: "./run.sh", Format: Exit}
	private := Source{URL: "/srv/linux", Commit: "830b3c68c1fb"}
	for _, one := range []struct {
		name string
		test TestSettings
		on   BuildSettings
		want string
	}{
		{"a command on a kernel: boot it", script, onKernel, `
[Get the source]
# The repository is not public. In your copy of it, check out
# 830b3c68c1fb.
[Get the configuration]
make ARCH=x86_64 defconfig
[Build]
make ARCH=x86_64 -j$(nproc)
[Boot the kernel and run the test]
# boot the kernel that was built, then in this folder:
./run.sh
`},
		{"a command on a command", script, onCommand, `
[Get the source]
# The repository is not public. In your copy of it, check out
# 830b3c68c1fb.
[Build]
make -C tools
[Run the test]
./run.sh
`},
		{"KUnit says all with its build", TestSettings{Name: NameKUnitUM}, BuildSettings{NameKUnitUM, `{"kunitconfig":["a/.kunitconfig"]}`}, `
[Get the source]
# The repository is not public. In your copy of it, check out
# 830b3c68c1fb.
[Get the configuration]
scripts/kconfig/merge_config.sh -m /dev/null a/.kunitconfig
make ARCH=um olddefconfig
[Build]
make ARCH=um -j$(nproc) linux
[Run the tests]
./linux mem=1G console=tty kunit_shutdown=halt kunit.enable=1
needs 1 GB of memory, no special device, no root
`},
	} {
		t.Run(one.name, func(t *testing.T) {
			found, err := one.test.Reproduce(one.on, private)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, one.want, found)
		})
	}
	if _, err := script.Reproduce(BuildSettings{Name: "cmake"}, private); !strings.Contains(said(err), `no recipe is named "cmake"`) {
		t.Errorf("on an unknown build: %v", err)
	}
}
