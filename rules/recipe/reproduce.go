package recipe

import (
	"net/url"
	"strings"
)

// ReproduceStep is one numbered block of commands for a person. Lines are at
// most 70 columns unless a single word is longer; together they can be pasted
// into a POSIX shell.
type ReproduceStep struct {
	Title string // "Get the source"
	Lines []string
}

// Reproduction is everything a person needs to see the same at home with
// public tools.
type Reproduction struct {
	Steps []ReproduceStep
	Needs []string // "gcc 14.2.1", "an arm64 machine or qemu-system-aarch64"
}

// Source says which code was tested.
type Source struct {
	URL     string // of the git repository
	Commit  string
	Patches []string // addresses of mails or patch files, applied in this order
	// Config is the address of the .config that was used; "" makes it anew.
	Config string
	// Toolchain is what was installed, such as "gcc 14.2.1, binutils 2.43".
	Toolchain string
}

// Reproduce lists the commands for a kernel build alone.
func (k KBuild) Reproduce(s Source) Reproduction {
	return Reproduction{
		Steps: append(s.steps(), k.reproduceConfig(s), k.reproduceBuild()),
		Needs: k.needs(s),
	}
}

// Reproduce lists the commands for the build and the run. They need nothing
// but a compiler: user mode Linux is an ordinary program.
func (k KUnitUM) Reproduce(s Source) Reproduction {
	build := k.kbuild()
	found := build.Reproduce(s)
	found.Steps = append(found.Steps, ReproduceStep{
		Title: "Run the tests",
		Lines: command(append([]string{"./linux"}, k.umlArguments()...)...),
	})
	found.Needs = append(found.Needs, "1 GB of memory, no special device, no root")
	return found
}

// Reproduce lists the commands for a test that runs in the source tree. build
// is how the kernel it needs was built, nil if it needs none.
func (c Command) Reproduce(s Source, build *KBuild) Reproduction {
	found := Reproduction{Steps: s.steps()}
	title := "Run the test"
	var lines []string
	if build != nil {
		found = build.Reproduce(s)
		title = "Boot the kernel and run the test"
		lines = append(lines, "# boot the kernel that was built, then in this folder:")
	} else {
		found.Needs = s.needs()
	}
	if strings.Contains(c.Command, "SOURCE") || strings.Contains(c.Command, "OUTPUT") {
		lines = append(lines, `export SOURCE="$PWD" OUTPUT="$PWD"`)
	}
	if c.Dir != "" {
		lines = append(lines, command("cd", c.Dir)...)
	}
	lines = append(lines, ownerLines(c.Command)...)
	found.Steps = append(found.Steps, ReproduceStep{Title: title, Lines: lines})
	return found
}

// steps get the source and apply the patches.
func (s Source) steps() []ReproduceStep {
	list := []ReproduceStep{{Title: "Get the source", Lines: s.cloneLines()}}
	if len(s.Patches) == 0 {
		return list
	}
	var lines []string
	for _, address := range s.Patches {
		lines = append(lines, patchLines(address)...)
	}
	return append(list, ReproduceStep{Title: "Apply the patches", Lines: lines})
}

func (s Source) cloneLines() []string {
	if !public(s.URL) {
		return commentLines("The repository is not public. In your copy of it, check out " + oneLine(s.Commit) + ".")
	}
	lines := shellLines("git", "clone", shellWord(s.URL), "linux", "&&", "cd", "linux")
	return append(lines, command("git", "checkout", s.Commit)...)
}

// patchLines applies one patch or series. b4 finds a whole series by any
// address of lore; anything else is fetched as it is.
func patchLines(address string) []string {
	switch u, err := url.Parse(address); {
	case err != nil || !public(address):
		return commentLines("A patch is not public: " + oneLine(address))
	case u.Host == "lore.kernel.org" || u.Host == "patch.msgid.link":
		return command("b4", "shazam", address)
	default:
		return shellLines("curl", "-L", shellWord(address), "| git am")
	}
}

// reproduceConfig makes .config in the source folder: in the tree, unlike a
// Plan, since a person builds one kernel at a time.
func (k KBuild) reproduceConfig(s Source) ReproduceStep {
	step := ReproduceStep{Title: "Get the configuration"}
	if public(s.Config) {
		step.Lines = command("curl", "-L", "-o", ".config", s.Config)
		step.Lines = append(step.Lines, k.makeLines("olddefconfig")...)
		return step
	}
	if s.Config != "" {
		step.Lines = commentLines("The configuration that was used is not public; this makes the same from the tree:")
	}
	base, files := k.merged(".config")
	if base != noBase {
		step.Lines = append(step.Lines, k.makeLines(k.config())...)
	}
	if len(files) > 0 {
		step.Lines = append(step.Lines, command(append([]string{"scripts/kconfig/merge_config.sh", "-m", base}, files...)...)...)
		step.Lines = append(step.Lines, k.makeLines("olddefconfig")...)
	}
	return step
}

func (k KBuild) reproduceBuild() ReproduceStep {
	words := append(k.makeWords(), "-j$(nproc)")
	for _, target := range k.Targets {
		words = append(words, shellWord(target))
	}
	return ReproduceStep{Title: "Build", Lines: shellLines(words...)}
}

func (k KBuild) makeLines(target string) []string {
	return shellLines(append(k.makeWords(), shellWord(target))...)
}

func (k KBuild) makeWords() []string {
	words := []string{"make"}
	for _, value := range k.variables(false) {
		words = append(words, shellWord(value))
	}
	return words
}

func (k KBuild) needs(s Source) []string {
	list := s.needs()
	if s.Toolchain == "" && k.Compiler != "" {
		list = append(list, k.Compiler)
	}
	if k.CrossCompile != "" {
		list = append(list, "a cross compiler with the prefix "+k.CrossCompile+" (not needed on "+k.Arch+" itself: leave CROSS_COMPILE out)")
	}
	return list
}

func (s Source) needs() []string {
	list := []string{}
	if s.Toolchain != "" {
		list = append(list, oneLine(s.Toolchain))
	}
	for _, address := range s.Patches {
		if strings.Contains(address, "lore.kernel.org") || strings.Contains(address, "patch.msgid.link") {
			return append(list, "b4, to fetch the patches")
		}
	}
	return list
}

// public tells whether anybody can fetch the address: git over ssh needs an
// account, a path or a loopback address is somebody's own machine.
func public(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || strings.ContainsFunc(address, unprintable) {
		return false
	}
	switch u.Scheme {
	case "https", "http", "git":
	default:
		return false
	}
	host := u.Hostname()
	return host != "localhost" && host != "::1" && !strings.HasPrefix(host, "127.")
}

// unprintable characters have no place in an address that people copy.
func unprintable(r rune) bool { return r <= ' ' || r >= 0x7f }

// oneLine keeps foreign text from starting a line of its own.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
}
