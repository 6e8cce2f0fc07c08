package recipe

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var place = Place{Source: "/box/source", Output: "/box/output", Jobs: 8}

// argvs are the steps as "name: word|word".
func argvs(p Plan) []string {
	var list []string
	for _, s := range p.Steps {
		list = append(list, s.Name+": "+strings.Join(s.Argv, "|"))
	}
	return list
}

func TestKBuildPlan(t *testing.T) {
	ccache := place
	ccache.Ccache = true
	for _, one := range []struct {
		name  string
		place Place
		build KBuild
		want  []string
	}{
		{
			"nothing but an architecture", place, KBuild{Arch: "x86_64"},
			[]string{
				"config: make|O=/box/output|ARCH=x86_64|defconfig",
				"build: make|O=/box/output|ARCH=x86_64|-j8",
			},
		}, {
			"a cross build with ccache: the compiler is one word", ccache,
			KBuild{Arch: "arm64", CrossCompile: "aarch64-linux-gnu-", Compiler: "gcc-14", ConfigTarget: "tinyconfig", Jobs: 3},
			[]string{
				"config: make|O=/box/output|ARCH=arm64|CROSS_COMPILE=aarch64-linux-gnu-|CC=ccache aarch64-linux-gnu-gcc-14|HOSTCC=ccache gcc|tinyconfig",
				"build: make|O=/box/output|ARCH=arm64|CROSS_COMPILE=aarch64-linux-gnu-|CC=ccache aarch64-linux-gnu-gcc-14|HOSTCC=ccache gcc|-j3",
			},
		}, {
			"gcc with a version and no ccache", place, KBuild{Arch: "x86_64", Compiler: "gcc-12"},
			[]string{
				"config: make|O=/box/output|ARCH=x86_64|CC=gcc-12|defconfig",
				"build: make|O=/box/output|ARCH=x86_64|CC=gcc-12|-j8",
			},
		}, {
			"clang brings all of LLVM", place, KBuild{Arch: "x86_64", Compiler: "clang-18"},
			[]string{
				"config: make|O=/box/output|ARCH=x86_64|LLVM=-18|defconfig",
				"build: make|O=/box/output|ARCH=x86_64|LLVM=-18|-j8",
			},
		}, {
			"clang without a version, with ccache", ccache, KBuild{Arch: "x86_64", Compiler: "clang"},
			[]string{
				"config: make|O=/box/output|ARCH=x86_64|LLVM=1|CC=ccache clang|HOSTCC=ccache clang|defconfig",
				"build: make|O=/box/output|ARCH=x86_64|LLVM=1|CC=ccache clang|HOSTCC=ccache clang|-j8",
			},
		}, {
			"fragments on top of a target", place,
			KBuild{Arch: "x86_64", ConfigTarget: "allnoconfig", Fragments: []string{"kernel/configs/debug.config", "my.config"}, Targets: []string{"bzImage", "fs/ext4/"}},
			[]string{
				"config: make|O=/box/output|ARCH=x86_64|allnoconfig",
				"merge: scripts/kconfig/merge_config.sh|-m|-O|/box/output|/box/output/.config|kernel/configs/debug.config|my.config",
				"olddefconfig: make|O=/box/output|ARCH=x86_64|olddefconfig",
				"build: make|O=/box/output|ARCH=x86_64|-j8|bzImage|fs/ext4/",
			},
		}, {
			"a file as base is in the merge list, where a missing one is an error", place,
			KBuild{Arch: "x86_64", ConfigTarget: "ci/small.config"},
			[]string{
				"merge: scripts/kconfig/merge_config.sh|-m|-O|/box/output|/dev/null|ci/small.config",
				"olddefconfig: make|O=/box/output|ARCH=x86_64|olddefconfig",
				"build: make|O=/box/output|ARCH=x86_64|-j8",
			},
		}, {
			"oldconfig would ask questions", place, KBuild{Arch: "x86_64", ConfigTarget: "oldconfig"},
			[]string{
				"config: make|O=/box/output|ARCH=x86_64|olddefconfig",
				"build: make|O=/box/output|ARCH=x86_64|-j8",
			},
		},
	} {
		t.Run(one.name, func(t *testing.T) {
			p, err := one.build.Plan(one.place)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(one.want, argvs(p)); diff != "" {
				t.Error(diff)
			}
			for _, s := range p.Steps {
				if s.Dir != "/box/source" || len(s.Env) == 0 {
					t.Errorf("step %s runs in %q with %q", s.Name, s.Dir, s.Env)
				}
			}
			if p.WarningsLog != "build" || p.Timeout != DefaultBuild || p.Format != None {
				t.Errorf("log %q, timeout %v, format %q", p.WarningsLog, p.Timeout, p.Format)
			}
		})
	}
}

