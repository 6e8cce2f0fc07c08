package notice

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
)

// Role is why somebody may get a report at all.
type Role string

// The roles, with the rule that each brings.
const (
	RoleList       Role = "list"       // of the tree
	RoleAuthor     Role = "author"     // of the series under test
	RoleRange      Role = "range"      // wrote a commit of the range
	RoleMaintainer Role = "maintainer" // or list, from MAINTAINERS for the files
	RoleTester     Role = "tester"     // looks after a failing test
	RoleSubscriber Role = "subscriber" // asked for the tree's reports
)

// Candidate is somebody who could get the report.
type Candidate struct {
	Address    string
	Why        string // ends "You get it because ..."
	Role       Role
	Person     bool
	Muted      bool // unsubscribed, or wants it in the digest only
	Passes     bool // asked for good news too
	HadFailure bool // got a report of a failure that is fixed now
}

const (
	// maxCopies is how many people a report may reach through MAINTAINERS.
	maxCopies = 12
	// maxRangeAuthors is how many authors of a range may be asked at once: one
	// of five is likely enough to be concerned, one of fifty is not.
	maxRangeAuthors = 5
)

// choose lists who gets the report; one address gets one mail, for the first
// reason it has.
func choose(in Input, a audience, kind Stage) ([]Recipient, []Dropped) {
	c := chooser{own: in.Own, seen: map[string]bool{}}
	for _, one := range in.People {
		if reason := unconcerned(in, a, one, kind); reason != "" {
			c.drop(one.Address, reason)
			continue
		}
		c.add(one)
	}
	if operator := in.Operator; operator != "" && (a.operators || kind == Correction && gotFirst(in, operator)) {
		c.add(Candidate{Address: operator, Why: "you keep the machines of this installation"})
	}
	return c.recipients, c.dropped
}

// unconcerned is why a candidate gets nothing, "" if it gets the report.
func unconcerned(in Input, a audience, one Candidate, kind Stage) string {
	got := gotFirst(in, one.Address)
	switch {
	case one.Muted:
		return "asked for no mail of this kind"
	case kind == Correction && got:
		return "" // who was told the old verdict is told the new one
	case one.Passes && a.passes, one.HadFailure && a.fixed:
		return ""
	case in.SeriesPasses && a.passes && (one.Role == RoleAuthor || one.Role == RoleList):
		return ""
	case !a.everyone:
		return "not concerned: " + a.reason
	case one.Role == RoleRange && in.RangeAuthors > maxRangeAuthors && !in.Culprit:
		return fmt.Sprintf("one of %d authors of the range, and it is not known whose commit it was", in.RangeAuthors)
	case one.Role == RoleTester && in.New == 0:
		return "the test's maintainer is told of new failures only"
	}
	return ""
}

func gotFirst(in Input, address string) bool {
	return len(in.Sent) > 0 && slices.ContainsFunc(in.Sent[0].To, func(to string) bool {
		return strings.EqualFold(to, address)
	})
}

// chooser removes what no mail may be sent to, and doubles.
type chooser struct {
	own        string
	seen       map[string]bool // by address in lower case
	copies     int
	recipients []Recipient
	dropped    []Dropped
}

func (c *chooser) drop(address, reason string) {
	c.dropped = append(c.dropped, Dropped{Address: address, Reason: reason})
}

func (c *chooser) add(one Candidate) {
	key := strings.ToLower(one.Address)
	switch {
	case !ValidAddress(one.Address):
		c.drop(one.Address, "not an address")
	case strings.EqualFold(one.Address, c.own):
		c.drop(one.Address, "our own address")
	case c.seen[key]:
		c.drop(one.Address, "gets it already")
	case one.Role == RoleMaintainer && c.copies == maxCopies:
		c.drop(one.Address, fmt.Sprintf("more than %d maintainers and lists", maxCopies))
	default:
		if one.Role == RoleMaintainer {
			c.copies++
		}
		c.seen[key] = true
		c.recipients = append(c.recipients, Recipient{Address: one.Address, Why: one.Why, Person: one.Person})
	}
}

// ValidAddress accepts a bare address of ASCII letters that can stand in an
// SMTP command and a header: name@host, no quotes, no comments.
func ValidAddress(address string) bool {
	if len(address) > 254 || strings.ContainsFunc(address, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`<>()[]\,;:"`, r)
	}) {
		return false
	}
	parsed, err := mail.ParseAddress(address)
	return err == nil && parsed.Address == address && parsed.Name == ""
}
