package notice

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"drover/rules/status"
)

// plural is "1 test", "3 tests".
func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + one + "s"
}

// title names a result's subject.
func title(r Result) string {
	switch {
	case r.Kind == Build:
		return "build of " + place(r, true)
	case r.Test == "":
		return string(r.Kind)
	}
	return r.Test
}

// place is "aarch64 (debug, gcc-14)". The config is left out where all places
// of a failure have the same.
func place(r Result, config bool) string {
	var parts []string
	if config && r.Config != "" {
		parts = append(parts, r.Config)
	}
	if r.Compiler != "" {
		parts = append(parts, r.Compiler)
	}
	if len(parts) == 0 {
		return r.Arch
	}
	return r.Arch + " (" + strings.Join(parts, ", ") + ")"
}

func places(group []Result) string {
	config := slices.ContainsFunc(group, func(r Result) bool {
		return r.Config != group[0].Config || r.Kind == Build
	})
	var names []string
	for _, one := range group {
		if name := place(one, config); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	text := enumerate(names)
	if !config && group[0].Config != "" && group[0].Config != "defconfig" {
		text += ", config " + group[0].Config
	}
	return text
}

// enumerate joins names, and says how many more there are.
func enumerate(names []string) string {
	if len(names) > maxPlaces {
		return strings.Join(names[:maxPlaces], ", ") + " and " + strconv.Itoa(len(names)-maxPlaces) + " more"
	}
	return strings.Join(names, ", ")
}

// before says what the past was, "" if nothing is known of it.
func before(h History) string {
	var text string
	switch {
	case h.Total > 0:
		text = fmt.Sprintf("passed %d of %d on this branch", h.Passed, h.Total)
		if !h.Since.IsZero() {
			text += " since " + h.Since.UTC().Format(time.DateOnly)
		}
	default:
		text = "never seen on this branch"
	}
	if h.Compared != "" {
		text += ", compared with " + h.Compared
		if h.Back > 0 {
			text += ", " + plural(h.Back, "checkout") + " back"
		}
	}
	for _, more := range []string{h.TestChanged, h.Elsewhere} {
		if more != "" {
			text += "; " + more
		}
	}
	return text
}

// tries tells how sure a failure is: the same machine twice says less than two.
func tries(r Result) string {
	if r.Tries == 0 {
		return ""
	}
	text := fmt.Sprintf("failed %d of %d", r.Failed, r.Tries)
	switch {
	case r.Hosts > 1:
		text += ", on " + strconv.Itoa(r.Hosts) + " different hosts"
	case r.Hosts == 1:
		text += ", on 1 host"
	}
	return text
}

func sentences(results []Result, words func(Result) string) []string {
	var list []string
	for _, one := range results {
		name := title(one)
		if one.Kind != Build {
			name += " on " + place(one, one.Config != "")
		}
		list = append(list, name+words(one))
	}
	return list
}

func fixedWords(r Result) string {
	if r.Streak == 0 {
		return ""
	}
	return ", was failing for " + plural(r.Streak, "checkout")
}

func stillWords(r Result) string {
	if r.Streak == 0 {
		return ""
	}
	return ", failing for " + plural(r.Streak, "checkout")
}

func firstWords(Result) string { return ", fails, first run here" }

func flakyWords(r Result) string {
	if r.Tries < 2 {
		return ", failed, then passed"
	}
	return fmt.Sprintf(", failed %d of %d, then passed", r.Failed, r.Tries)
}

// notTested counts by kind and reason. A single one is named: who looks for
// that test should find it.
func notTested(results []Result) []string {
	groups := map[string][]Result{}
	var order []string
	for _, one := range results {
		k := string(one.Kind) + " " + string(one.Status) + " " + one.Reason
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], one)
	}
	slices.SortStableFunc(order, func(a, b string) int { return len(groups[b]) - len(groups[a]) })
	var list []string
	for _, k := range order {
		list = append(list, notTestedLine(groups[k]))
	}
	return list
}

func notTestedLine(group []Result) string {
	first := group[0]
	n := len(group)
	kind, reason := plural(n, string(first.Kind)), first.Reason
	var text string
	switch first.Status {
	case status.Error:
		if reason == "" {
			reason = "infrastructure error"
		}
		text = kind + ": " + reason
		if first.Tries > 1 {
			text += ", " + strconv.Itoa(first.Tries) + " tries"
		}
	case status.Miss:
		text = kind + has(n) + " no result"
	case status.Cancelled:
		text = kind + was(n) + " cancelled"
	default:
		text = kind + is(n) + " not finished"
	}
	var details []string
	if n == 1 {
		details = append(details, alone(first))
	}
	if reason != "" && first.Status != status.Error {
		details = append(details, reason)
	}
	if len(details) == 0 {
		return text
	}
	if first.Status == status.Error {
		return text + " (" + details[0] + ")"
	}
	return text + ": " + strings.Join(details, ", ")
}

// alone names one result in full.
func alone(r Result) string {
	if r.Kind == Build || r.Test == "" {
		return place(r, true)
	}
	return r.Test + " on " + r.Arch
}

func has(n int) string {
	if n == 1 {
		return " has"
	}
	return " have"
}

func was(n int) string {
	if n == 1 {
		return " was"
	}
	return " were"
}

func is(n int) string {
	if n == 1 {
		return " is"
	}
	return " are"
}
