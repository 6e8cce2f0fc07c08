package git_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drover/clients"
	"drover/clients/git"
)

// revised is a mirror of two commits, in which one of two tests changes.
type revised struct {
	c             *git.Client
	key           string
	first, second string
}

func newRevised(t *testing.T) revised {
	t.Helper()
	repo, err := git.InitRepo(t.Context(), filepath.Join(t.TempDir(), "sample.git"))
	if err != nil {
		t.Fatal(err)
	}
	r := revised{c: client(t)}
	r.first = commit(t, repo, map[string]string{
		"tests/net.sh": "true\n", "tests/lib/wait.sh": "wait\n", "lib/list-test.c": "1", "lib/ä b\t\"_test.c": "2", "lib/list.c": "3",
	})
	r.second = commit(t, repo, map[string]string{"tests/net.sh": "false\n", "lib/list.c": "4"})
	target := check(t, r.c, repo.Dir)
	fetch(t, r.c, target, "refs/heads/main")
	r.key = target.Key()
	return r
}

func paths(objects []git.Object) []string {
	var list []string
	for _, o := range objects {
		name := o.Path
		if o.Folder {
			name += "/"
		}
		list = append(list, name)
	}
	return list
}

// The id of some code changes when the code does, and with nothing else.
func TestPathObjects(t *testing.T) {
	r := newRevised(t)
	for _, test := range []struct {
		name  string
		paths []string
		want  []string
		same  bool // in both commits
	}{
		{"a file that changes", []string{"tests/net.sh"}, []string{"tests/net.sh"}, false},
		{"a folder with it, and a file in it", []string{"tests", "tests/lib/wait.sh"}, []string{"tests/", "tests/lib/wait.sh"}, false},
		{"a folder that stays", []string{"tests/lib"}, []string{"tests/lib/"}, true},
		{"names of all kinds", []string{"lib/ä b\t\"_test.c", "nowhere", "lib/list.c/x", "lib/list-test.c"},
			[]string{"lib/ä b\t\"_test.c", "lib/list-test.c"}, true},
		{"nothing there", []string{"run.sh"}, nil, true},
		{"nothing asked", nil, nil, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			var digests [2]string
			for i, sha := range []string{r.first, r.second} {
				got, err := r.c.PathObjects(t.Context(), r.key, sha, test.paths)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, paths(got)); diff != "" {
					t.Errorf("paths (-want +got):\n%s", diff)
				}
				digests[i] = git.Digest(got)
				if wanted := 12 * min(1, len(test.want)); len(digests[i]) != wanted {
					t.Errorf("digest %q", digests[i])
				}
			}
			if (digests[0] == digests[1]) != test.same {
				t.Errorf("digests %v, the same: want %v", digests, test.same)
			}
		})
	}
}

func TestPathObjectsFailures(t *testing.T) {
	r := newRevised(t)
	for _, test := range []struct {
		name, key, sha string
		paths          []string
		class          clients.Class
	}{
		{"a commit that the mirror lacks", r.key, oid, []string{"tests/net.sh"}, clients.NotYet},
		{"a mirror that is not there", "0123456789abcdef", r.first, []string{"tests/net.sh"}, clients.NotYet},
		{"no commit id", r.key, "HEAD", []string{"tests/net.sh"}, clients.Permanent},
		{"above the tree", r.key, r.first, []string{"../x"}, clients.Permanent},
		{"a second question", r.key, r.first, []string{"a\n" + r.second}, clients.Permanent},
		{"no path", r.key, r.first, []string{""}, clients.Permanent},
		{"too many", r.key, r.first, strings.Split(strings.Repeat("a,", git.MaxPaths)+"a", ","), clients.Permanent},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := r.c.PathObjects(t.Context(), test.key, test.sha, test.paths)
			wantClass(t, err, test.class)
		})
	}
}

func TestTreeObjects(t *testing.T) {
	r := newRevised(t)
	isTest := func(path string) bool { return strings.HasSuffix(path, "test.c") }
	first, err := r.c.TreeObjects(t.Context(), r.key, r.first, isTest)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"lib/list-test.c", "lib/ä b\t\"_test.c"}, paths(first)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	second, err := r.c.TreeObjects(t.Context(), r.key, r.second, isTest)
	if err != nil || git.Digest(first) != git.Digest(second) {
		t.Errorf("a commit that leaves them alone: %v, then %v, %v", first, second, err)
	}
	all, err := r.c.TreeObjects(t.Context(), r.key, r.second, func(string) bool { return true })
	if err != nil || len(all) != 5 || git.Digest(all) == git.Digest(second) {
		t.Errorf("all files: %v, %v", all, err)
	}
	none, err := r.c.TreeObjects(t.Context(), r.key, r.second, func(string) bool { return false })
	if err != nil || len(none) != 0 {
		t.Errorf("no file: %v, %v", none, err)
	}
	_, err = r.c.TreeObjects(t.Context(), r.key, oid, isTest)
	wantClass(t, err, clients.NotYet)
	_, err = r.c.TreeObjects(t.Context(), r.key, "--help", isTest)
	wantClass(t, err, clients.Permanent)
}

// The order in which git lists objects says nothing.
func TestDigest(t *testing.T) {
	a, b := git.Object{Path: "a", OID: oid}, git.Object{Path: "b", OID: oid}
	if git.Digest([]git.Object{a, b}) != git.Digest([]git.Object{b, a}) {
		t.Error("the order counts")
	}
	if git.Digest([]git.Object{a}) == git.Digest([]git.Object{b}) {
		t.Error("the path does not count")
	}
}
