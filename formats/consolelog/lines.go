package consolelog

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"
)

// A lineReader hands out one line after the other in bounded memory: of a line
// longer than keptBytes it keeps the begin of its last state.
type lineReader struct {
	buffer *bufio.Reader
	// current and previous are the parts of a long line between carriage
	// returns: the one being read, and the last one that shows something.
	current, previous state
}

// state is the begin of what a line showed at one time.
type state struct {
	text []byte
	cut  bool // there was more, and not only blanks
}

// shows tells whether a state is more than blanks, as far as is known.
func (s *state) shows() bool { return s.cut || !blank(s.text) }

func (s *state) reset() { s.text, s.cut = s.text[:0], false }

// rawLine is one line as it was stored, without its newline.
type rawLine struct {
	text []byte // valid until the next line is read
	size int64  // bytes in the log, with the newline
	cut  bool   // what the line shows is longer than text
	open bool   // the log ends in it, without a newline
}

func newLineReader(r io.Reader) *lineReader {
	return &lineReader{buffer: bufio.NewReaderSize(r, keptBytes)}
}

// next gives the next line, or io.EOF after the last one.
func (l *lineReader) next() (rawLine, error) {
	text, err := l.buffer.ReadSlice('\n')
	switch {
	case err == nil:
		return rawLine{text: text[:len(text)-1], size: int64(len(text))}, nil
	case errors.Is(err, bufio.ErrBufferFull):
		return l.long(text)
	case errors.Is(err, io.EOF) && len(text) > 0:
		return rawLine{text: text, size: int64(len(text)), open: true}, nil
	}
	return rawLine{}, err
}

// long reads on a line whose first part filled the buffer.
func (l *lineReader) long(part []byte) (rawLine, error) {
	l.current.reset()
	l.previous.reset()
	var line rawLine
	for {
		line.size += int64(len(part))
		ends := part[len(part)-1] == '\n'
		if ends {
			part = part[:len(part)-1]
		}
		l.keep(part)
		if ends {
			break
		}
		var err error
		part, err = l.buffer.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) && !errors.Is(err, io.EOF) {
			return rawLine{}, err
		}
		if len(part) == 0 {
			line.open = true
			break
		}
	}
	last := &l.current
	if !last.shows() {
		last = &l.previous
	}
	line.text, line.cut = last.text, last.cut
	if last.cut {
		line.text = wholeCharacters(last.text)
	}
	return line, nil
}

// wholeCharacters drops the character that the bound of a line cut in two.
func wholeCharacters(text []byte) []byte {
	for back := 1; back < utf8.UTFMax; back++ {
		if tail := text[len(text)-back:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return text[:len(text)-back]
			}
			return text
		}
	}
	return text
}

// keep adds a part of a long line to its states.
func (l *lineReader) keep(part []byte) {
	for {
		piece, rest, again := bytes.Cut(part, []byte{'\r'})
		l.current.add(piece)
		if !again {
			return
		}
		if l.current.shows() {
			l.current, l.previous = l.previous, l.current
		}
		l.current.reset()
		part = rest
	}
}

// add keeps what fits of a piece without carriage returns.
func (s *state) add(piece []byte) {
	fits := min(len(piece), keptBytes-len(s.text))
	s.text = append(s.text, piece[:fits]...)
	if !s.cut && fits < len(piece) {
		s.cut = bytes.ContainsFunc(piece[fits:], func(r rune) bool { return r > ' ' })
	}
}
