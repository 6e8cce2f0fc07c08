package definition

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"drover/formats/strictyaml"
)

// AllSets are the sets that a test belongs to: those it names and those that
// include one of them.
func AllSets(named []string, sets []Set) []string {
	have := map[string]bool{}
	var all []string
	add := func(name string) {
		if !have[name] {
			have[name] = true
			all = append(all, name)
		}
	}
	for _, name := range named {
		add(name)
	}
	for i := 0; i < len(all); i++ {
		for _, s := range sets {
			for _, included := range s.Includes {
				if included == all[i] {
					add(s.Name)
				}
			}
		}
	}
	return all
}

// Cycle finds sets that include each other in a circle, as "a, b, a"; "" if
// there are none.
func Cycle(sets []Set) string {
	includes := map[string][]string{}
	for _, s := range sets {
		includes[s.Name] = s.Includes
	}
	done := map[string]bool{}
	var walk func(name string, path []string) string
	walk = func(name string, path []string) string {
		for i, before := range path {
			if before == name {
				return strings.Join(append(path[i:], name), ", ")
			}
		}
		if done[name] || len(path) > len(sets) {
			return ""
		}
		for _, next := range includes[name] {
			if found := walk(next, append(path[:len(path):len(path)], name)); found != "" {
				return found
			}
		}
		done[name] = true
		return ""
	}
	for _, s := range sets {
		if found := walk(s.Name, nil); found != "" {
			return found
		}
	}
	return ""
}

// circle is the problem of sets that include each other.
func (f File) circle() strictyaml.Problems {
	circle := Cycle(f.Sets)
	if circle == "" {
		return nil
	}
	name, _, _ := strings.Cut(circle, ",")
	p := strictyaml.Problem{Message: "sets include each other in a circle: " + circle}
	if i := slices.IndexFunc(f.Sets, func(s Set) bool { return s.Name == name }); i >= 0 {
		p.Place, p.File = f.Sets[i].Place, f.Sets[i].File
	}
	return strictyaml.Problems{p}
}

// Part is one of several texts.
type Part struct {
	Name string // for messages
	File
}

// Join makes one of several texts. What is there twice, and sets that include
// each other, are strictyaml.Problems.
func Join(parts ...Part) (File, error) {
	var all File
	var problems strictyaml.Problems
	seen := map[string]string{}
	once := func(kind, name, file string, at strictyaml.Place) bool {
		key := kind + " " + name
		here := fmt.Sprintf("%s line %d", cmp.Or(file, "the text"), at.Line)
		if before, twice := seen[key]; twice {
			problems = append(problems, strictyaml.Problem{File: file, Place: at, Message: fmt.Sprintf("there are two %ss of the name %q: %s, and %s", kind, name, before, here)})
			return false
		}
		seen[key] = here
		return true
	}
	for _, part := range parts {
		for _, t := range part.Trees {
			if t.In = part.Name; once("tree", t.Tree, t.In, t.Places["tree"]) {
				all.Trees = append(all.Trees, t)
			}
		}
		for _, s := range part.Sets {
			if s.File = part.Name; once("set", s.Name, s.File, s.Place) {
				all.Sets = append(all.Sets, s)
			}
		}
		for _, t := range part.Tests {
			if t.File = part.Name; once("test", t.Name, t.File, t.Place("")) {
				all.Tests = append(all.Tests, t)
			}
		}
	}
	problems = append(problems, all.circle()...)
	return all, problems.Err()
}

// UnknownSets are the problems of tests and sets that name a set which is not
// among those known, strictyaml.Most of them.
func (f File) UnknownSets(known []string) strictyaml.Problems {
	have := map[string]bool{}
	for _, name := range known {
		have[name] = true
	}
	var problems strictyaml.Problems
	look := func(names []string, file string, at strictyaml.Place) {
		for _, name := range names {
			if !have[name] && len(problems) < strictyaml.Most { // a name that was meant is looked for among all
				problems = append(problems, strictyaml.Problem{File: file, Place: at, Message: UnknownName("set", name, known)})
			}
		}
	}
	for _, s := range f.Sets {
		look(s.Includes, s.File, s.Place)
	}
	for _, t := range f.Tests {
		look(t.Sets, t.File, t.Place("sets"))
	}
	return problems
}

// UnknownName says that nothing of a kind has a name, and which may be meant.
func UnknownName(kind, name string, known []string) string {
	text := fmt.Sprintf("no %s is called %q", kind, name)
	if meant := strictyaml.Suggest(name, known); meant != "" {
		text += ": did you mean " + meant + "?"
	}
	return text
}

// SetNames are the names of the sets that are here.
func (f File) SetNames() []string {
	names := make([]string, len(f.Sets))
	for i, s := range f.Sets {
		names[i] = s.Name
	}
	return names
}
