// Package maintainers reads the kernel's MAINTAINERS file and says who owns a
// path, as the kernel's own scripts/get_maintainer.pl does without git.
//
// The file comes from whatever tree somebody points at: input is bounded, a
// pattern that cannot be compiled is a problem with its line and owns nothing,
// and garbage is a file of few sections, never a crash. The package opens no
// file; whoever asks gives the text. Jobs and pages call it, to propose people
// and lists for a tree and to show who owns what changed.
package maintainers

import (
	"errors"
	"fmt"
	"strings"
)

// ErrTooLarge is what a file over the limits gives; errors.Is finds it.
var ErrTooLarge = errors.New("the MAINTAINERS file is too large")

// Limits bounds what is read. A zero field means its default.
type Limits struct {
	Bytes    int // 8 MiB; that of Linux 6.1 has 0.7
	Sections int // 20,000
	Entries  int // 200,000
	Problems int // 100, further ones are not told
}

func (l Limits) orDefault() Limits {
	for _, field := range []struct {
		value *int
		usual int
	}{{&l.Bytes, 8 << 20}, {&l.Sections, 20_000}, {&l.Entries, 200_000}, {&l.Problems, 100}} {
		if *field.value <= 0 {
			*field.value = field.usual
		}
	}
	return l
}

// Entry is one tagged line of a section, such as "F:	drivers/net/".
type Entry struct {
	Tag   byte // M R L S W Q B C P T F X N K, or another capital letter
	Value string
	Line  int // from 1
}

// Section is one subsystem.
type Section struct {
	Title   string
	Line    int // of the title
	Entries []Entry
	place   int // of the title among all lines that count, as the script numbers them
}

// Values lists what the section says under a tag, in its order.
func (s Section) Values(tag byte) []string {
	var list []string
	for _, e := range s.Entries {
		if e.Tag == tag {
			list = append(list, e.Value)
		}
	}
	return list
}

// Status is what S: says, the last one if there are several, "" for none.
func (s Section) Status() string {
	status := ""
	for _, e := range s.Entries {
		if e.Tag == 'S' {
			status = e.Value
		}
	}
	return status
}

// Problem is a line that could not be used.
type Problem struct {
	Line int
	Text string
}

// File is a MAINTAINERS file as read.
type File struct {
	Sections []Section
}

// Parse reads a file. The prose before the first section is left out, as is a
// title without a tagged line below it. ErrTooLarge when a limit is passed.
func Parse(text string, limits Limits) (File, error) {
	limits = limits.orDefault()
	if len(text) > limits.Bytes {
		return File{}, fmt.Errorf("%w: %d bytes, of at most %d", ErrTooLarge, len(text), limits.Bytes)
	}
	var f File
	var title Section
	number, place, entries, open := 0, 0, 0, false
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		tag, value, tagged := cutTag(line)
		switch {
		case tagged:
			if entries++; entries > limits.Entries {
				return File{}, fmt.Errorf("%w: more than %d lines", ErrTooLarge, limits.Entries)
			}
			if !open {
				if len(f.Sections) == limits.Sections {
					return File{}, fmt.Errorf("%w: more than %d sections", ErrTooLarge, limits.Sections)
				}
				f.Sections, open = append(f.Sections, title), true
			}
			last := &f.Sections[len(f.Sections)-1]
			last.Entries = append(last.Entries, Entry{tag, value, number})
		case isSilent(line):
			continue // does not end a section either
		default:
			title, open = Section{Title: line, Line: number, place: place}, false
		}
		place++
	}
	return f, nil
}

// cutTag splits a line such as "M:	Ada <ada@example.com>".
func cutTag(line string) (tag byte, value string, ok bool) {
	if len(line) < 2 || line[0] < 'A' || line[0] > 'Z' || line[1] != ':' {
		return 0, "", false
	}
	return line[0], strings.TrimLeft(line[2:], spaces), true
}

// spaces are what Perl's \s matches.
const spaces = " \t\n\v\f\r"

// isSilent tells whether a line is empty or a comment.
func isSilent(line string) bool {
	line = strings.TrimLeft(line, spaces)
	return line == "" || line[0] == '#'
}

// Patterns are the paths that a section owns, in the language of the file.
type Patterns struct {
	Files    []string // F:
	Excludes []string // X:
	Names    []string // N:, regular expressions on paths
	Contents []string // K:, regular expressions on contents
}

// PathsOf gives the patterns of a section.
func PathsOf(s Section) Patterns {
	return Patterns{Files: s.Values('F'), Excludes: s.Values('X'), Names: s.Values('N'), Contents: s.Values('K')}
}
