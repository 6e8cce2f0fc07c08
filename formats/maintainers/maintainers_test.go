package maintainers

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// quirks is a file of our own with every way to say something.
func quirks(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/MAINTAINERS")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func parse(t testing.TB, text string) File {
	t.Helper()
	f, err := Parse(text, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestParse(t *testing.T) {
	got := parse(t, "List of maintainers\n\n\tM: prose\n\nA TITLE WITHOUT LINES\n\nEXAMPLE DRIVER\r\nM:\tAda <ada@example.com>\r\n# a comment\n\nS:\tSupported\nF:\tdrivers/a/\n\nOTHER\nF:  b\nx:\tno tag\nF:\tc\n")
	want := File{Sections: []Section{
		{Title: "EXAMPLE DRIVER", Line: 7, place: 3, Entries: []Entry{{'M', "Ada <ada@example.com>", 8}, {'S', "Supported", 11}, {'F', "drivers/a/", 12}}},
		{Title: "OTHER", Line: 14, place: 7, Entries: []Entry{{'F', "b", 15}}},
		{Title: "x:\tno tag", Line: 16, place: 9, Entries: []Entry{{'F', "c", 17}}},
	}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Section{})); diff != "" {
		t.Errorf("parsed (-want +got)\n%s", diff)
	}
}

func TestLimits(t *testing.T) {
	for name, limits := range map[string]Limits{"bytes": {Bytes: 10}, "sections": {Sections: 2}, "entries": {Entries: 5}} {
		if _, err := Parse(quirks(t), limits); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

// TestOwners says which sections own a path, deepest first.
func TestOwners(t *testing.T) {
	ix := NewIndex(parse(t, quirks(t)), Options{IsDir: func(path string) bool { return path == "drivers/ring" }})
	cases := []struct{ path, text, want string }{
		{"drivers/net/exdrv/ring.c", "", "NETWORKING; EXAMPLE RING DRIVER; THE REST"}, // its N: comes after its F: and ranks it lower
		{"drivers/net/exdrv/legacy/a.c", "", "NETWORKING; THE REST"},                  // X: below the F:
		{"include/linux/exdrv_ring.h", "", "EXAMPLE RING DRIVER; THE REST"},           // a star within a name
		{"include/linux/exdrv_ring.hpp", "", "EXAMPLE RING DRIVER; THE REST"},
		{"include/linux/sub/exdrv.h", "", "EXAMPLE RING DRIVER; THE REST"}, // N: alone
		{"tools/exdrv.py", "", "EXAMPLE RING DRIVER; THE REST"},
		{"drivers/net/one.c", "", "DIRECT CHILDREN; NETWORKING; THE REST"},
		{"drivers/net/sub/one.c", "", "NETWORKING; THE REST"}, // a star does not go below
		{"drivers/net", "", "THE REST"},
		{"drivers/ring/a/b.c", "", "A DIRECTORY WITHOUT ITS SLASH; THE REST"},
		{"arch/x86/include/asm/a.h", "", "ANY ARCH; THE REST"}, // a slash at the end: any depth below
		{"arch/x86/sub/include/a.h", "", "ANY ARCH; THE REST"}, // as Perl's .* goes over slashes
		{"fs/a/b/c/foo_bar.c", "", "ANY DEPTH; THE REST"},
		{"fs/foo.c", "", "THE REST"},
		{"lib/da72xx.c", "", "CLASSES; THE REST"},
		{"lib/da7xxx.o", "", "THE REST"},
		{"Kbuild", "", "THE REST"},
		{"mm/slab.c", "call exdrv_kick(1)", "THE REST; EXAMPLE RING DRIVER"},
		{"mm/slab.c", "call exdrv_kicker(1)", "THE REST"},
		{"mm/slab.c", "USES PIDFD here", "THE REST; KEYWORDS"},
		{"drivers/net/exdrv/legacy/a.c", "exdrv_kick", "NETWORKING; THE REST; EXAMPLE RING DRIVER"}, // K: knows no X:
		{"kernel/axp288_charger.c", "", "SHORT NAMES; THE REST"},
	}
	for _, c := range cases {
		var titles []string
		for _, m := range ix.Sections(c.path, c.text) {
			titles = append(titles, m.Section.Title)
		}
		if got := strings.Join(titles, "; "); got != c.want {
			t.Errorf("%s with %q: %s, want %s", c.path, c.text, got, c.want)
		}
	}
	want := []Problem{{Line: 61, Text: "error parsing regexp: invalid named capture: `(?<!a)b`"}, {Line: 62, Text: "error parsing regexp: invalid nested repetition operator: `++`"}}
	if diff := cmp.Diff(want, ix.Problems()); diff != "" {
		t.Errorf("problems (-want +got)\n%s", diff)
	}
}

// TestPeople is who the script names, in its words.
func TestPeople(t *testing.T) {
	m, err := ParseMailmap("# names\nAda Lovelace <ada@example.com>\n<rae@example.org> <rae@example.net>\nTom B <tom@example.org> <tom@old.example.org>\n", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	ix := NewIndex(parse(t, quirks(t)), Options{Mailmap: m})
	o := ix.Owners("drivers/net/exdrv/ring.c", "")
	var got []string
	for _, p := range append(o.People, o.Lists...) {
		got = append(got, p.String())
	}
	want := []string{
		`"Kai O'Neill, Jr" <kai@example.org> (maintainer:NETWORKING)`,
		`"Jörg Übel" <joerg@example.org> (maintainer:NETWORKING)`,
		"Tom B <tom@example.org> (maintainer:NETWORKING)", // the same name again, elsewhere, is left out
		"one@example.org (maintainer:NETWORKING)",
		"Two <two@example.org> (maintainer:NETWORKING)",
		"Ada Lovelace <ada@example.com> (supporter:EXAMPLE RING DRIVER)",
		"Rae Viewer <rae@example.org> (reviewer:EXAMPLE RING DRIVER)",
		"netdev@lists.example.org (open list:NETWORKING)",
		"EXDRV@lists.example.org (open list:NETWORKING)", // and once only
		"linux-kernel@vger.kernel.org (open list)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("people (-want +got)\n%s", diff)
	}
}

func TestRoles(t *testing.T) {
	for status, want := range map[string]string{
		"Supported": "supporter:X", "Maintained": "maintainer:X", "Odd Fixes": "odd fixer:X", "Orphan": "orphan minder:X",
		"Obsolete": "obsolete minder:X", "Supported until 2030": "supported until 2030:X", "": "unknown:X",
	} {
		s := Section{Title: "X", Entries: []Entry{{'M', "A <a@b.example>", 2}}}
		if status != "" {
			s.Entries = append(s.Entries, Entry{'S', status, 3})
		}
		if got := s.People()[0].Role; got != want {
			t.Errorf("a maintainer where S: is %q is a %q, want %q", status, got, want)
		}
	}
	if got, want := shortTitle(strings.Repeat("LONG ", 12)), "LONG LONG LONG LONG LONG LONG LONG LONG LONG LO..."; got != want {
		t.Errorf("a long title is %q, want %q", got, want)
	}
}

func TestByTree(t *testing.T) {
	f := parse(t, quirks(t))
	for url, want := range map[string]int{
		"git://git.example.org/exdrv.git":                                     1,
		"https://git.example.org/exdrv":                                       1,
		"https://git.example.org/exdrv.git":                                   1,
		"ssh://me@git.example.org:22/exdrv":                                   1,
		"me@git.example.org:exdrv.git":                                        1,
		"https://git.example.org/exdrv2":                                      0,
		"https://git.kernel.org/pub/scm/linux/kernel/git/netdev/net.git":      1,
		"https://kernel.googlesource.com/pub/scm/linux/kernel/git/netdev/net": 1,
		"git@gitolite.kernel.org:/pub/scm/linux/kernel/git/netdev/net.git":    1,
		"https://quilt.example.org/series":                                    0, // quilt is no git
		"/srv/git/exdrv.git":                                                  0,
		"":                                                                    0,
	} {
		if got := f.ByTree(url); len(got) != want {
			t.Errorf("%s is named by %d sections, want %d", url, len(got), want)
		}
	}
	got := f.ByTree("git://git.example.org/exdrv.git")[0]
	if diff := cmp.Diff(Patterns{Files: []string{"Documentation/networking/exdrv/", "drivers/net/exdrv/", "include/linux/exdrv*.h"},
		Excludes: []string{"drivers/net/exdrv/legacy/"}, Names: []string{"exdrv"}, Contents: []string{`\bexdrv_(ring|kick)\b`}}, PathsOf(got)); diff != "" {
		t.Errorf("paths (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]Tree{{"git", "git://git.example.org/exdrv.git", "next"}}, got.Trees()); diff != "" {
		t.Errorf("trees (-want +got)\n%s", diff)
	}
}

func FuzzOwners(f *testing.F) {
	f.Add(quirks(f), "drivers/net/exdrv/ring.c", "exdrv_kick")
	f.Add("A\nF:\t[a-\nF:\t?*?\nN:\t(\nK:\t[ #]x # y\nX:\t|\n", "a/b", "x")
	f.Fuzz(func(t *testing.T, text, path, contents string) {
		file, err := Parse(text, Limits{Bytes: 1 << 16, Sections: 200, Entries: 1000, Problems: 5})
		if err != nil {
			return
		}
		ix := NewIndex(file, Options{})
		if len(ix.Problems()) > 100 {
			t.Errorf("%d problems", len(ix.Problems()))
		}
		o := ix.Owners(path, contents)
		seen := map[string]bool{}
		for i, m := range o.Matches {
			if seen[m.Section.Title+string(rune(m.Section.Line))] {
				t.Errorf("section %q twice", m.Section.Title)
			}
			seen[m.Section.Title+string(rune(m.Section.Line))] = true
			if m.Line <= m.Section.Line && m.Section.Title != "" {
				t.Errorf("section %q of line %d owns by line %d", m.Section.Title, m.Section.Line, m.Line)
			}
			if contents == "" && i > 0 && m.Depth > o.Matches[i-1].Depth {
				t.Errorf("depth %d after %d", m.Depth, o.Matches[i-1].Depth)
			}
		}
		for _, p := range o.People {
			if p.Address == "" || p.Role == "" {
				t.Errorf("nobody: %+v", p)
			}
		}
	})
}
