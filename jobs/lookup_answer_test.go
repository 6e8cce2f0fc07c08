package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"drover/clients/git/gittest"
	"drover/jobs"
	"drover/models"
	"drover/models/modelstest"
)

// ask wants something to be found out, for a draft, and waits for the answer.
func (s *system) ask(t *testing.T, kind, key string) models.Lookup {
	t.Helper()
	var l models.Lookup
	err := s.store.Tx(context.Background(), func(tx *models.Tx) (err error) {
		l, err = tx.Ask(jobs.LookupAnswer, kind, key, time.Minute)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	await(t, 30*time.Second, "an answer", func() bool {
		if l, err = s.store.LookupOf(kind, key); err != nil {
			t.Fatal(err)
		}
		return !l.Waits()
	})
	// A lookup that was asked for twice meanwhile is looked at once more.
	await(t, 30*time.Second, "the step is over", func() bool {
		_, err := s.store.Step(jobs.LookupAnswer, l.ID)
		return errors.Is(err, models.ErrNotFound)
	})
	return l
}

// TestLookups: what a page wants to know from a remote is answered, errors too,
// each with its class; a second question within the time asks nobody.
func TestLookups(t *testing.T) {
	s := newSystem(t, func(o models.Options) *models.Store { return modelstest.SQLite(t, o) }, "")
	s.git.AllowPrivate = true
	server := gittest.New(t)
	server.Repo("empty.git")
	repo := server.Repo("linux.git")
	url := server.Address("linux.git")
	repo.Commit("main", "Makefile", "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 3\n")
	repo.Commit("main", "Kconfig", "mainmenu\n")
	repo.Commit("main", "arch/x86/configs/x86_64_defconfig", "")
	repo.Commit("main", "tools/testing/selftests/Makefile", "TARGETS = net mm\n")
	repo.Tag("v6.12.3", repo.Commit("linux-6.12.y", "a", "b"))
	head := repo.Commit("main", "MAINTAINERS", "NETWORKING\nM:\tKai <kai@example.org>\nL:\tnetdev@lists.example.org\nS:\tMaintained\nT:\tgit "+url+"\nF:\tnet/\n\nTHE REST\nM:\tL <l@example.org>\nF:\t*\n")

	var refs jobs.RefsFound
	l := s.ask(t, jobs.LookupRefs, url)
	if err := json.Unmarshal([]byte(l.Answer), &refs); err != nil || refs.Total != 2 || refs.Tags != 1 || refs.Branches[1] != (jobs.BranchFound{Name: "main", SHA: head}) {
		t.Errorf("refs %+v, %v, %q", refs, err, l.Error)
	}
	var files jobs.FilesFound
	l = s.ask(t, jobs.LookupFiles, jobs.FilesKey(url, "main"))
	if err := json.Unmarshal([]byte(l.Answer), &files); err != nil || files.SHA != head || !files.Tree.Linux || files.Tree.Version != "6.12.3" ||
		len(files.Tree.Selftests) != 2 || len(files.Tree.Defconfigs["x86"]) != 1 || !files.Has || len(files.Sections) != 1 ||
		files.Sections[0].People[0].Address != "kai@example.org" || files.Sections[0].Lists[0].Address != "netdev@lists.example.org" {
		t.Errorf("files %+v, %v, %q", files, err, l.Error)
	}
	var recent jobs.RecentFound
	l = s.ask(t, jobs.LookupRecent, jobs.FilesKey(url, "main"))
	if err := json.Unmarshal([]byte(l.Answer), &recent); err != nil || len(recent.Commits) != 5 || recent.Commits[0].SHA != head ||
		len(recent.Commits[0].Files) != 1 || recent.Commits[0].Files[0] != (jobs.FileFound{Path: "MAINTAINERS", Kind: "added"}) || recent.Commits[4].Files[0].Path != "Makefile" {
		t.Errorf("recent %+v, %v, %q", recent, err, l.Error)
	}
	if err := json.Unmarshal([]byte(s.ask(t, jobs.LookupRefs, server.Address("empty.git")).Answer), &refs); err != nil || !refs.Empty {
		t.Errorf("an empty repository: %+v, %v", refs, err)
	}
	again := s.ask(t, jobs.LookupRefs, url)
	if first, err := s.store.LookupOf(jobs.LookupRefs, url); err != nil || !again.AskedAt.Equal(first.AskedAt) {
		t.Errorf("a fresh answer was asked for again: %v, %v", again.AskedAt, err)
	}

	s.rangesAndMaintainers(t, url, head)

	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	locked := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) }))
	defer locked.Close()
	for _, c := range []struct {
		why, kind, key, class, says string
	}{
		{"nobody listens", jobs.LookupRefs, closed.URL + "/linux.git", "transient", "refused"},
		{"it needs a credential", jobs.LookupRefs, locked.URL + "/linux.git", "auth", "403"},
		{"no such repository", jobs.LookupRefs, server.Address("nope.git"), "permanent", ""},
		{"no such branch", jobs.LookupFiles, jobs.FilesKey(url, "gone"), "not yet", ""},
		{"an unknown kind", "git.moon", "x", "permanent", "git.moon"},
	} {
		l := s.ask(t, c.kind, c.key)
		if l.ErrorClass != c.class || l.Error == "" || !strings.Contains(l.Error, c.says) || l.Answer != "" {
			t.Errorf("%s: %+v", c.why, l)
		}
		if jobs.LookupAuth(l) != (c.class == "auth") || jobs.LookupBlocked(l) {
			t.Errorf("%s is taken for something else", c.why)
		}
	}
	s.git.AllowPrivate = false
	if l := s.ask(t, jobs.LookupRefs, "https://10.1.2.3/linux.git"); !jobs.LookupBlocked(l) || !strings.Contains(l.Error, "DROVER_ALLOW_PRIVATE_REMOTES") {
		t.Errorf("a private address: %+v", l)
	}
}
