package patch

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// lines joins lines; a shorter way to write diffs in tables.
func lines(list ...string) string { return strings.Join(list, "\n") + "\n" }

var oneHunk = lines("@@ -1,3 +1,4 @@ int ring(void)", " {", "-	old();", "+	new();", "+	more();", " }")

func TestFiles(t *testing.T) {
	tests := []struct {
		name, in string
		want     []File
	}{
		{"git, modified", "diff --git a/drivers/net/exdrv.c b/drivers/net/exdrv.c\nindex 1111111..2222222 100644\n--- a/drivers/net/exdrv.c\n+++ b/drivers/net/exdrv.c\n" + oneHunk,
			[]File{{Old: "drivers/net/exdrv.c", New: "drivers/net/exdrv.c", Kind: Modified, Added: 2, Deleted: 1}}},
		{"git, added", lines("diff --git a/x/new.c b/x/new.c", "new file mode 100644", "index 0000000..2222222", "--- /dev/null", "+++ b/x/new.c", "@@ -0,0 +1,2 @@", "+a", "+b"),
			[]File{{New: "x/new.c", Kind: Added, Added: 2}}},
		{"git, added without a mode line", lines("diff --git a/x/new.c b/x/new.c", "--- /dev/null", "+++ b/x/new.c", "@@ -0,0 +1 @@", "+a"),
			[]File{{New: "x/new.c", Kind: Added, Added: 1}}},
		{"git, deleted", lines("diff --git a/x/old.c b/x/old.c", "deleted file mode 100644", "index 2222222..0000000", "--- a/x/old.c", "+++ /dev/null", "@@ -1 +0,0 @@", "-a"),
			[]File{{Old: "x/old.c", Kind: Deleted, Deleted: 1}}},
		{"git, renamed without changes", lines("diff --git a/x/old.c b/y/new.c", "similarity index 100%", "rename from x/old.c", "rename to y/new.c"),
			[]File{{Old: "x/old.c", New: "y/new.c", Kind: Renamed}}},
		{"git, renamed and changed", lines("diff --git a/x/old.c b/y/new.c", "similarity index 90%", "rename from x/old.c", "rename to y/new.c", "index 1..2 100644", "--- a/x/old.c", "+++ b/y/new.c") + oneHunk,
			[]File{{Old: "x/old.c", New: "y/new.c", Kind: Renamed, Added: 2, Deleted: 1}}},
		{"git, copied", lines("diff --git a/x.c b/y.c", "similarity index 100%", "copy from x.c", "copy to y.c"),
			[]File{{Old: "x.c", New: "y.c", Kind: Copied}}},
		{"git, mode only", lines("diff --git a/run.sh b/run.sh", "old mode 100644", "new mode 100755"),
			[]File{{Old: "run.sh", New: "run.sh", Kind: Modified}}},
		{"git, empty file", lines("diff --git a/.keep b/.keep", "new file mode 100644", "index 0000000..e69de29"),
			[]File{{New: ".keep", Kind: Added}}},
		{"git, binary without data", lines("diff --git a/logo.png b/logo.png", "index 1..2 100644", "Binary files a/logo.png and b/logo.png differ"),
			[]File{{Old: "logo.png", New: "logo.png", Kind: Binary, Binary: true}}},
		{"git, binary added with data", lines("diff --git a/fw.bin b/fw.bin", "new file mode 100644", "index 0000000000000000000000000000000000000000..78981922613b2afb6025042ff6bd878ac1994e85", "GIT binary patch", "literal 2", "JcmYdfU|;|M00aO5", "", "literal 0", "HcmV?d00001", ""),
			[]File{{New: "fw.bin", Kind: Added, Binary: true}}},
		{"git, quoted name", lines(`diff --git "a/gr\303\266\303\237e.c" "b/gr\303\266\303\237e.c"`, "old mode 100644", "new mode 100755"),
			[]File{{Old: "größe.c", New: "größe.c", Kind: Modified}}},
		{"git, name with spaces", lines("diff --git a/a file.c b/a file.c", "old mode 100644", "new mode 100755"),
			[]File{{Old: "a file.c", New: "a file.c", Kind: Modified}}},
		{"git, no prefixes", lines("diff --git drivers/net/exdrv.c drivers/net/exdrv.c", "index 1..2 100644", "--- drivers/net/exdrv.c", "+++ drivers/net/exdrv.c") + oneHunk +
			lines("diff --git Makefile Makefile", "index 1..2 100644", "--- Makefile", "+++ Makefile") + oneHunk +
			lines("diff --git x/a.c y/b.c", "similarity index 90%", "rename from x/a.c", "rename to y/b.c", "--- x/a.c", "+++ y/b.c") + oneHunk +
			lines("diff --git x/n.c x/n.c", "new file mode 100644", "--- /dev/null", "+++ x/n.c", "@@ -0,0 +1 @@", "+a"),
			[]File{
				{Old: "drivers/net/exdrv.c", New: "drivers/net/exdrv.c", Kind: Modified, Added: 2, Deleted: 1},
				{Old: "Makefile", New: "Makefile", Kind: Modified, Added: 2, Deleted: 1},
				{Old: "x/a.c", New: "y/b.c", Kind: Renamed, Added: 2, Deleted: 1},
				{New: "x/n.c", Kind: Added, Added: 1},
			}},
		{"git, no prefixes, quoted", lines(`diff --git "x/\303\266.c" "x/\303\266.c"`, `--- "x/\303\266.c"`, `+++ "x/\303\266.c"`) + oneHunk,
			[]File{{Old: "x/ö.c", New: "x/ö.c", Kind: Modified, Added: 2, Deleted: 1}}},
		{"git, other prefixes", lines("diff --git i/x/a.c w/x/a.c", "index 1..2 100644", "--- i/x/a.c", "+++ w/x/a.c") + oneHunk,
			[]File{{Old: "x/a.c", New: "x/a.c", Kind: Modified, Added: 2, Deleted: 1}}},
		{"plain, a and b", "--- a/x/a.c\t2026-01-01 00:00:00.0 +0000\n+++ b/x/a.c\t2026-01-02 00:00:00.0 +0000\n" + oneHunk,
			[]File{{Old: "x/a.c", New: "x/a.c", Kind: Modified, Added: 2, Deleted: 1}}},
		{"plain, two trees", "diff -ur linux-6.1.orig/x/a.c linux-6.1/x/a.c\n--- linux-6.1.orig/x/a.c\n+++ linux-6.1/x/a.c\n" + oneHunk,
			[]File{{Old: "x/a.c", New: "x/a.c", Kind: Modified, Added: 2, Deleted: 1}}},
		{"plain, no prefix", "--- drivers/x/a.c\n+++ drivers/x/a.c\n" + oneHunk,
			[]File{{Old: "drivers/x/a.c", New: "drivers/x/a.c", Kind: Modified, Added: 2, Deleted: 1}}},
		{"plain, top of the tree", "--- a/Makefile\n+++ b/Makefile\n" + oneHunk,
			[]File{{Old: "Makefile", New: "Makefile", Kind: Modified, Added: 2, Deleted: 1}}},
		{"plain, added", lines("--- /dev/null", "+++ b/x/n.c", "@@ -0,0 +1 @@", "+a"), []File{{New: "x/n.c", Kind: Added, Added: 1}}},
		{"plain, deleted", lines("--- a/x/n.c", "+++ /dev/null", "@@ -1 +0,0 @@", "-a"), []File{{Old: "x/n.c", Kind: Deleted, Deleted: 1}}},
		{"CR LF", strings.ReplaceAll("diff --git a/x/a.c b/x/a.c\nindex 1..2 100644\n--- a/x/a.c\n+++ b/x/a.c\n"+oneHunk, "\n", "\r\n"),
			[]File{{Old: "x/a.c", New: "x/a.c", Kind: Modified, Added: 2, Deleted: 1}}},
		{"CR LF in the file alone", lines("diff --git a/x/a.c b/x/a.c", "--- a/x/a.c", "+++ b/x/a.c", "@@ -1 +1 @@", "-a\r", "+b\r"),
			[]File{{Old: "x/a.c", New: "x/a.c", Kind: Modified, Added: 1, Deleted: 1}}},
		{"no newline at the end", lines("diff --git a/x b/x", "--- a/x", "+++ b/x", "@@ -1 +1 @@", "-a", "\\ No newline at end of file", "+b", "\\ No newline at end of file"),
			[]File{{Old: "x", New: "x", Kind: Modified, Added: 1, Deleted: 1}}},
		{"not clean", lines("diff --git a/x/./y.c b/x/./y.c", "old mode 100644", "new mode 100755"),
			[]File{{Old: "x/y.c", New: "x/y.c", Kind: Modified}}},
		{"only text", "Please apply.\n--\nMe\n", nil},
		{"empty", "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Files(strings.NewReader(test.in), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	mode := "\nold mode 100644\nnew mode 100755\n"
	tests := []struct {
		name, in string
		want     error
	}{
		{"out of the tree", "diff --git a/../../etc/passwd b/../../etc/passwd" + mode, ErrPath},
		{"in the middle", "diff --git a/x/../y b/x/../y" + mode, ErrPath},
		{"absolute", lines("--- /etc/passwd", "+++ /etc/passwd") + oneHunk, ErrPath},
		{"absolute, quoted", lines(`--- "/etc/passwd"`, `+++ "/etc/passwd"`) + oneHunk, ErrPath},
		{"absolute behind the prefix", lines("diff --git a/x b/x", "similarity index 1%", "rename from x", "rename to /etc/passwd"), ErrPath},
		{"NUL", `diff --git "a/x\000y" "b/x\000y"` + mode, ErrPath},
		{"nothing left", lines("diff --git a/. b/.") + mode[1:], ErrPath},
		{"long", "diff --git a/" + strings.Repeat("x", 5000) + " b/" + strings.Repeat("x", 5000) + mode, ErrPath},
		{"hunk without file", oneHunk, ErrSyntax},
		{"hunk cut short", "--- a/x\n+++ b/x\n" + lines("@@ -1,3 +1,4 @@", " {", "-	old();"), ErrSyntax},
		{"hunk with other counts", "--- a/x\n+++ b/x\n" + lines("@@ -1,1 +1,9 @@", "-a", "+b", "diff"), ErrSyntax},
		{"counts out of range", "--- a/x\n+++ b/x\n" + lines("@@ -1,99999999999999999999 +1 @@", "-a"), ErrSyntax},
		{"broken binary", lines("diff --git a/x b/x", "index 1..2 100644", "GIT binary patch", "literal 5", "!!!", ""), ErrSyntax},
		{"broken mode", lines("diff --git a/x b/x", "old mode rwx"), ErrSyntax},
		{"no names", lines("diff --git ", "old mode 100644"), ErrSyntax},
		{"from nothing to nothing", lines("diff --git a/x b/x", "--- /dev/null", "+++ /dev/null", "@@ -0,0 +1 @@", "+a"), ErrSyntax},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Files(strings.NewReader(test.in), Limits{})
			if !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v; files %v", err, test.want, got)
			}
		})
	}
}

