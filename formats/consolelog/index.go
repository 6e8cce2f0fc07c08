package consolelog

import (
	"errors"
	"fmt"
	"io"
)

// Options bound the index. Zero values mean the constants of this package.
type Options struct {
	MaxHits     int
	MaxSections int
}

// Index reads a log once, from its begin to its end, and says what is where.
// Memory is bounded whatever the log holds: the offsets (8 bytes for 256
// lines), the hits and the sections. The error is that of the reader; the
// index of what came before it is returned too.
func Index(r io.Reader, opts Options) (*Log, error) {
	return index(r, opts, NewMatcher().match)
}

// matchFunc is Matcher.match, or in tests and benchmarks the plain way.
type matchFunc func(line []byte) (rule *Rule, text string, repairs int)

func index(r io.Reader, opts Options, match matchFunc) (*Log, error) {
	x := newIndexer(opts, match)
	lines := newLineReader(r)
	for {
		line, err := lines.next()
		if err != nil {
			log := x.finish()
			if errors.Is(err, io.EOF) {
				return log, nil
			}
			return log, fmt.Errorf("read log: %w", err)
		}
		x.add(line)
	}
}

// An indexer makes an index of lines that come one after the other.
type indexer struct {
	log      *Log
	hits     hitList
	sections sectionList
	match    matchFunc
}

func newIndexer(opts Options, match matchFunc) *indexer {
	if opts.MaxHits <= 0 {
		opts.MaxHits = MaxHits
	}
	if opts.MaxSections <= 0 {
		opts.MaxSections = MaxSections
	}
	log := &Log{Version: Version, Offsets: []int64{}, Hits: []Hit{}, Sections: []Section{}}
	return &indexer{log: log, hits: hitList{limit: opts.MaxHits}, sections: sectionList{log: log, limit: opts.MaxSections}, match: match}
}

func (x *indexer) add(line rawLine) {
	log := x.log
	if log.Lines%Step == 0 {
		log.Offsets = append(log.Offsets, log.Bytes)
	}
	log.Lines++
	log.Bytes += line.size
	if isMarker(line.text) {
		x.sections.mark(line.text)
		return
	}
	rule, text, repairs := x.match(line.text)
	log.Repairs += repairs
	if rule != nil {
		x.hits.add(log.Lines, rule, text)
	}
}

// finish gives the index of the lines so far; the indexer is not to be used
// any more.
func (x *indexer) finish() *Log {
	x.hits.into(x.log)
	x.sections.close()
	return x.log
}

// hitList keeps the first hits of each severity, since a worse one may still
// come, and counts all.
type hitList struct {
	limit int
	total int
	kept  [Crash + 1][]Hit
}

func (h *hitList) add(line int, rule *Rule, text string) {
	h.total++
	if len(h.kept[rule.Severity]) >= h.limit {
		return
	}
	short, _ := cut(text, HitCharacters)
	h.kept[rule.Severity] = append(h.kept[rule.Severity], Hit{line, rule.Name, rule.Severity, short})
}

// into writes the worst hits first.
func (h *hitList) into(log *Log) {
	log.HitsTotal = h.total
	for severity := Crash; severity > None; severity-- {
		room := h.limit - len(log.Hits)
		log.Hits = append(log.Hits, h.kept[severity][:min(room, len(h.kept[severity]))]...)
	}
}
