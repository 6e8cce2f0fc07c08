package notice

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"drover/rules/id"
	"drover/rules/status"
)

// shortSHA is as many characters as kernel people quote.
const shortSHA = 12

// Short is a commit id as people quote it.
func Short(sha string) string {
	if len(sha) > shortSHA {
		return sha[:shortSHA]
	}
	return sha
}

// Subject is the subject of the report's mail, in one line:
//
//	[drover] FAIL 2 new: net-next/main 9c1e77aa01cd
//
// For a series it is the answer to its cover letter.
func Subject(r Report) string {
	if r.Series != nil && r.Series.Subject != "" {
		return "Re: " + stripReply(r.Series.Subject)
	}
	return "[drover] " + subjectWord(r) + ": " + r.Tree + "/" + r.Branch + " " + Short(r.Commit.SHA)
}

func subjectWord(r Report) string {
	switch r.Verdict {
	case status.Broken:
		return "BROKEN build on " + brokenOn(r)
	case status.NewFailures:
		if r.Partial {
			return fmt.Sprintf("PARTIAL, %d new", r.NewCount)
		}
		return fmt.Sprintf("FAIL %d new", r.NewCount)
	case status.Unclear:
		return "INFRA, not enough results"
	case status.Nothing:
		return "SKIP, nothing tested"
	}
	switch {
	case r.Partial || r.Verdict == status.StillRunning:
		return "PARTIAL, 0 new"
	case r.FixedCount > 0:
		return fmt.Sprintf("FIXED %d", r.FixedCount)
	}
	return "PASS"
}

// brokenOn names the architectures while they are few.
func brokenOn(r Report) string {
	arches := r.BrokenArches()
	switch n := len(arches); {
	case n == 0:
		return "some configurations"
	case n > 3:
		return strconv.Itoa(n) + " architectures"
	}
	return strings.Join(arches, ", ")
}

// stripReply removes the "Re:" marks that a subject has already.
func stripReply(subject string) string {
	for {
		subject = strings.TrimSpace(subject)
		if len(subject) < 3 || !strings.EqualFold(subject[:3], "re:") {
			return subject
		}
		subject = subject[3:]
	}
}

// BrokenArches are the architectures that do not build, each once, sorted.
func (r Report) BrokenArches() []string {
	var list []string
	for _, f := range r.Broken {
		for _, arch := range f.Arches {
			if !slices.Contains(list, arch) {
				list = append(list, arch)
			}
		}
	}
	slices.Sort(list)
	return list
}

// MessageID is the id of the n-th report (from 1) of a checkout, without <>.
// It depends on nothing else, so that a mail sent again after an unknown
// outcome is the same mail to every archive.
func MessageID(checkout id.ID, n int, host string) string {
	return fmt.Sprintf("checkout.%s.%d@%s", checkout, n, host)
}
