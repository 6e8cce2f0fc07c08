package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"drover/clients/git"
	"drover/formats/kpetdb"
	"drover/formats/patch"
	"drover/formats/strictyaml"
	"drover/rules/definition"
	"drover/rules/targeting"
)

type selectCommand struct {
	DB          string   `name:"db" required:"" help:"Test definitions: a YAML file, a folder of them, or a database of kpet."`
	Tree        string   `help:"Tree that the change is for; without it, conditions on trees are left open."`
	Arch        string   `help:"Architecture, likewise."`
	Config      string   `help:"Config of the build, likewise."`
	Component   []string `help:"A part of the build; may be repeated."`
	Set         []string `help:"Only tests of this set; may be repeated."`
	Everything  bool     `help:"A run without patches: everything has changed."`
	Unmatched   string   `help:"What runs if no test is aimed at what has changed: none, sets or all." default:"none" enum:"none,sets,all"`
	Fallback    []string `help:"A set that runs then, with --unmatched sets; may be repeated."`
	HighCost    string   `help:"When tests of high cost run: targeted, never or always." default:"targeted" enum:"targeted,never,always"`
	JSON        bool     `name:"json" help:"Print JSON."`
	Maintainers string   `help:"A MAINTAINERS file, for conditions that name its sections. Without it, that of the last range's newest commit is read." type:"path" placeholder:"FILE"`
	Change      []string `arg:"" optional:"" help:"Patches, several of which are a series, or ranges of commits of the repository here: A..B, A...B, or one commit. - is a patch on standard input."`
}

// Run says which tests a change runs, and why, with the rules that plan every
// checkout. It needs no server.
func (c selectCommand) Run(ctx context.Context) error {
	definitions, err := readDefinitions(c.DB)
	if err != nil {
		return err
	}
	change, tip, err := c.change(ctx)
	if err != nil {
		return err
	}
	sections, err := c.sections(ctx, definitions, tip)
	if err != nil {
		return err
	}
	ix, err := targeting.Compile(definitions, sections)
	if err != nil {
		return err
	}
	answer := newSelectAnswer(ix, ix.Select(change, targeting.Policy{
		Unmatched: targeting.Unmatched(c.Unmatched), Sets: c.Fallback, HighCost: targeting.HighCost(c.HighCost),
	}))
	if c.JSON {
		out := json.NewEncoder(os.Stdout)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(answer)
	}
	_, err = io.WriteString(os.Stdout, answer.text())
	return err
}

// readDefinitions reads whatever --db may be. What a database of kpet says that
// cannot be said here goes to standard error.
func readDefinitions(where string) ([]targeting.Definition, error) {
	root, err := os.OpenRoot(where)
	if err == nil {
		defer func() { _ = root.Close() }() // only read
		if _, err := root.Stat("index.yaml"); err == nil {
			db, err := readKpet(root.FS())
			return db.Definitions(), err
		}
	}
	texts, err := readTexts(where)
	if err == nil && len(texts) == 0 {
		err = fmt.Errorf("%s holds neither index.yaml of kpet nor files of test definitions (.yaml)", where)
	}
	if err != nil {
		return nil, err
	}
	var parts []definition.Part
	for _, text := range texts {
		file, err := definition.ReadToSelect(text.content)
		var problems strictyaml.Problems
		if errors.As(err, &problems) {
			return nil, fmt.Errorf("%s:\n  %s", text.name, strings.ReplaceAll(problems.Error(), "\n", "\n  "))
		}
		if err != nil {
			return nil, err
		}
		parts = append(parts, definition.Part{Name: text.name, File: file})
	}
	all, err := definition.Join(parts...)
	if err != nil {
		return nil, err
	}
	if known := all.SetNames(); len(known) > 0 {
		err = all.UnknownSets(known).Err()
	}
	return all.Targeting(), err
}

// readKpet reads a database of kpet and tells what is wrong with it.
func readKpet(folder fs.FS) (kpetdb.Database, error) {
	db, problems := kpetdb.Read(folder)
	wrong := 0
	for _, p := range problems {
		said := "not the same: "
		if !p.Lost {
			said = "wrong: "
			wrong++
		}
		fmt.Fprintln(os.Stderr, "drover: "+said+p.String())
	}
	switch wrong {
	case 0:
		return db, nil
	case 1:
		return db, errors.New("the database has a mistake, for which kpet would refuse it too")
	}
	return db, fmt.Errorf("the database has %d mistakes, for which kpet would refuse it too", wrong)
}

