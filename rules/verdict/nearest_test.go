package verdict

import (
	"fmt"
	"strings"
	"testing"

	"drover/rules/status"
)

// graphOf reads "c:b d:b,c": a commit and its parents. Generations follow.
func graphOf(text string) Graph {
	g := Graph{}
	for _, field := range strings.Fields(text) {
		commit, rest, _ := strings.Cut(field, ":")
		c := Commit{Generation: 1}
		for _, parent := range strings.Split(rest, ",") {
			if parent != "" {
				c.Parents = append(c.Parents, parent)
				c.Generation = max(c.Generation, g[parent].Generation+1)
			}
		}
		g[commit] = c
	}
	return g
}

// testedOf reads "a=pass b=fail".
func testedOf(text string) map[string]status.Status {
	tested := map[string]status.Status{}
	for _, field := range strings.Fields(text) {
		commit, word, _ := strings.Cut(field, "=")
		tested[commit] = status.Status(word)
	}
	return tested
}

func TestNearest(t *testing.T) {
	const line = "a: b:a c:b d:c e:d"
	// m merges the branch x..z into a line; z is nearer than d's ancestors.
	const merge = "a: b:a c:b x:a y:x z:y m:c,z n:m"
	for _, c := range []struct{ why, graph, tip, tested, previous, want string }{
		{"the commit before", line, "e", "d=pass", "", "d pass 1"},
		{"through commits that were not tested", line, "e", "b=fail a=pass", "", "b fail 3"},
		{"through results that are neither pass nor fail", line, "e", "d=error c=miss b=skip a=pass", "", "a pass 4"},
		{"the tip itself is not history", line, "e", "e=fail c=pass", "", "c pass 2"},
		{"the child of the tip neither", line, "c", "d=fail e=fail a=pass", "", "a pass 2"},
		{"nothing was tested", line, "e", "", "", ""},
		{"a root", line, "a", "b=pass", "", ""},
		{"through a merge to the side that is nearer", merge, "n", "b=pass z=fail", "", "z fail 2"},
		{"through a merge to the first parent", merge, "n", "c=pass y=fail", "", "c pass 2"},
		{"equally near: the newer generation", merge, "n", "c=pass z=fail", "", "z fail 2"},
		{"equally near and new: by sha", "a: c:a b:a m:c,b", "m", "b=fail c=pass", "", "b fail 1"},
		{"an octopus", "a: b:a c:a d:a m:b,c,d", "m", "a=pass", "", "a pass 2"},
		{"a commit that is reached twice counts by the short way", "a: b:a c:b m:c,a", "m", "a=fail", "", "a fail 1"},
		{"a rebase: the previous checkout, not an ancestor", "a: b:a c:b x:a y:x", "y", "c=pass", "c", "c pass 0 not an ancestor"},
		{"a rebase, but a common ancestor was tested", "a: b:a c:b x:a y:x", "y", "c=pass a=fail", "c", "a fail 2"},
		{"a rebase, and the previous checkout has no result", "a: b:a c:b x:a y:x", "y", "c=error", "c", ""},
		{"the previous checkout is in no graph we have", "y:x", "y", "c=fail", "c", "c fail 0 not an ancestor"},
		{"a parent that we do not have ends the search", "y:x", "y", "w=pass", "", ""},
		{"a parent that we do not have may be tested", "y:x", "y", "x=pass", "", "x pass 1"},
		{"the tip is its own previous checkout", line, "e", "e=pass", "e", ""},
		{"an unknown tip", line, "q", "a=pass", "", ""},
		{"a circle, which git cannot have, ends", "a:b b:a", "a", "c=pass", "", ""},
	} {
		var got string
		if found, ok := Nearest(graphOf(c.graph), c.tip, testedOf(c.tested), c.previous); ok {
			got = fmt.Sprintf("%s %s %d", found.Commit, found.Status, found.Commits)
			if found.NotAncestor {
				got += " not an ancestor"
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

// FuzzNearest compares with distances worked out in the slow and plain way.
func FuzzNearest(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 0x12, 0x20}, uint16(5))
	f.Add([]byte{0, 0x11, 0x21, 0x32, 0x43, 0x10, 0x56}, uint16(0xffff))
	f.Fuzz(func(t *testing.T, shape []byte, which uint16) {
		graph, tested := Graph{}, map[string]status.Status{}
		name := func(i int) string { return fmt.Sprintf("%02d", i) }
		n := min(len(shape), 16)
		for i := range n {
			c := Commit{Generation: 1}
			for _, parent := range []int{int(shape[i] & 15), int(shape[i] >> 4)} {
				if parent < i {
					c.Parents = append(c.Parents, name(parent))
					c.Generation = max(c.Generation, graph[name(parent)].Generation+1)
				}
			}
			graph[name(i)] = c
			if which>>i&1 == 1 {
				tested[name(i)] = status.Pass
			}
		}
		tip := name(n - 1)
		distance := map[string]int{tip: 0}
		for range n {
			for commit, far := range distance {
				for _, parent := range graph[commit].Parents {
					if old, ok := distance[parent]; !ok || far+1 < old {
						distance[parent] = far + 1
					}
				}
			}
		}
		found, ok := Nearest(graph, tip, tested, "")
		if ok && (found.Commits == 0 || distance[found.Commit] != found.Commits) {
			t.Fatalf("%+v, distance %d", found, distance[found.Commit])
		}
		for commit := range tested {
			far, reached := distance[commit]
			if !reached || commit == tip {
				continue
			}
			if !ok || far < found.Commits {
				t.Fatalf("%s is %d back; found %+v, %v", commit, far, found, ok)
			}
			if far == found.Commits && graph[commit].Generation > graph[found.Commit].Generation {
				t.Fatalf("%s is newer than %s", commit, found.Commit)
			}
		}
	})
}
