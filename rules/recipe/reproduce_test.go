package recipe

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// script prints a reproduction as text, so that the tables below read like
// what people see.
func script(r Reproduction) string {
	var b strings.Builder
	for _, s := range r.Steps {
		b.WriteString("[" + s.Title + "]\n" + strings.Join(s.Lines, "\n") + "\n")
	}
	for _, need := range r.Needs {
		b.WriteString("needs " + need + "\n")
	}
	return b.String()
}

func compare(t *testing.T, want string, got Reproduction) {
	t.Helper()
	if diff := cmp.Diff(strings.TrimLeft(want, "\n"), script(got)); diff != "" {
		t.Error(diff)
	}
}

var netNext = Source{
	URL:       "https://git.kernel.org/pub/scm/linux/kernel/git/netdev/net-next.git",
	Commit:    "9c1e77aa01cd",
	Config:    "https://ci.example.org/b/5h2kd8/config",
	Toolchain: "gcc 14.2.1, binutils 2.43",
}

func TestReproduceBuild(t *testing.T) {
	k := KBuild{Arch: "arm64", CrossCompile: "aarch64-linux-gnu-", Targets: []string{"Image.gz", "modules"}}
	compare(t, `
[Get the source]
git clone \
  https://git.kernel.org/pub/scm/linux/kernel/git/netdev/net-next.git \
  linux && cd linux
git checkout 9c1e77aa01cd
[Get the configuration]
curl -L -o .config https://ci.example.org/b/5h2kd8/config
make ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- olddefconfig
[Build]
make ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- -j$(nproc) Image.gz \
  modules
needs gcc 14.2.1, binutils 2.43
needs a cross compiler with the prefix aarch64-linux-gnu- (not needed on arm64 itself: leave CROSS_COMPILE out)
`, k.Reproduce(netNext))
}

func TestReproduceKUnit(t *testing.T) {
	compare(t, `
[Get the source]
git clone https://git.example.org/linux.git linux && cd linux
git checkout 830b3c68c1fb
[Get the configuration]
scripts/kconfig/merge_config.sh -m /dev/null \
  tools/testing/kunit/configs/arch_uml.config \
  tools/testing/kunit/configs/default.config
make ARCH=um olddefconfig
[Build]
make ARCH=um -j$(nproc) linux
[Run the tests]
./linux mem=1G console=tty kunit_shutdown=halt kunit.enable=1 \
  kunit.filter_glob="list-*.*"
needs 1 GB of memory, no special device, no root
`, KUnitUM{FilterGlob: "list-*.*"}.Reproduce(Source{URL: "https://git.example.org/linux.git", Commit: "830b3c68c1fb"}))
}

func TestReproduceSeriesAndCommand(t *testing.T) {
	source := netNext
	source.Patches = []string{
		"https://lore.kernel.org/all/20260302101040.1234-1-ada@example.com/",
		"https://patchwork.example.org/series/1/mbox/?a=1&b=2",
		"/srv/private/3.patch",
	}
	c := Command{Command: "make -C tools/testing/selftests TARGETS=net TEST_PROGS=fib_tests.sh run_tests", Format: KTAP}
	compare(t, `
[Get the source]
git clone \
  https://git.kernel.org/pub/scm/linux/kernel/git/netdev/net-next.git \
  linux && cd linux
git checkout 9c1e77aa01cd
[Apply the patches]
b4 shazam \
  https://lore.kernel.org/all/20260302101040.1234-1-ada@example.com/
curl -L 'https://patchwork.example.org/series/1/mbox/?a=1&b=2' \
  | git am
# A patch is not public: /srv/private/3.patch
[Get the configuration]
curl -L -o .config https://ci.example.org/b/5h2kd8/config
make ARCH=x86_64 LLVM=-18 olddefconfig
[Build]
make ARCH=x86_64 LLVM=-18 -j$(nproc)
[Boot the kernel and run the test]
# boot the kernel that was built, then in this folder:
make -C tools/testing/selftests TARGETS=net TEST_PROGS=fib_tests.sh \
  run_tests
needs gcc 14.2.1, binutils 2.43
needs b4, to fetch the patches
`, c.Reproduce(source, &KBuild{Arch: "x86_64", Compiler: "clang-18"}))
}

