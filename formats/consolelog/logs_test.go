package consolelog

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLogs reads the logs in testdata. Each file says why it is there, then,
// after an empty line, the hits in their order (line, rule, severity), then
// after a line of dashes the log.
func TestLogs(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 6 {
		t.Fatalf("%d logs, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			head, body, found := strings.Cut(string(text), "\n---\n")
			_, want, described := strings.Cut(head, "\n\n")
			if !found || !described {
				t.Fatal("want: why, an empty line, hits, a line of three dashes, the log")
			}
			log := indexOf(t, body)
			var got []string
			for _, hit := range log.Hits {
				rule := hit.Rule
				if strings.Contains(rule, " ") {
					rule = fmt.Sprintf("%q", rule)
				}
				got = append(got, fmt.Sprintf("%d %s %s", hit.Line, rule, hit.Severity))
				line := strings.Split(body, "\n")[hit.Line-1]
				if !strings.HasPrefix(line, hit.Text) {
					t.Errorf("hit %q is not on line %d: %q", hit.Text, hit.Line, line)
				}
			}
			if diff := cmp.Diff(want, strings.Join(got, "\n")); diff != "" {
				t.Error(diff)
			}
			everyHitIsInTheWindow(t, log, body)
		})
	}
}

// everyHitIsInTheWindow: what the index names is what the page shows there.
func everyHitIsInTheWindow(t *testing.T, log *Log, body string) {
	t.Helper()
	for _, hit := range log.Hits {
		lines, err := Window(strings.NewReader(body), log, hit.Line, hit.Line)
		if err != nil || len(lines) != 1 {
			t.Fatalf("line %d: %d lines, %v", hit.Line, len(lines), err)
		}
		if short, _ := cut(lines[0].Text, HitCharacters); short != hit.Text {
			t.Errorf("line %d shows %q, the hit says %q", hit.Line, short, hit.Text)
		}
	}
}

func TestSeverityWords(t *testing.T) {
	for s := None; s <= Crash; s++ {
		word, err := s.MarshalText()
		if err != nil || string(word) != s.String() {
			t.Errorf("%d: %q, %v", int(s), word, err)
		}
		var back Severity
		if err := back.UnmarshalText(word); err != nil || back != s {
			t.Errorf("%s comes back as %s, %v", s, back, err)
		}
	}
	for _, s := range []Severity{-1, Crash + 1} {
		if word, err := s.MarshalText(); err == nil {
			t.Errorf("%d is written as %q", int(s), word)
		}
		if s.String() == "" {
			t.Errorf("%d has no text", int(s))
		}
	}
}

// TestMarkers: what the runner writes is what the index reads, whatever the
// name holds.
func TestMarkers(t *testing.T) {
	for _, name := range []string{"Boot", "Test ltp/mm", "a  b", "1 pass", "ends in 2.5 fail", "größe", "\x1b[1mx\x1b[0m", strings.Repeat("n", 300)} {
		log := indexOf(t, SectionStart(name)+"x\n"+SectionEnd(name, 0.125, "skip"))
		want := []Section{{Name: sectionName(name), Start: 1, End: 3, Seconds: 0.125, Status: "skip"}}
		if diff := cmp.Diff(want, log.Sections); diff != "" {
			t.Errorf("%q: %s", name, diff)
		}
	}
	for _, bytes := range []int64{0, 1, 1 << 40} {
		if log := indexOf(t, "x\n"+Truncated(bytes)+"y\n"); !log.Truncated || log.TruncatedBytes != bytes || log.TruncatedLine != 2 {
			t.Errorf("%d: %+v", bytes, log)
		}
	}
	twice := indexOf(t, Truncated(5)+Truncated(9))
	if twice.TruncatedBytes != 5 || twice.TruncatedLine != 1 {
		t.Errorf("the first cut counts: %+v", twice)
	}
}
