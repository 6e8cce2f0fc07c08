package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"time"

	"drover/rules/targeting"
)

const (
	selectPatterns = 10_000
	selectFiles    = 5000
	selectRounds   = 11
	selectTrees    = 10_000 // random patterns, all of which are asked
	selectTargets  = 30     // this many times
)

// selectTests compares choosing tests with a loop over Go's regular expressions
// and with kpet's rules in Python, after all three have given the same answers.
func (b bench) selectTests(ctx context.Context) (rows []row, err error) {
	data, err := kernelPaths(ctx)
	if err != nil {
		return nil, err
	}
	peer, err := b.kpet(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, peer.close()) }()
	if err := b.sameTrees(peer); err != nil {
		return nil, err
	}
	s := selectBench{peer: peer, folder: filepath.Join(b.folder, "kpet"), on: " on " + data.source, patterns: data.patterns(selectPatterns)}
	if err := writeDatabase(s.folder, s.patterns); err != nil {
		return nil, err
	}
	load, err := s.load(ctx, filepath.Join(b.folder, "select"), data.changed(selectFiles))
	if err != nil {
		return nil, err
	}
	for _, pattern := range s.patterns {
		s.loop = append(s.loop, regexp.MustCompile(`^(?:`+pattern+`)$`))
	}
	for _, one := range []struct {
		name   string
		files  int
		goal   int
		rounds int // of kpet's rules and the loop
	}{
		{"G1 10,000 patterns × 5,000 files, each test with the file that asks for it", selectFiles, 400, selectRounds},
		{"G2 10,000 patterns, a patch of 3 files", 3, 150, 5 * selectRounds},
		{"G2 10,000 patterns, 200 files", 200, 0, selectRounds},
	} {
		more, err := s.against(one.name, data.changed(one.files), one.goal, one.rounds)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return append(rows, load...), nil
}

// selectBench is one list of patterns, in three forms.
type selectBench struct {
	peer     *kpetPeer
	folder   string // kpet's database
	on       string // what was measured on, for the names of rows
	patterns []string
	loop     []*regexp.Regexp
	index    *targeting.Index
}

// against times one change. Ours is so short that a round is many of it.
func (s *selectBench) against(name string, files []targeting.File, goal, rounds int) ([]row, error) {
	change := targeting.Change{Files: targeting.OfFiles(files...)}
	if err := s.same(change); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	runtime.GC() // what was done before is not paid for here
	request := kpetRequest{Target: target(change)}
	var ours, loop, kpet []time.Duration
	for range rounds {
		repeat := max(1, 5000/len(files))
		began := time.Now()
		for range repeat {
			if count(s.index.Select(change, targeting.Policy{})) == 0 {
				return nil, errors.New("nothing was chosen")
			}
		}
		ours = append(ours, time.Since(began)/time.Duration(repeat))
		began = time.Now()
		if len(s.looped(files)) == 0 {
			return nil, errors.New("the loop chose nothing")
		}
		loop = append(loop, time.Since(began))
	}
	for range max(3, rounds/4) {
		_, took, err := s.peer.ask(request)
		if err != nil {
			return nil, err
		}
		kpet = append(kpet, took)
	}
	against1 := name + ", against a loop over Go's regexp"
	if goal > 0 {
		against1 += fmt.Sprintf(" (goal %d times)", goal)
	}
	return []row{
		inMilliseconds(against(against1+s.on, ours, loop, 50)),
		inMilliseconds(against(name+", against kpet's rules in Python"+s.on, ours, kpet, 50)),
	}, nil
}

// count is how many tests run; each is seen with its file.
func count(s *targeting.Selection) (n int) {
	for range s.Each {
		n++
	}
	return n
}

// looped are the numbers of the patterns that match any file, in the plain way.
func (s *selectBench) looped(files []targeting.File) (matched []int) {
	for i, like := range s.loop {
		if slices.ContainsFunc(files, func(f targeting.File) bool { return like.MatchString(f.Path) }) {
			matched = append(matched, i)
		}
	}
	return matched
}

// same checks that all three choose the same tests, and that each file that is
// said to have decided did.
func (s *selectBench) same(change targeting.Change) error {
	var ours, loop []string
	selection := s.index.Select(change, targeting.Policy{})
	for i, file := range selection.Each {
		ours = append(ours, s.index.Definition(i).Name)
		if !s.loop[i].MatchString(file) {
			return fmt.Errorf("%s does not match %s", file, s.patterns[i])
		}
	}
	for _, i := range s.looped(change.Files.List) {
		loop = append(loop, s.index.Definition(i).Name)
	}
	theirs, _, err := s.peer.ask(kpetRequest{Target: target(change)})
	if err != nil {
		return err
	}
	if !slices.Equal(ours, loop) || !slices.Equal(ours, theirs.Chosen) {
		return fmt.Errorf("we choose %d tests, the loop %d, kpet's rules %d", len(ours), len(loop), len(theirs.Chosen))
	}
	return nil
}
