package maintainers

// radix is a tree of plain prefixes: one walk along a path meets every pattern
// whose prefix the path begins with.
type radix struct {
	label    string
	firsts   []byte // first byte of the label of each child
	children []*radix
	rules    []rule
}

// rule is a pattern of a section.
type rule struct {
	*pattern
	section int
	line    int
	exclude bool
}

// add puts a rule at the node of its prefix, and splits an edge where needed.
func (n *radix) add(prefix string, r rule) {
	if prefix == "" {
		n.rules = append(n.rules, r)
		return
	}
	for i, first := range n.firsts {
		if first != prefix[0] {
			continue
		}
		child := n.children[i]
		same := sameLength(child.label, prefix)
		if same < len(child.label) {
			rest := *child
			rest.label = child.label[same:]
			child = &radix{label: child.label[:same], firsts: []byte{rest.label[0]}, children: []*radix{&rest}}
			n.children[i] = child
		}
		child.add(prefix[same:], r)
		return
	}
	n.firsts = append(n.firsts, prefix[0])
	n.children = append(n.children, &radix{label: prefix, rules: []rule{r}})
}

func sameLength(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// walk appends what matches a path.
func (n *radix) walk(path string, slashes int, hits []hit) []hit {
	rest := path
walking:
	for {
		for i := range n.rules {
			if r := &n.rules[i]; r.matches(path, slashes) {
				hits = append(hits, hit{r.section, r.line, r.depth, r.exclude})
			}
		}
		if rest == "" {
			return hits
		}
		for i, first := range n.firsts {
			if first != rest[0] {
				continue
			}
			child := n.children[i]
			if len(rest) < len(child.label) || rest[:len(child.label)] != child.label {
				return hits
			}
			n, rest = child, rest[len(child.label):]
			continue walking
		}
		return hits
	}
}
