package consolelog

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// Growing is the index of a log that is still written: each look reads only
// what is new. It is not safe for concurrent use.
type Growing struct {
	whole *indexer // of the lines that have ended
}

// NewGrowing gives the index of a log of which nothing was read yet.
func NewGrowing() *Growing { return &Growing{newIndexer(Options{}, NewMatcher().match)} }

// Read gives the index of the first size bytes of the log. A last line that has
// not ended is in it, and read again the next time. A log that became shorter
// is another log: it is read from its begin.
func (g *Growing) Read(r io.ReaderAt, size int64) (*Log, error) {
	if size < g.whole.log.Bytes {
		g.whole = newIndexer(Options{}, g.whole.match)
	}
	done := g.whole.log.Bytes
	lines := newLineReader(io.NewSectionReader(r, done, size-done))
	for {
		line, err := lines.next()
		if err == nil && !line.open {
			g.whole.add(line)
			continue
		}
		now := g.whole.copy()
		if err == nil {
			now.add(line)
		} else if !errors.Is(err, io.EOF) {
			return now.finish(), fmt.Errorf("read log: %w", err)
		}
		return now.finish(), nil
	}
}

// copy lets one look finish its index while the next ones go on.
func (x *indexer) copy() *indexer {
	log := *x.log
	log.Offsets, log.Hits, log.Sections = slices.Clone(log.Offsets), []Hit{}, append([]Section{}, log.Sections...)
	other := &indexer{log: &log, hits: x.hits, sections: x.sections, match: x.match}
	for severity, kept := range other.hits.kept {
		other.hits.kept[severity] = slices.Clip(kept)
	}
	other.sections.log, other.sections.open = &log, slices.Clone(x.sections.open)
	return other
}
