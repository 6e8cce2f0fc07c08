package maintainers

import "strings"

// Tree is what a T: line says.
type Tree struct {
	Kind   string // git, quilt, hg; git where the line names none
	URL    string
	Branch string // "" where the line names none
}

// Trees are the T: lines of a section.
func (s Section) Trees() []Tree {
	var list []Tree
	for _, value := range s.Values('T') {
		words := strings.Fields(value)
		if len(words) == 0 {
			continue
		}
		if strings.Contains(words[0], "://") {
			words = append([]string{"git"}, words...)
		}
		if len(words) < 2 {
			continue
		}
		t := Tree{Kind: strings.ToLower(words[0]), URL: words[1]}
		if len(words) > 2 && !strings.HasPrefix(words[2], "(") {
			t.Branch = words[2]
		}
		list = append(list, t)
	}
	return list
}

// ByTree gives the sections that name a git repository in a T: line. How it is
// reached, and an ending of .git, make no difference.
func (f File) ByTree(url string) []Section {
	var list []Section
	wanted := sameTree(url)
	if wanted == "" {
		return nil
	}
	for _, s := range f.Sections {
		for _, t := range s.Trees() {
			if t.Kind == "git" && sameTree(t.URL) == wanted {
				list = append(list, s)
				break
			}
		}
	}
	return list
}

// SameTree tells whether two addresses lead to the same repository, however it
// is reached.
func SameTree(a, b string) bool { return a != "" && sameTree(a) == sameTree(b) }

// sameTree is what is left of an address when two ways to the same repository
// are to be equal: host and path.
func sameTree(url string) string {
	_, rest, found := strings.Cut(url, "://")
	if !found {
		host, path, isSSH := strings.Cut(url, ":")
		if !isSSH || strings.Contains(host, "/") {
			return strings.TrimSuffix(strings.TrimRight(url, "/"), ".git")
		}
		rest = host + "/" + strings.TrimPrefix(path, "/")
	}
	host, path, _ := strings.Cut(rest, "/")
	if at := strings.LastIndex(host, "@"); at >= 0 {
		host = host[at+1:]
	}
	if name, port, has := strings.Cut(host, ":"); has && strings.Trim(port, "0123456789") == "" {
		host = name
	}
	host = strings.ToLower(host)
	// kernel.org serves the same repositories under several names and paths.
	switch host {
	case "gitolite.kernel.org", "kernel.googlesource.com", "ra.kernel.org":
		host = "git.kernel.org"
	}
	path = strings.Trim(path, "/")
	if host == "git.kernel.org" {
		path = strings.TrimPrefix(path, "pub/")
	}
	return host + "/" + strings.TrimSuffix(path, ".git")
}
