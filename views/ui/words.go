package ui

import (
	"fmt"
	"strconv"
	"strings"
)

// pairs reads name, value, name, value.
func pairs(list []string) []Pair {
	var out []Pair
	for i := 0; i+1 < len(list); i += 2 {
		out = append(out, Pair{Name: list[i], Value: list[i+1]})
	}
	return out
}

func nonempty(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

func sortSign(sorted string) string {
	switch sorted {
	case "ascending":
		return " ↑"
	case "descending":
		return " ↓"
	}
	return ""
}

// noMatch names the filters that left nothing over.
func noMatch(chips []Chip) string {
	texts := make([]string, len(chips))
	for i, c := range chips {
		texts[i] = c.Text
	}
	return "Nothing matches: " + strings.Join(texts, ", ") + "."
}

func shareWidth(part, whole int) string {
	if whole <= 0 || part <= 0 {
		return "0"
	}
	return strconv.Itoa(max(2, min(100, part*100/whole)))
}

// where is a failure's place: "aarch64, s390x · debug · gcc-14 · 3 hosts".
func (f Failure) where() string {
	hosts := ""
	if f.Hosts > 0 {
		hosts = plural(f.Hosts, "host", "hosts")
	}
	return join(few(f.Arches, 5), few(f.Configs, 3), few(f.Compilers, 3), hosts)
}

// moreTests is " and 3 more tests with the same error", "" for one test.
func (f Failure) moreTests() string {
	if n := len(f.Tests) - 1; n > 0 {
		return "and " + plural(n, "more test", "more tests") + " with the same error"
	}
	return ""
}

// issueText is "#412 UAF in tcp_close".
func issueText(i Issue) string { return "#" + strconv.Itoa(i.Number) + " " + i.Title }

func (c Compared) back() string {
	if c.CommitsBack <= 0 {
		return ""
	}
	return plural(c.CommitsBack, "commit", "commits") + " before"
}

// timing says when a verdict came: "finished, 3 h 12 min after the push".
func (v Verdict) timing() string {
	if v.Finished.IsZero() {
		planned := v.Counts.Planned()
		if planned == 0 {
			return ""
		}
		return fmt.Sprintf("%s of %s results are in", Count(v.Counts.Finished()), Count(planned))
	}
	if v.Report > 0 {
		return "finished " + v.Report.String() + " after the push"
	}
	return "finished"
}
