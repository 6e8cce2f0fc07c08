package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"drover/clients"
	"drover/clients/git"
	"drover/formats/kerneltree"
	"drover/formats/maintainers"
	"drover/models"
)

// Kinds of lookups: what a page may want to know from outside.
const (
	LookupRefs  = "git.refs"  // the key is a URL; the answer is a RefsFound
	LookupFiles = "git.files" // the key is by FilesKey; the answer is a FilesFound
)

// lookupBlocked is the class of an error that an operator can allow: an address
// within a private network.
const lookupBlocked = "blocked"

// LookupBlocked tells whether a lookup was refused for where its address leads.
func LookupBlocked(l models.Lookup) bool { return l.ErrorClass == lookupBlocked }

// LookupAuth tells whether a lookup needs a credential.
func LookupAuth(l models.Lookup) bool { return l.ErrorClass == string(clients.Auth) }

// A person waits for the list of branches: better an error soon. Folders and a
// few files are some megabytes of a kernel tree.
const (
	refsTimeout  = 10 * time.Second
	filesTimeout = 2 * time.Minute
)

// branchesFound bounds the branches of an answer.
const branchesFound = 2000

// RefsFound is what a remote lists.
type RefsFound struct {
	URL      string        `json:"url"` // as the client writes it
	Head     string        `json:"head,omitempty"`
	Empty    bool          `json:"empty,omitempty"`
	Branches []BranchFound `json:"branches,omitempty"` // by name
	Total    int           `json:"total"`              // of branches
	Tags     int           `json:"tags"`
}

// BranchFound is a branch and where it points.
type BranchFound struct {
	Name string `json:"name"`
	SHA  string `json:"sha"`
}

// Usual is the branch that most people mean: the default branch, where the
// server names one that is there; else main, master, or the first. "" if there
// is none.
func (r RefsFound) Usual() string {
	for _, name := range []string{r.Head, "main", "master"} {
		if slices.ContainsFunc(r.Branches, func(b BranchFound) bool { return b.Name == name }) {
			return name
		}
	}
	if len(r.Branches) > 0 {
		return r.Branches[0].Name
	}
	return r.Head
}

// FilesFound is what is in the head of a branch.
type FilesFound struct {
	SHA      string          `json:"sha"`
	Subject  string          `json:"subject"`
	When     time.Time       `json:"when"`
	Tree     kerneltree.Tree `json:"tree"`
	Has      bool            `json:"has"` // a MAINTAINERS
	Sections []SectionFound  `json:"sections,omitempty"`
}

// SectionFound is a section of MAINTAINERS that names the tree.
type SectionFound struct {
	Title  string               `json:"title"`
	Line   int                  `json:"line"`
	People []maintainers.Person `json:"people,omitempty"`
	Lists  []maintainers.Person `json:"lists,omitempty"`
	Files  []string             `json:"files,omitempty"` // F:
}

// FilesKey is the key of a lookup of files.
func FilesKey(url, branch string) string { return url + "\n" + branch }

// answerLookup finds a fact out that a page asked for. An error is an answer
// too, and the last one: whoever looks at the page asks again.
func (w *Worker) answerLookup(ctx context.Context, run *Run) error {
	l, err := w.Store.With(ctx).Lookup(run.Object)
	if errors.Is(err, models.ErrNotFound) {
		return run.Done(ctx, nil) // it was trimmed
	}
	if err != nil {
		return err
	}
	answer, err := w.find(ctx, l)
	if err != nil && ctx.Err() != nil {
		return err // we were stopped, the remote was not
	}
	if err != nil {
		l.Answer, l.Error, l.ErrorClass = "", err.Error(), string(clients.ClassOf(err))
		if errors.Is(err, clients.ErrPrivate) {
			l.ErrorClass = lookupBlocked
		}
	} else if l.Answer, err = asJSON(answer); err != nil {
		return err
	}
	return run.Done(ctx, func(tx *models.Tx) error {
		parts := []string{"found"}
		if l.Kind == LookupRefs {
			parts = append(parts, "choose")
		}
		if l.Kind == LookupRecent {
			parts = []string{"preview"}
		}
		if err := tx.AnswerLookup(l, parts...); err != nil {
			return err
		}
		return askNext(tx, l, answer)
	})
}

// FilesFresh is how long what was found in a head is good for a page.
const FilesFresh = time.Hour

// askNext goes on from the branches of a remote to the head of its default
// branch: whoever asked for the first wants to know the second.
func askNext(tx *models.Tx, l models.Lookup, answer any) error {
	refs, ok := answer.(RefsFound)
	if !ok || l.Error != "" || refs.Usual() == "" || refs.Empty {
		return nil
	}
	next, err := tx.Ask(LookupAnswer, LookupFiles, FilesKey(l.Key, refs.Usual()), FilesFresh)
	if err != nil {
		return err
	}
	return tx.NextLookup(l.ID, next.ID)
}

