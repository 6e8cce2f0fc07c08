package targeting

import (
	"strings"

	"drover/formats/maintainers"
)

// SectionsOf are the sections of a MAINTAINERS file, for Compile: the files that
// a section names (F) and those whose path its expressions fit (N). Files that
// it leaves out (X) are not left out here, so that rather too much runs.
func SectionsOf(file maintainers.File) Sections {
	byName := map[string]maintainers.Section{}
	for _, s := range file.Sections {
		if _, known := byName[s.Title]; !known {
			byName[s.Title] = s
		}
	}
	return func(name string) ([]string, bool) {
		s, known := byName[name]
		if !known {
			return nil, false
		}
		p := maintainers.PathsOf(s)
		var patterns []string
		for _, path := range p.Files {
			if path = strings.TrimPrefix(path, "./"); checkPath(path) == nil && path != Whole {
				patterns = append(patterns, path)
			}
		}
		for _, text := range p.Names {
			if pattern := "~.*(?:" + text + ").*"; checkPath(pattern) == nil {
				patterns = append(patterns, pattern)
			}
		}
		return patterns, true
	}
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
