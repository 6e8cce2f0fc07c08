package git

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Ref is one name of a remote and what it points to.
type Ref struct {
	Name   string // in full, refs/heads/master
	OID    string // 40 (or 64) hex digits, lower case
	Peeled string // the commit behind an annotated tag, else ""
}

// Commit is the object to test: behind a tag the commit, not the tag.
func (r Ref) Commit() string { return cmp.Or(r.Peeled, r.OID) }

// Listing is the well-formed and complete answer of a remote.
type Listing struct {
	Refs    []Ref  // those asked for, sorted by name
	Head    string // the default branch in full, "" if the remote does not say
	Empty   bool   // the repository has no refs at all, not only none of those asked for
	Refused int    // names left out because git itself would not accept them
}

// Find looks up a ref by its full name.
func (l Listing) Find(name string) (Ref, bool) {
	at, found := slices.BinarySearchFunc(l.Refs, name, func(r Ref, name string) int {
		return strings.Compare(r.Name, name)
	})
	if !found {
		return Ref{}, false
	}
	return l.Refs[at], true
}

var (
	oidForm = regexp.MustCompile(`^[0-9a-f]+$`)
	zeroOID = regexp.MustCompile(`^0+$`)
)

// isOID accepts ids of SHA-1 and SHA-256.
func isOID(s string) bool { return (len(s) == 40 || len(s) == 64) && oidForm.MatchString(s) }

// isRef is check_refname_format of git for full names, refs/…, with the
// addition that a name must be UTF-8.
func isRef(name string) bool {
	if !strings.HasPrefix(name, "refs/") || len(name) > 1000 || !utf8.ValidString(name) ||
		strings.HasSuffix(name, ".") || strings.Contains(name, "..") || strings.Contains(name, "@{") {
		return false
	}
	if strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r == 0x7f || strings.ContainsRune(`~^:?*[\`, r)
	}) {
		return false
	}
	for _, part := range strings.Split(name, "/") {
		if part == "" || part[0] == '.' || strings.HasSuffix(part, ".lock") {
			return false
		}
	}
	return true
}

// gathering collects the refs of an answer, of whichever protocol.
type gathering struct {
	refs    map[string]Ref
	head    string
	hasHead bool
	refused int
}

func newGathering() *gathering { return &gathering{refs: map[string]Ref{}} }

// add takes one ref. peeled lines of protocol v0 (refs/tags/v1^{}) follow
// their tag and complete it.
func (g *gathering) add(name, oid string) error {
	if !isOID(oid) {
		return fmt.Errorf("%w: object id %q", errMalformed, shorten(oid))
	}
	if name == "HEAD" {
		g.hasHead = true
		return nil
	}
	if tag, found := strings.CutSuffix(name, "^{}"); found {
		if ref, known := g.refs[tag]; known {
			ref.Peeled = oid
			g.refs[tag] = ref
		}
		return nil
	}
	if !isRef(name) {
		g.refused++
		return nil
	}
	if _, twice := g.refs[name]; twice {
		return fmt.Errorf("%w: %q is listed twice", errMalformed, name)
	}
	g.refs[name] = Ref{Name: name, OID: oid}
	return nil
}

// seen counts the lines that were taken.
func (g *gathering) seen() int {
	n := len(g.refs) + g.refused
	if g.hasHead {
		n++
	}
	return n
}

func (g *gathering) setHead(target string) {
	if isRef(target) {
		g.head = target
	}
}

// addV2 reads "<oid> <ref> [symref-target:<ref>] [peeled:<oid>]".
func (g *gathering) addV2(line string) error {
	oid, rest, found := strings.Cut(line, " ")
	if !found {
		return fmt.Errorf("%w: ref line %q", errMalformed, shorten(line))
	}
	fields := strings.Split(rest, " ")
	name, peeled := fields[0], ""
	for _, field := range fields[1:] {
		if target, found := strings.CutPrefix(field, "symref-target:"); found && name == "HEAD" {
			g.setHead(target)
		}
		if to, found := strings.CutPrefix(field, "peeled:"); found {
			peeled = to
		}
	}
	if oid == "unborn" {
		return nil // no ref yet, only its name
	}
	if err := g.add(name, oid); err != nil {
		return err
	}
	if peeled != "" {
		return g.add(name+"^{}", peeled)
	}
	return nil
}

// addV0 reads "<oid> <ref>" of protocol v0, without the capabilities.
func (g *gathering) addV0(line string) error {
	oid, name, found := strings.Cut(line, " ")
	if !found {
		return fmt.Errorf("%w: ref line %q", errMalformed, shorten(line))
	}
	if name == "capabilities^{}" && zeroOID.MatchString(oid) {
		return nil // an empty repository
	}
	if oid == "shallow" {
		return nil // the remote is itself a shallow copy
	}
	return g.add(name, oid)
}

// listing keeps what was asked for: a server may send more.
func (g *gathering) listing(prefixes []string) Listing {
	l := Listing{Head: g.head, Refused: g.refused, Empty: g.seen() == 0}
	for _, ref := range g.refs {
		if wanted(ref.Name, prefixes) {
			l.Refs = append(l.Refs, ref)
		}
	}
	slices.SortFunc(l.Refs, func(a, b Ref) int { return strings.Compare(a.Name, b.Name) })
	return l
}

func wanted(name string, prefixes []string) bool {
	return len(prefixes) == 0 || slices.ContainsFunc(prefixes, func(p string) bool {
		return strings.HasPrefix(name, p)
	})
}
