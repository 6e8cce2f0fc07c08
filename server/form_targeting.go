package server

import (
	"strings"

	"drover/models"
	"drover/rules/definition"
	"drover/rules/targeting"
	"drover/views/page"
)

// conditionKey is a field of the form and the key of the condition that it is.
type conditionKey struct {
	name  string
	list  func(*targeting.Condition) *[]string
	typed func(*page.TargetingForm) *string
}

var conditionKeys = []conditionKey{
	{"paths", func(c *targeting.Condition) *[]string { return &c.Paths }, func(f *page.TargetingForm) *string { return &f.Paths }},
	{"not_paths", func(c *targeting.Condition) *[]string { return &c.NotPaths }, func(f *page.TargetingForm) *string { return &f.NotPaths }},
	{"maintainers", func(c *targeting.Condition) *[]string { return &c.Maintainers }, func(f *page.TargetingForm) *string { return &f.Maintainers }},
	{"trees", func(c *targeting.Condition) *[]string { return &c.Trees }, func(f *page.TargetingForm) *string { return &f.Trees }},
	{"arches", func(c *targeting.Condition) *[]string { return &c.Arches }, func(f *page.TargetingForm) *string { return &f.Arches }},
	{"configs", func(c *targeting.Condition) *[]string { return &c.Configs }, func(f *page.TargetingForm) *string { return &f.Configs }},
	{"subject", nil, func(f *page.TargetingForm) *string { return &f.Subject }},
}

// targetingFields are the fields of the editor.
var targetingFields = func() []string {
	fields := []string{"as", "text", "tree", "last", "edition"}
	for _, k := range conditionKeys {
		fields = append(fields, k.name)
	}
	return fields
}()

// only is a condition with this key alone, so that its problems are told at
// its field.
func (k conditionKey) only(c targeting.Condition) targeting.Condition {
	var one targeting.Condition
	if k.list == nil {
		one.Subject = c.Subject
		return one
	}
	*k.list(&one) = *k.list(&c)
	return one
}

// conditionOf is the condition that the fields say.
func conditionOf(f page.TargetingForm) targeting.Condition {
	c := targeting.Condition{Subject: f.Subject}
	for _, k := range conditionKeys {
		if k.list != nil {
			*k.list(&c) = models.Lines(*k.typed(&f))
		}
	}
	return c
}

// isFlat tells whether the fields can say a condition.
func isFlat(c targeting.Condition) bool {
	nested := len(c.And)+len(c.Or) > 0 || c.Not != nil
	other := len(c.Components)+len(c.Sets) > 0
	for _, k := range conditionKeys {
		if k.list != nil {
			for _, value := range *k.list(&c) {
				other = other || value == targeting.Whole
			}
		}
	}
	return !nested && !other
}

// formOfCondition is what the editor shows of a condition: fields if they can
// say it.
func formOfCondition(c targeting.Condition) page.TargetingForm {
	f := page.TargetingForm{AsText: !isFlat(c), Subject: c.Subject}
	if text, err := (definition.Test{When: c}).StoredWhen(); err == nil { // a condition that was read can be written
		f.Text = text
	}
	for _, k := range conditionKeys {
		if k.list != nil {
			*k.typed(&f) = strings.Join(*k.list(&c), "\n")
		}
	}
	return f
}