func TestFilesBeforeAnErrorAreKept(t *testing.T) {
	in := lines("diff --git a/x b/x", "old mode 100644", "new mode 100755", "diff --git a/y b/y", "old mode rwx")
	got, err := Files(strings.NewReader(in), Limits{})
	if !errors.Is(err, ErrSyntax) {
		t.Fatalf("error %v", err)
	}
	if diff := cmp.Diff([]File{{Old: "x", New: "x", Kind: Modified}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestLimits(t *testing.T) {
	var many strings.Builder
	for i := range 100 {
		fmt.Fprintf(&many, "diff --git a/f%d b/f%d\nold mode 100644\nnew mode 100755\n", i, i)
	}
	in := many.String()
	tests := []struct {
		name   string
		limits Limits
		want   error
	}{
		{"default", Limits{}, nil},
		{"exact bytes", Limits{Bytes: int64(len(in))}, nil},
		{"bytes", Limits{Bytes: int64(len(in)) - 1}, ErrTooLarge},
		{"exact lines", Limits{Lines: 300}, nil},
		{"lines", Limits{Lines: 299}, ErrTooLarge},
		{"exact files", Limits{Files: 100}, nil},
		{"files", Limits{Files: 99}, ErrTooLarge},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Files(strings.NewReader(in), test.limits)
			if !errors.Is(err, test.want) {
				t.Fatalf("error %v, want %v", err, test.want)
			}
			if test.want == nil && len(got) != 100 || test.want != nil && len(got) != 0 {
				t.Errorf("%d files", len(got))
			}
		})
	}
}

// endless is a reader that never ends.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.read += int64(len(p))
	for i := range p {
		p[i] = '+'
	}
	return len(p), nil
}

