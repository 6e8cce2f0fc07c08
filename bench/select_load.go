package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"drover/formats/kpetdb"
	"drover/rules/definition"
	"drover/rules/targeting"
)

// loadWay is one form of the definitions and how they are read until they can
// be asked.
type loadWay struct {
	form string
	read func() (*targeting.Index, error)
	took []time.Duration
}

// load times reading 10,000 definitions until they can be asked: kpet's database
// by both, then the same tests as Drover has them itself. What a plan does is
// to read the rows of its tree out of the database; the conditions alone are
// what of that is targeting's. All take turns, so that all have met the same
// load, after each has chosen the same tests.
func (s *selectBench) load(ctx context.Context, data string, files []targeting.File) (all []row, err error) {
	if s.index, err = readDatabase(s.folder); err != nil {
		return nil, err
	}
	own, err := newOwnForm(s.index)
	if err != nil {
		return nil, err
	}
	stored, err := s.store(ctx, data)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stored.store.Close()) }()
	ways := s.ways(own, stored)
	if err := s.sameLoaded(ways, files); err != nil {
		return nil, err
	}
	var theirs []time.Duration
	for range selectRounds {
		_, took, err := s.peer.ask(kpetRequest{Load: s.folder})
		if err != nil {
			return nil, err
		}
		theirs = append(theirs, took)
		for i := range ways {
			if err := ways[i].time(); err != nil {
				return nil, err
			}
		}
	}
	for _, one := range ways {
		name := "G3 10,000 definitions read until they can be asked, " + one.form + ", against kpet's rules in Python loading theirs"
		all = append(all, inMilliseconds(against(name+s.on, one.took, theirs, 50)))
	}
	return all, nil
}

// ways are all forms.
func (s *selectBench) ways(own *ownForm, stored *storedTests) []loadWay {
	return []loadWay{
		{form: "the YAML of kpet's database (goal 60 times)", read: func() (*targeting.Index, error) { return readDatabase(s.folder) }},
		{form: "a YAML file of Drover", read: own.readFile},
		{form: "the conditions of rows that were read before", read: own.readConditions},
		{form: "the rows of a tree out of SQLite (goal 60 times)", read: stored.read},
	}
}

// time reads once. What the one before left behind is not paid for here.
func (w *loadWay) time() error {
	runtime.GC()
	began := time.Now()
	_, err := w.read()
	w.took = append(w.took, time.Since(began))
	return err
}

// sameLoaded checks that of whatever was read as many tests can be asked, and that
// the same ones are chosen as of kpet's database, which are compared with what
// kpet's rules choose elsewhere.
func (s *selectBench) sameLoaded(ways []loadWay, files []targeting.File) error {
	change := targeting.Change{Files: targeting.OfFiles(files...)}
	want := chosen(s.index, change)
	for _, way := range ways {
		index, err := way.read()
		if err != nil {
			return fmt.Errorf("%s: %w", way.form, err)
		}
		if got := chosen(index, change); index.Len() != s.index.Len() || len(got) == 0 || !slices.Equal(got, want) {
			return fmt.Errorf("%s: %d tests of %d are chosen, of kpet's database %d of %d", way.form, len(got), index.Len(), len(want), s.index.Len())
		}
	}
	return nil
}

// chosen are the names of the tests that a change runs, sorted.
func chosen(index *targeting.Index, change targeting.Change) (names []string) {
	for i := range index.Select(change, targeting.Policy{}).Each {
		names = append(names, index.Definition(i).Name)
	}
	slices.Sort(names)
	return names
}

func readDatabase(folder string) (*targeting.Index, error) {
	db, problems := kpetdb.Read(os.DirFS(folder))
	if len(problems) > 0 {
		return nil, fmt.Errorf("the database: %s", problems[0])
	}
	return targeting.Compile(db.Definitions(), nil)
}

// ownForm are the same definitions as Drover keeps them.
type ownForm struct {
	file  []byte
	names []string
	rows  []string // the condition of each test, as its row has it
}

func newOwnForm(ix *targeting.Index) (*ownForm, error) {
	o := &ownForm{}
	var file definition.File
	for i := range ix.Len() {
		d := ix.Definition(i)
		condition, err := d.When.YAML()
		if err != nil {
			return nil, err
		}
		file.Tests = append(file.Tests, definition.Test{Name: d.Name, When: d.When, Sets: d.Sets, Cost: d.Cost})
		o.names, o.rows = append(o.names, d.Name), append(o.rows, condition)
	}
	text, err := file.YAML()
	o.file = []byte(text)
	return o, err
}

func (o *ownForm) readFile() (*targeting.Index, error) {
	file, err := definition.ReadToSelect(o.file)
	if err != nil {
		return nil, err
	}
	return targeting.Compile(file.Targeting(), nil)
}

func (o *ownForm) readConditions() (*targeting.Index, error) {
	definitions := make([]targeting.Definition, len(o.rows))
	for i, name := range o.names {
		definitions[i].Name = name
	}
	if _, err := targeting.ParseAll(definitions, func(i int) string { return o.rows[i] }); err != nil {
		return nil, err
	}
	return targeting.Compile(definitions, nil)
}

// writeDatabase makes a database of kpet with a case for each pattern, a hundred
// in a suite.
func writeDatabase(folder string, patterns []string) error {
	var cases []string
	for i, pattern := range patterns {
		cases = append(cases, fmt.Sprintf("  - name: case %d\n    max_duration_seconds: 600\n    pattern:\n      sources: '%s'\n",
			i, strings.ReplaceAll(pattern, "'", "''")))
	}
	return writeSuites(folder, cases)
}

func writeSuites(folder string, cases []string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	index := "arches: [x86_64]\ntrees: {upstream: {template: t.xml}}\nhost_types: {normal: {}, panicky: {}}\nhost_type_regex: normal\nsuites:\n"
	for number, some := range slices.Collect(slices.Chunk(cases, 100)) {
		name := fmt.Sprintf("suite%03d.yaml", number)
		index += "  - " + name + "\n"
		text := fmt.Sprintf("name: Suite %d\nlocation: https://example.org/tests.tar.gz\nmaintainers: [Asha Rao <asha@example.org>]\ncases:\n", number)
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text+strings.Join(some, "")), 0o600); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(folder, "index.yaml"), []byte(index), 0o600)
}
