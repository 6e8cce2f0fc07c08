package route

import (
	"fmt"
	"slices"
	"strings"
)

// Suffixes choose a format and win over Accept.
var Suffixes = []string{"json", "csv", "txt", "svg", "atom"}

// CheckName tells why name cannot be the name of a tree or the path of a test:
// such an object would have a URL that means something else. nil if it can.
func CheckName(name string) error {
	if name == "" {
		return fmt.Errorf("a name is needed")
	}
	if name == "new" || strings.HasPrefix(name, "new/") {
		return fmt.Errorf("%q is the address of the form that adds one", name)
	}
	for part := range strings.SplitSeq(name, "/") {
		switch part {
		case "":
			return fmt.Errorf("%q has an empty part between slashes", name)
		case "-", ".", "..":
			return fmt.Errorf("%q has the part %q, which is reserved in addresses", name, part)
		}
	}
	if _, suffix := SplitFormat(name); suffix != "" {
		return fmt.Errorf("%q ends in .%s, which chooses a format", name, suffix)
	}
	return nil
}

// SplitFormat takes a format suffix off the end of a path; suffix is "" if it
// has none.
func SplitFormat(path string) (rest, suffix string) {
	dot := strings.LastIndexByte(path, '.')
	if dot < 0 || !slices.Contains(Suffixes, path[dot+1:]) {
		return path, ""
	}
	return path[:dot], path[dot+1:]
}
