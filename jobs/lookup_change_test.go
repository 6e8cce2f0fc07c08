package jobs_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"drover/jobs"
	"drover/models"
)

// rangesAndMaintainers asks for what stands in the mirror of a remote.
func (s *system) rangesAndMaintainers(t *testing.T, url, head string) {
	t.Helper()
	var remote models.Remote
	err := s.store.Tx(t.Context(), func(tx *models.Tx) (err error) {
		remote, err = tx.EnsureRemote(url)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	target, err := s.git.Check(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.git.Fetch(t.Context(), target, remote.Mirror, []string{"refs/heads/main"}); err != nil {
		t.Fatal(err)
	}
	var found jobs.RangeFound
	l := s.ask(t, jobs.LookupRange, jobs.RangeKey(remote.Mirror, head[:12]))
	if err := json.Unmarshal([]byte(l.Answer), &found); err != nil || found.Tip != head || len(found.Files) == 0 || len(found.Subjects) != 1 || found.Cut {
		t.Errorf("one commit: %+v, %v, %q", found, err, l.Error)
	}
	l = s.ask(t, jobs.LookupRange, jobs.RangeKey(remote.Mirror, "main..main"))
	if err := json.Unmarshal([]byte(l.Answer), &found); err != nil || found.Tip != head {
		t.Errorf("an empty range: %+v, %v, %q", found, err, l.Error)
	}
	if l := s.ask(t, jobs.LookupRange, jobs.RangeKey(remote.Mirror, "gone..main")); !strings.Contains(l.Error, "no branch, tag or commit gone") || l.Answer != "" {
		t.Errorf("a branch that is not there: %+v", l)
	}
	var maintainers jobs.MaintainersFound
	l = s.ask(t, jobs.LookupMaintainers, jobs.CommitKey(remote.Mirror, head))
	if err := json.Unmarshal([]byte(l.Answer), &maintainers); err != nil || !maintainers.Has || !strings.Contains(maintainers.Text, "kai@example.org") {
		t.Errorf("MAINTAINERS: %+v, %v, %q", maintainers, err, l.Error)
	}
	if l := s.ask(t, jobs.LookupMaintainers, jobs.CommitKey(remote.Mirror, strings.Repeat("0", 39)+"1")); l.Error == "" || l.AnsweredAt.After(time.Now().Add(time.Hour)) {
		t.Errorf("a commit that is not there: %+v", l)
	}
}
