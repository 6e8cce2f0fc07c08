package targeting

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// written is a condition as YAML has it, in the order of its keys.
type written struct {
	Paths       []any       `yaml:"paths,omitempty"`
	NotPaths    []any       `yaml:"not_paths,omitempty"`
	Maintainers []any       `yaml:"maintainers,omitempty"`
	Trees       []any       `yaml:"trees,omitempty"`
	Arches      []any       `yaml:"arches,omitempty"`
	Configs     []any       `yaml:"configs,omitempty"`
	Components  []any       `yaml:"components,omitempty"`
	Sets        []any       `yaml:"sets,omitempty"`
	Subject     string      `yaml:"subject,omitempty"`
	And         []Condition `yaml:"and,omitempty"`
	Or          []Condition `yaml:"or,omitempty"`
	Not         *Condition  `yaml:"not,omitempty"`
}

// MarshalYAML gives the keys that are set.
func (c Condition) MarshalYAML() (any, error) {
	return written{
		Paths: texts(c.Paths), NotPaths: texts(c.NotPaths), Maintainers: texts(c.Maintainers),
		Trees: texts(c.Trees), Arches: texts(c.Arches), Configs: texts(c.Configs),
		Components: texts(c.Components), Sets: texts(c.Sets), Subject: c.Subject,
		And: c.And, Or: c.Or, Not: c.Not,
	}, nil
}

func texts(list []string) []any {
	var values []any
	for _, text := range list {
		if text == Whole {
			values = append(values, nil)
			continue
		}
		values = append(values, text)
	}
	return values
}

// YAML is the text that Parse reads back.
func (c Condition) YAML() (string, error) {
	text, err := yaml.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("write the condition: %w", err)
	}
	return string(text), nil
}

// IsZero tells a condition that is always true because it says nothing.
func (c Condition) IsZero() bool {
	lists := len(c.Paths) + len(c.NotPaths) + len(c.Maintainers) + len(c.Trees) + len(c.Arches) + len(c.Configs) + len(c.Components) + len(c.Sets)
	return lists+len(c.And)+len(c.Or) == 0 && c.Subject == "" && c.Not == nil
}

// Check says what is wrong with a condition that was put together by other
// means than Parse, as Problems. It is as strict as Parse.
func (c Condition) Check() error {
	r := reader{}
	r.check(c, 1)
	if r.leaves > mostLeaves {
		r.Problems = append(r.Problems, Problem{Place: c.Places.At(""), Message: fmt.Sprintf("the condition has %d patterns, %d are the most", r.leaves, mostLeaves)})
	}
	return r.Problems.Err()
}

func (r *reader) check(c Condition, depth int) {
	if depth > deepest {
		r.Problems = append(r.Problems, Problem{Place: c.Places.At(""), Message: fmt.Sprintf("and, or and not are nested more than %d deep", deepest)})
		return
	}
	for _, l := range lists {
		for _, text := range *l.field(&c) {
			r.leaves++
			err := l.check(text)
			if text == Whole && !l.whole {
				err = fmt.Errorf("`%s` holds an empty text", l.key)
			}
			if err != nil {
				r.Problems = append(r.Problems, Problem{Place: c.Places.At(l.key), Message: err.Error()})
			}
		}
	}
	if c.Subject != "" {
		r.leaves++
		if err := CheckSubject(c.Subject); err != nil {
			r.Problems = append(r.Problems, Problem{Place: c.Places.At(keySubject), Message: err.Error()})
		}
	}
	for _, one := range append(append([]Condition{}, c.And...), c.Or...) {
		r.check(one, depth+1)
	}
	if c.Not != nil {
		r.check(*c.Not, depth+1)
	}
}