// change puts together what the arguments name. tip is the newest commit of the
// last range among them, "" if there is none.
func (c selectCommand) change(ctx context.Context) (change targeting.Change, tip string, err error) {
	change = targeting.Change{Trees: oneOrOpen(c.Tree), Arches: oneOrOpen(c.Arch), Configs: oneOrOpen(c.Config)}
	if len(c.Component) > 0 {
		change.Components = targeting.Only(c.Component...)
	}
	if len(c.Set) > 0 {
		change.Sets = targeting.Only(c.Set...)
	}
	switch {
	case (c.Unmatched == string(targeting.UnmatchedSets)) != (len(c.Fallback) > 0):
		return change, "", errors.New("--unmatched sets and --fallback, which names the sets, go together")
	case c.Everything && len(c.Change) > 0:
		return change, "", errors.New("--everything is a run without patches: leave out " + c.Change[0])
	case c.Everything:
		change.Files = targeting.AllFiles()
		return change, tip, nil
	case len(c.Change) == 0:
		return change, "", errors.New("name a patch or a range of commits, or say --everything for a run without patches")
	}
	var lists [][]targeting.File
	for _, name := range c.Change {
		read, err := readChange(ctx, name)
		if err != nil {
			return change, "", err
		}
		lists = append(lists, read.files)
		tip = cmp.Or(read.tip, tip)
		change.Subjects.List = append(change.Subjects.List, read.subjects...)
		if read.cut {
			fmt.Fprintf(os.Stderr, "drover: %s changes more than %d files: it is taken to change everything\n", name, git.MaxFiles)
			change.Files.Extent = targeting.Everything
		}
	}
	if len(change.Subjects.List) > 0 {
		change.Subjects.Extent = targeting.Listed
	}
	if change.Files.Extent == targeting.Everything {
		return change, tip, nil
	}
	change.Files = targeting.Union(lists...)
	if len(change.Files.List) == 0 {
		return change, "", fmt.Errorf("%s changes no file", strings.Join(c.Change, ", "))
	}
	return change, tip, nil
}

func oneOrOpen(name string) targeting.Values {
	if name == "" {
		return targeting.Values{}
	}
	return targeting.Only(name)
}

// changeRead is what one argument changes. cut tells that there is more.
type changeRead struct {
	files    []targeting.File
	subjects []string
	tip      string // of a range
	cut      bool
}

// readChange reads a patch where there is a file of that name, else a range.
func readChange(ctx context.Context, name string) (changeRead, error) {
	if name == "-" {
		return readPatch("standard input", os.Stdin)
	}
	f, err := os.Open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return readRange(ctx, name)
	case err != nil:
		return changeRead{}, err
	}
	defer func() { _ = f.Close() }() // only read
	return readPatch(name, f)
}

func readRange(ctx context.Context, text string) (changeRead, error) {
	var client git.Client
	found, err := client.ReadRange(ctx, ".", text)
	if err != nil {
		return changeRead{}, err
	}
	read := changeRead{subjects: found.Subjects, tip: found.Tip, cut: found.Cut}
	for _, f := range found.Files {
		read.files = append(read.files, targeting.File{Path: f.Path, Old: f.Old, Kind: string(f.Kind)})
	}
	return read, nil
}

// readPatch reads one patch or a series in one text.
func readPatch(name string, from io.Reader) (changeRead, error) {
	const most = 32 << 20
	text, err := io.ReadAll(io.LimitReader(from, most+1))
	if err != nil {
		return changeRead{}, fmt.Errorf("read %s: %w", name, err)
	}
	if len(text) > most {
		return changeRead{}, fmt.Errorf("%s has more than %d bytes, which is no patch for people: give the range of commits instead", name, most)
	}
	var read changeRead
	for _, part := range patch.Split(text) {
		p, err := patch.Parse(bytes.NewReader(part), patch.Limits{})
		if err != nil {
			return changeRead{}, fmt.Errorf("%s: %w", name, err)
		}
		read.files = append(read.files, targeting.OfPatch(p.Files)...)
		if p.Header.Subject != "" {
			read.subjects = append(read.subjects, p.Header.Subject)
		}
	}
	if len(read.files) == 0 && len(read.subjects) == 0 {
		return read, fmt.Errorf("%s changes no file: is it a patch?", name)
	}
	return read, nil
}
