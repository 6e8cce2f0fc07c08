package recipe

import (
	"path"
	"strings"
	"time"
)

// KBuild builds a kernel. The zero value of every field but Arch means the
// kernel's own default.
type KBuild struct {
	Arch         string        `json:"arch"`                    // the kernel's ARCH: x86_64, arm64
	CrossCompile string        `json:"cross_compile,omitempty"` // "aarch64-linux-gnu-"
	Compiler     string        `json:"compiler,omitempty"`      // gcc, gcc-14, clang, clang-18
	ConfigTarget string        `json:"config_target,omitempty"` // defconfig, or a file in the tree
	Fragments    []string      `json:"fragments,omitempty"`     // files merged on top, later ones win
	Targets      []string      `json:"targets,omitempty"`       // of make; none is "all"
	Jobs         int           `json:"jobs,omitempty"`          // 0: as many as the place allows
	Timeout      time.Duration `json:"timeout,omitempty"`       // 0: DefaultBuild

	onlyFragments bool // of KUnitUM: the fragments are merged onto nothing
}

// Check returns Problems, or nil.
func (k KBuild) Check() error { return k.problems().err() }

func (k KBuild) problems() Problems {
	var list Problems
	list.arch(k.Arch)
	list.cross(k.CrossCompile)
	list.compiler(k.Compiler)
	list.configTarget(k.config())
	list.files("fragments", k.Fragments)
	list.targets(k.Targets)
	list.jobs(k.Jobs)
	list.timeout("timeout", k.Timeout)
	return list
}

// Plan configures and builds: out of tree, so that the source stays clean and
// can be used for the next build.
func (k KBuild) Plan(p Place) (Plan, error) {
	if err := append(k.problems(), p.check()...).err(); err != nil {
		return Plan{}, err
	}
	settings := append([]string{"O=" + p.Output}, k.variables(p.Ccache)...)
	steps := k.configSteps(p, settings)
	build := append(append([]string{"make"}, settings...), p.jobs(k.Jobs))
	steps = append(steps, Step{Name: "build", Argv: append(build, k.Targets...)})
	for i := range steps {
		steps[i].Dir, steps[i].Env = p.Source, quietEnvironment()
	}
	return Plan{
		Steps:       steps,
		Keep:        k.keep(),
		Timeout:     pick(k.Timeout, DefaultBuild),
		WarningsLog: "build",
	}, nil
}

// config is the target or file, with the old name mapped: "make oldconfig" asks
// questions on a terminal, olddefconfig answers them with the defaults.
func (k KBuild) config() string {
	switch k.ConfigTarget {
	case "":
		return "defconfig"
	case "oldconfig":
		return "olddefconfig"
	}
	return k.ConfigTarget
}

// noBase is what files are merged onto when there is no target before them.
// merge_config.sh creates a base that does not exist and goes on, whereas a
// missing file of the merge list ends it, so no file of the tree is a base.
const noBase = "/dev/null"

// merged says onto what which files are merged; config is where make writes.
func (k KBuild) merged(config string) (base string, files []string) {
	switch {
	case k.onlyFragments:
		return noBase, k.Fragments
	case isFile(k.config()):
		return noBase, append([]string{k.config()}, k.Fragments...)
	}
	return config, k.Fragments
}

// configSteps write .config.
func (k KBuild) configSteps(p Place, settings []string) []Step {
	var steps []Step
	configure := func(name, target string) {
		steps = append(steps, Step{Name: name, Argv: append(append([]string{"make"}, settings...), target)})
	}
	base, files := k.merged(path.Join(p.Output, ".config"))
	if base != noBase {
		configure("config", k.config())
	}
	if len(files) > 0 {
		steps = append(steps, mergeStep(p, base, files))
		configure("olddefconfig", "olddefconfig")
	}
	return steps
}

func mergeStep(p Place, base string, files []string) Step {
	argv := []string{"scripts/kconfig/merge_config.sh", "-m", "-O", p.Output, base}
	return Step{Name: "merge", Argv: append(argv, files...)}
}

// variables are the settings of make, each one word of the argument list even
// where it has a space.
func (k KBuild) variables(ccache bool) []string {
	list := []string{"ARCH=" + k.Arch}
	if k.CrossCompile != "" {
		list = append(list, "CROSS_COMPILE="+k.CrossCompile)
	}
	family, version := k.family()
	compiler, host := k.CrossCompile+"gcc", "gcc"
	switch {
	case family == "clang":
		// LLVM=-18 takes every tool of that version, LLVM=1 those without one
		// (Documentation/kbuild/llvm.rst). clang needs no prefix.
		compiler, host = "clang"+version, "clang"+version
		if version == "" {
			version = "1"
		}
		list = append(list, "LLVM="+version)
	case version != "":
		compiler += version
	}
	if ccache {
		return append(list, "CC=ccache "+compiler, "HOSTCC=ccache "+host)
	}
	if family != "clang" && version != "" {
		list = append(list, "CC="+compiler)
	}
	return list
}

// family splits "gcc-14" into "gcc" and "-14".
func (k KBuild) family() (name, version string) {
	name, version, found := strings.Cut(k.Compiler, "-")
	if found {
		version = "-" + version
	}
	return name, version
}

// bootImages says which file boots, by ARCH (arch/*/boot/Makefile).
var bootImages = map[string]string{
	"x86":     "arch/x86/boot/bzImage",
	"x86_64":  "arch/x86/boot/bzImage",
	"i386":    "arch/x86/boot/bzImage",
	"arm":     "arch/arm/boot/zImage",
	"arm64":   "arch/arm64/boot/Image.gz",
	"riscv":   "arch/riscv/boot/Image.gz",
	"s390":    "arch/s390/boot/bzImage",
	"powerpc": "arch/powerpc/boot/zImage",
	"um":      "linux",
}

// bootImage is the file that boots; other architectures boot vmlinux itself.
func (k KBuild) bootImage() string {
	if name, ok := bootImages[k.Arch]; ok {
		return name
	}
	return "vmlinux"
}

func (k KBuild) keep() []Keep {
	return []Keep{
		{Name: "config", Glob: ".config", Max: 2 * mebibyte},
		{Name: "kernel", Glob: k.bootImage(), Max: 512 * mebibyte},
		{Name: "System.map", Glob: "System.map", Max: 64 * mebibyte},
	}
}
