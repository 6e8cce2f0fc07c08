package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"drover/models"
	"drover/rules/recipe"
	"drover/views/page"
	"drover/views/ui"
)

// debugConfig is defconfig with the kernel's own fragment for debugging.
const debugConfig = "defconfig+kernel/configs/debug.config"

// presets are what a new tree can be built for.
var presets = []struct {
	option ui.Option
	builds func(page.NewTreeForm) []models.TreeBuild
}{
	{ui.Option{Value: "defconfig", Text: "One kernel: this machine's arch, defconfig", Help: "make defconfig and make, with gcc."}, preset([]string{"defconfig"})},
	{ui.Option{Value: "tinyconfig", Text: "A small kernel: tinyconfig", Help: "Shows in a minute or two whether it compiles."}, preset([]string{"tinyconfig"})},
	{ui.Option{Value: "kunit", Text: "KUnit in User Mode Linux", Help: "Builds a kernel that runs as a program and runs all of its KUnit tests; each case has a history of its own."}, kunitBuilds},
	{ui.Option{Value: "quick", Text: "Quick: x86_64 and arm64, defconfig", Help: "Two builds. The compiler for the other arch must be installed."}, preset([]string{"defconfig"}, "x86_64", "arm64")},
	{ui.Option{Value: "normal", Text: "Normal: four arches, defconfig and debug", Help: "Eight builds: x86_64, arm64, powerpc and s390, each plain and with kernel/configs/debug.config."},
		preset([]string{"defconfig", debugConfig}, "x86_64", "arm64", "powerpc", "s390")},
	{ui.Option{Value: "full", Text: "Full: five arches, also all modules", Help: "Fifteen builds: defconfig, debug and allmodconfig for the four, and riscv."},
		preset([]string{"defconfig", debugConfig, "allmodconfig"}, "x86_64", "arm64", "powerpc", "s390", "riscv")},
	{ui.Option{Value: "matrix", Text: "An own choice", Help: "Arches, configurations and compilers as ticked below."}, matrixBuilds},
	{ui.Option{Value: "recipe", Text: "An own recipe", Help: "The commands below; their exit status counts."}, commandBuilds},
}

func presetOptions() []ui.Option {
	options := make([]ui.Option, len(presets))
	for i, p := range presets {
		options[i] = p.option
	}
	return options
}

// crossCompilers are the prefixes of Debian's compilers for an arch; the
// machine's own needs none.
var crossCompilers = map[string]string{
	"x86_64": "x86_64-linux-gnu-", "arm64": "aarch64-linux-gnu-", "powerpc": "powerpc64le-linux-gnu-", "s390": "s390x-linux-gnu-", "riscv": "riscv64-linux-gnu-",
}

func archOptions() []ui.Option {
	var options []ui.Option
	for _, arch := range []string{"x86_64", "arm64", "powerpc", "s390", "riscv"} {
		o := ui.Option{Value: arch, Text: arch, Help: "needs " + crossCompilers[arch] + "gcc"}
		if arch == machineArch() {
			o.Help = "this machine's own"
		}
		options = append(options, o)
	}
	return options
}

var compilerOptions = []ui.Option{{Value: "gcc", Text: "gcc"}, {Value: "clang", Text: "clang"}}

// machineArch is how the kernel calls the arch that this program was built for.
func machineArch() string {
	switch runtime.GOARCH {
	case "amd64":
		return "x86_64"
	case "arm64":
		return "arm64"
	case "ppc64le":
		return "powerpc"
	case "s390x":
		return "s390"
	case "riscv64":
		return "riscv"
	}
	return runtime.GOARCH
}

// preset builds configurations with gcc; without arches for this machine's.
func preset(configs []string, arches ...string) func(page.NewTreeForm) []models.TreeBuild {
	return func(page.NewTreeForm) []models.TreeBuild {
		if len(arches) == 0 {
			return matrix([]string{machineArch()}, configs, []string{"gcc"})
		}
		return matrix(arches, configs, []string{"gcc"})
	}
}

func matrixBuilds(form page.NewTreeForm) []models.TreeBuild {
	return matrix(form.Arches, models.Lines(form.Configs), form.Compilers)
}

