// Package route holds every URL of Drover as a function, and the table of all
// their shapes. Templates, mails and redirects call it; nobody else puts a path
// together by hand, so that escaping is right once.
//
// It must not know the server: no handlers, no requests. Paths hold nouns and
// identity, the query holds the view. What is below an object with a free name
// (a tree, a test) sits behind "/-/".
package route

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"drover/rules/id"
)

// URL is a path of this site, starting with "/", with its query. It is safe to
// be put into an attribute as it is.
type URL = templ.SafeURL

// With adds query keys to u in the order given, as key, value, key, value.
// Pairs with an empty value are left out, which keeps links canonical.
func With(u URL, pairs ...string) URL {
	var b strings.Builder
	rest, fragment, found := strings.Cut(string(u), "#")
	if found {
		fragment = "#" + fragment
	}
	b.WriteString(rest)
	separator := byte('?')
	if strings.Contains(rest, "?") {
		separator = '&'
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		b.WriteByte(separator)
		b.WriteString(url.QueryEscape(pairs[i]))
		b.WriteByte('=')
		b.WriteString(queryValue(pairs[i+1]))
		separator = '&'
	}
	b.WriteString(fragment)
	return URL(b.String())
}

// Format is the same view in another form: "json", "csv", "txt", "svg" or
// "atom". The suffix goes before the query.
func Format(u URL, suffix string) URL {
	path, query, found := strings.Cut(string(u), "?")
	if found {
		query = "?" + query
	}
	return URL(path + "." + suffix + query)
}

// Action is where a change of the object at u is posted to. The query of u is
// dropped: it holds a view, and an action belongs to the object.
func Action(u URL, verb string) URL {
	path, _, _ := strings.Cut(string(u), "?")
	return below(URL(path), "actions", verb)
}

// below joins escaped segments behind the "/-/" of u.
func below(u URL, segments ...string) URL {
	var b strings.Builder
	b.WriteString(strings.TrimSuffix(string(u), "/"))
	b.WriteString("/-")
	for _, s := range segments {
		b.WriteByte('/')
		b.WriteString(segment(s))
	}
	return URL(b.String())
}

// segment escapes one part of a path. A part that is "-", "." or ".." would
// change the meaning of the path, so its characters are escaped as well. That
// is for servers; browsers take even an escaped dot for a dot, so such names
// are refused at creation, see CheckName.
func segment(s string) string {
	switch s {
	case "-":
		return "%2D"
	case ".":
		return "%2E"
	case "..":
		return "%2E%2E"
	}
	return url.PathEscape(s)
}

// path escapes a name with slashes and keeps the slashes.
func path(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = segment(p)
	}
	return strings.Join(parts, "/")
}

// queryValue escapes a value but keeps the characters that are harmless in a
// query and make a link readable: slashes of branches, stars of globs.
func queryValue(s string) string {
	return readable.Replace(url.QueryEscape(s))
}

var readable = strings.NewReplacer("%2F", "/", "%2A", "*", "%21", "!", "%2C", ",", "%3A", ":")

// Lines chooses log lines: First alone, or First to Last. The zero value
// chooses none, which opens a log at its first error.
type Lines struct{ First, Last int }

// String is the value of the key l: "812" or "806-818".
func (l Lines) String() string {
	switch {
	case l.First <= 0:
		return ""
	case l.Last > l.First:
		return strconv.Itoa(l.First) + "-" + strconv.Itoa(l.Last)
	}
	return strconv.Itoa(l.First)
}

// fragment leads to the first of the lines within a page, for browsers without
// a script: "#L812".
func (l Lines) fragment() URL {
	if l.First <= 0 {
		return ""
	}
	return URL("#L" + strconv.Itoa(l.First))
}

// ParseLines reads the key l. Text that names no lines gives the zero value.
func ParseLines(s string) Lines {
	first, last, found := strings.Cut(s, "-")
	a, err := strconv.Atoi(first)
	if err != nil || a <= 0 {
		return Lines{}
	}
	if !found {
		return Lines{First: a}
	}
	b, err := strconv.Atoi(last)
	if err != nil || b <= a {
		return Lines{First: a}
	}
	return Lines{First: a, Last: b}
}

// object is the path of something with a short id.
func object(room string, i id.ID) URL { return URL("/" + room + "/" + i.String()) }