func TestKeepNamesTheKernelOfTheArchitecture(t *testing.T) {
	for arch, want := range map[string]string{
		"x86_64": "arch/x86/boot/bzImage", "arm64": "arch/arm64/boot/Image.gz", "um": "linux", "loongarch": "vmlinux",
	} {
		p, err := KBuild{Arch: arch}.Plan(place)
		if err != nil {
			t.Fatal(err)
		}
		var globs []string
		for _, k := range p.Keep {
			globs = append(globs, k.Glob)
			if k.Max <= 0 || k.Name == "" {
				t.Errorf("%s: %+v", arch, k)
			}
		}
		if diff := cmp.Diff([]string{".config", want, "System.map"}, globs); diff != "" {
			t.Errorf("%s: %s", arch, diff)
		}
	}
}

func TestKUnitPlans(t *testing.T) {
	k := KUnitUM{Timeout: 5 * time.Minute, BuildTimeout: time.Hour, FilterGlob: "list*.*"}
	build, err := k.BuildPlan(place)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"merge: scripts/kconfig/merge_config.sh|-m|-O|/box/output|/dev/null|tools/testing/kunit/configs/arch_uml.config|tools/testing/kunit/configs/default.config",
		"olddefconfig: make|O=/box/output|ARCH=um|olddefconfig",
		"build: make|O=/box/output|ARCH=um|-j8|linux",
	}
	if diff := cmp.Diff(want, argvs(build)); diff != "" {
		t.Error(diff)
	}
	if build.Timeout != time.Hour || build.Keep[1].Glob != "linux" {
		t.Errorf("timeout %v, keep %+v", build.Timeout, build.Keep)
	}
	run, err := k.RunPlan(place)
	if err != nil {
		t.Fatal(err)
	}
	wantRun := Plan{
		Steps: []Step{{
			Name: "run",
			Argv: []string{"/box/output/linux", "mem=1G", "console=tty", "kunit_shutdown=halt", "kunit.enable=1", "kunit.filter_glob=list*.*"},
			Dir:  "/box/output",
		}},
		Format: KTAP, Timeout: 5 * time.Minute,
	}
	if diff := cmp.Diff(wantRun, run); diff != "" {
		t.Error(diff)
	}
}

func TestKUnitOwnFilesInOrder(t *testing.T) {
	k := KUnitUM{KUnitConfig: []string{"a/.kunitconfig", "b/.kunitconfig"}}
	p, err := k.BuildPlan(place)
	if err != nil {
		t.Fatal(err)
	}
	if got := argvs(p)[0]; !strings.HasSuffix(got, "|/dev/null|a/.kunitconfig|b/.kunitconfig") {
		t.Error(got)
	}
	if p, err = k.BuildPlan(place); err != nil || !strings.HasSuffix(argvs(p)[0], "|a/.kunitconfig|b/.kunitconfig") {
		t.Errorf("a second plan differs: %v %v", argvs(p), err)
	}
}

