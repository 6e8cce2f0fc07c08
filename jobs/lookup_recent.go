package jobs

import (
	"context"
	"strings"
	"time"

	"drover/clients/git"
)

// LookupRecent asks for the newest commits of a branch that is not watched. The
// key is by FilesKey; the answer is a RecentFound.
const LookupRecent = "git.recent"

// Bounds of an answer.
const (
	recentCommits = 20
	recentFiles   = 5000 // of all commits together
)

// RecentFound is what the newest commits of a branch change, newest first.
type RecentFound struct {
	Commits []RecentCommit `json:"commits,omitempty"`
}

// RecentCommit is a commit with the files that it changes since its first parent.
type RecentCommit struct {
	SHA     string      `json:"sha"`
	Subject string      `json:"subject"`
	When    time.Time   `json:"when"`
	Files   []FileFound `json:"files,omitempty"`
	Cut     bool        `json:"cut,omitempty"` // it has more files than are listed
}

func (w *Worker) findRecent(ctx context.Context, key string) (found RecentFound, err error) {
	url, branch, _ := strings.Cut(key, "\n")
	inTime, cancel := context.WithTimeout(ctx, filesTimeout)
	defer cancel()
	var list []git.Recent
	err = w.outside("lookup.recent", func() error {
		target, err := w.Git.Check(inTime, url)
		if err != nil {
			return err
		}
		list, err = w.Git.Recent(inTime, target, "refs/heads/"+branch, recentCommits)
		return err
	})
	room := recentFiles
	for _, r := range list {
		c := RecentCommit{SHA: r.Commit.SHA, Subject: r.Commit.Subject, When: r.Commit.Time, Cut: r.Cut || len(r.Files) > room}
		for _, f := range r.Files[:min(len(r.Files), room)] {
			c.Files = append(c.Files, FileFound{Path: f.Path, Kind: string(f.Kind)})
		}
		room -= len(c.Files)
		found.Commits = append(found.Commits, c)
	}
	return found, err
}
