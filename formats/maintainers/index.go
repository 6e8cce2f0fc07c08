package maintainers

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Options say what a file's patterns are read with.
type Options struct {
	// IsDir tells whether a path is a directory of the tree: a pattern that is
	// one owns what is below it, even without a slash at its end. nil: none is.
	IsDir   func(path string) bool
	Mailmap Mailmap
	Limits  Limits
}

// Index answers who owns a path. Any number of goroutines may ask.
type Index struct {
	sections []Section
	tree     radix
	names    names
	keywords []keyword
	contacts [][]contact // of each section: people, then lists
	problems []Problem
}

// keyword is a K: expression.
type keyword struct {
	section int
	place   int
	re      *regexp.Regexp
}

// contact is somebody in a section. Names and addresses are numbers, the same
// for the same without regard to case: two entries of one person are found
// without comparing texts.
type contact struct {
	person           Person // as called now
	name, address    int32  // as written, 0 for none
	nowName, nowAddr int32  // as called now
	list             bool
	silent           bool // never named: the script spares the one who gets everything
}

// chief is left out by the script unless it is asked for him.
const chief = "Linus Torvalds <torvalds@linux-foundation.org>"

// NewIndex compiles a file. What cannot be compiled is among the Problems and
// matches nothing.
func NewIndex(f File, o Options) *Index {
	ix := &Index{sections: f.Sections, contacts: make([][]contact, len(f.Sections))}
	if o.IsDir == nil {
		o.IsDir = func(string) bool { return false }
	}
	numbers := map[string]int32{"": 0}
	for i, s := range f.Sections {
		for _, e := range s.Entries {
			if err := ix.compile(i, e, o.IsDir); err != nil && len(ix.problems) < o.Limits.orDefault().Problems {
				ix.problems = append(ix.problems, Problem{e.Line, err.Error()})
			}
		}
		ix.contacts[i] = contactsOf(s, o.Mailmap, numbers)
	}
	// The script goes through them in the order of their numbers as texts.
	slices.SortStableFunc(ix.keywords, func(a, b keyword) int { return strings.Compare(strconv.Itoa(a.place), strconv.Itoa(b.place)) })
	return ix
}

// Problems are the lines that could not be used.
func (ix *Index) Problems() []Problem { return ix.problems }

func (ix *Index) compile(section int, e Entry, isDir func(string) bool) error {
	switch e.Tag {
	case 'F', 'X':
		p, err := compilePattern(e.Value, isDir)
		if err != nil {
			return err
		}
		ix.tree.add(p.prefix, rule{p, section, e.Line, e.Tag == 'X'})
	case 'N':
		return ix.names.add(section, e.Line, e.Value)
	case 'K':
		re, err := compilePerl(freeSpacing(e.Value))
		if err != nil {
			return err
		}
		place := ix.sections[section].place + 1 + slices.Index(ix.sections[section].Entries, e)
		ix.keywords = append(ix.keywords, keyword{section, place, re})
	}
	return nil
}

func contactsOf(s Section, m Mailmap, numbers map[string]int32) []contact {
	number := func(text string) int32 {
		text = strings.ToLower(text)
		if _, known := numbers[text]; !known {
			numbers[text] = int32(len(numbers))
		}
		return numbers[text]
	}
	var list []contact
	for i, people := range [][]Person{s.People(), s.Lists()} {
		for _, p := range people {
			now := m.now(p)
			list = append(list, contact{
				person: m.now(now), name: number(p.Name), address: number(p.Address), nowName: number(now.Name), nowAddr: number(now.Address),
				list: i == 1, silent: i == 0 && strings.Contains(m.now(now).Mailbox(), chief),
			})
		}
	}
	return list
}

// hit is a line of a section that matches a path.
type hit struct {
	section int
	line    int
	depth   int
	exclude bool
}

// Match is a section that owns a path.
type Match struct {
	Section *Section
	Line    int // the line that says so, the last one if several do
	Depth   int // levels of its pattern: deeper ones come first; 0 for N: and K:, below for a leading wildcard
	at      int
}

// Sections gives the sections that own a path, deepest pattern first, then in
// the order of the file. Text is what the file contains, for K:; "" leaves
// those out.
func (ix *Index) Sections(path, text string) []Match {
	var room [24]hit
	hits := ix.tree.walk(path, strings.Count(path, "/"), room[:0])
	ix.names.find(path, func(n name) { hits = append(hits, hit{section: n.section, line: n.line}) })
	slices.SortFunc(hits, func(a, b hit) int { return cmp.Or(cmp.Compare(a.section, b.section), cmp.Compare(a.line, b.line)) })
	list := make([]Match, 0, len(hits))
	for i := 0; i < len(hits); {
		end, excluded := i, false
		for ; end < len(hits) && hits[end].section == hits[i].section; end++ {
			excluded = excluded || hits[end].exclude
		}
		if last := hits[end-1]; !excluded {
			list = append(list, Match{&ix.sections[last.section], last.line, last.depth, last.section})
		}
		i = end
	}
	slices.SortStableFunc(list, func(a, b Match) int { return cmp.Compare(b.Depth, a.Depth) })
	return ix.addKeywords(list, path, text)
}

// addKeywords appends the sections whose K: matches and that are not there yet.
// An X: does not keep them away: the script looks for words apart from paths.
func (ix *Index) addKeywords(list []Match, path, text string) []Match {
	if text == "" || path == "MAINTAINERS" {
		return list
	}
	for _, k := range ix.keywords {
		if !k.re.MatchString(text) || slices.ContainsFunc(list, func(m Match) bool { return m.at == k.section }) {
			continue
		}
		line := ix.sections[k.section].Entries[k.place-ix.sections[k.section].place-1].Line
		list = append(list, Match{&ix.sections[k.section], line, 0, k.section})
	}
	return list
}

// Owners are those who look after a path.
type Owners struct {
	Matches []Match
	People  []Person // everybody once, with the role of the first section that names them
	Lists   []Person
}

// Owners says who owns a path. Text is as for Sections.
func (ix *Index) Owners(path, text string) Owners {
	o := Owners{Matches: ix.Sections(path, text)}
	var room, roomNow [32]contact
	seen, now := room[:0], roomNow[:0]
	for _, lists := range []bool{false, true} {
		for _, m := range o.Matches {
			for i := range ix.contacts[m.at] {
				c := &ix.contacts[m.at][i]
				if c.list != lists || c.isKnown(seen) {
					continue
				}
				seen = append(seen, *c)
				if c.isKnownNow(now) {
					continue
				}
				now = append(now, *c)
				switch {
				case lists:
					o.Lists = append(o.Lists, c.person)
				case !c.silent:
					o.People = append(o.People, c.person)
				}
			}
		}
	}
	return o
}

// isKnown tells whether one of the same kind has the name or the address.
func (c *contact) isKnown(list []contact) bool {
	for i := range list {
		if o := &list[i]; o.list == c.list && (c.name != 0 && o.name == c.name || o.address == c.address) {
			return true
		}
	}
	return false
}

// isKnownNow is the same for what they are called now, and a list may be a
// person of the same address too.
func (c *contact) isKnownNow(list []contact) bool {
	for i := range list {
		if o := &list[i]; c.nowName != 0 && o.nowName == c.nowName || o.nowAddr == c.nowAddr {
			return true
		}
	}
	return false
}