// matrix is each arch with each configuration and compiler.
func matrix(arches, configs, compilers []string) []models.TreeBuild {
	var builds []models.TreeBuild
	for _, arch := range arches {
		for _, config := range configs {
			for _, compiler := range compilers {
				builds = append(builds, kernelBuild(arch, config, compiler))
			}
		}
	}
	return builds
}

func kernelBuild(arch, config, compiler string) models.TreeBuild {
	parts := strings.Split(config, "+")
	settings := recipe.KBuild{Arch: arch, Compiler: compiler, ConfigTarget: parts[0], Fragments: parts[1:]}
	if arch != machineArch() && compiler == "gcc" {
		settings.CrossCompile = crossCompilers[arch]
	}
	if config == debugConfig {
		config = "debug"
	}
	return models.TreeBuild{Arch: arch, Config: config, Compiler: compiler, Recipe: recipe.NameKBuild, Settings: settingsJSON(settings)}
}

func kunitBuilds(page.NewTreeForm) []models.TreeBuild {
	settings := recipe.KUnitUM{Compiler: "gcc"}
	return []models.TreeBuild{{Arch: "um", Config: "kunit", Compiler: "gcc", Recipe: recipe.NameKUnitUM, Settings: settingsJSON(settings)}}
}

func commandBuilds(form page.NewTreeForm) []models.TreeBuild {
	settings := recipe.Command{Command: strings.ReplaceAll(form.Recipe, "\r\n", "\n"), Format: recipe.Exit}
	return []models.TreeBuild{{Arch: machineArch(), Config: "recipe", Recipe: recipe.NameCommand, Settings: settingsJSON(settings)}}
}

func settingsJSON(settings any) string {
	text, err := json.Marshal(settings)
	if err != nil {
		return "" // settings are texts and numbers; Check refuses an empty one
	}
	return string(text)
}

// mostBuilds bounds what one checkout is built for.
const mostBuilds = 200

// buildsOf are the builds that a form asks for, checked as they will be run. An
// error belongs to the field.
func buildsOf(form page.NewTreeForm) (builds []models.TreeBuild, field string, err error) {
	if err := oneOf(form.Builds, presetOptions()); err != nil {
		return nil, "builds", err
	}
	field = "builds"
	switch form.Builds {
	case "recipe":
		field = "recipe"
	case "matrix":
		if field, err = checkMatrix(form); err != nil {
			return nil, field, err
		}
		field = "configs"
	}
	for _, p := range presets {
		if p.option.Value == form.Builds {
			builds = p.builds(form)
		}
	}
	for _, b := range builds {
		err := recipe.BuildSettings{Name: b.Recipe, JSON: b.Settings}.Check()
		var problems recipe.Problems
		if errors.As(err, &problems) && len(problems) > 0 {
			return nil, field, errors.New(problems[0].Message)
		}
		if err != nil {
			return nil, field, err
		}
	}
	return builds, field, nil
}

// checkMatrix says what an own choice lacks.
func checkMatrix(form page.NewTreeForm) (field string, err error) {
	configs := models.Lines(form.Configs)
	for _, part := range []struct {
		field   string
		values  []string
		options []ui.Option
	}{{"arches", form.Arches, archOptions()}, {"compilers", form.Compilers, compilerOptions}} {
		if len(part.values) == 0 {
			return part.field, errors.New("tick at least one")
		}
		for _, value := range part.values {
			if err := oneOf(value, part.options); err != nil {
				return part.field, err
			}
		}
	}
	if len(configs) == 0 {
		return "configs", errors.New("write at least one configuration, such as defconfig")
	}
	if slices.ContainsFunc(configs, func(c string) bool { return strings.HasPrefix(c, "+") || strings.HasSuffix(c, "+") }) {
		return "configs", errors.New("a plus stands between a configuration and a fragment")
	}
	if n := len(form.Arches) * len(configs) * len(form.Compilers); n > mostBuilds {
		return "configs", fmt.Errorf("these are %d builds for each checkout, of at most %d", n, mostBuilds)
	}
	return "", nil
}
