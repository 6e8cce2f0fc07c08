package consolelog

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// The lines that the runner writes between what its commands write, each
// alone in its line and at its begin:
//
//	##drover section-start <name>
//	##drover section-end <name> <seconds> <status>
//	##drover truncated <bytes>
//
// A name may hold blanks. A program under test can write such lines too; they
// then only fold its own log.
const marker = "##drover "

// SectionStart is the marker line, with its newline, that begins a section.
func SectionStart(name string) string {
	return marker + "section-start " + sectionName(name) + "\n"
}

// SectionEnd is the marker line, with its newline, that ends the section that
// was begun last with this name. status is one word.
func SectionEnd(name string, seconds float64, status string) string {
	return marker + "section-end " + sectionName(name) + " " + strconv.FormatFloat(seconds, 'f', 3, 64) + " " + status + "\n"
}

// Truncated is the marker line, with its newline, that stands where a log was
// cut; bytes is how much was left out.
func Truncated(bytes int64) string {
	return marker + "truncated " + strconv.FormatInt(bytes, 10) + "\n"
}

// sectionName makes a name that fits on a marker line.
func sectionName(name string) string {
	short, _ := cut(strings.Join(strings.Fields(Clean([]byte(name))), " "), HitCharacters)
	return short
}

func isMarker(line []byte) bool { return bytes.HasPrefix(line, []byte(marker)) }

// sectionList builds the sections of a log while its lines go by.
type sectionList struct {
	log   *Log
	limit int
	open  []int // places in log.Sections
}

// mark reads a marker line. What is not one of the three says nothing.
func (s *sectionList) mark(line []byte) {
	word, rest, _ := strings.Cut(strings.TrimPrefix(Clean(line), marker), " ")
	rest = strings.TrimSpace(rest)
	switch word {
	case "section-start":
		s.start(sectionName(rest))
	case "section-end":
		s.end(rest)
	case "truncated":
		if left, err := strconv.ParseInt(rest, 10, 64); err == nil && left >= 0 && !s.log.Truncated {
			s.log.Truncated, s.log.TruncatedBytes, s.log.TruncatedLine = true, left, s.log.Lines
		}
	}
}

func (s *sectionList) start(name string) {
	if name == "" {
		return
	}
	if len(s.log.Sections) >= s.limit {
		s.log.SectionsCut = true
		return
	}
	s.open = append(s.open, len(s.log.Sections))
	s.log.Sections = append(s.log.Sections, Section{Name: name, Start: s.log.Lines, Open: true})
}

// end closes the innermost open section of that name; an end without a start
// is left out, since nobody knows what it covers.
func (s *sectionList) end(rest string) {
	fields := strings.Fields(rest)
	if len(fields) < 3 {
		return
	}
	last := len(fields) - 2
	seconds, err := strconv.ParseFloat(fields[last], 64)
	if err != nil || seconds < 0 || math.IsNaN(seconds) || math.IsInf(seconds, 0) {
		return // JSON could not even carry some of these
	}
	name := sectionName(strings.Join(fields[:last], " "))
	for i := len(s.open) - 1; i >= 0; i-- {
		section := &s.log.Sections[s.open[i]]
		if section.Name != name {
			continue
		}
		status, _ := cut(fields[last+1], HitCharacters)
		section.End, section.Seconds, section.Status, section.Open = s.log.Lines, seconds, status, false
		s.open = append(s.open[:i], s.open[i+1:]...)
		return
	}
}

// close lets the sections that never ended reach to the last line.
func (s *sectionList) close() {
	for _, i := range s.open {
		s.log.Sections[i].End = s.log.Lines
	}
}
