package definition

import (
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"drover/formats/strictyaml"
	"drover/rules/recipe"
	"drover/rules/status"
	"drover/rules/targeting"
)

// day is how the end of a quarantine is written.
const day = "2006-01-02"

// key is one key of a test: how it is read, and how it is shown and written.
type key struct {
	name string
	read func(*reader, *Test, *yaml.Node)
	text func(Test) string // "" where it is not set
	node func(Test) any    // nil: text is written
}

// testKeys are the keys of a test, in the order in which they are written.
var testKeys = []key{
	{"description", text(func(t *Test) *string { return &t.Description }), func(t Test) string { return t.Description }, nil},
	{"owners", texts(func(t *Test) *[]string { return &t.Owners }), func(t Test) string { return lines(t.Owners) }, func(t Test) any { return t.Owners }},
	{"state", func(r *reader, t *Test, n *yaml.Node) {
		if word, ok := r.Text(n); ok {
			t.State = status.TestState(word)
		}
	}, func(t Test) string { return string(t.State) }, nil},
	{"quarantine", (*reader).quarantine, func(t Test) string { return t.Quarantine.String() }, func(t Test) any {
		return map[string]string{"issue": t.Quarantine.Issue, "until": t.Quarantine.Until.Format(day)}
	}},
	{"sets", texts(func(t *Test) *[]string { return &t.Sets }), func(t Test) string { return lines(t.Sets) }, func(t Test) any { return t.Sets }},
	{"trees", texts(func(t *Test) *[]string { return &t.Trees }), func(t Test) string { return lines(t.Trees) }, func(t Test) any { return t.Trees }},
	{"when", (*reader).when, whenText, func(t Test) any { return t.When }},
	{"cost", func(r *reader, t *Test, n *yaml.Node) {
		if word, ok := r.Text(n); ok {
			t.Cost = targeting.Cost(word)
		}
	}, func(t Test) string { return string(t.Cost) }, nil},
	{"recipe", text(func(t *Test) *string { return &t.Recipe }), func(t Test) string { return t.Recipe }, nil},
	{"command", text(func(t *Test) *string { return &t.Command }), func(t Test) string { return t.Command }, nil},
	{"code", texts(func(t *Test) *[]string { return &t.Code }), func(t Test) string { return lines(t.Code) }, func(t Test) any { return t.Code }},
	{"format", func(r *reader, t *Test, n *yaml.Node) {
		if word, ok := r.Text(n); ok {
			t.Format = recipe.Format(word)
		}
	}, func(t Test) string { return string(t.Format) }, nil},
	{"each_case", func(r *reader, t *Test, n *yaml.Node) { t.EachCase = r.Bool(n) }, func(t Test) string {
		if t.EachCase {
			return "true"
		}
		return ""
	}, func(t Test) any { return t.EachCase }},
	{"timeout", (*reader).timeout, func(t Test) string { return Duration(t.Timeout) }, nil},
	{"host_type", text(func(t *Test) *string { return &t.HostType }), func(t Test) string { return t.HostType }, nil},
	{"host_needs", text(func(t *Test) *string { return &t.HostNeeds }), func(t Test) string { return t.HostNeeds }, nil},
}

// keyEdition says on which edition of a test a file was written.
const keyEdition = "edition"

// keyKpet holds what a database of kpet said besides; it is for people.
const keyKpet = "kpet"

// keys are those that a test may have in YAML.
var keys = func() (names []string) {
	for _, k := range testKeys {
		names = append(names, k.name)
	}
	return append(names, keyEdition, keyKpet)
}()

func (r *reader) edition(node *yaml.Node) int64 {
	var n int64
	if node.Kind != yaml.ScalarNode || node.Decode(&n) != nil || n < 1 {
		r.Add(node, "an edition is a number from 1, not %s", strictyaml.Describe(node))
	}
	return n
}

func text(field func(*Test) *string) func(*reader, *Test, *yaml.Node) {
	return func(r *reader, t *Test, n *yaml.Node) {
		if value, ok := r.Text(n); ok {
			*field(t) = strings.TrimSpace(value)
		}
	}
}

func texts(field func(*Test) *[]string) func(*reader, *Test, *yaml.Node) {
	return func(r *reader, t *Test, n *yaml.Node) {
		*field(t) = r.Texts(n)
	}
}

func lines(list []string) string { return strings.Join(list, "\n") }

func whenText(t Test) string {
	text, err := t.StoredWhen()
	if err != nil {
		return t.When.String()
	}
	return strings.TrimSpace(text)
}

// StoredWhen is the condition as YAML, "" if it chooses always.
func (t Test) StoredWhen() (string, error) {
	if t.When.IsZero() {
		return "", nil
	}
	return t.When.YAML()
}

// Duration is as short as people write it: 10m, not 10m0s.
func Duration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func (q Quarantine) String() string {
	if q == (Quarantine{}) {
		return ""
	}
	return fmt.Sprintf("for %s until %s", q.Issue, q.Until.Format(day))
}

func (r *reader) when(t *Test, node *yaml.Node) {
	var err error
	t.When, err = targeting.ReadNode(node)
	r.Append(node, err)
}

func (r *reader) timeout(t *Test, node *yaml.Node) {
	word, ok := r.Text(node)
	if !ok {
		return
	}
	d, err := time.ParseDuration(word)
	if err != nil || d <= 0 {
		r.Add(node, "write a time such as 90s, 10m or 1h30m, not %.40q", word)
		return
	}
	t.Timeout = d
}

func (r *reader) quarantine(t *Test, node *yaml.Node) {
	r.Mapping(node, []string{"issue", "until"}, func(key string, _, value *yaml.Node) {
		word, ok := r.Text(value)
		switch {
		case !ok:
		case key == "issue":
			t.Quarantine.Issue = strings.TrimSpace(word)
		default:
			until, err := time.Parse(day, word)
			if err != nil {
				r.Add(value, "write a day as 2026-12-31, not %.40q", word)
			}
			t.Quarantine.Until = until
		}
	})
}

// reader reads one text.
type reader struct {
	strictyaml.Reader
	selecting bool // only what chooses tests is needed
}
