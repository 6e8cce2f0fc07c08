package jobs

import (
	"context"
	"errors"
	"strings"

	"drover/clients/git"
)

// Kinds of lookups in the mirror of a tree that is watched.
const (
	LookupRange       = "git.range"       // the key is by RangeKey; the answer is a RangeFound
	LookupMaintainers = "git.maintainers" // the key is by CommitKey; the answer is a MaintainersFound
)

// RangeFound is what a range of commits changes.
type RangeFound struct {
	Tip      string      `json:"tip"`
	Files    []FileFound `json:"files"`
	Subjects []string    `json:"subjects"`
	Cut      bool        `json:"cut"` // there are more files than are listed
}

// FileFound is a changed file.
type FileFound struct {
	Path string `json:"path"`
	Old  string `json:"old,omitempty"` // before a rename
	Kind string `json:"kind"`
}

// MaintainersFound is the MAINTAINERS of a commit.
type MaintainersFound struct {
	Has  bool   `json:"has"`
	Text string `json:"text"`
}

// RangeKey is the key of a lookup of a range: A..B, or one commit for what it
// changes itself.
func RangeKey(mirror, text string) string { return mirror + "\n" + text }

// CommitKey is the key of a lookup of a commit by its id.
func CommitKey(mirror, sha string) string { return mirror + "\n" + sha }

func (w *Worker) findRange(ctx context.Context, key string) (found RangeFound, err error) {
	mirror, text, _ := strings.Cut(key, "\n")
	from, to, two := strings.Cut(text, "..")
	if !two {
		from, to = "", from
	}
	if found.Tip, err = w.Git.Resolve(ctx, mirror, to); err != nil {
		return found, err
	}
	commits := git.Range{Tip: found.Tip, Max: 1}
	base := ""
	if two {
		if base, err = w.Git.Resolve(ctx, mirror, from); err != nil {
			return found, err
		}
		commits.Not, commits.Max = []string{base}, subjectsRead
	}
	changes, err := w.Git.ChangedFiles(ctx, mirror, base, found.Tip)
	if err != nil {
		return found, err
	}
	found.Cut = changes.Cut
	for _, f := range changes.Files {
		found.Files = append(found.Files, FileFound{f.Path, f.Old, string(f.Kind)})
	}
	list, err := w.Git.Log(ctx, mirror, commits)
	for _, c := range list {
		found.Subjects = append(found.Subjects, c.Subject)
	}
	return found, err
}

func (w *Worker) findMaintainers(ctx context.Context, key string) (MaintainersFound, error) {
	mirror, sha, _ := strings.Cut(key, "\n")
	text, err := w.Git.Show(ctx, mirror, sha, maintainersFile, maintainersMost)
	if errors.Is(err, git.ErrNoFile) {
		return MaintainersFound{}, nil
	}
	return MaintainersFound{Has: err == nil, Text: strings.ToValidUTF8(strings.ReplaceAll(string(text), "\x00", ""), "\uFFFD")}, err
}
