package consolelog

import (
	"math/bits"
	"sync"
)

// A matcher finds the rule of a line. It looks at each byte once, with an
// automaton (Aho and Corasick, 1975) over the literals of all rules, and runs
// a regular expression only for rules one of whose literals is in the line.
type matcher struct {
	rules []Rule
	// class maps a byte to its column: bytes of literals have one each, all
	// others share column 0, and those that need cleaning share dirtyClass.
	class [256]uint8
	width int
	next  []uint32 // [state*width+class] -> state*width
	// found[state] has a bit for each rule with a literal that ends here. The
	// states at or above hot have any; the last one is the dirty state.
	found      []uint64
	hot        uint32
	dirty      uint32
	meaningful uint64 // rules that are not None
}

const dirtyClass = 1

// newMatcher builds the automaton, about 300 kB for the rules of this package.
func newMatcher(rules []Rule) *matcher {
	m := &matcher{rules: rules, width: 2}
	for c := range 256 {
		if c >= 0x7f || c < ' ' && c != '\t' {
			m.class[c] = dirtyClass
		}
	}
	for i, rule := range rules {
		if rule.Severity != None {
			m.meaningful |= 1 << i
		}
		for _, literal := range rule.Literals {
			for _, c := range []byte(literal) {
				if m.class[c] == 0 {
					m.class[c] = uint8(m.width)
					m.width++
				}
			}
		}
	}
	m.compile(m.trie())
	return m
}

// node is a state while the automaton is built.
type node struct {
	next []int // by class; 0 = none, since nothing leads back to the root here
	fail int
	set  uint64
}

func (m *matcher) trie() []node {
	nodes := []node{{next: make([]int, m.width)}}
	for i, rule := range m.rules {
		for _, literal := range rule.Literals {
			at := 0
			for _, c := range []byte(literal) {
				step := nodes[at].next[m.class[c]]
				if step == 0 {
					step = len(nodes)
					nodes[at].next[m.class[c]] = step
					nodes = append(nodes, node{next: make([]int, m.width)})
				}
				at = step
			}
			nodes[at].set |= 1 << i
		}
	}
	return complete(nodes, m.width)
}

// complete adds the transitions of failed matches, level by level.
func complete(nodes []node, width int) []node {
	queue := []int{0}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for class := range width {
			back := 0
			if at != 0 {
				back = nodes[nodes[at].fail].next[class]
			}
			step := nodes[at].next[class]
			if step == 0 {
				nodes[at].next[class] = back
				continue
			}
			nodes[step].fail = back
			nodes[step].set |= nodes[back].set
			queue = append(queue, step)
		}
	}
	return nodes
}

// compile lays the states out so that those which matter have the highest
// numbers: the inner loop then has one comparison per byte.
func (m *matcher) compile(nodes []node) {
	place := make([]int, len(nodes))
	low, high := 0, len(nodes)
	for from, n := range nodes { // the root stays state 0
		if n.set == 0 {
			place[from] = low
			low++
		} else {
			high--
			place[from] = high
		}
	}
	m.hot, m.dirty = uint32(high*m.width), uint32(len(nodes)*m.width)
	m.next = make([]uint32, len(nodes)*m.width)
	m.found = make([]uint64, len(nodes))
	for from, n := range nodes {
		at := place[from]
		m.found[at] = n.set
		for class, to := range n.next {
			m.next[at*m.width+class] = uint32(place[to] * m.width)
		}
		m.next[at*m.width+dirtyClass] = m.dirty
	}
}

// scan gives the rules that may match the line; clean is false, and the rules
// are not to be used, if the line must be cleaned first.
func (m *matcher) scan(line []byte) (may uint64, clean bool) {
	state := uint32(0)
	for _, c := range line {
		state = m.next[state+uint32(m.class[c])]
		if state >= m.hot {
			if state == m.dirty {
				return 0, false
			}
			may |= m.found[int(state)/m.width]
		}
	}
	return may, true
}

// decide runs the regular expressions of the rules in may, in the order of the
// table. The text is clean. nil: no rule.
func (m *matcher) decide(text string, may uint64) *Rule {
	if may&m.meaningful == 0 {
		return nil
	}
	body, kernel := message(text)
	for ; may != 0; may &= may - 1 {
		rule := &m.rules[bits.TrailingZeros64(may)]
		if rule.Kernel && !kernel || !rule.Pattern.MatchString(body) {
			continue
		}
		if rule.Severity == None {
			return nil
		}
		return rule
	}
	return nil
}

// Matcher finds the rule of single lines, for the herder and for trying
// signatures. It is safe for concurrent use.
type Matcher struct{ table *matcher }

// NewMatcher gives the matcher of the rules of this package.
func NewMatcher() *Matcher { return &Matcher{automaton()} }

// automaton is the table of rules, prepared once when it is first wanted.
var automaton = sync.OnceValue(func() *matcher { return newMatcher(rules) })

// Match is the rule of a raw line; ok is false where no rule matches, or one
// that says the line is no error.
func (m *Matcher) Match(line []byte) (rule Rule, ok bool) {
	found, _, _ := m.match(line)
	if found == nil {
		return Rule{}, false
	}
	return *found, true
}

// match also gives the clean text, "" where it was not needed, and the number
// of repairs.
func (m *Matcher) match(line []byte) (rule *Rule, text string, repairs int) {
	line = trimNewline(line)
	may, isClean := m.table.scan(line)
	if !isClean {
		text, repairs = clean(line)
		if may = m.table.scanText(text); may == 0 {
			return nil, text, repairs
		}
		return m.table.decide(text, may), text, repairs
	}
	if may&m.table.meaningful == 0 {
		return nil, "", 0
	}
	text = string(line)
	return m.table.decide(text, may), text, 0
}

// scanText is scan for text that is clean but may hold letters beyond ASCII,
// which are in no literal.
func (m *matcher) scanText(text string) (may uint64) {
	state := uint32(0)
	for i := range len(text) {
		class := uint32(m.class[text[i]])
		if class == dirtyClass {
			class = 0
		}
		state = m.next[state+class]
		may |= m.found[int(state)/m.width]
	}
	return may
}
