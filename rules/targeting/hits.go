package targeting

import "strings"

// hit is a leaf that holds, and the first file, in the order of names, for
// which it was seen to.
type hit struct {
	leaf int32
	file int32
}

// scratch is what one search needs and the next one can use again. Stamps are
// compared with a counter that only grows, so nothing has to be cleared.
type scratch struct {
	stamp   uint64
	done    []uint64 // by leaf
	visited []uint64 // by node: its leaves without conditions are done
	seen    []uint64 // by needle: the file that held it last
	finder  finder
	hits    []hit
}

func (p *paths) newScratch() *scratch {
	return &scratch{
		done: make([]uint64, len(p.leaves)), visited: make([]uint64, len(p.nodes)), seen: make([]uint64, len(p.loose)),
	}
}

// first finds for each leaf that holds one file. names are sorted. The answer
// is overwritten by the next search.
func (p *paths) first(s *scratch, names []string) []hit {
	s.hits = s.hits[:0]
	s.finder.reset()
	s.stamp++
	round, from := s.stamp, 0
	for number, name := range names {
		var lowest int32
		lowest, from = p.lowest(name, max(from, 0))
		slash := strings.LastIndexByte(name, '/')
		for at := lowest; at >= 0; at = p.nodes[at].parent {
			n := &p.nodes[at]
			if s.visited[at] != round {
				s.visited[at] = round
				for _, leaf := range n.any {
					s.mark(round, leaf, number)
				}
			}
			if len(n.prefix) == len(name) {
				p.try(s, round, n.exact, number, name)
			}
			if slash < len(n.prefix) {
				p.try(s, round, n.flat, number, name)
			}
			p.try(s, round, n.deep, number, name)
		}
		if p.needle != nil {
			s.stamp++
			p.tryNeedles(s, round, number, name)
		}
	}
	return s.hits
}

func (s *scratch) mark(round uint64, leaf int32, file int) {
	if s.done[leaf] != round {
		s.done[leaf] = round
		s.hits = append(s.hits, hit{leaf, int32(file)})
	}
}

func (p *paths) try(s *scratch, round uint64, entries []entry, number int, name string) {
	for i := range entries {
		if e := &entries[i]; s.done[e.leaf] != round && e.holds(p, name) {
			s.mark(round, e.leaf, number)
		}
	}
}

func (p *paths) tryNeedles(s *scratch, round uint64, number int, name string) {
	for _, found := range s.finder.in(p.needle, name) {
		if s.seen[found.text] == s.stamp {
			continue
		}
		s.seen[found.text] = s.stamp
		entries := p.loose[found.text]
		for i := range entries {
			if e := &entries[i]; s.done[e.leaf] != round && strings.HasPrefix(name, e.begin) && e.holds(p, name) {
				s.mark(round, e.leaf, number)
			}
		}
	}
}

// of finds all leaves that hold for one file, each once.
func (p *paths) of(s *scratch, name string) []hit {
	return p.first(s, []string{name})
}
