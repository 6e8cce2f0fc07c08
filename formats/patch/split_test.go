package patch

import (
	"bytes"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	second := strings.ReplaceAll(mail, "kick the right ring", "kick the left ring")
	for _, c := range []struct {
		name, text string
		want       []string // subjects
	}{
		{"one mail", mail + oneHunk, []string{"exdrv: kick the right ring"}},
		{"a series", mail + oneHunk + "-- \n2.43.0\n\n" + second + oneHunk, []string{"exdrv: kick the right ring", "exdrv: kick the left ring"}},
		{"a series with CR LF", strings.ReplaceAll(mail+oneHunk+second+oneHunk, "\n", "\r\n"), []string{"exdrv: kick the right ring", "exdrv: kick the left ring"}},
		{"a diff", "--- a/x\n+++ b/x\n" + oneHunk, []string{""}},
		{"nothing", "", []string{""}},
		{"a text that quotes the line", "x\n" + mail + oneHunk, []string{""}},
	} {
		parts := Split([]byte(c.text))
		if len(parts) != len(c.want) {
			t.Errorf("%s: %d parts, want %d", c.name, len(parts), len(c.want))
			continue
		}
		if joined := bytes.Join(parts, nil); string(joined) != c.text {
			t.Errorf("%s: the parts are not the whole", c.name)
		}
		for i, part := range parts {
			p, err := Parse(bytes.NewReader(part), Limits{})
			if err != nil || p.Header.Subject != c.want[i] {
				t.Errorf("%s: subject %q, %v", c.name, p.Header.Subject, err)
			}
		}
	}
}
