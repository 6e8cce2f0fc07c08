package definition

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"drover/rules/recipe"
	"drover/rules/targeting"
)

// YAML is the text that Read reads back. Keys that say what is so anyway are
// left out.
func (f File) YAML() (string, error) {
	root := mapping()
	if len(f.Trees) > 0 {
		trees := mapping()
		for _, t := range f.Trees {
			name := t.Tree
			t.Tree = "" // it is the key
			body, err := encode(t.File)
			if err != nil {
				return "", err
			}
			add(trees, name, body)
		}
		add(root, "trees", trees)
	}
	if len(f.Sets) > 0 {
		sets := mapping()
		for _, s := range f.Sets {
			body, err := s.body()
			if err != nil {
				return "", err
			}
			add(sets, s.Name, body)
		}
		add(root, "sets", sets)
	}
	if len(f.Tests) > 0 {
		tests := mapping()
		for _, t := range f.Tests {
			body, err := t.body()
			if err != nil {
				return "", err
			}
			add(tests, t.Name, body)
		}
		add(root, "tests", tests)
	}
	text, err := yaml.Marshal(root)
	if err != nil {
		return "", fmt.Errorf("write definitions: %w", err)
	}
	return string(text), nil
}

// body is a set without its name.
func (s Set) body() (*yaml.Node, error) {
	body := mapping()
	if s.Description != "" {
		add(body, "description", scalar(s.Description))
	}
	if len(s.Includes) > 0 {
		list, err := encode(s.Includes)
		if err != nil {
			return nil, err
		}
		add(body, "includes", list)
	}
	return body, nil
}

// body is a test without its name.
func (t Test) body() (*yaml.Node, error) {
	body := mapping()
	for _, k := range testKeys {
		text := k.text(t)
		if text == "" || k.usual(text) {
			continue
		}
		value := scalar(text)
		if k.node != nil {
			var err error
			if value, err = encode(k.node(t)); err != nil {
				return nil, err
			}
		}
		add(body, k.name, value)
	}
	if t.Edition > 0 {
		number, err := encode(t.Edition)
		if err != nil {
			return nil, err
		}
		add(body, keyEdition, number)
	}
	return body, nil
}

// usual tells whether a key says what is so without it.
func (k key) usual(text string) bool {
	switch k.name {
	case "recipe":
		return text == recipe.NameCommand
	case "format":
		return text == string(recipe.KTAP)
	case "cost":
		return text == string(targeting.Normal)
	}
	return false
}

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode} }

func add(to *yaml.Node, key string, value *yaml.Node) {
	to.Content = append(to.Content, scalar(key), value)
}

// scalar is a text: quoted where it would be read as something else.
func scalar(text string) *yaml.Node {
	var node yaml.Node
	node.SetString(text)
	return &node
}

func encode(value any) (*yaml.Node, error) {
	var node yaml.Node
	if err := node.Encode(value); err != nil {
		return nil, fmt.Errorf("write a definition: %w", err)
	}
	return &node, nil
}
