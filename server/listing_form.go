package server

import (
	"slices"
	"strconv"
	"strings"

	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// parts is what stands around the rows on a page.
func (l *listing) parts() page.ListParts {
	return page.ListParts{Filters: l.form(), Pager: l.pager, Ignored: l.ignored}
}

func (l *listing) form() ui.Filters {
	form := ui.Filters{Action: l.base, Clear: l.base}
	for _, f := range l.filters {
		if f.quiet {
			form.Clear = route.With(form.Clear, f.name, l.get(f.name))
		}
	}
	for _, f := range l.filters {
		if !f.hidden {
			field := ui.FilterField{Name: f.name, Label: f.label, Value: l.get(f.name), Options: f.options, Error: l.errors[f.name]}
			if field.Error != "" {
				field.Value = l.v.query.Get(f.name)
			}
			if len(f.options) > 0 {
				field.Options = append([]ui.Option{{Text: "any"}}, f.options...)
				field = withTyped(field)
			}
			form.Fields = append(form.Fields, field)
		} else {
			for _, value := range l.values[f.name] {
				form.Keep = append(form.Keep, f.name, value)
			}
		}
		if f.quiet {
			continue
		}
		for _, value := range l.values[f.name] {
			form.Chips = append(form.Chips, ui.Chip{Text: chipText(f, value), Remove: route.With(l.base, l.pairs(func(name, v string) bool {
				return name == f.name && v == value
			})...)})
		}
	}
	if len(l.sorts) > 0 && l.sort != l.sorts[0] {
		form.Keep = append(form.Keep, "sort", l.sort)
	}
	if l.limit != defaultLimit {
		form.Keep = append(form.Keep, "limit", strconv.Itoa(l.limit))
	}
	return form
}

// withTyped adds a value that the query has and the choices have not, such as
// a negated one, so that sending the form again does not lose it.
func withTyped(field ui.FilterField) ui.FilterField {
	if field.Value != "" && !slices.ContainsFunc(field.Options, func(o ui.Option) bool { return o.Value == field.Value }) {
		field.Options = append(field.Options, ui.Option{Value: field.Value, Text: field.Value})
	}
	return field
}

func chipText(f filter, value string) string {
	label := f.label
	if label == "" {
		label = f.name
	}
	if without, negated := strings.CutPrefix(value, "!"); negated && f.many {
		return strings.ToLower(label) + ": not " + without
	}
	return strings.ToLower(label) + ": " + value
}

// column is the head of a column that sorts by a key.
func (l *listing) column(text, key string, number bool) ui.Column {
	c := ui.Column{Text: text, Number: number}
	next := key
	switch l.sort {
	case key:
		c.Sorted, next = "ascending", "-"+key
	case "-" + key:
		c.Sorted = "descending"
	}
	without := *l
	without.sort = next
	c.Sort = route.With(l.base, without.pairs(nil)...)
	return c
}

func (l *listing) pageJSON() map[string]any {
	var next any
	if l.pager.Next != "" {
		next = l.v.absolute(route.Format(l.pager.Next, "json"))
	}
	return map[string]any{"limit": l.limit, "next": next, "total": l.pager.Total, "total_is_exact": l.exact}
}

// queryJSON is the query as it was understood.
func (l *listing) queryJSON() map[string]any {
	query := map[string]any{"limit": l.limit}
	for _, f := range l.filters {
		if values := l.values[f.name]; len(values) > 0 {
			query[f.name] = values
		}
	}
	if l.sort != "" {
		query["sort"] = l.sort
	}
	return query
}
