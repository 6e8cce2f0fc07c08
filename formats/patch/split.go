package patch

import (
	"bytes"
	"regexp"
)

// mailStart is the line that git format-patch puts before each mail.
var mailStart = regexp.MustCompile(`(?m)^From [0-9a-f]{40,64} [A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d \d{4}\r?$`)

// Split parts a series in one text, as git format-patch --stdout writes it,
// into its mails. Any other text is one part.
func Split(text []byte) [][]byte {
	starts := mailStart.FindAllIndex(text, -1)
	if len(starts) == 0 || len(bytes.TrimSpace(text[:starts[0][0]])) > 0 {
		return [][]byte{text}
	}
	parts := make([][]byte, len(starts))
	for i, start := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		parts[i] = text[start[0]:end]
	}
	return parts
}