func TestReproduceCommandAlone(t *testing.T) {
	c := Command{Command: "cmake -S \"$SOURCE\"   # a comment\n./run 'a  b'", Dir: "tools/x y"}
	compare(t, `
[Get the source]
# The repository is not public. In your copy of it, check out abc.
[Run the test]
export SOURCE="$PWD" OUTPUT="$PWD"
cd 'tools/x y'
cmake -S "$SOURCE"   # a comment
./run 'a  b'
`, c.Reproduce(Source{URL: "git@example.org:secret.git", Commit: "abc"}, nil))
}

func TestReproduceWithoutThePublicConfig(t *testing.T) {
	k := KBuild{Arch: "x86_64", ConfigTarget: "allnoconfig", Fragments: []string{"kernel/configs/debug.config"}, Compiler: "gcc-12"}
	compare(t, `
[Get the source]
# The repository is not public. In your copy of it, check out abc.
[Get the configuration]
# The configuration that was used is not public; this makes the same
# from the tree:
make ARCH=x86_64 CC=gcc-12 allnoconfig
scripts/kconfig/merge_config.sh -m .config kernel/configs/debug.config
make ARCH=x86_64 CC=gcc-12 olddefconfig
[Build]
make ARCH=x86_64 CC=gcc-12 -j$(nproc)
needs gcc-12
`, k.Reproduce(Source{URL: "http://localhost/linux.git", Commit: "abc", Config: "file:///box/config"}))
}

func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"https://git.example.org/a.git":      true,
		"http://git.example.org/a.git":       true,
		"git://git.example.org/a.git":        true,
		"ssh://git@example.org/a.git":        false,
		"git@example.org:a.git":              false,
		"https://user:secret@example.org/a":  false,
		"https://127.0.0.1:8080/a":           false,
		"http://localhost/a":                 false,
		"http://[::1]/a":                     false,
		"file:///srv/a.git":                  false,
		"/srv/a.git":                         false,
		"":                                   false,
		"https://example.org/a\nrm -rf":      false,
		"https://example.org/a b":            false,
		"javascript:alert(1)":                false,
		"https://example.org/a'; echo owned": false,
	} {
		if got := public(address); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
}

func TestShellWord(t *testing.T) {
	for value, want := range map[string]string{
		"plain":         "plain",
		"a/b.c_d-e=f":   "a/b.c_d-e=f",
		"CC=ccache gcc": `CC="ccache gcc"`,
		"":              "''",
		"a b":           "'a b'",
		"it's":          `'it'\''s'`,
		"$(id)":         "'$(id)'",
		"CC=$(id) x":    "'CC=$(id) x'",
		"a\nb":          "'a\nb'",
	} {
		if got := shellWord(value); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

// Folding must not change what a shell reads: taken together again, the lines
// are the words.
func FuzzShellLines(f *testing.F) {
	f.Add("make ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- -j8 Image modules dtbs all more and more")
	f.Add(strings.Repeat("x", 100) + " y")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		words := strings.Fields(text)
		for i := range words {
			words[i] = shellWord(words[i])
		}
		lines := shellLines(words...)
		if got := strings.ReplaceAll(strings.Join(lines, "\n"), " \\\n"+continuation, " "); got != strings.Join(words, " ") {
			t.Errorf("%q became %q", words, lines)
		}
		for i, line := range lines {
			if len(line) > lineWidth && strings.Contains(strings.TrimSuffix(strings.TrimPrefix(line, continuation), ` \`), " ") {
				quotedSpace := strings.ContainsAny(line, `'"`)
				if !quotedSpace {
					t.Errorf("line %d has %d columns: %q", i, len(line), line)
				}
			}
		}
	})
}

// An owner's text is either left as it is or folded between plain words.
func FuzzOwnerLines(f *testing.F) {
	f.Add("make check")
	f.Add("cat <<EOF\n a\nEOF")
	f.Add("echo 'a  b' # c")
	f.Add(strings.Repeat("word ", 40))
	f.Fuzz(func(t *testing.T, text string) {
		joined := strings.ReplaceAll(strings.Join(ownerLines(text), "\n"), " \\\n"+continuation, " ")
		if joined != strings.Trim(text, "\n") && joined != strings.Join(strings.Fields(text), " ") {
			t.Errorf("%q became %q", text, joined)
		}
	})
}
