package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const selectDefinitions = `
sets: {net: [mptcp], mptcp: MPTCP}
tests:
  mptcp: {when: {paths: [net/mptcp/]}, sets: [mptcp]}
  docs: {when: {or: [{paths: [Documentation/]}, {subject: '^docs: '}]}}
  boot: {when: {arches: [x86_64]}}
  stress: {when: {paths: [mm/]}, cost: high}
`

// selectDatabase is one of kpet; broken gives it a set of nobody.
func selectDatabase(t *testing.T, broken bool) string {
	t.Helper()
	set := "net"
	if broken {
		set = "fs"
	}
	return writeAll(t, map[string]string{
		"index.yaml": "arches: [x86_64]\ntrees: {upstream: {template: t}}\nsets: {net: Networking}\nhost_types: {normal: {}}\nsuites: [net.yaml]\n",
		"net.yaml": "name: Net\nlocation: x\nmaintainers: [A]\nsets: [" + set + "]\ncases:\n" +
			"- {name: mptcp, max_duration_seconds: 60, pattern: {sources: {or: ['net/mptcp/.*', '(?!x)y']}, trees: upstream}}\n",
	})
}

// writeAll puts files into a folder.
func writeAll(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// selectTree is a repository with two commits and their patches beside it.
func selectTree(t *testing.T) string {
	t.Helper()
	folder := writeAll(t, map[string]string{
		"tests.yaml": selectDefinitions, "cover.patch": "From: a@example.org\nSubject: [PATCH 0/2] docs: all\n\nx\n", "text": "no patch\n",
		"sections.yaml": "tests: {mptcp: {when: {maintainers: 'NETWORKING [MPTCP]'}}, sound: {when: {maintainers: SOUND}}}\n",
		"M":             "NETWORKING [MPTCP]\nF:\tnet/\nX:\tnet/mptcp/\n\nSOUND\nF:\tsound/\n",
		"twice.yaml":    "tests:\n  a: {}\n  a: {}\n", "cycle.yaml": "sets: {a: [b], b: [a]}\n", "bomb.yaml": "tests: {a: {when: {paths: ['~((a{100}){100}){100}']}}}\n",
	})
	git := func(arguments ...string) {
		t.Helper()
		command := exec.CommandContext(t.Context(), "git", append([]string{"-C", folder, "-c", "user.name=A", "-c", "user.email=a@example.org"}, arguments...)...)
		command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1"}
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", arguments, err, out)
		}
	}
	if err := os.MkdirAll(filepath.Join(folder, "net/mptcp"), 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(name string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte("something that makes a rename seen\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "-q", "-b", "main")
	write("net/mptcp/a.c")
	git("add", "net")
	git("commit", "-q", "-m", "docs: one")
	git("mv", "net/mptcp/a.c", "net/a.c")
	if err := os.WriteFile(filepath.Join(folder, "MAINTAINERS"), []byte("NETWORKING [MPTCP]\nF:\tnet/\nX:\tnet/a.c\n\nSOUND\nF:\tsound/\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	git("add", "MAINTAINERS")
	git("commit", "-q", "-m", "net: two")
	git("format-patch", "-q", "--root", "--output=series.mbox", "HEAD")
	git("checkout", "-q", "-b", "other", "HEAD~1")
	write("sound.c")
	git("add", "sound.c")
	git("commit", "-q", "-m", "sound: three")
	git("checkout", "-q", "main")
	return folder
}

func TestSelectCommand(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	tree, kpet, broken := selectTree(t), selectDatabase(t, false), selectDatabase(t, true)
	huge := filepath.Join(t.TempDir(), "huge.patch")
	if err := errors.Join(os.WriteFile(huge, nil, 0o600), os.Truncate(huge, 50_000_000)); err != nil {
		t.Fatal(err)
	}
	const db = "--db tests.yaml "
	for _, one := range []struct {
		line, input string
		want        expectation
	}{
		{db + "--arch x86_64 HEAD", "", expectation{0, []string{
			"2 of 4 tests run\n\nRun:\n  mptcp ", "net/mptcp/a.c has changed: the test is for changes of a file below net/mptcp/  tests.yaml:4:18\n", "  boot ",
			"\nDo not run:\n", "  stress  the test costs much", "\nChanged files and the tests that cover them:\n  net/mptcp/a.c → net/a.c  mptcp\n"}, nil}},
		{db + "HEAD~1", "", expectation{0, []string{"3 of 4 tests run\n", "the test is for changes with a subject like “^docs: ”"}, nil}},
		{db + "--arch s390x other~1..other", "", expectation{0, []string{"0 of 4 tests run; no test is aimed at what has changed", "Covered by no test:\n  sound.c\n"}, nil}},
		{db + "--arch s390x main...other", "", expectation{0, []string{"Covered by no test:\n  sound.c\n"}, nil}},
		{db + "--arch s390x --unmatched sets --fallback net main...other", "", expectation{0, []string{"1 of 4 tests run", "so those of net run"}, nil}},
		{db + "--set net series.mbox", "", expectation{0, []string{"1 of 4 tests run", "  net/mptcp/a.c            mptcp\n  net/mptcp/a.c → net/a.c  mptcp\n", "none of the sets that were asked for: net"}, nil}},
		{db + "cover.patch series.mbox", "", expectation{0, []string{"3 of 4 tests run"}, nil}},
		{db + "-", "--- a/mm/x.c\n+++ b/mm/x.c\n@@ -1 +1 @@\n-a\n+b\n", expectation{0, []string{"2 of 4 tests run", "mm/x.c has changed"}, nil}},
		{db + "--everything", "", expectation{0, []string{"3 of 4 tests run", "everything has changed: the test is for changes of a file below net/mptcp/"}, nil}},
		{"--db " + kpet + " --tree upstream HEAD", "", expectation{0, []string{"1 of 1 tests run", "Net - mptcp"}, []string{"drover: not the same: net.yaml:6: the pattern \"(?!x)y\" cannot be said"}}},
		{"--db sections.yaml HEAD", "", expectation{0, []string{"1 of 2 tests run", "net/mptcp/a.c has changed: the test is for changes of a file of “NETWORKING [MPTCP]”", "the test is only for changes of a file of “SOUND”"}, nil}},
		{"--db sections.yaml --maintainers M HEAD", "", expectation{0, []string{"1 of 2 tests run", "net/a.c has changed"}, nil}},
		{"--db sections.yaml --maintainers M HEAD~1", "", expectation{0, []string{"0 of 2 tests run"}, nil}},
		{"--db sections.yaml HEAD~1", "", expectation{0, []string{"2 of 2 tests run", "MAINTAINERS has no section “SOUND”"}, []string{"drover: conditions ask for sections of MAINTAINERS, and there is none: name a file with --maintainers"}}},
		{"--db sections.yaml series.mbox", "", expectation{0, []string{"2 of 2 tests run"}, []string{"and there is none"}}},
		{"--db sections.yaml --maintainers gone HEAD", "", expectation{1, nil, []string{"gone: no such file"}}},
		{"--db sections.yaml --maintainers " + huge + " HEAD", "", expectation{1, nil, []string{"huge.patch: the file has more than 4194304 bytes"}}},

		{"HEAD", "", expectation{80, []string{"Usage: drover select"}, []string{"missing flags: --db"}}},
		{db, "", expectation{1, nil, []string{"name a patch or a range of commits, or say --everything"}}},
		{db + "--unmatched sets HEAD", "", expectation{1, nil, []string{"--unmatched sets and --fallback, which names the sets, go together"}}},
		{db + "--everything HEAD", "", expectation{1, nil, []string{"--everything is a run without patches: leave out HEAD"}}},
		{db + "cover.patch", "", expectation{1, nil, []string{"cover.patch changes no file"}}},
		{db + "text", "", expectation{1, nil, []string{"text changes no file: is it a patch?"}}},
		{db + huge, "", expectation{1, nil, []string{"huge.patch has more than 33554432 bytes"}}},
		{db + "-", manyFiles(100_000), expectation{1, nil, []string{"standard input: read patch of 100000 files: patch is too large"}}},
		{db + "HEAD~9", "", expectation{1, nil, []string{"no such revision: HEAD~9"}}},
		{db + "--output=x", "", expectation{80, []string{"Usage: drover select"}, []string{"unknown flag --output"}}},
		{db + "gone.patch", "", expectation{1, nil, []string{"no such revision: gone.patch"}}},
		{db + "a;b", "", expectation{1, nil, []string{`"a;b" is no file, and no revision either`}}},
		{"--db gone.yaml HEAD", "", expectation{1, nil, []string{"gone.yaml: no such file"}}},
		{"--db net HEAD", "", expectation{1, nil, []string{"net holds neither index.yaml of kpet nor files of test definitions"}}},
		{"--db . HEAD", "", expectation{1, nil, []string{"bomb.yaml:\n  line 1, column 28: the regular expression is refused: invalid repeat count"}}},
		{"--db twice.yaml HEAD", "", expectation{1, nil, []string{"twice.yaml:\n  line 3, column 3: `a` stands here twice"}}},
		{"--db cycle.yaml HEAD", "", expectation{1, nil, []string{"sets include each other in a circle: a, b, a"}}},
		{"--db " + broken + " HEAD", "", expectation{1, nil, []string{`wrong: net.yaml:4: the expression "fs" means no set: there are net`, "drover: the database has a mistake"}}},
	} {
		t.Run(strings.ReplaceAll(one.line, "/", "_"), func(t *testing.T) {
			command := call(t, nil, append([]string{"select"}, strings.Fields(one.line)...)...)
			command.Dir = tree
			command.Stdin = strings.NewReader(one.input)
			one.want.check(t, ended(t, command))
		})
	}
}

// manyFiles is a patch of n files.
func manyFiles(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "diff --git a/f%d b/f%d\nold mode 100644\nnew mode 100755\n", i, i)
	}
	return b.String()
}

func TestSelectJSON(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	command := call(t, nil, "select", "--db", "tests.yaml", "--json", "main...other")
	command.Dir = selectTree(t)
	got := ended(t, command)
	var answer selectAnswer
	if err := json.Unmarshal([]byte(got.out), &answer); err != nil || got.code != 0 {
		t.Fatalf("%v in %+v", err, got)
	}
	if diff := cmp.Diff([]string{"sound.c"}, answer.Uncovered); diff != "" || len(answer.Tests) != 4 || answer.Unmatched != "none" {
		t.Errorf("%s %+v", diff, answer)
	}
	if c := answer.Tests[0]; c.Chosen || c.By != "changes a file below net/mptcp/" || c.Source != "tests.yaml" || c.Line != 4 {
		t.Errorf("%+v", c)
	}
}

// TestImportKpet: what is printed is a file of definitions that gives the same
// answer as the database.
func TestImportKpet(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	got := ended(t, call(t, nil, "import", "kpet", selectDatabase(t, false)))
	expectation{0, []string{"tests:\n    Net - mptcp:\n        when:\n", "max_duration: 1m0s"}, []string{"drover: not the same: net.yaml:6: "}}.check(t, got)
	command := call(t, nil, "select", "--db", "-", "--everything")
	if err := os.WriteFile(filepath.Join(command.Dir, "imported.yaml"), []byte(got.out), 0o600); err != nil {
		t.Fatal(err)
	}
	command.Args[3] = "imported.yaml"
	expectation{0, []string{"1 of 1 tests run", "Net - mptcp"}, nil}.check(t, ended(t, command))
	expectation{1, nil, []string{"drover: the database has a mistake"}}.check(t, ended(t, call(t, nil, "import", "kpet", selectDatabase(t, true))))
	expectation{1, nil, []string{"/nowhere"}}.check(t, ended(t, call(t, nil, "import", "kpet", "/nowhere")))
}
