package consolelog

import (
	"strconv"
	"strings"
)

// Span is a part of a line's text, in bytes, that the program coloured with
// escape sequences (SGR, ECMA-48 8.3.117).
type Span struct {
	Start int   `json:"start"`
	End   int   `json:"end"`
	Style Style `json:"style"`
}

// Style is how a span is shown. Colours are the sixteen of the palette;
// colours beyond it fall back to plain text. A style ends with its line.
type Style struct {
	// Colour is one of ColourNames, or "".
	Colour    string `json:"colour,omitempty"`
	Bright    bool   `json:"bright,omitempty"`
	Bold      bool   `json:"bold,omitempty"`
	Dim       bool   `json:"dim,omitempty"`
	Underline bool   `json:"underline,omitempty"`
}

// ColourNames are the names of SGR 30 to 37.
var ColourNames = [8]string{"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"}

// styled is Clean that keeps the colours.
func styled(line []byte) (string, []Span) {
	line = lastState(trimNewline(line))
	if plain(line) {
		return string(line), nil
	}
	var text strings.Builder
	var spans []Span
	var style Style
	for len(line) > 0 {
		size := 1
		for size < len(line) && line[size] != escape {
			size++
		}
		if line[0] == escape {
			size = sequenceLength(line)
			style = style.apply(line[:size])
			line = line[size:]
			continue
		}
		start := text.Len()
		part, _ := clean(line[:size])
		text.WriteString(part)
		if style != (Style{}) && part != "" {
			spans = append(spans, Span{start, text.Len(), style})
		}
		line = line[size:]
	}
	return text.String(), spans
}

// apply is the style after an escape sequence; those that are not SGR change
// nothing.
func (s Style) apply(sequence []byte) Style {
	if len(sequence) < 3 || sequence[1] != '[' || sequence[len(sequence)-1] != 'm' {
		return s
	}
	codes := strings.Split(string(sequence[2:len(sequence)-1]), ";")
	for i := 0; i < len(codes); i++ {
		code, err := strconv.Atoi(codes[i])
		if err != nil && codes[i] != "" {
			continue
		}
		if code == 38 || code == 48 {
			i += extended(codes[i+1:])
			if code == 38 {
				s.Colour, s.Bright = "", false
			}
			continue
		}
		s = s.set(code)
	}
	return s
}

// extended is how many codes a colour beyond the palette takes.
func extended(codes []string) int {
	switch {
	case len(codes) == 0:
		return 0
	case codes[0] == "5":
		return 2
	case codes[0] == "2":
		return 4
	}
	return 1
}

// set applies one SGR code.
func (s Style) set(code int) Style {
	switch {
	case code == 0:
		return Style{}
	case code == 1:
		s.Bold = true
	case code == 2:
		s.Dim = true
	case code == 4:
		s.Underline = true
	case code == 22:
		s.Bold, s.Dim = false, false
	case code == 24:
		s.Underline = false
	case code >= 30 && code <= 37:
		s.Colour, s.Bright = ColourNames[code-30], false
	case code >= 90 && code <= 97:
		s.Colour, s.Bright = ColourNames[code-90], true
	case code == 39:
		s.Colour, s.Bright = "", false
	}
	return s
}
