// Package webhook decides about webhooks: which addresses can be one, how long
// to wait after a failure, and when to give up. It is pure and knows no clock.
// server asks it about forms, jobs about what failed.
package webhook

import (
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// LongestURL bounds an address, in bytes.
const LongestURL = 2000

// Check says what is wrong with the address of a webhook, "" if nothing is. What
// a name leads to is found out when it is called. private: those on private
// networks are allowed, and on this machine also without encryption.
func Check(address string, private bool) string {
	u, err := url.Parse(address)
	switch {
	case address == "":
		return "Give an address, such as https://bot.example.org/drover."
	case len(address) > LongestURL:
		return "The address is longer than 2000 bytes."
	case err != nil || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "This is not a well-formed address: write what is not ASCII as %-codes, and names of hosts as xn--…"
	case u.Scheme == "http" && !(private && isThisMachine(u.Hostname())):
		return "http is not encrypted: write https."
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return "An address begins with https:// and a host."
	case u.User != nil:
		return "Leave the user name and password out: what is sent is signed, so the other side needs none."
	case u.Fragment != "":
		return "An address ends before #: remove the rest."
	}
	return ""
}

func isThisMachine(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// Host is what everybody may know of an address: the rest may be a secret of
// the other side.
func Host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

const (
	firstWait   = 30 * time.Second
	longestWait = 6 * time.Hour
	// GivenUpAfter is how long a webhook may fail in a row.
	GivenUpAfter = 5 * 24 * time.Hour
	// FormerLasts is how long a former secret signs, too.
	FormerLasts = 24 * time.Hour
)

// Wait is how long to wait after so many failures in a row, the last one among
// them, before it is spread: it doubles from half a minute to six hours.
func Wait(failures int64) time.Duration {
	wait := firstWait
	for n := int64(1); n < failures && wait < longestWait; n++ {
		wait *= 2
	}
	return min(wait, longestWait)
}

// Outcome is what became of one try.
type Outcome struct {
	Status  int           // of the answer; 0 without one
	Failing time.Duration // since the first failure in a row
	// Asked is how long the other side asked to wait, 0 if it did not.
	Asked time.Duration
}

// gone is the status by which the other side says to send nothing more.
const gone = 410

// GiveUp says why nothing more is sent after a failure, "" to go on.
func GiveUp(o Outcome) string {
	switch {
	case o.Status == gone:
		return "The other side answered 410: it wants nothing more."
	case o.Failing >= GivenUpAfter:
		return "It failed for five days in a row."
	}
	return ""
}

// Next is the wait after a failure, from the spread one: as long as the other
// side asked for, but no longer than the longest.
func Next(o Outcome, spread time.Duration) time.Duration {
	return max(spread, min(o.Asked, longestWait))
}
