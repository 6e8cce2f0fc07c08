// Package consolelog reads the logs of builds, boots and tests: it makes the
// side file of a log (its lines' places, the lines that tell what went wrong,
// its sections), cleans single lines and cuts windows out of a stored log.
//
// Logs are untrusted and may be large: everything is one pass in bounded
// memory, and no text leaves the package with control characters in it. What a
// line means stands in one table, Rules, which the index, the herder and the
// editor of signatures share.
//
// It is pure but for the readers it is given. The job that collects a result
// writes the index; the page of a log and the mail read it.
package consolelog

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Version is written into every side file; Read refuses others.
const Version = 1

// Step is the distance, in lines, between the lines whose offset is stored.
const Step = 256

// Bounds of what is kept; a log that exceeds one says so in the index.
const (
	MaxHits        = 500  // hits kept, worst first
	MaxSections    = 1000 // sections kept, by their start
	HitCharacters  = 200  // characters of a hit's text
	LineCharacters = 4000 // characters of a line in a window
	keptBytes      = 64 << 10
)

// Log is the index of one stored log, and as JSON its side file `{name}.idx`.
// Lines count from 1. A last line without a newline counts too.
type Log struct {
	Version int   `json:"version"`
	Lines   int   `json:"lines"`
	Bytes   int64 `json:"bytes"`
	// Offsets[i] is where line 1+i*Step begins, in bytes.
	Offsets []int64 `json:"offsets"`
	// Hits are the lines that a rule names, worst first, then by line.
	Hits []Hit `json:"hits"`
	// HitsTotal counts all hits, kept or not.
	HitsTotal int       `json:"hits_total"`
	Sections  []Section `json:"sections"`
	// SectionsCut says that the log had more than MaxSections sections.
	SectionsCut bool `json:"sections_cut,omitempty"`
	// Truncated says that the runner cut the log at TruncatedLine and left
	// TruncatedBytes out. The job itself went on.
	Truncated      bool  `json:"truncated"`
	TruncatedBytes int64 `json:"truncated_bytes,omitempty"`
	TruncatedLine  int   `json:"truncated_line,omitempty"`
	// Repairs counts the NUL bytes and the bytes that are not UTF-8, in what is
	// shown of each line.
	Repairs int `json:"repairs"`
}

// Hit is one line that a rule names.
type Hit struct {
	Line     int      `json:"line"`
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Text     string   `json:"text"` // clean, at most HitCharacters
}

// Section is a part of the log that the runner marked. Start is the line of
// its start marker, End that of its end marker.
type Section struct {
	Name    string  `json:"name"`
	Start   int     `json:"start"`
	End     int     `json:"end"`
	Seconds float64 `json:"seconds"`
	Status  string  `json:"status"` // the runner's word, "" while open
	// Open says that the end marker has not been seen: the section reaches to
	// the last line.
	Open bool `json:"open,omitempty"`
}

// First is the first error of the log: the first hit of the highest severity.
// ok is false for a log without hits.
func (l *Log) First() (hit Hit, ok bool) {
	if len(l.Hits) == 0 {
		return Hit{}, false
	}
	return l.Hits[0], true
}

// FirstBetween is the first error within the lines first to last, both
// included: what went wrong in one section or one test case.
func (l *Log) FirstBetween(first, last int) (hit Hit, ok bool) {
	for _, h := range l.Hits {
		if h.Line >= first && h.Line <= last {
			return h, true
		}
	}
	return Hit{}, false
}

// ErrSideFile says that a side file cannot be used; the index is made anew.
var ErrSideFile = errors.New("not a side file of this version")

// Read reads a side file that was written as JSON of a Log. A file that is
// damaged, or of another version, gives an error that is ErrSideFile.
func Read(r io.Reader) (*Log, error) {
	var l Log
	if err := json.NewDecoder(r).Decode(&l); err != nil {
		return nil, fmt.Errorf("read side file: %w: %w", ErrSideFile, err)
	}
	if err := l.check(); err != nil {
		return nil, fmt.Errorf("read side file: %w: %w", ErrSideFile, err)
	}
	return &l, nil
}

func (l *Log) check() error {
	if l.Version != Version {
		return fmt.Errorf("version %d, not %d", l.Version, Version)
	}
	if l.Lines < 0 || len(l.Offsets) != (l.Lines+Step-1)/Step {
		return fmt.Errorf("%d offsets for %d lines", len(l.Offsets), l.Lines)
	}
	before := int64(-1)
	for _, offset := range l.Offsets {
		if offset <= before || offset >= l.Bytes {
			return fmt.Errorf("offset %d after %d in %d bytes", offset, before, l.Bytes)
		}
		before = offset
	}
	return nil
}
