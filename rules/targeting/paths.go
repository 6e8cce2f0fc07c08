package targeting

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
	slow    bool   // rest says nothing
	not     bool   // the leaf leaves files out
	begin   string // of the paths; checked by whoever comes from a needle
	rest    sequence
	pattern *pathPattern // asked where rest cannot tell
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
