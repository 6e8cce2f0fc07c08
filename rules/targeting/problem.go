package targeting

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is what is wrong at one place of a text, and what to do about it.
type Problem struct {
	Place
	Message string
}

func (p Problem) String() string {
	if p.Line == 0 {
		return p.Message
	}
	return fmt.Sprintf("line %d, column %d: %s", p.Line, p.Column, p.Message)
}

// Problems is all that is wrong, in the order of the text. As an error it
// prints one line each.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// err is p as an error, nil if there is none.
func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return p
}

// suggestion is the known word that unknown was meant to be, "" if none is near.
func suggestion(unknown string, known []string) string {
	best, nearest := "", 3
	for _, word := range known {
		if d := distance(unknown, word); d < nearest && d < min(len(unknown), len(word)) {
			best, nearest = word, d
		}
	}
	return best
}

// distance is how many letters have to be put in, taken out or changed.
func distance(a, b string) int {
	if len(a) > 40 || len(b) > 40 {
		return 40
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			above := row[j+1]
			changed := diagonal
			if a[i] != b[j] {
				changed++
			}
			diagonal = above
			row[j+1] = min(changed, above+1, row[j]+1)
		}
	}
	return row[len(b)]
}
