package local

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// TestKeepFiles works on a tree as a job could leave it; the secret lies outside.
func TestKeepFiles(t *testing.T) {
	const secret = "a secret"
	folder := t.TempDir()
	tree := filepath.Join(folder, folderSource)
	write := func(path, text string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	outside := filepath.Join(folder, "outside")
	write(filepath.Join(outside, "secret"), secret)
	for name, text := range map[string]string{"a.txt": "a", "b.txt": "bb", "sub/c.txt": "ccc", "big": strings.Repeat("x", 50), "weird name\n": "w"} {
		write(filepath.Join(tree, name), text)
	}
	write(filepath.Join(folder, folderOut, "o.xml"), "<o/>")
	for name, target := range map[string]string{
		"z-file": outside + "/secret", "z-relative": "../../outside/secret", "z-folder": outside, "z-up": "..", "z-loop": "z-loop",
		"z-inner": "a.txt", "z-sub": "sub", "z-absolute": tree + "/a.txt",
	} {
		if err := os.Symlink(target, filepath.Join(tree, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mkfifo(filepath.Join(tree, "z-pipe"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(filepath.Join(tree, "sparse"), nil, 0o644), os.Truncate(filepath.Join(tree, "sparse"), 1<<30)); err != nil {
		t.Fatal(err)
	}
	const irregular, none = "It is not a regular file.", "There is no such file."
	cases := []struct {
		item Keep
		want []Kept
	}{
		{Keep{"one", "a.txt", 0}, []Kept{{"one", 1, ""}}},
		{Keep{"one", "a.txt", 0}, []Kept{{"one", 1, "Another file was kept under this name."}}},
		{Keep{"first", "*.txt", 0}, []Kept{{"first", 1, ""}}},
		{Keep{"all/", "/work/src/*.txt", 0}, []Kept{{"all/a.txt", 1, ""}, {"all/b.txt", 2, ""}}},
		{Keep{"deep/", "*/*.txt", 0}, []Kept{{"deep/sub/c.txt", 3, ""}}},
		{Keep{"out", "/work/out/*.xml", 0}, []Kept{{"out", 4, ""}}},
		{Keep{"fits", "big", 50}, []Kept{{"fits", 50, ""}}},
		{Keep{"large", "big", 49}, []Kept{{"large", 50, "It has 50 bytes, at most 49 are kept."}}},
		{Keep{"sparse", "sparse", 2 << 30}, []Kept{{"sparse", 1 << 30, "The job keeps more than it may have on the disk."}}},
		{Keep{"weird/", "weird*", 0}, []Kept{{"weird/weird name\n", 1, ""}}},
		{Keep{"s1", "z-file", 0}, []Kept{{"s1", 0, irregular}}},
		{Keep{"s2", "z-relative", 0}, []Kept{{"s2", 0, irregular}}},
		{Keep{"s3", "z-inner", 0}, []Kept{{"s3", 0, irregular}}},
		{Keep{"s4/", "z-folder/*", 0}, []Kept{{"s4/", 0, none}}},
		{Keep{"s5/", "z-up/*/*", 0}, []Kept{{"s5/", 0, none}}},
		{Keep{"s6", "z-folder/secret", 0}, []Kept{{"s6", 0, none}}},
		{Keep{"s7", "z-loop", 0}, []Kept{{"s7", 0, irregular}}},
		{Keep{"s8", "z-pipe", 0}, []Kept{{"s8", 0, irregular}}},
		{Keep{"s11/", "z-pipe/*", 0}, []Kept{{"s11/", 0, none}}},
		{Keep{"s12/", "z*/*/*", 0}, []Kept{{"s12/", 0, none}}},
		{Keep{"s9", "sub", 0}, []Kept{{"s9", 0, irregular}}},
		{Keep{"s10", "z-absolute", 0}, []Kept{{"s10", 0, irregular}}},
	}
	for _, test := range cases {
		got := keepFiles(folder, Spec{Keep: []Keep{test.item}, Limits: Limits{Disk: 1 << 20}})
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", test.item, diff)
		}
	}
	err := filepath.WalkDir(filepath.Join(folder, folderKept), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if string(text) == secret || !entry.Type().IsRegular() {
			t.Errorf("%s has %q", path, text)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestKeepWithoutTree(t *testing.T) {
	got := keepFiles(t.TempDir(), Spec{Keep: []Keep{{"a", "a", 0}}})
	if diff := cmp.Diff([]Kept{{"a", 0, "There is no tree."}}, got); diff != "" {
		t.Error(diff)
	}
}
