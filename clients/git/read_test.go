package git

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReadLog(t *testing.T) {
	record := strings.Join([]string{oidA, oidB, "J\xf6rg", "j@example.com", "1700000000", "fix: a \x1f thing"}, "\n")
	got, err := readLog(record + "\x00" + record + "\x00")
	if err != nil {
		t.Fatal(err)
	}
	want := Commit{SHA: oidA, Parents: []string{oidB}, Author: "J\uFFFDrg", Email: "j@example.com", Subject: "fix: a \x1f thing",
		Time: time.Unix(1700000000, 0).UTC()}
	if diff := cmp.Diff([]Commit{want, want}, got); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"x", oidA + "\n\n\n\nsoon\n", "xyz\n\n\n\n1\ns"} {
		if _, err := readLog(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestReadNameStatus(t *testing.T) {
	long := strings.Repeat("M\x00a\x00", MaxFiles+1)
	for _, test := range []struct {
		name, in string
		cut      bool
		files    int
		wantCut  bool
		fails    bool
	}{
		{name: "nothing", in: ""},
		{name: "some", in: "M\x00a\x00R100\x00b\x00c\x00T\x00d\x00", files: 3},
		{name: "cut within a path", in: "M\x00a\x00M\x00dri", cut: true, files: 1, wantCut: true},
		{name: "cut within a rename", in: "M\x00a\x00R100\x00b\x00c", cut: true, files: 1, wantCut: true},
		{name: "cut at an end", in: "M\x00a\x00", cut: true, files: 1, wantCut: true},
		{name: "too many", in: long, files: MaxFiles, wantCut: true},
		{name: "unknown kind", in: "X\x00a\x00", fails: true},
		{name: "no path", in: "M\x00", fails: true},
		{name: "no new name", in: "R100\x00a\x00", fails: true},
	} {
		got, err := readNameStatus(test.in, test.cut)
		if (err != nil) != test.fails || len(got.Files) != test.files || got.Cut != test.wantCut {
			t.Errorf("%s: %d files, cut %v, %v", test.name, len(got.Files), got.Cut, err)
		}
	}
}

func TestReadAnswers(t *testing.T) {
	for _, test := range []struct {
		name, in string
		paths    []string
		commit   bool
		objects  int
		fails    bool
	}{
		{name: "found and not", in: oidA + " commit\n" + oidB + " blob\nx:b missing\n", paths: []string{"a", "b"}, commit: true, objects: 1},
		{name: "no commit", in: "x missing\nx:a missing\n", paths: []string{"a"}},
		{name: "too few", in: oidA + " commit\n", paths: []string{"a"}, fails: true},
		{name: "nothing", in: "", paths: []string{"a"}, fails: true},
		{name: "something else", in: oidA + " commit\nfatal\n", paths: []string{"a"}, fails: true},
	} {
		commit, objects, err := readAnswers(test.in, test.paths)
		if (err != nil) != test.fails || commit != test.commit || len(objects) != test.objects {
			t.Errorf("%s: commit %v, %v, %v", test.name, commit, objects, err)
		}
	}
}

// The pieces in which output comes are not its records.
func TestSieve(t *testing.T) {
	long := strings.Repeat("a", longestRecord+1)
	in := "a1\x00b2\x00\x00" + long + "\x00a3\x00a-cut"
	for _, size := range []int{1, 2, 5, 4096, len(in)} {
		var kept strings.Builder
		s := sieve{to: &kept, wanted: func(record []byte) bool { return strings.HasPrefix(string(record), "a") }}
		for rest := in; rest != ""; rest = rest[min(size, len(rest)):] {
			if n, err := s.Write([]byte(rest[:min(size, len(rest))])); err != nil || n != min(size, len(rest)) {
				t.Fatalf("wrote %d, %v", n, err)
			}
		}
		if diff := cmp.Diff("a1\x00a3\x00", kept.String()); diff != "" {
			t.Errorf("in pieces of %d (-want +got):\n%s", size, diff)
		}
	}
}

// FuzzOutputs: nothing that git might print makes a reader crash or lets text
// out that is not UTF-8.
func FuzzOutputs(f *testing.F) {
	f.Add("M\x00a\x00R100\x00b\x00c\x00", true)
	f.Add(oidA+"\n"+oidB+"\nAda\nada@example.com\n1700000000\nsubject\x00", false)
	f.Add("100644 blob "+oidA+"\ta/b\x00040000 tree "+oidB+"\tc\x00", false)
	f.Add(oidA+" commit\n"+oidB+" blob\n", false)
	f.Fuzz(func(t *testing.T, text string, cut bool) {
		if changes, err := readNameStatus(text, cut); err == nil {
			for _, file := range changes.Files {
				if valid(file.Path) != file.Path || valid(file.Old) != file.Old || file.Kind == "" ||
					(file.Old != "" && file.Kind != Renamed) {
					t.Errorf("file %q", fmt.Sprint(file))
				}
			}
		}
		if commits, err := readLog(text); err == nil {
			for _, commit := range commits {
				if !isOID(commit.SHA) || valid(commit.Subject+commit.Author+commit.Email) != commit.Subject+commit.Author+commit.Email {
					t.Errorf("commit %+v", commit)
				}
			}
		}
		if objects, err := readTree(text); err == nil {
			checkObjects(t, objects)
		}
		if _, objects, err := readAnswers(text, []string{"a", "b"}); err == nil {
			checkObjects(t, objects)
		}
	})
}

func checkObjects(t *testing.T, objects []Object) {
	t.Helper()
	for _, o := range objects {
		if !isOID(o.OID) || o.Path == "" || valid(o.Path) != o.Path {
			t.Errorf("object %+v", o)
		}
	}
}
