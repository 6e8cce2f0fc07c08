package maintainers

import (
	"regexp"
	"strings"
)

// Mailmap says which names and addresses people go by now, as the file
// .mailmap of a tree does. The zero value changes nothing.
type Mailmap struct {
	names     map[string]string
	addresses map[string]string
}

var (
	mapName      = regexp.MustCompile(`^([^<]+)<([^>]+)>$`)
	mapAddress   = regexp.MustCompile(`^<([^>]+)>\s*<([^>]+)>$`)
	mapBoth      = regexp.MustCompile(`^(.+)<([^>]+)>\s*<([^>]+)>$`)
	mapNamedBoth = regexp.MustCompile(`^(.+)<([^>]+)>\s*(.+)\s*<([^>]+)>$`)
)

// ParseMailmap reads a mailmap. Lines that are none are left out.
func ParseMailmap(text string, limits Limits) (Mailmap, error) {
	if len(text) > limits.orDefault().Bytes {
		return Mailmap{}, ErrTooLarge
	}
	m := Mailmap{map[string]string{}, map[string]string{}}
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		m.add(strings.Trim(line, spaces))
	}
	return m, nil
}

// add reads one line, in the order in which the script tries the forms.
func (m Mailmap) add(line string) {
	if f := mapName.FindStringSubmatch(line); f != nil {
		name, address := parsePerson(strings.TrimRight(f[1], spaces) + " <" + f[2] + ">")
		m.names[address] = name
	} else if f := mapAddress.FindStringSubmatch(line); f != nil {
		m.addresses[f[2]] = f[1]
	} else if f := mapBoth.FindStringSubmatch(line); f != nil {
		name, address := parsePerson(strings.TrimRight(f[1], spaces) + " <" + f[2] + ">")
		m.names[f[3]], m.addresses[f[3]] = name, address
	} else if f := mapNamedBoth.FindStringSubmatch(line); f != nil {
		name, address := parsePerson(strings.TrimRight(f[1], spaces) + " <" + f[2] + ">")
		oldName, oldAddress := parsePerson(strings.TrimRight(f[3], spaces) + " <" + f[4] + ">")
		old := Person{Name: oldName, Address: oldAddress}.Mailbox()
		m.names[old], m.addresses[old] = name, address
	}
}

// now gives a person as they are called now.
func (m Mailmap) now(p Person) Person {
	key := p.Mailbox()
	_, named := m.names[key]
	_, addressed := m.addresses[key]
	if !named && !addressed {
		key = p.Address
	}
	if name, known := m.names[key]; known {
		p.Name = name
	}
	if address, known := m.addresses[key]; known {
		p.Address = address
	}
	return p
}
