package kpetdb

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"drover/rules/targeting"
)

// branch is a case that is read: a suite, a case in it, or one of a tree.
type branch struct {
	file  string
	node  *yaml.Node
	name  string // of the key before it; "" in a list
	suite bool
	chain []*yaml.Node // those above it, to see a case in itself
}

// inherited is what the cases above say for those below.
type inherited struct {
	names       []string
	conditions  []targeting.Condition
	sources     []string // target_sources, all of them
	hasSources  bool
	sets        []string // nil: none were named above
	setsNamed   bool
	hostType    located
	maintainers []string
	test        Test // what the nearest case says
}

// branches are cases within a case: a list, or named by the keys of a mapping;
// each is written there or in a file that is named there. A single file is the
// root of the tree.
func (r *reader) branches(file string, node *yaml.Node, above *inherited, chain ...*yaml.Node) {
	node = r.resolve(file, node)
	if node.Kind == yaml.ScalarNode {
		r.named(file, node, "", above, chain)
		return
	}
	r.ahead(filesIn(file, node))
	if node.Kind == yaml.SequenceNode {
		for _, one := range node.Content {
			r.named(file, r.resolve(file, one), "", above, chain)
		}
		return
	}
	r.each(file, node, func(key string, _, value *yaml.Node) { r.named(file, value, key, above, chain) })
}

// filesIn are the files that a list or mapping of cases names.
func filesIn(file string, node *yaml.Node) (names []string) {
	for _, one := range node.Content {
		if one.Kind == yaml.ScalarNode && one.Tag == "!!str" && len(one.Value) > 5 && one.Value[len(one.Value)-5:] == ".yaml" {
			if candidates, err := insideOf(file, one.Value); err == nil {
				names = append(names, candidates[0])
			}
		}
	}
	return names
}

// named is a case that is written here, or the name of its file.
func (r *reader) named(file string, node *yaml.Node, name string, above *inherited, chain []*yaml.Node) {
	if node.Kind == yaml.ScalarNode && node.Tag != "!!null" {
		root, inner := r.file(file, node, node.Value)
		if root == nil {
			return
		}
		file, node = inner, root
	}
	r.branch(branch{file: file, node: node, name: name, chain: chain}, above)
}

// branch reads one case and those in it. What it says itself goes before what
// those above it say; conditions of both have to hold.
func (r *reader) branch(b branch, above *inherited) {
	if slices.Contains(b.chain, b.node) || len(b.chain) >= maxDepth {
		r.wrong(b.file, b.node, "the case holds itself, or cases are nested more than %d deep", maxDepth)
		return
	}
	own := r.below(above, len(b.chain))
	name := b.name
	var cases *yaml.Node
	r.each(b.file, b.node, func(key string, at, value *yaml.Node) {
		switch key {
		case "name":
			if text, ok := r.scalar(b.file, value); ok {
				name = text
			}
		case "description":
			if text, ok := r.scalar(b.file, value); ok && name == "" && b.suite {
				name = text
			}
		case "cases":
			cases = value
		default:
			if read := fields[key]; read != nil {
				read(r, b.file, value, own)
			} else {
				r.lost(b.file, at, "%s is not read", key)
			}
		}
	})
	if name != "" {
		own.names = append(own.names, name)
	}
	if cases != nil {
		r.branches(b.file, cases, own, append(slices.Clone(b.chain), b.node)...)
		return
	}
	if b.suite {
		r.wrong(b.file, b.node, "the suite has no cases")
		return
	}
	r.add(b, own)
}

// below is what a case says that says nothing itself. There is room for one at each
// depth, which the next case there overwrites.
func (r *reader) below(above *inherited, depth int) *inherited {
	own := &r.room[depth]
	names, conditions := own.names[:0], own.conditions[:0]
	*own = *above
	own.names = append(names, above.names...)
	own.conditions = append(conditions, above.conditions...)
	own.sources = slices.Clone(above.sources)
	own.test.Environment = maps.Clone(above.test.Environment)
	own.test.HostRequires = slices.Clone(above.test.HostRequires)
	own.test.Partitions = slices.Clone(above.test.Partitions)
	own.test.Kickstart = slices.Clone(above.test.Kickstart)
	own.test.UniversalID = ""
	return own
}

