// Package kerneltree says what a source tree is, from the list of its paths
// and the text of a few of its files: whether it is the Linux kernel and which
// version, what it can be configured as, and which tests it brings along.
//
// The tree is whatever somebody pointed at. All lists are bounded and sorted,
// nothing is run, and odd files give fewer findings, never an error. Jobs call
// it for the wizard of trees; it reads nothing itself.
package kerneltree

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Bounds of what is found. Linux 6.12 has some 90 selftests, 230 defconfigs and
// 150 KUnit tests.
const (
	mostNames = 1000
	longest   = 100     // bytes of a name
	mostText  = 1 << 20 // bytes read of one file
)

// Files are those whose text Detect reads, where the tree has them.
var Files = []string{"Makefile", "Kconfig", selftests}

const selftests = "tools/testing/selftests/Makefile"

// Tree is what was found.
type Tree struct {
	Linux   bool   `json:"linux"`
	Version string `json:"version,omitempty"` // as make kernelversion prints it, 6.12.0-rc3
	Missing string `json:"missing,omitempty"` // why it is not Linux: what it lacks
	// Defconfigs of each arch, as make takes them: "defconfig", "omap2plus_defconfig".
	Defconfigs map[string][]string `json:"defconfigs,omitempty"`
	// Fragments are the configurations that are merged onto others, by path.
	Fragments []string `json:"fragments,omitempty"`
	Selftests []string `json:"selftests,omitempty"` // TARGETS of kselftest
	// KUnit are the folders with a .kunitconfig, KUnitTests the options that
	// switch tests on, without CONFIG_.
	KUnit      []string `json:"kunit,omitempty"`
	KUnitTests []string `json:"kunit_tests,omitempty"`
}

// Detect reads a tree. Texts are by path; those of Files matter, and of every
// file called Kconfig.
func Detect(paths []string, texts map[string]string) Tree {
	t := Tree{Version: Version(texts["Makefile"])}
	found := lists{defconfigs: map[string][]string{}}
	kconfig := false
	for _, p := range paths {
		kconfig = kconfig || p == "Kconfig"
		found.path(p)
	}
	switch {
	case t.Version == "":
		t.Missing = "a Makefile with VERSION and PATCHLEVEL at its top"
	case !kconfig:
		t.Missing = "a Kconfig at its top"
	}
	t.Linux = t.Missing == ""
	if len(found.defconfigs) > 0 {
		t.Defconfigs = found.defconfigs
	}
	for arch := range t.Defconfigs {
		t.Defconfigs[arch] = tidy(t.Defconfigs[arch])
	}
	t.Fragments, t.KUnit = tidy(found.fragments), tidy(found.kunit)
	t.Selftests = Targets(texts[selftests])
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if path.Base(name) == "Kconfig" {
			t.KUnitTests = append(t.KUnitTests, kunitOptions(texts[name])...)
		}
	}
	t.KUnitTests = tidy(t.KUnitTests)
	return t
}

// Wanted tells whether a path says something to Detect: of a kernel's ninety
// thousand, some hundreds do.
func Wanted(p string) bool {
	return slices.Contains(Files, p) || path.Base(p) == ".kunitconfig" || strings.HasPrefix(p, "kernel/configs/") ||
		strings.HasPrefix(p, "arch/") && strings.Contains(p, "/configs/")
}

// lists is what paths alone tell.
type lists struct {
	defconfigs map[string][]string
	fragments  []string
	kunit      []string
}

func (l *lists) path(p string) {
	if path.Base(p) == ".kunitconfig" {
		l.kunit = add(l.kunit, path.Dir(p))
		return
	}
	parts := strings.Split(p, "/")
	if len(parts) == 3 && parts[0] == "kernel" && parts[1] == "configs" && strings.HasSuffix(p, ".config") {
		l.fragments = add(l.fragments, p)
		return
	}
	if len(parts) < 4 || parts[0] != "arch" || parts[2] != "configs" {
		return
	}
	arch, name := parts[1], strings.Join(parts[3:], "/")
	switch {
	case strings.HasSuffix(name, "defconfig") && (len(l.defconfigs) < mostNames || l.defconfigs[arch] != nil):
		l.defconfigs[arch] = add(l.defconfigs[arch], name)
	case strings.HasSuffix(name, ".config"):
		l.fragments = add(l.fragments, p)
	}
}

// add keeps a list and its names within their bounds.
func add(list []string, name string) []string {
	if len(list) >= mostNames || len(name) > longest || name == "" {
		return list
	}
	return append(list, name)
}

func tidy(list []string) []string {
	slices.Sort(list)
	list = slices.Compact(list)
	return list[:min(len(list), mostNames)]
}

var makeVariable = regexp.MustCompile(`(?m)^(VERSION|PATCHLEVEL|SUBLEVEL|EXTRAVERSION)[ \t]*=[ \t]*([0-9A-Za-z._-]*)[ \t]*\r?$`)

// Version is what the kernel's top Makefile says, "" if it is none.
func Version(makefile string) string {
	set := map[string]string{}
	for _, match := range makeVariable.FindAllStringSubmatch(cut(makefile), -1) {
		if _, twice := set[match[1]]; !twice {
			set[match[1]] = match[2]
		}
	}
	if set["VERSION"] == "" || set["PATCHLEVEL"] == "" {
		return ""
	}
	version := set["VERSION"] + "." + set["PATCHLEVEL"]
	if set["SUBLEVEL"] != "" {
		version += "." + set["SUBLEVEL"]
	}
	return version + set["EXTRAVERSION"]
}

func cut(text string) string { return text[:min(len(text), mostText)] }

var (
	targetsLine = regexp.MustCompile(`^\s*TARGETS\s*(?:\+|:|\?)?=\s*(.*)$`)
	targetName  = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_./-]*$`)
)

// Targets are the selftests that a Makefile of kselftest names. What stands
// under a condition is named too; what a variable names is not.
func Targets(makefile string) []string {
	var list []string
	makefile = strings.ReplaceAll(strings.ReplaceAll(cut(makefile), "\r\n", "\n"), "\\\n", " ")
	for line := range strings.Lines(makefile) {
		line, _, _ = strings.Cut(strings.TrimRight(line, "\n"), "#")
		m := targetsLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		for _, name := range strings.Fields(m[1]) {
			if targetName.MatchString(name) {
				list = add(list, name)
			}
		}
	}
	return tidy(list)
}

var kunitOption = regexp.MustCompile(`(?m)^[ \t]*(?:menu)?config[ \t]+([A-Z0-9_]*KUNIT_TEST[A-Z0-9_]*)[ \t]*\r?$`)

func kunitOptions(kconfig string) []string {
	var list []string
	for _, m := range kunitOption.FindAllStringSubmatch(cut(kconfig), -1) {
		list = add(list, m[1])
	}
	return list
}
