package consolelog

import (
	"errors"
	"fmt"
	"io"
	"math"
)

// Line is one line of a window, ready to be shown.
type Line struct {
	Number int    `json:"number"` // from 1
	Text   string `json:"text"`   // clean, at most LineCharacters
	Styles []Span `json:"styles,omitempty"`
	// Cut says that the line goes on; Offset and Size tell where the whole of
	// it is, in bytes of the stored log, with its newline.
	Cut    bool  `json:"cut,omitempty"`
	Offset int64 `json:"offset"`
	Size   int64 `json:"size"`
}

// Bounds of a window besides the number of its lines, for logs with very long
// ones: it ends early, but has at least one line.
const (
	WindowText = 4 << 20  // bytes of text
	WindowRead = 64 << 20 // bytes read for it after its first line
)

// ErrShort says that the stored log ends before its index does.
var ErrShort = errors.New("the stored log is shorter than its index")

// Window reads the lines first to last, both included and counted from 1, of
// the log that was indexed as log. Lines outside of the log are left out; a
// window outside of it is empty, and one with very long lines ends early. It
// reads at most Step lines more than asked for. On an error the lines before it
// are returned too.
func Window(r io.ReaderAt, log *Log, first, last int) ([]Line, error) {
	first, last = max(first, 1), min(last, log.Lines)
	if first > last {
		return nil, nil
	}
	block := (first - 1) / Step
	if block >= len(log.Offsets) {
		return nil, fmt.Errorf("read lines %d to %d: %w", first, last, ErrSideFile)
	}
	offset := log.Offsets[block]
	lines := newLineReader(io.NewSectionReader(r, offset, math.MaxInt64-offset))
	var window []Line
	var text, read int64
	for number := block*Step + 1; number <= last; number++ {
		raw, err := lines.next()
		if errors.Is(err, io.EOF) {
			err = ErrShort
		}
		if err != nil {
			return window, fmt.Errorf("read line %d: %w", number, err)
		}
		if number >= first {
			line := show(raw, number, offset)
			text, read = text+int64(len(line.Text)), read+raw.size
			if len(window) > 0 && (text > WindowText || read > WindowRead) {
				return window, nil
			}
			window = append(window, line)
		}
		offset += raw.size
	}
	return window, nil
}

// show makes a line of a window out of a stored one.
func show(raw rawLine, number int, offset int64) Line {
	line := Line{Number: number, Offset: offset, Size: raw.size}
	text, styles := styled(raw.text)
	line.Text, line.Cut = cut(text, LineCharacters)
	line.Cut = line.Cut || raw.cut
	for _, span := range styles {
		if span.End = min(span.End, len(line.Text)); span.Start < span.End {
			line.Styles = append(line.Styles, span)
		}
	}
	return line
}
