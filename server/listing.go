package server

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"drover/models"
	"drover/views/route"
	"drover/views/ui"
)

const (
	defaultLimit = 50
	highestLimit = 500
	// highestValues is how many values of one filter are taken.
	highestValues = 50
)

// filter is one key of a list's query.
type filter struct {
	name, label string
	options     []ui.Option // a choice; none is a text field
	check       func(value string) error
	many        bool // may be given more than once, and turned round with "!"
	hidden      bool // has no field in the form
	quiet       bool // has no chip either, and stays when all filters are cleared
}

// listing is what a query asks of a list, as it was understood.
type listing struct {
	v       *visit
	base    route.URL
	filters []filter
	values  map[string][]string
	errors  map[string]string
	ignored []string
	sorts   []string // the first is the default; "-x" is x turned round
	sort    string
	slice   models.Slice
	limit   int
	usual   int // the limit unless the query has one
	pager   ui.Pager
	total   int
	exact   bool
}

// keys that every list has.
var listKeys = []string{"limit", "after", "before", "sort"}

// listing reads the query of a list at base. Unknown keys and bad values are
// errors for programs; people get the list without them, and are told.
func (v *visit) listing(base route.URL, sorts []string, filters ...filter) (*listing, error) {
	l := &listing{v: v, base: base, filters: filters, sorts: sorts, values: map[string][]string{}, errors: map[string]string{}, limit: defaultLimit, usual: defaultLimit}
	for key := range v.query {
		known := slices.Contains(listKeys, key) || slices.ContainsFunc(filters, func(f filter) bool { return f.name == key })
		if !known {
			l.ignored = append(l.ignored, key)
		}
	}
	slices.Sort(l.ignored)
	if len(l.ignored) > 0 && v.isBot() {
		return nil, failure{status: http.StatusBadRequest, title: "Unknown filter",
			text: "This list has no filter " + strings.Join(l.ignored, ", ") + ". It has " + strings.Join(l.known(), ", ") + "."}
	}
	for _, f := range filters {
		l.read(f)
	}
	l.readSort()
	l.readSlice()
	if len(l.errors) > 0 && v.isBot() {
		var fields ui.Errors
		for key, text := range l.errors {
			fields = append(fields, ui.FieldError{Field: key, Text: text})
		}
		return nil, failure{status: http.StatusUnprocessableEntity, title: "Bad filter", text: "A value was not understood.", fields: fields}
	}
	return l, nil
}

func (l *listing) known() []string {
	var names []string
	for _, f := range l.filters {
		names = append(names, f.name)
	}
	return append(names, listKeys...)
}

func (l *listing) read(f filter) {
	for _, value := range l.v.query[f.name] {
		value = strings.TrimSpace(value)
		if value == "" || slices.Contains(l.values[f.name], value) {
			continue
		}
		plain := value
		if f.many {
			plain = strings.TrimPrefix(value, "!")
		}
		var err error
		switch {
		case len(l.values[f.name]) == highestValues:
			err = fmt.Errorf("has more than %d values", highestValues)
		case len(value) > 300:
			err = fmt.Errorf("is longer than 300 characters")
		case f.check != nil:
			err = f.check(plain)
		case len(f.options) > 0 && !slices.ContainsFunc(f.options, func(o ui.Option) bool { return o.Value == plain }):
			err = fmt.Errorf("%q is not one of the choices", plain)
		}
		if err != nil {
			l.errors[f.name] = err.Error()
			continue
		}
		l.values[f.name] = append(l.values[f.name], value)
		if !f.many {
			return
		}
	}
}

func (l *listing) readSort() {
	if len(l.sorts) > 0 {
		l.sort = l.sorts[0]
	}
	wanted := l.v.query.Get("sort")
	switch {
	case wanted == "" || wanted == l.sort:
	case slices.Contains(l.sorts, strings.TrimPrefix(wanted, "-")), slices.Contains(l.sorts, wanted):
		l.sort = wanted
	default:
		l.errors["sort"] = fmt.Sprintf("this list is not sorted by %q", wanted)
	}
}

