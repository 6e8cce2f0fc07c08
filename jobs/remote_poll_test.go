package jobs

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drover/clients/git"
	"drover/models"
	"drover/models/modelstest"
	"drover/rules/status"
)

func oid(n int) string { return fmt.Sprintf("%040x", n) }

// look stores one answer of a remote, as a poll does.
func look(t *testing.T, s *models.Store, remote models.Remote, tree models.Tree, listing git.Listing) {
	t.Helper()
	refs, err := s.Refs(remote.ID)
	if err != nil {
		t.Fatal(err)
	}
	sources, err := s.TreeSources(tree.ID)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Tx(context.Background(), func(tx *models.Tx) error {
		return recordListing(tx, remote, []watch{{tree, sources[0]}}, listing, refs)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// bodies lists the events of a tree, oldest first.
func bodies(t *testing.T, s *models.Store, tree models.Tree) []string {
	t.Helper()
	events, err := s.Events(tree.ID, 100)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for i := len(events) - 1; i >= 0; i-- {
		list = append(list, events[i].Body)
	}
	return list
}

func heads(branches ...string) git.Listing {
	l := git.Listing{Head: "refs/heads/main"}
	for _, b := range branches {
		name, number, _ := strings.Cut(b, "=")
		var n int
		if _, err := fmt.Sscan(number, &n); err != nil {
			panic(err)
		}
		l.Refs = append(l.Refs, git.Ref{Name: "refs/heads/" + name, OID: oid(n)})
	}
	return l
}

func TestWhatALookFinds(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		var tree models.Tree
		var remote models.Remote
		err := s.Tx(context.Background(), func(tx *models.Tx) (err error) {
			tree, remote, err = tx.AddTree(models.NewTree{
				Tree: models.Tree{Name: "linux", State: status.TreeLive}, URL: "https://git.example.org/linux.git", Branches: []string{"main", "for-*"},
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		push := func(branch string, old, now int) string {
			text := `{"branch":"` + branch + `"`
			if old > 0 {
				text += `,"old":"` + oid(old) + `"`
			}
			if now > 0 {
				text += `,"new":"` + oid(now) + `"`
			}
			return text + "}"
		}
		var want []string
		for _, c := range []struct {
			why     string
			listing git.Listing
			more    []string
			note    string
		}{
			{"an empty repository", git.Listing{Empty: true}, nil, "empty"},
			{"no branch that matches", git.Listing{Head: "refs/heads/master", Refs: []git.Ref{{Name: "refs/heads/master", OID: oid(1)}}}, nil, "default branch is master"},
			{"the first branches", heads("for-next=1", "main=1"), []string{push("for-next", 0, 1), push("main", 0, 1)}, ""},
			{"nothing new", heads("for-next=1", "main=1"), nil, ""},
			{"a push", heads("for-next=1", "main=2"), []string{push("main", 1, 2)}, ""},
			{"a branch is missing once: a mirror that lags", heads("main=2"), nil, ""},
			{"and is there again", heads("for-next=1", "main=2"), nil, ""},
			{"missing", heads("main=2"), nil, ""},
			{"and missing again: it was deleted", heads("main=2"), []string{push("for-next", 1, 0)}, ""},
			{"which is told once", heads("main=2"), nil, ""},
			{"a branch that does not match", heads("main=2", "wip=9"), nil, ""},
			{"a mirror that goes back: nothing that was read is read again", heads("main=1"), nil, ""},
		} {
			look(t, s, remote, tree, c.listing)
			want = append(want, c.more...)
			if diff := cmp.Diff(want, bodies(t, s, tree)); diff != "" {
				t.Fatalf("%s: events (-want +got):\n%s", c.why, diff)
			}
			sources, err := s.TreeSources(tree.ID)
			if err != nil {
				t.Fatal(err)
			}
			if c.note == "" && sources[0].Note != "" || !strings.Contains(sources[0].Note, c.note) {
				t.Errorf("%s: the note is %q, want %q in it", c.why, sources[0].Note, c.note)
			}
		}
	})
}
