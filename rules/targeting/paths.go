package targeting

import (
	"slices"
	"strings"
)

// paths finds which of many conditions on files hold for which of many files.
// What all paths of a pattern begin with is looked up in a sorted list; what
// has no such beginning by a text that all of them hold.
type paths struct {
	leaves []fileLeaf
	nodes  []node // sorted by prefix
	needle *needles
	loose  [][]entry // by needle
}

// fileLeaf is a condition on files: like one of its patterns, and like none of not.
type fileLeaf struct {
	patterns []*pathPattern
	not      []*pathPattern
	missing  []string // sections that MAINTAINERS does not have
}

// accepts tells whether a path that is like a pattern is not left out.
func (l *fileLeaf) accepts(path string) bool {
	for _, p := range l.not {
		if p.match(path) {
			return false
		}
	}
	return true
}

// entry is one sequence of one leaf.
type entry struct {
	leaf    int32
	begin   string // of the paths; checked by whoever comes from a needle
	rest    sequence
	pattern *pathPattern // asked where rest cannot tell
	slow    bool         // rest says nothing
	not     bool         // the leaf leaves files out
}

// node is a text that paths begin with, and what is to be tried for those.
type node struct {
	prefix string
	parent int32   // the longest other node that is a prefix of this one, or -1
	any    []int32 // leaves that hold without more
	exact  []entry // for the path that is the prefix itself
	flat   []entry // for files whose path has no further slash
	deep   []entry // for all others
}

// newPaths sorts the leaves into the list and the automaton.
func newPaths(leaves []fileLeaf) *paths {
	b := pathsBuilder{p: &paths{leaves: leaves}, byPrefix: make(map[string]int32, len(leaves)), byNeedle: map[string]int32{}}
	for number := range leaves {
		leaf := &leaves[number]
		for _, pattern := range leaf.patterns {
			base := entry{leaf: int32(number), pattern: pattern, not: len(leaf.not) > 0}
			if pattern.slow {
				base.slow, base.begin = true, pattern.begin
				b.place(base)
			}
			for _, s := range pattern.sequences {
				e := base
				e.begin, e.rest = s.prefix()
				b.place(e)
			}
		}
	}
	b.finish()
	return b.p
}

type pathsBuilder struct {
	p        *paths
	byPrefix map[string]int32
	byNeedle map[string]int32
	texts    []string
}

// shortestNeedle is one that few enough paths hold.
const shortestNeedle = 3

// place puts an entry where the fewest files ask for it.
func (b *pathsBuilder) place(e entry) {
	needle := e.rest.needle()
	flat := !e.slow && e.rest.flat()
	shallow := strings.Count(e.begin, "/") < 2
	if !e.slow && shallow && !flat && len(needle) >= shortestNeedle {
		b.loose(e, needle)
		return
	}
	if !e.slow && e.begin == "" && flat && len(needle) >= shortestNeedle {
		b.loose(e, needle)
		return
	}
	n := b.node(e.begin)
	switch {
	case e.slow || e.not && len(e.rest) > 0 && !flat:
		n.deep = append(n.deep, e)
	case len(e.rest) == 0:
		n.exact = append(n.exact, e)
	case len(e.rest) == 1 && e.rest[0].anything() && !e.not:
		n.any = append(n.any, e.leaf)
	case flat:
		n.flat = append(n.flat, e)
	default:
		n.deep = append(n.deep, e)
	}
}

func (b *pathsBuilder) loose(e entry, needle string) {
	number, known := b.byNeedle[needle]
	if !known {
		number = int32(len(b.texts))
		b.byNeedle[needle] = number
		b.texts = append(b.texts, needle)
		b.p.loose = append(b.p.loose, nil)
	}
	b.p.loose[number] = append(b.p.loose[number], e)
}

func (b *pathsBuilder) node(prefix string) *node {
	number, known := b.byPrefix[prefix]
	if !known {
		number = int32(len(b.p.nodes))
		b.byPrefix[prefix] = number
		b.p.nodes = append(b.p.nodes, node{prefix: prefix})
	}
	return &b.p.nodes[number]
}

// finish sorts the nodes and ties each to its parent.
func (b *pathsBuilder) finish() {
	nodes := b.p.nodes
	slices.SortFunc(nodes, func(x, y node) int { return strings.Compare(x.prefix, y.prefix) })
	var open []int32 // those that are prefixes of the last one
	for i := range nodes {
		for len(open) > 0 && !strings.HasPrefix(nodes[i].prefix, nodes[open[len(open)-1]].prefix) {
			open = open[:len(open)-1]
		}
		nodes[i].parent = -1
		if len(open) > 0 {
			nodes[i].parent = open[len(open)-1]
		}
		open = append(open, int32(i))
	}
	if len(b.texts) > 0 {
		b.p.needle = newNeedles(b.texts)
	}
}

// lowest is the deepest node that path begins with, -1 if there is none, and
// where to begin for the next path of a sorted list.
func (p *paths) lowest(path string, from int) (lowest int32, next int) {
	at := p.before(path, from)
	if at < 0 {
		return -1, 0
	}
	shared := common(p.nodes[at].prefix, path)
	lowest = int32(at)
	for lowest >= 0 && len(p.nodes[lowest].prefix) > shared {
		lowest = p.nodes[lowest].parent
	}
	return lowest, at
}

// before is the last node that is not behind path in the order, -1 if there is
// none. It looks from a place near which it may be, in growing steps.
func (p *paths) before(path string, from int) int {
	low, step := from, 1
	if low >= len(p.nodes) || p.nodes[low].prefix > path {
		low, step = -1, len(p.nodes)+1
	}
	high := low + step
	for high < len(p.nodes) && p.nodes[high].prefix <= path {
		low = high
		step *= 2
		high = low + step
	}
	high = min(high, len(p.nodes))
	for high-low > 1 {
		middle := int(uint(low+high) / 2)
		if p.nodes[middle].prefix <= path {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// holds tells whether an entry is true of a path that has its beginning.
func (e *entry) holds(p *paths, path string) bool {
	if e.slow {
		return e.pattern.match(path) && (!e.not || p.leaves[e.leaf].accepts(path))
	}
	yes, sure := e.rest.match(path[len(e.begin):])
	if !sure {
		yes = e.pattern.match(path)
	}
	return yes && (!e.not || p.leaves[e.leaf].accepts(path))
}
