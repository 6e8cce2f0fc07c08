package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"

	"drover/rules/targeting"
)

// treeMaker makes patterns out of few words, so that they meet.
type treeMaker struct{ *rand.Rand }

func (m treeMaker) of(list ...string) string { return list[m.IntN(len(list))] }

var treeQualifiers = []string{"trees", "arches", "components", "sources"}

// node is a pattern; qualifier is "" until one was met.
func (m treeMaker) node(depth int, qualifier string) any {
	if qualifier != "" && (depth <= 0 || m.IntN(3) == 0) {
		return m.leaf(qualifier)
	}
	if m.IntN(3) == 0 {
		list := []any{}
		for range m.IntN(4) {
			list = append(list, m.node(depth-1, qualifier))
		}
		return list
	}
	members := map[string]any{}
	for _, key := range append([]string{"and", "or", "not"}, treeQualifiers...) {
		isQualifier := slices.Contains(treeQualifiers, key)
		if m.IntN(3) > 0 || depth <= 0 && !isQualifier || qualifier != "" && isQualifier {
			continue
		}
		inner := qualifier
		if isQualifier {
			inner = key
		}
		members[key] = m.node(depth-1, inner)
	}
	return members
}

func (m treeMaker) leaf(qualifier string) any {
	if m.IntN(8) == 0 {
		return nil
	}
	if qualifier == "sources" {
		return m.of(`net/.*`, `net/mptcp/.*`, `include/net/tcp\.h`, `.*\.c`, `(net|mm)/[^/]*\.[ch]`, `.*tcp.*`, `mm/slub.c`, `a{,2}.*`, `[[]?x`)
	}
	return m.of("a", "b", "a.*", "[ab]", "c")
}

func (m treeMaker) values(list ...string) targeting.Values {
	switch m.IntN(4) {
	case 0:
		return targeting.Values{}
	case 1:
		return targeting.Values{Extent: targeting.Everything}
	}
	some := targeting.Only()
	for range m.IntN(3) {
		some.List = append(some.List, m.of(list...))
	}
	return some
}

func (m treeMaker) change() targeting.Change {
	sources := m.values("net/mptcp/ctrl.c", "include/net/tcp.h", "mm/slub.c", "net/core.h", "x", "aab/[x")
	c := targeting.Change{Trees: m.values("a", "b", "ab"), Arches: m.values("a", "c"), Components: m.values("b")}
	c.Files.Extent = sources.Extent
	for _, name := range sources.List {
		c.Files.List = append(c.Files.List, targeting.File{Path: name})
	}
	return c
}

// sameTrees asks both for many random patterns; each answer has to be equal.
func (b bench) sameTrees(peer *kpetPeer) error {
	m := treeMaker{rand.New(rand.NewPCG(9, 10))}
	var cases []string
	for i := range selectTrees {
		text, err := json.Marshal(m.node(4, "")) // JSON is YAML
		if err != nil {
			return err
		}
		cases = append(cases, fmt.Sprintf("  - {name: tree %d, max_duration_seconds: 1, pattern: %s}\n", i, text))
	}
	folder := filepath.Join(b.folder, "trees")
	if err := writeSuites(folder, cases); err != nil {
		return err
	}
	index, err := readDatabase(folder)
	if err != nil {
		return err
	}
	if _, _, err := peer.ask(kpetRequest{Load: folder}); err != nil {
		return err
	}
	for range selectTargets {
		change := m.change()
		theirs, _, err := peer.ask(kpetRequest{Target: target(change)})
		if err != nil {
			return err
		}
		var ours []string
		selection := index.Select(change, targeting.Policy{})
		for i := range selection.Each {
			ours = append(ours, index.Definition(i).Name)
		}
		if !slices.Equal(ours, theirs.Chosen) {
			return fmt.Errorf("of %d random patterns we choose %d, kpet's rules %d, for %v", selectTrees, len(ours), len(theirs.Chosen), target(change))
		}
	}
	return nil
}