func TestCommandPlan(t *testing.T) {
	c := Command{Command: "make -C $SOURCE/tools/x && ./run 'a b'", Dir: "tools/x", Format: TAP}
	p, err := c.Plan(place)
	if err != nil {
		t.Fatal(err)
	}
	want := Plan{
		Steps: []Step{{
			Name: "run", Argv: []string{"sh", "-c", c.Command}, Dir: "/box/source/tools/x",
			Env: []string{"LC_ALL=C", "SOURCE=/box/source", "OUTPUT=/box/output"},
		}},
		Format: TAP, Timeout: DefaultTest,
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
}

func TestPlacesMustBeAbsolute(t *testing.T) {
	bad := Place{Source: "source", Output: "/box/output"}
	if _, err := (KBuild{Arch: "um"}).Plan(bad); err == nil {
		t.Error("a relative source was accepted for a build")
	}
	if _, err := (KUnitUM{}).RunPlan(bad); err == nil {
		t.Error("a relative source was accepted for a run")
	}
	if _, err := (KUnitUM{}).BuildPlan(Place{Source: "/a"}); err == nil {
		t.Error("no output was accepted")
	}
	if _, err := (Command{Command: "true", Format: Exit}).Plan(Place{}); err == nil {
		t.Error("an empty place was accepted")
	}
}

// shellFree checks that a plan never gives text to a shell: the only programs
// are these, and every setting stays one argument.
func shellFree(t *testing.T, p Plan) {
	t.Helper()
	for _, s := range p.Steps {
		switch s.Argv[0] {
		case "make", "scripts/kconfig/merge_config.sh", place.Output + "/linux":
		default:
			t.Errorf("step %s starts %q", s.Name, s.Argv[0])
		}
		for i, word := range s.Argv[1:] {
			if s.Argv[0] == "make" && strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "-j") {
				t.Errorf("argument %d of %q is an option", i, s.Argv)
			}
			if strings.ContainsAny(word, "\n\x00;|&`$<>'\"\\()") || strings.Contains(word, "..") && strings.Contains(word, "/..") {
				t.Errorf("argument %d of %q could mean something to a shell", i, s.Argv)
			}
		}
	}
}

// Every combination of settings that Check accepts makes a plan without a shell.
func FuzzKBuild(f *testing.F) {
	f.Add("x86_64", "", "gcc", "defconfig", "kernel/configs/debug.config", "all", 4, true)
	f.Add("arm64", "aarch64-linux-gnu-", "clang-18", "ci/a.config", "", "fs/ext4/", 0, false)
	f.Add("um; rm -rf /", "x-$(id)-", "gcc -B.", "../../etc/passwd", "-h", "CC=evil", -1, true)
	f.Add("um", "a-", "gcc-\n1", "a/../b", "a//b", "--eval=$(shell id)", 5, true)
	f.Fuzz(func(t *testing.T, arch, cross, compiler, config, fragment, target string, jobs int, ccache bool) {
		k := KBuild{Arch: arch, CrossCompile: cross, Compiler: compiler, ConfigTarget: config, Jobs: jobs}
		if fragment != "" {
			k.Fragments = []string{fragment}
		}
		if target != "" {
			k.Targets = []string{target}
		}
		p := place
		p.Ccache = ccache
		plan, err := k.Plan(p)
		if (err == nil) != (k.Check() == nil) {
			t.Fatalf("Plan says %v, Check says %v", err, k.Check())
		}
		if err != nil {
			return
		}
		shellFree(t, plan)
		for _, step := range k.Reproduce(Source{URL: "https://git.example.org/linux.git", Commit: "abc"}).Steps {
			if len(step.Lines) == 0 || step.Title == "" {
				t.Errorf("empty step %+v", step)
			}
		}
	})
}

func FuzzKUnit(f *testing.F) {
	f.Add("tools/testing/kunit/configs/default.config", "gcc", "list*.*")
	f.Add("lib/kunit/.kunitconfig", "clang", "")
	f.Add("..", "", "a b; id")
	f.Fuzz(func(t *testing.T, file, compiler, glob string) {
		k := KUnitUM{KUnitConfig: []string{file}, Compiler: compiler, FilterGlob: glob}
		build, err := k.BuildPlan(place)
		run, errRun := k.RunPlan(place)
		if (err == nil) != (errRun == nil) || (err == nil) != (k.Check() == nil) {
			t.Fatalf("build %v, run %v, check %v", err, errRun, k.Check())
		}
		if err != nil {
			return
		}
		shellFree(t, build)
		shellFree(t, run)
	})
}