var universalID = regexp.MustCompile(`^[.a-zA-Z0-9_-]+$`)

// field reads one key of a case.
type field func(r *reader, file string, value *yaml.Node, own *inherited)

// fields are the keys of a case, beside name and cases.
var fields = map[string]field{
	"location": setText(func(t *Test) *string { return &t.Location }),
	"origin":   setText(func(t *Test) *string { return &t.Origin }),
	"role":     setText(func(t *Test) *string { return &t.Role }),
	"universal_id": func(r *reader, file string, value *yaml.Node, own *inherited) {
		if text, ok := r.scalar(file, value); ok {
			own.test.UniversalID = text
			if !universalID.MatchString(text) {
				r.wrong(file, value, "universal_id %q has other characters than letters, digits, and . _ -", text)
			}
		}
	},
	"max_duration_seconds": func(r *reader, file string, value *yaml.Node, own *inherited) {
		text, _ := r.scalar(file, value)
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seconds < 0 || seconds > math.MaxInt64/int64(time.Second) {
			r.wrong(file, value, "max_duration_seconds: %q is no number of seconds", text)
			return
		}
		own.test.MaxDuration = time.Duration(seconds) * time.Second
	},
	"maintainers": func(r *reader, file string, value *yaml.Node, own *inherited) {
		own.maintainers = r.maintainers(file, value)
	},
	"environment": func(r *reader, file string, value *yaml.Node, own *inherited) {
		r.each(file, value, func(key string, _, value *yaml.Node) {
			if text, ok := r.scalar(file, value); ok {
				if own.test.Environment == nil {
					own.test.Environment = map[string]string{}
				}
				own.test.Environment[key] = text
			}
		})
	},
	"sets":            (*reader).sets,
	"host_type_regex": (*reader).hostType,
	"host_types":      (*reader).hostType,
	"pattern":         addCondition,
	"enabled":         addCondition,
	"target_sources":  (*reader).targetSources,
	"high_cost":       (*reader).highCost,
	"waived":          (*reader).waived,
	"hostRequires":    addTemplate(func(t *Test) *[]string { return &t.HostRequires }),
	"host_requires":   addTemplate(func(t *Test) *[]string { return &t.HostRequires }),
	"partitions":      addTemplate(func(t *Test) *[]string { return &t.Partitions }),
	"kickstart":       addTemplate(func(t *Test) *[]string { return &t.Kickstart }),
}

func setText(of func(*Test) *string) field {
	return func(r *reader, file string, value *yaml.Node, own *inherited) {
		if text, ok := r.scalar(file, value); ok {
			*of(&own.test) = text
		}
	}
}

func addTemplate(of func(*Test) *[]string) field {
	return func(r *reader, file string, value *yaml.Node, own *inherited) {
		if text := r.template(file, value); text != "" {
			list := of(&own.test)
			*list = append(*list, text)
		}
	}
}

// maintainers are "Name <address>" texts, or mappings with name and email.
func (r *reader) maintainers(file string, node *yaml.Node) []string {
	node = r.resolve(file, node)
	if node.Kind != yaml.SequenceNode {
		return values(r.list(file, node))
	}
	var list []string
	for _, one := range node.Content {
		one = r.resolve(file, one)
		if one.Kind != yaml.MappingNode {
			list = append(list, values(r.list(file, one))...)
			continue
		}
		person := map[string]string{}
		r.each(file, one, func(key string, _, value *yaml.Node) { person[key], _ = r.scalar(file, value) })
		text := person["name"]
		if person["email"] != "" {
			text += " <" + person["email"] + ">"
		}
		list = append(list, text)
	}
	return list
}
