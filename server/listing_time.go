package server

import (
	"fmt"
	"strconv"
	"time"
)

// timeFilters are the keys since, from and to.
func timeFilters(form bool) []filter {
	return []filter{
		{name: "since", label: "Since", hidden: !form, check: func(s string) error { _, err := span(s); return err }},
		{name: "from", label: "From", hidden: true, check: func(s string) error { _, err := day(s); return err }},
		{name: "to", label: "To", hidden: true, check: func(s string) error { _, err := day(s); return err }},
	}
}

// window is the time that these keys choose; zero times are open ends.
func (l *listing) window() (from, to time.Time) {
	if d, err := span(l.get("since")); err == nil {
		from = l.v.now.Add(-d)
	}
	if t, err := day(l.get("from")); err == nil {
		from = t
	}
	if t, err := day(l.get("to")); err == nil {
		to = t.AddDate(0, 0, 1)
	}
	return from, to
}

// span reads "7d", "12h" or "2w".
func span(text string) (time.Duration, error) {
	units := map[byte]time.Duration{'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	if len(text) >= 2 {
		n, err := strconv.Atoi(text[:len(text)-1])
		if unit, ok := units[text[len(text)-1]]; ok && err == nil && n > 0 && n < 5000 {
			return time.Duration(n) * unit, nil
		}
	}
	return 0, fmt.Errorf("write a time such as 12h, 7d or 2w")
}

// day reads a UTC day.
func day(text string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("write a day such as 2026-11-20")
	}
	return t, nil
}
