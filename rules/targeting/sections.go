package targeting

import (
	"regexp"
	"strings"

	"drover/formats/maintainers"
)

// SectionsOf are the sections of a MAINTAINERS file, for Compile: the files that
// a section names (F) and those whose path its expressions fit (N), without those
// that it leaves out (X).
func SectionsOf(file maintainers.File) Sections {
	byName := map[string]maintainers.Section{}
	for _, s := range file.Sections {
		if _, known := byName[s.Title]; !known {
			byName[s.Title] = s
		}
	}
	return func(name string) (Section, bool) {
		s, known := byName[name]
		if !known {
			return Section{}, false
		}
		p := maintainers.PathsOf(s)
		section := Section{Paths: filePatterns(p.Files, false), NotPaths: filePatterns(p.Excludes, true)}
		for _, text := range p.Names {
			if pattern := "~.*(?:" + text + ").*"; checkPath(pattern) == nil {
				section.Paths = append(section.Paths, pattern)
			}
		}
		return section, true
	}
}

// filePatterns are the values of lines as patterns that mean what the kernel's own
// script takes them to mean: the beginning of a path, with as many slashes unless
// the value ends in one. What is left out has to be exact, so that rather too much
// runs than too little.
func filePatterns(values []string, exact bool) (patterns []string) {
	add := func(pattern string) {
		if checkPath(pattern) == nil && pattern != Whole {
			patterns = append(patterns, pattern)
		}
	}
	for _, value := range values {
		value = strings.TrimPrefix(value, "./")
		folder := strings.HasSuffix(value, "/")
		switch {
		case strings.Contains(value, "**") || folder && strings.ContainsAny(value, "*?"):
			add(anyDepth(value))
			continue
		case !folder && !strings.ContainsAny(value, "*?."): // perhaps a folder that lacks its slash
			add(value + "/")
		}
		if !exact && !folder && !strings.HasSuffix(value, "*") {
			value += "*"
		}
		add(value)
	}
	return patterns
}

// anyDepth is a value whose stars stand for folders too.
func anyDepth(value string) string {
	return "~" + strings.NewReplacer(`\*`, ".*", `\?`, ".", `\[`, "[", `\]`, "]").Replace(regexp.QuoteMeta(value)) + ".*"
}

// sectionBranch compiles the key "maintainers". What one section leaves out may
// be another's, so each that leaves something out is a leaf of its own.
func (c *compiler) sectionBranch(from *Condition) (branch, error) {
	groups := make([]Section, 1)
	var missing []string
	for _, name := range from.Maintainers {
		section, known := Section{}, false
		if c.sections != nil {
			section, known = c.sections(name)
		}
		switch {
		case !known:
			missing = append(missing, name)
		case len(section.NotPaths) > 0:
			groups = append(groups, section)
		default:
			groups[0].Paths = append(groups[0].Paths, section.Paths...)
		}
	}
	if len(groups) > 1 && len(groups[0].Paths) == 0 {
		groups = groups[1:]
	}
	either := branch{op: opOr, from: from, key: keyMaintainers}
	for _, group := range groups {
		not := group.NotPaths
		if len(group.Paths) == 0 {
			not = nil // of a section without files nothing is left out
		}
		leaf, err := c.fileLeaf(group.Paths, not, missing)
		if err != nil {
			return branch{}, Problems{{Place: from.Places.At(keyMaintainers), Message: err.Error()}}
		}
		either.kids = append(either.kids, branch{op: opFiles, leaf: leaf, from: from, key: keyMaintainers, lack: len(missing) > 0})
	}
	if len(either.kids) == 1 {
		return either.kids[0], nil
	}
	return either, nil
}

// NeedsSections tells whether a condition names a section of MAINTAINERS.
func (c Condition) NeedsSections() bool {
	if len(c.Maintainers) > 0 || c.Not != nil && c.Not.NeedsSections() {
		return true
	}
	for _, list := range [][]Condition{c.And, c.Or} {
		for _, one := range list {
			if one.NeedsSections() {
				return true
			}
		}
	}
	return false
}
