package strictyaml

import "go.yaml.in/yaml/v3"

// Keys tells keys of one mapping that come twice. Nearly all mappings are small
// and need no map.
type Keys struct {
	of  *yaml.Node
	set map[string]bool
}

// KeysOf is for the keys of a mapping.
func KeysOf(node *yaml.Node) Keys { return Keys{of: node} }

// Twice tells whether the key at i of the node's content, which is asked for in
// order, came before.
func (k *Keys) Twice(i int) bool {
	key := k.of.Content[i].Value
	const small = 24
	if len(k.of.Content) <= small {
		for j := 0; j < i; j += 2 {
			if before := k.of.Content[j]; before.Value == key && before.Kind == yaml.ScalarNode {
				return true
			}
		}
		return false
	}
	if k.set == nil {
		k.set = make(map[string]bool, len(k.of.Content)/2)
	}
	if k.set[key] {
		return true
	}
	k.set[key] = true
	return false
}
