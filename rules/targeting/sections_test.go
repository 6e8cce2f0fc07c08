package targeting

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"drover/formats/maintainers"
)

func readSections(t *testing.T, text string) (maintainers.File, Sections) {
	t.Helper()
	file, err := maintainers.Parse(text, maintainers.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return file, SectionsOf(file)
}

const kernelSections = `Maintainers List
----------------

NETWORKING [GENERAL]
M:	A <a@example.org>
F:	include/net/
F:	net/
X:	net/mptcp/
X:	net/bluetooth
X:	net/*/Kconfig
X:	net/ipv4/tcp*.c

NETWORKING [MPTCP]
M:	A <a@example.org>
F:	net/mptcp/
F:	include/net/mptcp.h
F:	Documentation/*/mptcp*
N:	mptcp_
X:	tools/**/mptcp_old

ARCHES
F:	arch/*/include/
F:	drivers/ring
F:	lib/da7???.[ch]
F:	./virt/

EMPTY
M:	B <b@example.org>
X:	net/
`

func TestSectionsOf(t *testing.T) {
	_, sections := readSections(t, kernelSections)
	for _, c := range []struct {
		when       string
		runs, rest []string
	}{
		{"maintainers: ['NETWORKING [MPTCP]']",
			[]string{"net/mptcp/a/b.c", "include/net/mptcp.h", "Documentation/networking/mptcp.rst", "tools/x/mptcp_lib.sh"},
			[]string{"Documentation/a/b/mptcp.rst", "net/ipv4/tcp.c", "tools/a/b/mptcp_old/x.sh", "include/net/mptcp/x.h"}},
		{"maintainers: ['NETWORKING [GENERAL]']",
			[]string{"net/a.c", "net/ipv4/udp.c", "include/net/tcp.h", "net/bluetooth.c", "net/Kconfig", "net/ipv4/a/tcp.c"},
			[]string{"net/mptcp/a/b.c", "net/bluetooth", "net/bluetooth/hci.c", "net/ipv4/Kconfig", "net/ipv4/tcp_input.c", "mm/slub.c"}},
		// what one section leaves out is the other's
		{"maintainers: ['NETWORKING [GENERAL]', 'NETWORKING [MPTCP]', EMPTY]",
			[]string{"net/mptcp/a/b.c", "net/a.c", "tools/x/mptcp_lib.sh", "net/mptcp/Kconfig"},
			[]string{"net/ipv4/Kconfig", "net/bluetooth/a.c", "tools/b/mptcp_old/x.sh"}},
		{"maintainers: [ARCHES, 'NETWORKING [GENERAL]']",
			[]string{"arch/x86/include/a.h", "arch/x86/um/include/b/a.h", "drivers/ring/a.c", "drivers/ring.c", "virt/a/b.c", "lib/da72xx.h", "net/a.c"},
			[]string{"arch/include/a.h", "drivers/a/ring", "lib/da72xx.rst", "net/mptcp/a.c"}},
		{"maintainers: EMPTY", nil, []string{"net/a.c", "x"}},
		{"not: {maintainers: ['NETWORKING [GENERAL]']}", []string{"net/mptcp/a.c", "x"}, []string{"net/a.c"}},
	} {
		when, err := Parse(c.when)
		if err != nil || !when.NeedsSections() {
			t.Fatal(c.when, err)
		}
		ix, err := Compile([]Definition{{Name: "a", When: when}}, sections)
		if err != nil {
			t.Fatal(c.when, err)
		}
		for i, path := range append(c.runs, c.rest...) {
			if got := ix.Select(Change{Files: OfFiles(File{Path: path})}, Policy{}).Chosen(0); got != (i < len(c.runs)) {
				t.Errorf("%s: %s: %v", c.when, path, got)
			}
		}
	}
	if section, known := sections("EMPTY"); !known || section.Paths != nil {
		t.Error(section, known)
	}
	if _, known := sections("NOBODY"); known {
		t.Error("a section that is not there is known")
	}
	nested, err := Parse("or:\n- not: {maintainers: [EMPTY]}\n- paths: [a]\n")
	if err != nil || !nested.NeedsSections() || (Condition{Paths: []string{"a"}}).NeedsSections() {
		t.Error("needs sections", err)
	}
}

// TestSectionsAsOwners: a section's tests run for the paths that the section owns,
// as formats/maintainers says, which was held against the kernel's own script.
func TestSectionsAsOwners(t *testing.T) {
	text, err := os.ReadFile("../../formats/maintainers/testdata/MAINTAINERS")
	if err != nil {
		t.Fatal(err)
	}
	file, sections := readSections(t, string(text)+kernelSections)
	folder := map[string]bool{"drivers/ring": true, "net/bluetooth": true}
	owners := maintainers.NewIndex(file, maintainers.Options{IsDir: func(path string) bool { return folder[path] }})
	var definitions []Definition
	for _, s := range file.Sections {
		definitions = append(definitions, Definition{Name: s.Title, When: Condition{Maintainers: []string{s.Title}}})
	}
	ix, err := Compile(definitions, sections)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"drivers/net/exdrv/main.c", "drivers/net/exdrv/legacy/old.c", "drivers/net/a.c", "drivers/a.c", "drivers/ring/a.c", "drivers/ring/b/a.c",
		"include/linux/exdrv_ring.h", "include/linux/a.h", "Documentation/networking/exdrv/index.rst", "arch/x86/include/asm/a.h", "arch/x86/um/include/a.h",
		"arch/include/a.h", "fs/foo1.c", "fs/a/b/foo.c", "fs/a/b/bar.c", "lib/da7219.c", "lib/da7219.o", "sound/axp288.c", "a/zq/b", "Makefile",
		"net/a.c", "net/mptcp/a.c", "net/bluetooth/a.c", "net/ipv4/Kconfig", "net/ipv4/tcp_output.c", "tools/testing/exdrv.sh", "tools/x/mptcp_old/a", "tools/x/mptcp_a",
	} {
		owned := map[string]bool{}
		for _, match := range owners.Sections(path, "") {
			owned[match.Section.Title] = true
		}
		selection := ix.Select(Change{Files: OfFiles(File{Path: path})}, Policy{})
		for i, d := range definitions {
			if selection.Chosen(i) != owned[d.Name] {
				t.Errorf("%s of %s: %v, want %v", path, d.Name, selection.Chosen(i), owned[d.Name])
			}
		}
	}
}

