package strictyaml

import (
	"fmt"
	"strings"
)

func unknownKey(key string, known []string) string {
	if meant := Suggest(key, known); meant != "" {
		return fmt.Sprintf("`%.60s`: did you mean `%s`?", key, meant)
	}
	return fmt.Sprintf("`%.60s` is no key here: use %s", key, strings.Join(known, ", "))
}

// Suggest is the known word that unknown was meant to be, "" if none is near.
func Suggest(unknown string, known []string) string {
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