func TestEndlessInput(t *testing.T) {
	source := &endless{}
	if _, err := Files(source, Limits{Bytes: 1 << 20}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("error %v", err)
	}
	if source.read > 2<<20 {
		t.Errorf("read %d bytes", source.read)
	}
}

func TestReaderError(t *testing.T) {
	broken := errors.New("connection reset")
	if _, err := Files(iotest.ErrReader(broken), Limits{}); !errors.Is(err, broken) || errors.Is(err, ErrSyntax) {
		t.Errorf("error %v", err)
	}
}

func TestComparesFolders(t *testing.T) {
	tests := []struct {
		before, after string
		want          bool
	}{
		{"a/x.c", "b/x.c", true},
		{"a/x.c\t2026", "a/x.c\t2026", true},
		{"linux.orig/x.c", "linux/x.c", true},
		{"drivers/x.c", "drivers/x.c", false},
		{"x.c.orig", "x.c", false},
		{"x.c", "linux/x.c", false},
		{"/dev/null", "b/x.c", true},
		{"/dev/null", "drivers/x.c", false},
		{"a/x.c", "/dev/null", true},
		{"/x/a.c", "/x/a.c", false},
	}
	for _, test := range tests {
		if got := comparesFolders(test.before, test.after); got != test.want {
			t.Errorf("comparesFolders(%q, %q) = %v", test.before, test.after, got)
		}
	}
}
