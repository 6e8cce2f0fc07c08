package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"drover/formats/kpetdb"
	"drover/rules/definition"
	"drover/rules/targeting"
)

// load times reading 10,000 definitions until they can be asked: kpet's database
// by both, then the same tests as Drover has them itself. What a plan does is
// to read the rows of its tree out of the database; the conditions alone are
// what of that is targeting's.
func (s *selectBench) load(ctx context.Context, data string) (all []row, err error) {
	const what = "G3 10,000 definitions read until they can be asked, "
	ours, theirs, err := timedInTurns(selectRounds/2, func() error {
		var err error
		s.index, err = readDatabase(s.folder)
		return err
	}, func() error {
		_, _, err := s.peer.ask(kpetRequest{Load: s.folder})
		return err
	})
	if err != nil {
		return nil, err
	}
	own, err := newOwnForm(s.index)
	if err != nil {
		return nil, err
	}
	file, conditions, err := timedInTurns(selectRounds/2, own.readFile, own.readConditions)
	if err != nil {
		return nil, err
	}
	stored, err := s.store(ctx, data)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stored.store.Close()) }()
	rows, _, err := timedInTurns(selectRounds/2, stored.read, func() error { return nil })
	if err != nil {
		return nil, err
	}
	for _, one := range []struct {
		form string
		took []time.Duration
	}{{"the YAML of kpet's database (goal 60 times)", ours}, {"a YAML file of Drover", file},
		{"the conditions of rows that were read before", conditions}, {"the rows of a tree out of SQLite (goal 60 times)", rows},
	} {
		all = append(all, inMilliseconds(against(what+one.form+", against kpet's rules in Python loading theirs"+s.on, one.took, theirs, 50)))
	}
	return all, nil
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
	want  int
}

func newOwnForm(ix *targeting.Index) (*ownForm, error) {
	o := &ownForm{want: ix.Len()}
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

func (o *ownForm) readFile() error {
	file, err := definition.ReadToSelect(o.file)
	if err != nil {
		return err
	}
	return o.ready(file.Targeting())
}

func (o *ownForm) readConditions() error {
	definitions := make([]targeting.Definition, len(o.rows))
	var parser targeting.Parser
	for i, condition := range o.rows {
		definitions[i].Name = o.names[i]
		if err := parser.Parse(condition, &definitions[i].When); err != nil {
			return err
		}
	}
	return o.ready(definitions)
}

func (o *ownForm) ready(definitions []targeting.Definition) error {
	ix, err := targeting.Compile(definitions, nil)
	if err == nil && ix.Len() != o.want {
		err = fmt.Errorf("%d definitions were read, of %d", ix.Len(), o.want)
	}
	return err
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
