package local

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

// markPrefix begins the lines that the shim writes into the log. A line of the
// job's own that begins so gets a space in front: it cannot forge sections.
const markPrefix = "##drover "

// logFile is the log of a job: output and marks, up to a limit of output bytes.
// Marks always fit.
type logFile struct {
	lock    sync.Mutex
	file    *os.File
	left    int64
	limit   int64
	full    chan struct{} // closed when the limit was met, or writing failed
	closed  bool          // full is closed
	failed  error         // why writing failed
	defuser defuser
	tail    tail
	between bool // the file ends within a line
}

func openLog(path string, limit int64) (*logFile, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, explainDisk(path, err)
	}
	return &logFile{file: file, left: limit, limit: limit, full: make(chan struct{}), defuser: defuser{start: true}}, nil
}

// copyFrom copies output to its end. After the limit it reads on without writing,
// so that nobody blocks on the pipe before the job is killed.
func (l *logFile) copyFrom(output io.Reader) error {
	buffer := make([]byte, 64<<10)
	for {
		n, err := output.Read(buffer)
		l.write(buffer[:n])
		if errors.Is(err, io.EOF) {
			l.lock.Lock()
			l.put(l.defuser.flush())
			l.lock.Unlock()
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading the output of the job: %w", err)
		}
	}
}

func (l *logFile) write(output []byte) {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.put(l.defuser.filter(output))
}

// put writes what fits.
func (l *logFile) put(text []byte) {
	if len(text) == 0 || l.closed {
		return
	}
	over := int64(len(text)) > l.left
	if over {
		text = text[:l.left]
	}
	l.left -= int64(len(text))
	l.raw(text)
	if over && !l.closed {
		l.markLocked("truncated %d", l.limit)
		l.stop()
	}
}

func (l *logFile) raw(text []byte) {
	if len(text) == 0 || l.failed != nil {
		return
	}
	l.tail.add(text)
	l.between = text[len(text)-1] != '\n'
	if _, err := l.file.Write(text); err != nil {
		l.failed = err
		l.stop()
	}
}

func (l *logFile) stop() {
	if !l.closed {
		l.closed = true
		close(l.full)
	}
}

// mark writes a line of our own, on a line of its own.
func (l *logFile) mark(format string, values ...any) {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.markLocked(format, values...)
}

func (l *logFile) markLocked(format string, values ...any) {
	line := markPrefix + fmt.Sprintf(format, values...) + "\n"
	if l.between {
		line = "\n" + line
	}
	last := l.tail
	l.raw([]byte(line))
	l.tail = last // lastLine speaks of the job.
	l.defuser = defuser{start: true}
}

// trouble is why the log could not be written, nil if it could.
func (l *logFile) trouble() error {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.failed
}

// lastLine is the last line of output that is not empty, printable and bounded.
func (l *logFile) lastLine() string {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.tail.lastLine()
}

func (l *logFile) close() error {
	if err := errors.Join(l.file.Sync(), l.file.Close()); err != nil {
		return fmt.Errorf("closing the log: %w", err)
	}
	return nil
}

// defuser puts a space in front of markPrefix at the beginning of a line,
// however the output is cut into pieces.
type defuser struct {
	start   bool // at the beginning of a line, matched bytes of the prefix included
	matched int
}

func (d *defuser) filter(input []byte) []byte {
	output := make([]byte, 0, len(input)+len(markPrefix)+1)
	for _, char := range input {
		if d.start && char == markPrefix[d.matched] {
			d.matched++
			if d.matched == len(markPrefix) {
				output = append(append(output, ' '), markPrefix...)
				*d = defuser{}
			}
			continue
		}
		output = append(append(output, d.flush()...), char)
		// A carriage return begins a line too: some readers see it so.
		d.start = char == '\n' || char == '\r'
	}
	return output
}

// flush gives what was held back, which is not the whole prefix.
func (d *defuser) flush() []byte {
	held := markPrefix[:d.matched]
	*d = defuser{}
	return []byte(held)
}

// tail remembers the end of the output.
type tail struct{ text string }

const tailBytes = 2048

func (t *tail) add(text []byte) {
	if len(text) >= tailBytes {
		t.text = string(text[len(text)-tailBytes:])
		return
	}
	t.text += string(text)
	t.text = t.text[max(0, len(t.text)-tailBytes):]
}

func (t *tail) lastLine() string {
	text := bytes.TrimRight([]byte(t.text), " \t\r\n")
	line := string(text[bytes.LastIndexAny(text, "\r\n")+1:])
	line = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return '?'
		}
		return r
	}, line)
	if runes := []rune(line); len(runes) > 300 {
		line = string(runes[:300])
	}
	return line
}
