package server

import (
	"context"
	"fmt"
	"io"
	"time"

	"drover/formats/consolelog"
	"drover/views/page"
	"drover/views/ui"
)

const (
	searchTime = 2 * time.Second
	searchHits = 1000
)

// search looks through the whole log for a text, without regard to case, or
// for a regular expression.
func (l *openLog) search(ctx context.Context, query string, isRegexp bool) page.LogSearch {
	s := page.LogSearch{Query: query, Regexp: isRegexp}
	if query == "" {
		return s
	}
	if len(query) > 1000 {
		s.Error = "The search is longer than 1000 characters."
		return s
	}
	match := consolelog.Containing(query)
	if isRegexp {
		var err error
		if match, err = consolelog.Matching(query); err != nil {
			s.Error = "Not a regular expression: " + err.Error()
			return s
		}
	}
	until := time.Now().Add(searchTime)
	stop := func() bool { return time.Now().After(until) || ctx.Err() != nil }
	found, err := consolelog.Find(io.NewSectionReader(l.blob, 0, l.index.Bytes), match, searchHits, stop)
	switch {
	case err != nil:
		s.Short = fmt.Sprintf("The log could not be read beyond line %d: %v.", found.Lines, err)
	case found.Lines < l.index.Lines:
		s.Short = fmt.Sprintf("The search took longer than %s and ended at line %s of %s.", ui.SecondsOf(searchTime), ui.Count(found.Lines), ui.Count(l.index.Lines))
	}
	s.Total = found.Total
	for _, f := range found.Found {
		s.Hits = append(s.Hits, ui.Hit{Line: f.Line, Text: f.Text, Before: f.Before, After: f.After})
	}
	return s
}
