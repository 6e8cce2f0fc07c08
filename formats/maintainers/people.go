package maintainers

import (
	"regexp"
	"strings"
)

// Person is a maintainer or reviewer, or a list.
type Person struct {
	Name    string `json:"name,omitempty"` // "" where the file gives none, as for lists
	Address string `json:"address"`
	Role    string `json:"role"` // "maintainer:EXAMPLE DRIVER", "reviewer:…", "open list:…", as the script says it
}

// Mailbox is the person as a header of a mail names them, quoted where the
// script quotes.
func (p Person) Mailbox() string {
	if p.Name == "" {
		return p.Address
	}
	return quoteName(p.Name) + " <" + p.Address + ">"
}

// String is the line that the script prints.
func (p Person) String() string { return p.Mailbox() + " (" + p.Role + ")" }

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// quoteName puts quotes around what is more than letters, digits, spaces and
// dashes.
func quoteName(name string) string {
	for i := range len(name) {
		if c := name[i]; !isWord(c) && c != ' ' && c != '-' {
			return `"` + escapeQuotes(name) + `"`
		}
	}
	return name
}

func escapeQuotes(name string) string {
	var b strings.Builder
	for i := range len(name) {
		if name[i] == '"' && (i == 0 || name[i-1] != '\\') {
			b.WriteByte('\\')
		}
		b.WriteByte(name[i])
	}
	return b.String()
}

var (
	namedForm = regexp.MustCompile(`^([^<]+)<(.+@.*)>.*$`)
	angleForm = regexp.MustCompile(`^\s*<(.+@\S*)>.*$`)
	plainForm = regexp.MustCompile(`^(.+@\S*).*$`)
)

// parsePerson reads "Name <address>", "<address>" or "address". The address is
// empty where there is none.
func parsePerson(text string) (name, address string) {
	if m := namedForm.FindStringSubmatch(text); m != nil {
		name, address = m[1], m[2]
	} else if m := angleForm.FindStringSubmatch(text); m != nil {
		address = m[1]
	} else if m := plainForm.FindStringSubmatch(text); m != nil {
		address = m[1]
	}
	name = strings.Trim(name, spaces)
	name = strings.TrimSuffix(strings.TrimPrefix(name, `"`), `"`)
	return name, strings.Trim(address, spaces)
}

// parsePeople reads the value of M: or R:, which names one person, or several
// with commas between.
func parsePeople(value string) []Person {
	parts := splitCommas(value)
	for _, part := range parts {
		if !strings.Contains(part, "@") {
			parts = []string{value} // the comma is part of a name
			break
		}
	}
	var list []Person
	for _, part := range parts {
		if name, address := parsePerson(part); address != "" {
			list = append(list, Person{Name: name, Address: address})
		}
	}
	return list
}

// splitCommas splits at the commas that are not within quotes, brackets or
// comments.
func splitCommas(text string) []string {
	var parts []string
	quoted, depth, start := false, 0, 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '<', c == '(':
			depth++
		case c == '>', c == ')':
			depth--
		case c == ',' && depth == 0:
			parts = append(parts, strings.Trim(text[start:i], spaces))
			start = i + 1
		}
	}
	return append(parts, strings.Trim(text[start:], spaces))
}

// longestTitle is where the script cuts the names of subsystems, in bytes.
const longestTitle = 50

func shortTitle(title string) string {
	if len(title) <= longestTitle {
		return title
	}
	return strings.TrimRight(title[:longestTitle-3], spaces) + "..."
}

// roles are the script's words for those who look after a subsystem of a
// status; other statuses are their own word.
var roles = map[string]string{
	"": "unknown", "supported": "supporter", "maintained": "maintainer", "odd fixes": "odd fixer", "orphan": "orphan minder",
	"obsolete": "obsolete minder", "buried alive in reporters": "chief penguin",
}

func maintainerRole(s Section) string {
	status := strings.ToLower(s.Status())
	if word, known := roles[status]; known {
		status = word
	}
	return status + ":" + shortTitle(s.Title)
}

// People lists the maintainers and reviewers of a section, in its order.
func (s Section) People() []Person {
	role := maintainerRole(s)
	var list []Person
	for _, e := range s.Entries {
		if e.Tag != 'M' && e.Tag != 'R' {
			continue
		}
		for _, p := range parsePeople(e.Value) {
			p.Role = role
			if e.Tag == 'R' {
				p.Role = "reviewer:" + shortTitle(s.Title)
			}
			list = append(list, p)
		}
	}
	return list
}

// rest is the section that owns everything; the script does not name it as
// that of a list.
const rest = "THE REST"

// Lists lists the mailing lists of a section to which everybody may write. The
// role of one says "moderated list" where a person looks at the mail first.
func (s Section) Lists() []Person {
	var list []Person
	for _, value := range s.Values('L') {
		address, more := value, ""
		if at := strings.IndexAny(value, spaces); at > 0 {
			address, more = value[:at], value[at:]
		}
		role := "open list"
		switch {
		case strings.Contains(more, "subscribers-only"), address == "":
			continue
		case strings.Contains(more, "moderated"):
			role = "moderated list"
		}
		if title := shortTitle(s.Title); title != rest {
			role += ":" + title
		}
		_, address = parsePerson(address)
		if address != "" {
			list = append(list, Person{Address: address, Role: role})
		}
	}
	return list
}
