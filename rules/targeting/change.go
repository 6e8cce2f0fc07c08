package targeting

import (
	"path"
	"slices"

	"drover/formats/patch"
)

// Extent says how much is known of a part of a change.
type Extent uint8

// The extents.
const (
	Open       Extent = iota // left open: conditions on it are unknown
	Listed                   // what is listed, which may be nothing
	Everything               // all there is, as for a run without patches
)

// Values are the names or texts of one kind that a change has.
type Values struct {
	Extent Extent
	List   []string
}

// Only is a list of values.
func Only(list ...string) Values { return Values{Listed, list} }

// File is a changed file. Paths are relative to the tree, with "/".
type File struct {
	Path string
	Old  string // its name before a rename or copy, else ""
	Kind string // "added", "modified", …: for people only
}

// Files are the changed files.
type Files struct {
	Extent Extent
	List   []File
}

// OfFiles are the files listed; none at all is a change of nothing.
func OfFiles(list ...File) Files { return Files{Listed, list} }

// AllFiles is a run without patches: everything has changed.
func AllFiles() Files { return Files{Extent: Everything} }

// Change is what is to be tested. Its zero value leaves everything open.
type Change struct {
	Files      Files
	Trees      Values // the tree, usually one
	Arches     Values
	Configs    Values
	Components Values
	Subjects   Values // of the commits
	Sets       Values // asked for; Open or Everything: all tests
}

// Union is the change of a whole series or merge request: the files of all
// patches, in the order of first mention.
func Union(patches ...[]File) Files {
	seen := map[File]bool{}
	var all []File
	for _, list := range patches {
		for _, file := range list {
			key := File{Path: file.Path, Old: file.Old}
			if !seen[key] {
				seen[key] = true
				all = append(all, file)
			}
		}
	}
	return OfFiles(all...)
}

// OfPatch are the files of a patch that was read. Both names of a rename count.
func OfPatch(files []patch.File) []File {
	list := make([]File, 0, len(files))
	for _, f := range files {
		file := File{Path: f.New, Kind: string(f.Kind)}
		if file.Path == "" {
			file.Path = f.Old
		} else if f.Old != f.New {
			file.Old = f.Old
		}
		list = append(list, file)
	}
	return list
}

// names are all paths of the change, both of a rename, clean, sorted, once.
func (f Files) names() []string {
	names := make([]string, 0, len(f.List)+8)
	sorted := true
	add := func(name string) {
		if name == "" {
			return
		}
		if !isClean(name) {
			name = path.Clean(name)
		}
		sorted = sorted && (len(names) == 0 || names[len(names)-1] < name)
		names = append(names, name)
	}
	for i := range f.List {
		add(f.List[i].Path)
		if f.List[i].Old != "" {
			add(f.List[i].Old)
		}
	}
	if !sorted {
		slices.Sort(names)
		names = slices.Compact(names)
	}
	return names
}

// isClean tells quickly whether path.Clean would leave name alone. It may say
// no where it would.
func isClean(name string) bool {
	before := byte('/')
	for i := range len(name) {
		if before == '/' && (name[i] == '/' || name[i] == '.') {
			return false
		}
		before = name[i]
	}
	return before != '/'
}
