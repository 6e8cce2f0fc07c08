package kpetdb

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// settings are what index.yaml says for all cases.
type settings struct {
	origins  map[string]bool   // nil: none are known, and none may be named
	hostType located           // expression, "" for none
	names    map[string]origin // of tests
	meanings map[meaning][]string
}

// origin is where a test stands.
type origin struct {
	file string
	line int
}

// meaning is what an expression of names of one kind means.
type meaning struct{ what, expression string }

// indexFile is the one file that every database has.
const indexFile = "index.yaml"

// index reads index.yaml and all that it names.
func (r *reader) index() {
	root, file := r.file(indexFile, nil, indexFile)
	if root == nil {
		return
	}
	r.settings.names, r.settings.meanings = map[string]origin{}, map[meaning][]string{}
	var suites, cases *yaml.Node
	r.each(file, root, func(key string, at, value *yaml.Node) {
		switch key {
		case "arches":
			r.db.Arches = values(r.list(file, value))
		case "trees":
			r.db.Trees = r.trees(file, value)
		case "components":
			r.db.Components = r.names(file, value)
		case "sets":
			r.db.Sets = r.names(file, value)
		case "host_types":
			r.db.HostTypes = r.hosts(file, value)
		case "host_type_regex", "host_types_regex":
			if list := r.list(file, value); len(list) == 1 {
				r.settings.hostType = list[0]
			}
		case "origins":
			r.settings.origins = map[string]bool{}
			for _, name := range r.names(file, value) {
				r.settings.origins[name] = true
			}
		case "suites":
			suites = value
		case "case", "cases":
			cases = value
		default:
			r.lost(file, at, "%s is not read", key)
		}
	})
	r.treeArches(file, root)
	if suites != nil {
		r.suites(file, suites)
	}
	if cases != nil {
		r.branches(file, cases, &inherited{})
	}
}

// names are the keys of a mapping.
func (r *reader) names(file string, node *yaml.Node) []string {
	var names []string
	r.each(file, node, func(key string, _, _ *yaml.Node) { names = append(names, key) })
	return names
}

// hosts are the names of host types; what they are is not taken over.
func (r *reader) hosts(file string, node *yaml.Node) []string {
	var names []string
	r.each(file, node, func(key string, at, value *yaml.Node) {
		names = append(names, key)
		if len(value.Content) > 0 {
			r.lost(file, at, "what the host type %s needs is not read, only its name", key)
		}
	})
	return names
}

func (r *reader) trees(file string, node *yaml.Node) []string {
	var names []string
	r.each(file, node, func(key string, at, value *yaml.Node) {
		names = append(names, key)
		found := false
		r.each(file, value, func(inner string, _, _ *yaml.Node) { found = found || inner == "template" })
		if !found {
			r.wrong(file, at, "the tree %s has no template", key)
		}
	})
	return names
}

// treeArches checks that each expression of architectures means one that is known.
func (r *reader) treeArches(file string, root *yaml.Node) {
	r.each(file, root, func(key string, _, value *yaml.Node) {
		if key != "trees" {
			return
		}
		r.each(file, value, func(_ string, _, tree *yaml.Node) {
			r.each(file, tree, func(key string, _, value *yaml.Node) {
				if key == "arches" {
					for _, one := range r.list(file, value) {
						r.matching(one, r.db.Arches, "architecture")
					}
				}
			})
		})
	})
}

// suites are the early layout: a list of files, each one case with others in it.
func (r *reader) suites(file string, node *yaml.Node) {
	list := r.list(file, node)
	var names []string
	for _, one := range list {
		if candidates, err := insideOf(file, one.value); err == nil {
			names = append(names, candidates[0])
		}
	}
	r.ahead(names)
	for _, one := range list {
		if suite, name := r.file(file, one.at, one.value); suite != nil {
			r.branch(branch{file: name, node: suite, suite: true}, &inherited{})
		}
	}
}

// matching are the names that an expression means; none is a problem.
func (r *reader) matching(expression located, names []string, what string) []string {
	key := meaning{what, expression.value}
	if before := r.settings.meanings[key]; before != nil {
		return before
	}
	text, err := translate(expression.value)
	if err != nil {
		r.lost(expression.file, expression.at, "the expression %q cannot be said: %v. It is taken to mean every %s", expression.value, err, what)
		return names
	}
	like, err := regexp.Compile(`(?s)\A(?:` + text + `)\z`)
	if err != nil {
		r.wrong(expression.file, expression.at, "%v", err)
		return nil
	}
	var found []string
	for _, name := range names {
		if like.MatchString(name) {
			found = append(found, name)
		}
	}
	if len(found) == 0 {
		r.wrong(expression.file, expression.at, "the expression %q means no %s: there are %s", expression.value, what, orNone(names))
	}
	r.settings.meanings[key] = found
	return found
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