// refuseLookup answers where a step would wait for a person: nobody but the
// page wants it.
func (w *Worker) refuseLookup(ctx context.Context, run *Run, reason string) error {
	return run.Done(ctx, func(tx *models.Tx) error {
		return tx.AnswerLookup(models.Lookup{ID: run.Object, Error: reason, ErrorClass: string(clients.Permanent)}, "found", "choose")
	})
}

func asJSON(value any) (string, error) {
	text, err := json.Marshal(value)
	return string(text), err
}

func (w *Worker) find(ctx context.Context, l models.Lookup) (any, error) {
	switch l.Kind {
	case LookupRefs:
		return w.findRefs(ctx, l.Key)
	case LookupFiles:
		url, branch, _ := strings.Cut(l.Key, "\n")
		return w.findFiles(ctx, url, branch)
	case LookupRecent:
		return w.findRecent(ctx, l.Key)
	case LookupRange:
		return w.findRange(ctx, l.Key)
	case LookupMaintainers:
		return w.findMaintainers(ctx, l.Key)
	}
	return nil, clients.Fail(clients.Permanent, LookupAnswer, fmt.Errorf("nobody knows how to find %q out", l.Kind))
}

func (w *Worker) findRefs(ctx context.Context, url string) (found RefsFound, err error) {
	inTime, cancel := context.WithTimeout(ctx, refsTimeout)
	defer cancel()
	var listing git.Listing
	err = w.outside("lookup.refs", func() error {
		target, err := w.Git.Check(inTime, url)
		if err != nil {
			return err
		}
		found.URL = target.URL
		listing, err = w.Git.LsRefs(inTime, target, nil)
		return err
	})
	if err != nil {
		return RefsFound{}, err
	}
	found.Empty, found.Head = listing.Empty, strings.TrimPrefix(listing.Head, "refs/heads/")
	for _, ref := range listing.Refs {
		if name, isBranch := strings.CutPrefix(ref.Name, "refs/heads/"); isBranch {
			found.Branches = append(found.Branches, BranchFound{name, ref.Commit()})
		} else if strings.HasPrefix(ref.Name, "refs/tags/") {
			found.Tags++
		}
	}
	found.Total = len(found.Branches)
	slices.SortFunc(found.Branches, func(a, b BranchFound) int { return cmp.Compare(a.Name, b.Name) })
	found.Branches = found.Branches[:min(found.Total, branchesFound)]
	return found, nil
}

const maintainersFile = "MAINTAINERS"

func (w *Worker) findFiles(ctx context.Context, url, branch string) (FilesFound, error) {
	inTime, cancel := context.WithTimeout(ctx, filesTimeout)
	defer cancel()
	var head git.Peeked
	err := w.outside("lookup.files", func() error {
		target, err := w.Git.Check(inTime, url)
		if err != nil {
			return err
		}
		head, err = w.Git.Peek(inTime, target, git.Peeking{
			Ref: "refs/heads/" + branch, Wanted: kerneltree.Wanted, Texts: append([]string{maintainersFile}, kerneltree.Files...),
		})
		return err
	})
	if err != nil {
		return FilesFound{}, err
	}
	found := FilesFound{SHA: head.Commit.SHA, Subject: head.Commit.Subject, When: head.Commit.Time, Tree: kerneltree.Detect(head.Paths, head.Texts)}
	text, has := head.Texts[maintainersFile]
	if found.Has = has; !has {
		return found, nil
	}
	file, err := maintainers.Parse(text, maintainers.Limits{})
	if errors.Is(err, maintainers.ErrTooLarge) {
		found.Has = false
		return found, nil
	}
	if err != nil {
		return FilesFound{}, err
	}
	found.Sections = sectionsOf(file, url)
	return found, nil
}

// Bounds of what an answer says of people.
const (
	sectionsFound = 20
	peopleFound   = 30
	pathsFound    = 100
)

func sectionsOf(f maintainers.File, url string) []SectionFound {
	var list []SectionFound
	for _, s := range f.ByTree(url) {
		if len(list) == sectionsFound {
			break
		}
		people, lists, files := s.People(), s.Lists(), s.Values('F')
		list = append(list, SectionFound{
			Title: s.Title, Line: s.Line, People: people[:min(len(people), peopleFound)],
			Lists: lists[:min(len(lists), peopleFound)], Files: files[:min(len(files), pathsFound)],
		})
	}
	return list
}
