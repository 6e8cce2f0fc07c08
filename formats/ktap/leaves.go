package ktap

import (
	"fmt"
	"strings"

	"drover/rules/status"
)

// Leaf is a test that is a result of its own.
type Leaf struct {
	// Path is unique in the report: the names from the outermost test inwards.
	// kselftest's "selftests: collection: program" counts as two names.
	Path []string
	*Test
}

// Leaves lists the innermost tests in order. A parent is listed too, after its
// children, where its own line says worse than any of them: a time-out, or an
// exit status after all cases passed, would be lost otherwise.
func (r *Report) Leaves() []Leaf {
	c := collector{taken: map[string]int{}}
	c.walk(nil, r.Tests)
	return c.leaves
}

type collector struct {
	leaves []Leaf
	taken  map[string]int
}

func (c *collector) walk(above []string, tests []*Test) {
	siblings := map[string]int{}
	for _, t := range tests {
		path := append(above[:len(above):len(above)], split(unique(t.Name, siblings))...)
		worst := worstOf(t.Children)
		c.walk(path, t.Children)
		if len(t.Children) == 0 || worst != t.Status {
			c.add(path, t)
		}
	}
}

// add appends a leaf, its path made unique once more: "a: b" may be one name or two.
func (c *collector) add(path []string, t *Test) {
	const glue = "\x00"
	last := len(path) - 1
	whole := unique(strings.Join(path, glue), c.taken)
	path[last] = whole[strings.LastIndex(whole, glue)+1:]
	c.leaves = append(c.leaves, Leaf{Path: path, Test: t})
}

// unique adds " #2" and so on to a name that was taken before. The map holds
// the next number to try, so that many equal names cost no more than others.
func unique(name string, taken map[string]int) string {
	next := taken[name]
	if next == 0 {
		taken[name] = 2
		return name
	}
	for ; ; next++ {
		found := fmt.Sprintf("%s #%d", name, next)
		if taken[found] == 0 {
			taken[name], taken[found] = next+1, 2
			return found
		}
	}
}

func split(name string) []string {
	rest, ok := strings.CutPrefix(name, "selftests: ")
	if collection, program, two := strings.Cut(rest, ": "); ok && two && collection != "" && program != "" {
		return []string{collection, program}
	}
	return []string{name}
}

func worstOf(tests []*Test) status.Status {
	list := make([]status.Status, len(tests))
	for i, t := range tests {
		list[i] = t.Status
	}
	return status.Worst(list...)
}

// Overall is the one status of the log: the worst of its tests, at best an
// Error after "Bail out!" or a limit, at best a Miss if it is not Complete.
// Only a log that says so ("1..0") is skipped without a test.
func (r *Report) Overall() status.Status {
	list := []status.Status{worstOf(r.Tests)}
	if list[0] == "" {
		list[0] = status.Skip
	}
	if r.Bail != "" || r.Truncated {
		list = append(list, status.Error)
	}
	if !r.Complete {
		list = append(list, status.Miss)
	}
	return status.Worst(list...)
}
