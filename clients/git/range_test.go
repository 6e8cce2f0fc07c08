package git_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"drover/clients"
	"drover/clients/git"

	"github.com/google/go-cmp/cmp"
)

func TestReadRange(t *testing.T) {
	repo, err := git.InitRepo(t.Context(), filepath.Join(t.TempDir(), "sample.git"))
	if err != nil {
		t.Fatal(err)
	}
	const text = "enough text for a rename to be seen\n"
	root := commit(t, repo, map[string]string{"a.c": text})
	commit(t, repo, map[string]string{"größe.c": text}, "a.c")
	tip := commit(t, repo, map[string]string{"b.c": "b"})
	var client git.Client
	if got, err := client.ShowHere(t.Context(), repo.Dir, tip, "b.c", 10); err != nil || string(got) != "b" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := client.ShowHere(t.Context(), repo.Dir, tip, "a.c", 10); !errors.Is(err, git.ErrNoFile) || clients.ClassOf(err) != clients.Permanent {
		t.Error(err)
	}
	if _, err := client.ShowHere(t.Context(), repo.Dir, tip, "größe.c", 10); !errors.Is(err, git.ErrLargeFile) {
		t.Error(err)
	}
	if _, err := client.ShowHere(t.Context(), repo.Dir, tip, "../a.c", 10); clients.ClassOf(err) != clients.Permanent {
		t.Error(err)
	}
	for _, c := range []struct {
		text     string
		files    []git.File
		subjects int
	}{
		{tip, []git.File{{Path: "b.c", Kind: git.Added}}, 1},
		{"HEAD~1", []git.File{{Path: "größe.c", Old: "a.c", Kind: git.Renamed}}, 1},
		{root[:12], []git.File{{Path: "a.c", Kind: git.Added}}, 1},
		{root + "..main", []git.File{{Path: "b.c", Kind: git.Added}, {Path: "größe.c", Old: "a.c", Kind: git.Renamed}}, 2},
		{"main~2..", []git.File{{Path: "b.c", Kind: git.Added}, {Path: "größe.c", Old: "a.c", Kind: git.Renamed}}, 2},
		{"main...HEAD~1", nil, 0},
		{"..main", nil, 0},
	} {
		got, err := client.ReadRange(t.Context(), repo.Dir, c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if diff := cmp.Diff(c.files, got.Files); diff != "" || got.Cut {
			t.Errorf("%s (-want +got)\n%s", c.text, diff)
		}
		if len(got.Subjects) != c.subjects || c.subjects > 0 && got.Subjects[0] != "sample: change files" {
			t.Errorf("%s: subjects %q", c.text, got.Subjects)
		}
	}
	for text, want := range map[string]string{
		"gone": "no such revision: gone", "main..gone": "no such revision: gone", "--output=/tmp/x": "and no revision either",
		"main..--all": "and no revision either", "a b": "and no revision either", "HEAD~99": "no such revision",
	} {
		_, err := client.ReadRange(t.Context(), repo.Dir, text)
		if err == nil || !strings.Contains(err.Error(), want) || clients.ClassOf(err) != clients.Permanent {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if _, err := client.ReadRange(t.Context(), t.TempDir(), "HEAD"); err == nil || !strings.Contains(err.Error(), "is in no repository") {
		t.Errorf("outside of a repository: %v", err)
	}
}
