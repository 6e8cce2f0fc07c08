package strictyaml

import (
	"errors"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestDocument(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""}, {"# only words\n", ""}, {"a: 1\n", ""},
		{"a: 1\n---\nb: 2\n", "line 2, column 1: this is no YAML: a second document begins here"},
		{"a: [1\n", "line 1, column 1: this is no YAML"},
		{"\ta: 1\n", "line 1, column 1: this is no YAML: found character that cannot start any token"},
		{"a: &x [*x]\n", ""}, // refused by whoever reads the node
		{strings.Repeat(" ", 101), "the text has 101 bytes, 100 are the most"},
	} {
		_, err := Document([]byte(c.text), 100)
		if (c.want == "") != (err == nil) || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
}

func node(t *testing.T, text string) *yaml.Node {
	t.Helper()
	n, err := Document([]byte(text), 1000)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestReader(t *testing.T) {
	r := Reader{}
	var names, keys []string
	r.Names(node(t, "b: {colour: red, size: 3}\na: [x]\nb: {}\n[k]: {}\n"), "things", func(name string, _, value *yaml.Node) {
		names = append(names, name)
		r.Mapping(value, []string{"color", "size"}, func(key string, _, value *yaml.Node) {
			keys = append(keys, key+"="+strings.Join(r.Texts(value), ","))
		})
	})
	if strings.Join(names, " ") != "b a" || strings.Join(keys, " ") != "size=3" {
		t.Errorf("read %q, %q", names, keys)
	}
	want := []string{
		"line 1, column 5: `colour`: did you mean `color`?",
		"line 2, column 4: expected keys such as color, found a list",
		"line 3, column 1: `b` stands here twice",
		"line 4, column 1: expected a key, found a list",
	}
	if got := r.Problems.Err().Error(); got != strings.Join(want, "\n") {
		t.Errorf("%s", got)
	}
}

func TestScalars(t *testing.T) {
	r := Reader{}
	if !r.Bool(node(t, "true")) || r.Bool(node(t, "false")) || r.Problems != nil {
		t.Error(r.Problems)
	}
	r.Bool(node(t, "yes please"))
	if _, ok := r.Text(node(t, "null")); ok {
		t.Error("nothing is no text")
	}
	r.Texts(node(t, "[a, {b: c}]"))
	r.Append(node(t, "a"), errors.New("odd"))
	r.Append(node(t, "a"), Problems{{Place: Place{7, 1}, Message: "odd, too"}})
	r.Append(node(t, "a"), nil)
	if len(r.Problems) != 5 {
		t.Errorf("%s", r.Problems)
	}
	if (Problems{}).Err() != nil || (Problem{Message: "a"}).String() != "a" {
		t.Error("no problems are no error")
	}
	named := Problems{{Message: "whole"}, {Place: Place{2, 3}, Message: "here"}}.In("a.yaml")
	if got := named.Error(); got != "a.yaml: whole\na.yaml, line 2, column 3: here" {
		t.Error(got)
	}
}

// However much is wrong, few problems are kept.
func TestProblemsAreBounded(t *testing.T) {
	r := Reader{}
	r.Texts(node(t, "["+strings.Repeat("null,", 190)+"]"))
	if len(r.Problems) != Most {
		t.Errorf("%d problems", len(r.Problems))
	}
}

func TestSuggest(t *testing.T) {
	known := []string{"paths", "trees", "timeout"}
	for word, want := range map[string]string{"path": "paths", "tree": "trees", "tmeout": "timeout", "x": "", "colour": "", strings.Repeat("p", 100): ""} {
		if got := Suggest(word, known); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}

// FuzzDocument: whatever the text, there is a node or Problems with places in it,
// and walking over all of the node ends.
func FuzzDocument(f *testing.F) {
	for _, text := range []string{"a: 1\n", "a: &x [*x]\n", "{a: b, a: c, [d]: e}", "a: [1\n", "---\n---\n", "\ta", "<<: {a: 1}\n? [b]\n: c\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		root, err := Document([]byte(text), 10_000)
		var problems Problems
		if err != nil && (!errors.As(err, &problems) || len(problems) == 0 || problems[0].Line > 1+strings.Count(text, "\n")) {
			t.Fatalf("%v", err)
		}
		r := Reader{}
		var walk func(node *yaml.Node)
		walk = func(node *yaml.Node) {
			switch node.Kind {
			case yaml.MappingNode:
				r.Names(node, "names", func(_ string, _, value *yaml.Node) { walk(value) })
			case yaml.SequenceNode:
				for _, one := range node.Content {
					walk(one)
				}
			default:
				r.Text(node)
			}
		}
		if root != nil {
			walk(root)
		}
		if len(r.Problems) > Most {
			t.Errorf("%d problems", len(r.Problems))
		}
	})
}
