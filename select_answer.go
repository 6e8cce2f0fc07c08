package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"drover/rules/targeting"
)

// selectAnswer is what `drover select` says, as JSON and as text.
type selectAnswer struct {
	Summary   string             `json:"summary"`
	Tests     []targeting.Choice `json:"tests"`
	Files     []selectFile       `json:"files"`
	Uncovered []string           `json:"uncovered"`
	Unmatched string             `json:"unmatched,omitempty"` // the policy that was needed
}

// selectFile is a changed file and the tests that run because of it.
type selectFile struct {
	File  string   `json:"file"`
	Old   string   `json:"old,omitempty"`
	Tests []string `json:"tests"`
}

func newSelectAnswer(ix *targeting.Index, s *targeting.Selection) selectAnswer {
	a := selectAnswer{Summary: s.Summary(), Tests: s.Choices(), Files: []selectFile{}, Uncovered: []string{}, Unmatched: string(s.Fallback)}
	for _, covered := range s.Covering() {
		file := selectFile{File: covered.File, Old: covered.Old, Tests: []string{}}
		for _, i := range covered.Tests {
			file.Tests = append(file.Tests, ix.Definition(i).Name)
		}
		a.Files = append(a.Files, file)
		if len(file.Tests) == 0 {
			a.Uncovered = append(a.Uncovered, file.File)
		}
	}
	return a
}

// text is for a terminal: what runs, what does not, and the files.
func (a selectAnswer) text() string {
	var b strings.Builder
	b.WriteString(a.Summary + "\n")
	a.writeChoices(&b, "\nRun:\n", true)
	a.writeChoices(&b, "\nDo not run:\n", false)
	if len(a.Files) > 0 {
		b.WriteString("\nChanged files and the tests that cover them:\n")
	}
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, f := range a.Files {
		name := f.File
		if f.Old != "" {
			name = f.Old + " → " + f.File
		}
		if len(f.Tests) > 0 {
			_, _ = fmt.Fprintf(table, "  %s\t%s\n", name, strings.Join(f.Tests, ", ")) // to memory
		}
	}
	_ = table.Flush() // to memory
	if len(a.Uncovered) > 0 {
		b.WriteString("\nCovered by no test:\n  " + strings.Join(a.Uncovered, "\n  ") + "\n")
	}
	return b.String()
}

func (a selectAnswer) writeChoices(b *strings.Builder, title string, chosen bool) {
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, c := range a.Tests {
		if c.Chosen != chosen {
			continue
		}
		b.WriteString(title)
		title = ""
		_, _ = fmt.Fprintf(table, "  %s\t%s\t%s:%d:%d\n", c.Test, c.Reason, c.Source, c.Line, c.Column) // to memory
	}
	_ = table.Flush() // to memory
}