// FuzzSections: whatever MAINTAINERS holds, its sections can be compiled, and a
// section's tests run for each path that it owns by lines without odd signs.
func FuzzSections(f *testing.F) {
	f.Add(kernelSections, "net/mptcp/a.c")
	f.Add("A\nF:\t*\nX:\ta?/*/\n", "a/b")
	f.Add("A\nF:\t**/x.c\nF:\t/a\nX:\t../b\nN:\t(?=a)\n", "a/x.c")
	f.Fuzz(func(t *testing.T, text, path string) {
		file, err := maintainers.Parse(text, maintainers.Limits{Bytes: 2000})
		if err != nil || len(file.Sections) == 0 {
			return
		}
		title := file.Sections[0].Title
		ix, err := Compile([]Definition{{Name: "a", When: Condition{Maintainers: []string{title}}}}, SectionsOf(file))
		if err != nil {
			t.Fatal(err)
		}
		chosen := ix.Select(Change{Files: OfFiles(File{Path: path})}, Policy{}).Chosen(0)
		if chosen || !isClean(path) || strings.ContainsAny(text, "[]+(){}|^$\\\x00") || strings.Contains(text, "N:") || !utf8.ValidString(text+path) || len(text) > longestPattern {
			return
		}
		for _, match := range maintainers.NewIndex(maintainers.File{Sections: file.Sections[:1]}, maintainers.Options{}).Sections(path, "") {
			t.Errorf("%q owns %q by line %d", title, path, match.Line)
		}
	})
}
