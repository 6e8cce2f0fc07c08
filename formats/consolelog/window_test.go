package consolelog

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWindow(t *testing.T) {
	text := sampleLog(1000, 1)
	want := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	log := indexOf(t, text)
	if log.Lines != len(want) || len(log.Offsets) != (len(want)+Step-1)/Step {
		t.Fatalf("%d lines, %d offsets", log.Lines, len(log.Offsets))
	}
	for _, c := range []struct{ first, last, from, to int }{
		{1, 1, 1, 1}, {1, 500, 1, 500}, {256, 257, 256, 257}, {257, 257, 257, 257}, {513, 600, 513, 600},
		{-5, 3, 1, 3}, {0, 0, 1, 0}, {log.Lines, log.Lines + 50, log.Lines, log.Lines}, {log.Lines + 1, log.Lines + 9, 1, 0}, {9, 3, 1, 0},
	} {
		lines, err := Window(strings.NewReader(text), log, c.first, c.last)
		if err != nil || len(lines) != c.to-c.from+1 {
			t.Errorf("window %d to %d: %d lines, %v", c.first, c.last, len(lines), err)
			continue
		}
		for i, line := range lines {
			number := c.from + i
			raw := text[line.Offset : line.Offset+line.Size]
			if line.Number != number || line.Text != Clean([]byte(want[number-1])) || strings.TrimSuffix(raw, "\n") != want[number-1] {
				t.Errorf("line %d is %+v (stored %q), want %q", number, line, raw, want[number-1])
			}
		}
	}
}

func TestWindowOfOddLines(t *testing.T) {
	mega := strings.Repeat("é", 1<<19)
	text := "\x1b[31mred\x1b[0m\r\n" + mega + "\n" + strings.Repeat("1 %\r", 1<<18) + "done\n" + strings.Repeat("y", 4000) + "\n" +
		strings.Repeat("y", 4001) + "\n" + "<script>\x00\n" + strings.Repeat("\x1b[1m", 1<<18) + "bold\n" + "\x1b[32m" + strings.Repeat("g", 5000) + "\n"
	log := indexOf(t, text)
	lines, err := Window(strings.NewReader(text), log, 1, 99)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		text   string
		cut    bool
		styles int
	}{
		{"red", false, 1}, {strings.Repeat("é", 4000), true, 0}, {"done", false, 0}, {strings.Repeat("y", 4000), false, 0},
		{strings.Repeat("y", 4000), true, 0}, {"<script>\uFFFD", false, 0}, {"", true, 0}, {strings.Repeat("g", 4000), true, 1},
	} {
		got := lines[i]
		if got.Text != want.text || got.Cut != want.cut || len(got.Styles) != want.styles {
			t.Errorf("line %d: %.40q (%d bytes), cut %v, styles %v", i+1, got.Text, len(got.Text), got.Cut, got.Styles)
		}
		if want.styles > 0 && got.Styles[0].End != len(got.Text) {
			t.Errorf("line %d: style %v of %d bytes", i+1, got.Styles[0], len(got.Text))
		}
	}
}

func TestWindowOfAnotherLog(t *testing.T) {
	text := sampleLog(600, 1)
	log := indexOf(t, text)
	lines, err := Window(strings.NewReader(text[:log.Offsets[1]+200]), log, 250, 600)
	if !errors.Is(err, ErrShort) || len(lines) < 7 || lines[0].Number != 250 {
		t.Errorf("a log that lost its end: %d lines, %v", len(lines), err)
	}
	log.Offsets = log.Offsets[:1]
	if _, err := Window(strings.NewReader(text), log, 300, 301); !errors.Is(err, ErrSideFile) {
		t.Errorf("an index without offsets: %v", err)
	}
	grown := indexOf(t, text)
	lines, err = Window(strings.NewReader(text+"more\n"), grown, grown.Lines, grown.Lines+9)
	if err != nil || len(lines) != 1 {
		t.Errorf("a log that grew: %d lines, %v", len(lines), err)
	}
}

func FuzzWindow(f *testing.F) {
	f.Add([]byte("a\nb\r\nc\rd\n\x1b[31me"), 1, 3)
	f.Add([]byte(strings.Repeat("line\n", 600)), 255, 300)
	f.Add([]byte("\n\n\x00\xff\n"), 0, 9)
	f.Fuzz(func(t *testing.T, text []byte, first, last int) {
		log, err := Index(bytes.NewReader(text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		lines, err := Window(bytes.NewReader(text), log, first, last)
		if err != nil {
			t.Fatal(err)
		}
		if want := max(0, min(last, log.Lines)-max(first, 1)+1); len(lines) != want {
			t.Fatalf("%d lines, want %d", len(lines), want)
		}
		stored := bytes.SplitAfter(text, []byte("\n"))
		for _, line := range lines {
			if raw := text[line.Offset : line.Offset+line.Size]; !bytes.Equal(raw, stored[line.Number-1]) {
				t.Fatalf("line %d is at another place: %q", line.Number, raw)
			}
			if !utf8.ValidString(line.Text) || utf8.RuneCountInString(line.Text) > LineCharacters {
				t.Fatalf("line %d: %q", line.Number, line.Text)
			}
		}
	})
}

// sampleLog is a boot and test log of about that many lines; one line in 100
// tells of something, one in 40 has colours or letters beyond ASCII.
func sampleLog(lines int, seed int) string {
	var b strings.Builder
	for i := range lines {
		stamp := fmt.Sprintf("[%5d.%06d] ", i/50, i*7919%1000000)
		switch n := i*31 + seed; {
		case n%100 == 0:
			b.WriteString(lineCases[n/100%len(lineCases)].line + "\n")
		case n%40 == 0:
			b.WriteString(stamp + "\x1b[0;32m  OK  \x1b[0m Started größe " + fmt.Sprint(n) + "\r\n")
		case n%7 == 0:
			fmt.Fprintf(&b, "  CC [M]  drivers/net/ethernet/vendor%d/error_report.o\n", n%97)
		case n%5 == 0:
			fmt.Fprintf(&b, "%spci 0000:%02x:1f.2: BAR 5 [mem 0x%08x-0x%08x]: assigned\n", stamp, n%256, n*4096, n*4096+4095)
		case n%3 == 0:
			fmt.Fprintf(&b, "ok %d selftests: net: case_%d.sh\n", n, n%13)
		default:
			fmt.Fprintf(&b, "%ssystemd[1]: Reached target unit-%d.target - description of a unit.\n", stamp, n)
		}
	}
	return b.String()
}
