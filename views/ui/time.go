package ui

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Seconds is a length of time; JSON carries it as a number of seconds.
type Seconds float64

// SecondsOf converts a duration.
func SecondsOf(d time.Duration) Seconds { return Seconds(d.Seconds()) }

// String is short and exact enough for a person: "0.8 s", "4 min 12 s",
// "3 h 12 min", "2 d 4 h". Negative lengths are "0 s".
func (s Seconds) String() string {
	if math.IsNaN(float64(s)) || s < 0 {
		s = 0
	}
	if s < 10 && s != Seconds(math.Trunc(float64(s))) {
		return fmt.Sprintf("%.1f s", float64(s))
	}
	whole := int64(math.Round(math.Min(float64(s), 1e12)))
	switch {
	case whole < 60:
		return fmt.Sprintf("%d s", whole)
	case whole < 3600:
		return pair(whole/60, "min", whole%60, "s")
	case whole < 2*86400:
		return pair(whole/3600, "h", whole%3600/60, "min")
	}
	return pair(whole/86400, "d", whole%86400/3600, "h")
}

func pair(a int64, unit string, b int64, lesser string) string {
	text := strconv.FormatInt(a, 10) + " " + unit
	if b == 0 {
		return text
	}
	return text + " " + strconv.FormatInt(b, 10) + " " + lesser
}

// ago says when t was, seen from now: "just now", "12 min ago", "in 5 min".
// Beyond 60 days it is the date where now is.
func ago(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	d := now.Sub(t)
	future := d < 0
	if future {
		d = -d
	}
	var text string
	switch {
	case d < 45*time.Second && !future:
		return "just now"
	case d < time.Minute:
		text = fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		text = fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		text = fmt.Sprintf("%d h", int(d.Hours()))
	case d < 60*24*time.Hour:
		text = fmt.Sprintf("%d days", int(d.Hours()/24))
	default:
		return t.In(now.Location()).Format("2006-01-02")
	}
	if future {
		return "in " + text
	}
	return text + " ago"
}

// Clock is the time of day of t where now is: "10:31 UTC".
func Clock(t, now time.Time) string { return t.In(now.Location()).Format("15:04 MST") }

// absolute is t in full, in UTC.
func absolute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// bytesText is a size for a person: "812 B", "9.7 MB" (powers of ten).
func bytesText(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1_000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1_000_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

// Count prints a number of things: "1204", "120 000", with a space that does
// not break.
func Count(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	if len(s) <= 4 {
		return sign + s
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteString("\u00a0")
		}
		b.WriteRune(c)
	}
	return b.String()
}

// plural is "1 result", "2 results", "120 000 results".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}
