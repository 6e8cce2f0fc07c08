package git

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// MaxLog bounds one Log, whatever Range.Max says.
const MaxLog = 10000

// Commit is one commit as Log lists it. Texts are valid UTF-8.
type Commit struct {
	SHA     string
	Parents []string // the first one is the branch itself
	Author  string
	Email   string    // of the author
	Subject string    // first paragraph of the message in one line
	Time    time.Time // of the committer, UTC: when it came to be as it is
}

// Range is what Log lists: all that Tip reaches and none of Not do.
type Range struct {
	Tip         string
	Not         []string
	FirstParent bool // only the branch's own line, merges as one
	Max         int  // 0 = MaxLog
}

// Fields are divided by line feeds, which none of them can contain, commits
// by NUL.
const logFormat = "--format=%H%n%P%n%an%n%ae%n%ct%n%s"

// Log lists commits in topological order, newest first. As many as Max means
// that there may be more. NotYet: the mirror lacks one of the ids.
func (c *Client) Log(ctx context.Context, key string, r Range) ([]Commit, error) {
	most := r.Max
	if most <= 0 || most > MaxLog {
		most = MaxLog
	}
	args := []string{"log", "-z", "--topo-order", "--no-color", "--no-decorate", "--no-notes",
		"--no-mailmap", "--no-show-signature", "--encoding=UTF-8", logFormat, "--max-count=" + strconv.Itoa(most)}
	if r.FirstParent {
		args = append(args, "--first-parent")
	}
	ids := append([]string{r.Tip}, r.Not...)
	out, err := c.ask(ctx, key, ids, command{
		args:  append(args, "--stdin"),
		stdin: strings.NewReader(strings.Join(ids, "\n^") + "\n"),
	})
	if err != nil {
		return nil, err
	}
	if out.cut {
		return nil, permanent(opQuery, "list commits: %w", errTooLarge)
	}
	return readLog(string(out.stdout))
}

func readLog(text string) ([]Commit, error) {
	var commits []Commit
	for record := range strings.SplitSeq(text, "\x00") {
		if record == "" {
			continue
		}
		commit, err := readCommit(record)
		if err != nil {
			return nil, transient(opQuery, "read the log: %w", err)
		}
		commits = append(commits, commit)
	}
	return commits, nil
}

func readCommit(record string) (Commit, error) {
	fields := strings.SplitN(record, "\n", 6)
	if len(fields) != 6 || !isOID(fields[0]) {
		return Commit{}, fmt.Errorf("record %q", shorten(record))
	}
	seconds, err := strconv.ParseInt(fields[4], 10, 64)
	if err != nil {
		return Commit{}, fmt.Errorf("time of %s: %w", fields[0], err)
	}
	return Commit{
		SHA:     fields[0],
		Parents: strings.Fields(fields[1]),
		Author:  valid(fields[2]),
		Email:   valid(fields[3]),
		Subject: valid(fields[5]),
		Time:    time.Unix(seconds, 0).UTC(),
	}, nil
}

// valid replaces what is not UTF-8: databases refuse it.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