func (l *listing) readSlice() {
	if text := l.v.query.Get("limit"); text != "" {
		limit, err := strconv.Atoi(text)
		if err != nil || limit < 1 || limit > highestLimit {
			l.errors["limit"] = fmt.Sprintf("the limit is a number from 1 to %d", highestLimit)
		} else {
			l.limit = limit
		}
	}
	l.slice.Limit = l.limit
	for name, into := range map[string]**models.Key{"after": &l.slice.After, "before": &l.slice.Before} {
		text := l.v.query.Get(name)
		if text == "" {
			continue
		}
		key, err := readCursor(text, l.fingerprint())
		if err != nil {
			l.errors[name] = err.Error()
			continue
		}
		*into = &key
	}
	if l.slice.After != nil {
		l.slice.Before = nil
	}
}

// longest makes n the usual and the highest number of rows.
func (l *listing) longest(n int) {
	l.usual = n
	if l.v.query.Get("limit") == "" || l.limit > n {
		l.limit = n
	}
	l.slice.Limit = l.limit
}

// get is the one value of a filter, "" if it is not set.
func (l *listing) get(name string) string {
	if values := l.values[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// choice is a filter as models takes it.
func (l *listing) choice(name string) models.Choice {
	var c models.Choice
	for _, value := range l.values[name] {
		if without, negated := strings.CutPrefix(value, "!"); negated {
			c.None = append(c.None, without)
		} else {
			c.Any = append(c.Any, value)
		}
	}
	return c
}

// has tells whether any filter is set.
func (l *listing) has(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return len(l.values[name]) > 0 })
}

// pairs is the canonical query: filters in their order, then the sort, then
// the limit; defaults are left out.
func (l *listing) pairs(without func(name, value string) bool) []string {
	var pairs []string
	for _, f := range l.filters {
		for _, value := range l.values[f.name] {
			if without == nil || !without(f.name, value) {
				pairs = append(pairs, f.name, value)
			}
		}
	}
	if len(l.sorts) > 0 && l.sort != l.sorts[0] {
		pairs = append(pairs, "sort", l.sort)
	}
	if l.limit != l.usual {
		pairs = append(pairs, "limit", strconv.Itoa(l.limit))
	}
	return pairs
}

// self is the canonical address of the list as it is shown.
func (l *listing) self() route.URL {
	u := route.With(l.base, l.pairs(nil)...)
	for _, name := range []string{"after", "before"} {
		if l.errors[name] == "" {
			u = route.With(u, name, l.v.query.Get(name))
		}
	}
	return u
}

// fingerprint binds cursors to the list they were made for.
func (l *listing) fingerprint() string {
	var without []string
	pairs := l.pairs(nil)
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] != "limit" {
			without = append(without, pairs[i], pairs[i+1])
		}
	}
	return string(route.With(l.base, without...))
}

// outermost are the places of the first and last row shown, nil without rows.
func outermost[T any](rows []T, key func(T) models.Key) (first, last *models.Key) {
	if len(rows) == 0 {
		return nil, nil
	}
	a, b := key(rows[0]), key(rows[len(rows)-1])
	return &a, &b
}

// show fills in what stands around the rows: first and last are the places of
// the outermost ones, nil if there are none.
func (l *listing) show(shown, total int, e models.Ends, first, last *models.Key) {
	l.total, l.exact = total, total <= models.CountLimit
	l.pager = ui.Pager{Shown: shown, Total: min(total, models.CountLimit), Exact: l.exact}
	at := route.With(l.base, l.pairs(nil)...)
	if e.Later && last != nil {
		l.pager.Next = route.With(at, "after", writeCursor(*last, l.fingerprint()))
	}
	if e.Earlier && first != nil {
		l.pager.Prev = route.With(at, "before", writeCursor(*first, l.fingerprint()))
	}
}
