package targeting

import (
	"cmp"
	"slices"
	"strings"
)

// newPaths sorts the leaves into the list and the automaton.
func newPaths(leaves []fileLeaf) *paths {
	b := pathsBuilder{p: &paths{leaves: leaves}, entries: make([]entry, 0, len(leaves)), order: make([]placed, 0, len(leaves)), byNeedle: map[string]int32{}}
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
	entries  []entry  // of all nodes
	order    []placed // of them
	byNeedle map[string]int32
	texts    []string
}

// kind says in which list of its node an entry stands.
type kind uint8

const (
	kindAny kind = iota
	kindExact
	kindFlat
	kindDeep
)

// placed is where an entry of a node goes.
type placed struct {
	prefix string
	number int32
	kind   kind
}

func (x placed) compare(y placed) int {
	if order := strings.Compare(x.prefix, y.prefix); order != 0 {
		return order
	}
	return cmp.Or(cmp.Compare(x.kind, y.kind), cmp.Compare(x.number, y.number))
}

// shortestNeedle is one that few enough paths hold.
const shortestNeedle = 3

// place puts an entry where the fewest files ask for it.
func (b *pathsBuilder) place(e entry) {
	flat := !e.slow && e.rest.flat()
	if !e.slow && (e.begin == "" || !flat && strings.Count(e.begin, "/") < 2) {
		if needle := e.rest.needle(); len(needle) >= shortestNeedle {
			b.loose(e, needle)
			return
		}
	}
	where := kindDeep
	switch {
	case e.slow || e.not && len(e.rest) > 0 && !flat:
	case len(e.rest) == 0:
		where = kindExact
	case len(e.rest) == 1 && e.rest[0].anything() && !e.not:
		where = kindAny
	case flat:
		where = kindFlat
	}
	b.order = append(b.order, placed{e.begin, int32(len(b.entries)), where})
	b.entries = append(b.entries, e)
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

// finish makes the nodes, ties each to its parent, and makes the automaton.
func (b *pathsBuilder) finish() {
	slices.SortFunc(b.order, placed.compare)
	b.nodes()
	nodes := b.p.nodes
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

// nodes makes them in order, with their lists one behind the other.
func (b *pathsBuilder) nodes() {
	count, anys := 0, 0
	for i, one := range b.order {
		if i == 0 || b.order[i-1].prefix != one.prefix {
			count++
		}
		if one.kind == kindAny {
			anys++
		}
	}
	b.p.nodes = make([]node, 0, count)
	leaves, entries, at := make([]int32, 0, anys), make([]entry, 0, len(b.order)-anys), 0
	more := func(prefix string, k kind) bool {
		return at < len(b.order) && b.order[at].kind == k && b.order[at].prefix == prefix
	}
	list := func(prefix string, k kind) []entry {
		from := len(entries)
		for ; more(prefix, k); at++ {
			entries = append(entries, b.entries[b.order[at].number])
		}
		return entries[from:len(entries):len(entries)]
	}
	for at < len(b.order) {
		n, from := node{prefix: b.order[at].prefix}, len(leaves)
		for ; more(n.prefix, kindAny); at++ {
			leaves = append(leaves, b.entries[b.order[at].number].leaf)
		}
		n.any = leaves[from:len(leaves):len(leaves)]
		n.exact, n.flat, n.deep = list(n.prefix, kindExact), list(n.prefix, kindFlat), list(n.prefix, kindDeep)
		b.p.nodes = append(b.p.nodes, n)
	}
}
