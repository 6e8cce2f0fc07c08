package sampletree

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	subjectShape = regexp.MustCompile(`^[a-z]+: [a-zA-Z].*[^.]$`)
	authorShape  = regexp.MustCompile(`^[A-Z][a-z]+ [A-Z][a-z]+ <[a-z.]+@example\.org>$`)
	address      = regexp.MustCompile(`[a-zA-Z0-9.+-]+@[a-zA-Z][a-zA-Z0-9.-]+`)
)

func TestCommitMessages(t *testing.T) {
	for _, commit := range Commits() {
		if !subjectShape.MatchString(commit.Subject) || len(commit.Subject) > 72 {
			t.Errorf("subject %q is not that of a kernel commit", commit.Subject)
		}
		if !authorShape.MatchString(commit.Author) {
			t.Errorf("%s: author %q", commit.Subject, commit.Author)
		}
		if !strings.HasSuffix(commit.Body, "\n\nSigned-off-by: "+commit.Author+"\n") {
			t.Errorf("%s: the body does not end with the author's sign-off", commit.Subject)
		}
		for line := range strings.Lines(commit.Body) {
			if len(line) > 76 {
				t.Errorf("%s: line of %d characters: %q", commit.Subject, len(line)-1, line)
			}
		}
	}
}

// Each commit must change what it says it changes, and nothing in vain.
func TestCommitFiles(t *testing.T) {
	tree := map[string]string{}
	for _, commit := range Commits() {
		if len(commit.Files) == 0 {
			t.Errorf("%s: no files", commit.Subject)
		}
		for name, content := range commit.Files {
			if old, ok := tree[name]; ok && old == content {
				t.Errorf("%s: %s is not changed", commit.Subject, name)
			}
			checkFile(t, name, content)
			tree[name] = content
		}
		for _, name := range commit.Deleted {
			if _, ok := tree[name]; !ok {
				t.Errorf("%s: deletes %s, which is not there", commit.Subject, name)
			}
			delete(tree, name)
		}
	}
}

// checkFile looks for what must not be in the tree: products of a build that
// somebody ran in place, and addresses of real people.
func checkFile(t *testing.T, name, content string) {
	t.Helper()
	if path.Clean(name) != name || path.IsAbs(name) || strings.HasPrefix(name, "..") {
		t.Errorf("%s is not a clean relative path", name)
	}
	allowed := []string{"", ".c", ".h", ".sh", ".rst", ".txt", ".gitignore"}
	product := path.Base(name) == "conf" || path.Base(name) == "vmlinux"
	if !slices.Contains(allowed, path.Ext(name)) || strings.Contains(name, "generated/") || product {
		t.Errorf("%s looks like the product of a build: run make mrproper", name)
	}
	if strings.Contains(content, "\r") || !strings.HasSuffix(content, "\n") || strings.ContainsRune(content, 0) {
		t.Errorf("%s is not a text file", name)
	}
	for _, found := range address.FindAllString(content, -1) {
		explained := found == "address@domain" // the head of MAINTAINERS
		if !strings.HasSuffix(found, "example.org") && !explained {
			t.Errorf("%s: address %s is not at example.org", name, found)
		}
	}
}

func TestFirstCommitHasTheWholeTree(t *testing.T) {
	files := Commits()[0].Files
	for _, name := range []string{
		".gitignore", "COPYING", "Kconfig", "MAINTAINERS", "Makefile", "README",
		"Documentation/testing.rst", "arch/um/configs/" + Build().Config,
		"include/linux/ring.h", "lib/ring.c", "lib/ring_test.c", "tools/testing/run.sh",
	} {
		if files[name] == "" {
			t.Errorf("%s is missing", name)
		}
	}
	for _, variable := range []string{"VERSION", "PATCHLEVEL", "SUBLEVEL", "EXTRAVERSION", "NAME"} {
		if !regexp.MustCompile(`(?m)^` + variable + ` = \S`).MatchString(files["Makefile"]) {
			t.Errorf("Makefile does not set %s", variable)
		}
	}
	if n := strings.Count(files["MAINTAINERS"], "\nF:\t"); n < 20 {
		t.Errorf("MAINTAINERS has %d patterns", n)
	}
}

// A caller may change what it got without changing what the next one gets.
func TestCommitsAreCopies(t *testing.T) {
	first := Commits()
	first[0].Files["Makefile"] = "gone"
	first[1].Subject = "gone"
	again := Commits()
	if again[0].Files["Makefile"] == "gone" || again[1].Subject == "gone" {
		t.Error("a change of the returned commits is seen by the next caller")
	}
}

func TestTestsAreSortedAndComplete(t *testing.T) {
	files := Commits()[0].Files
	var names []string
	for _, test := range Tests() {
		names = append(names, test.Name)
		if test.Command != "sh tools/testing/run.sh "+test.Name || test.Format != "ktap" || test.TimeoutSeconds <= 0 {
			t.Errorf("test %+v", test)
		}
		for _, path := range test.Code {
			if files[path] == "" {
				t.Errorf("%s: its code %s is not in the tree", test.Name, path)
			}
		}
	}
	if !slices.IsSorted(names) {
		t.Errorf("names are not sorted: %v", names)
	}
	if len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("a name is there twice: %v", names)
	}
}

// Tests that are neither passed nor skipped are of one of the other kinds.
func TestExpectationsAddUp(t *testing.T) {
	var verdicts []string
	for _, commit := range Commits() {
		expect := commit.Expect
		verdicts = append(verdicts, expect.Verdict)
		sum := expect.Passed + expect.New + expect.StillFailing + expect.Infra + expect.Skipped
		want := len(Tests())
		if expect.Verdict == "broken" {
			want = 0
		}
		if sum != want {
			t.Errorf("%s: %d tests are accounted for, want %d", commit.Subject, sum, want)
		}
	}
	want := []string{"ok", "new", "ok", "ok", "ok", "ok", "broken", "ok"}
	if diff := cmp.Diff(want, verdicts); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
}

func TestArch(t *testing.T) {
	for goarch, want := range map[string]string{
		"amd64": "x86_64", "arm64": "aarch64", "386": "i386", "s390x": "s390x",
	} {
		if got := archOf(goarch); got != want {
			t.Errorf("archOf(%s) = %s, want %s", goarch, got, want)
		}
	}
}
