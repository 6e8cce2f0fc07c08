package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"drover/rules/definition"
	"drover/views/route"
)

type exportCommand struct {
	serverFlags `embed:""`
	Editions    bool   `help:"Write the edition of each test too: then drover apply refuses to put the file on top of what somebody else changed meanwhile."`
	To          string `arg:"" optional:"" default:"-" help:"A folder, which gets a file for each tree and test; - prints all of it as one file."`
}

// Run writes what the server has. Files of the folder that it does not have are
// named, and stay.
func (e exportCommand) Run(ctx context.Context) error {
	s, err := e.site()
	if err != nil {
		return err
	}
	from := route.ExportDefinitions()
	if e.Editions {
		from = route.With(from, "editions", "1")
	}
	content, err := s.ask(ctx, http.MethodGet, from, nil)
	if err != nil {
		return err
	}
	if e.To == "-" {
		_, err = os.Stdout.Write(content)
		return err
	}
	all, err := definition.Read(content)
	if err != nil {
		return fmt.Errorf("what %s sent cannot be read: %w", s.base, err)
	}
	return writeFolder(e.To, all)
}

// writeFolder writes a file for each tree and test, and one for all sets.
func writeFolder(folder string, all definition.File) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // only written below it
	files := map[string]definition.File{}
	for _, t := range all.Trees {
		files[filepath.Join("trees", t.Tree+".yaml")] = definition.File{Trees: []definition.Tree{t}}
	}
	for _, t := range all.Tests {
		files[filepath.Join("tests", t.Name+".yaml")] = definition.File{Tests: []definition.Test{t}}
	}
	if len(all.Sets) > 0 {
		files["sets.yaml"] = definition.File{Sets: all.Sets}
	}
	for name, file := range files {
		content, err := file.YAML()
		if err != nil {
			return err
		}
		if err := errors.Join(root.MkdirAll(filepath.Dir(name), 0o755), root.WriteFile(name, []byte(content), 0o644)); err != nil {
			return fmt.Errorf("write %s: %w", filepath.Join(folder, name), err)
		}
	}
	texts, err := readTexts(folder)
	for _, t := range texts {
		name, inside := strings.CutPrefix(t.name, filepath.Clean(folder)+string(filepath.Separator))
		if _, written := files[name]; inside && !written {
			fmt.Fprintln(os.Stderr, "drover: not on the server, and left alone: "+t.name)
		}
	}
	return err
}

type applyCommand struct {
	serverFlags `embed:""`
	DryRun      bool     `help:"Only say what would change."`
	JSON        bool     `name:"json" help:"Print the plan as JSON."`
	Plan        string   `help:"Apply only if the plan is still this one: the base that an earlier --dry-run printed." placeholder:"BASE"`
	Files       []string `arg:"" help:"Files of definitions, and folders of them; - is standard input."`
}

// Run prints the plan and, unless it is a dry run, applies it: what is applied
// is what was printed, or nothing.
func (a applyCommand) Run(ctx context.Context) error {
	s, err := a.site()
	if err != nil {
		return err
	}
	names, texts := []string{}, []string{}
	for _, where := range a.Files {
		found, err := readTexts(where)
		if err == nil && len(found) == 0 {
			err = fmt.Errorf("%s holds no files of definitions (.yaml)", where)
		}
		if err != nil {
			return err
		}
		for _, t := range found {
			if !utf8.Valid(t.content) {
				return fmt.Errorf("%s is no text", t.name)
			}
			names, texts = append(names, t.name), append(texts, string(t.content))
		}
	}
	var planned struct{ Data definition.Plan }
	if err := s.post(ctx, route.Action(route.Definitions(), "plan"), map[string]any{"names": names, "texts": texts}, &planned); err != nil {
		return err
	}
	if len(planned.Data.Changes)+len(planned.Data.Unchanged) == 0 {
		return fmt.Errorf("nothing is defined in %s", strings.Join(a.Files, ", "))
	}
	if err := a.print(planned.Data); err != nil {
		return err
	}
	if a.Plan != "" && a.Plan != planned.Data.Base {
		return errors.New("the plan is not the one of --plan: somebody changed these definitions since. Nothing was applied")
	}
	if a.DryRun || len(planned.Data.Changes) == 0 {
		return nil
	}
	var applied struct{ Data definition.Plan }
	err = s.post(ctx, route.Action(route.Definitions(), "apply"), map[string]any{"names": names, "texts": texts, "base": planned.Data.Base}, &applied)
	if err == nil && !a.JSON {
		fmt.Printf("Applied to %s.\n", s.base)
	}
	return err
}

func (a applyCommand) print(p definition.Plan) error {
	if a.JSON {
		out := json.NewEncoder(os.Stdout)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(p)
	}
	_, err := io.WriteString(os.Stdout, planText(p))
	return err
}

// planText is a plan for a terminal.
func planText(p definition.Plan) string {
	var b bytes.Buffer
	for _, c := range p.Changes {
		word := "change"
		if c.New {
			word = "add"
		}
		fmt.Fprintf(&b, "%s %s %s\n", word, c.Kind, c.Name)
		for _, d := range c.Differences {
			fmt.Fprintf(&b, "    %s: %s → %s\n", d.Key, shortText(d.Before), shortText(d.After))
		}
	}
	fmt.Fprintf(&b, "%d to add, %d to change, %d unchanged", p.Count(true), p.Count(false), len(p.Unchanged))
	if len(p.Absent) > 0 {
		fmt.Fprintf(&b, "; %d in no file, which stay as they are", len(p.Absent))
	}
	fmt.Fprintf(&b, "\nplan %s\n", p.Base)
	return b.String()
}

// shortText is a value on one line.
func shortText(text string) string {
	if text == "" {
		return "-"
	}
	lines := slices.Collect(strings.Lines(strings.TrimSpace(text)))
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, " | ")
}
