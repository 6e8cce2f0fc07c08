package consolelog

import "fmt"

// Severity says how much a line tells about what went wrong: the line of the
// highest severity that comes first in a log is shown as its first error. So
// the order is that of causes: a make error is no less bad than the compiler
// error before it, but it only repeats that something failed.
type Severity int

// The severities, from "tells nothing" to "tells most".
const (
	// None is for lines that look like errors and are not.
	None Severity = iota
	// Warning: something is unclean, and the work went on.
	Warning
	// Consequence: something failed, and another line says why.
	Consequence
	// Failure: something failed, or the kernel complained and went on.
	Failure
	// Error: the line itself says what failed and how: an assertion with its
	// place, the compiler's or linker's own words.
	Error
	// Crash: the kernel stopped, hung, or its memory is not to be trusted.
	Crash
)

var severityWords = [...]string{"none", "warning", "consequence", "failure", "error", "crash"}

// String is the word used in side files and JSON.
func (s Severity) String() string {
	if s < None || s > Crash {
		return fmt.Sprintf("severity %d", int(s))
	}
	return severityWords[s]
}

// MarshalText writes the word.
func (s Severity) MarshalText() ([]byte, error) {
	if s < None || s > Crash {
		return nil, fmt.Errorf("no such %v", s)
	}
	return []byte(severityWords[s]), nil
}

// UnmarshalText reads the word; an unknown one is an error.
func (s *Severity) UnmarshalText(text []byte) error {
	for i, word := range severityWords {
		if word == string(text) {
			*s = Severity(i)
			return nil
		}
	}
	return fmt.Errorf("unknown severity %q", text)
}
