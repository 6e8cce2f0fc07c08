package strictyaml

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// keyEnd is where the colon behind a key stands, -1 if no key begins here.
func (r *quickReader) keyEnd() int {
	if c := r.text[r.at]; c == '\'' || c == '"' {
		end := r.quoteEnd()
		if end < 0 || end >= r.end || r.text[end] != ':' || !r.space(end+1) || end-r.at > longestKey {
			return -1
		}
		return end
	}
	for i := r.at; i < r.end; i++ {
		switch {
		case r.text[i] == ':' && r.space(i+1):
			if i-r.at > longestKey {
				return -1
			}
			return i
		case r.text[i] == '#' && i > r.at && r.text[i-1] == ' ':
			return -1
		}
	}
	return -1
}

// space tells whether a blank or the end of the line is at i.
func (r *quickReader) space(i int) bool { return i >= r.end || r.text[i] == ' ' }

// key is the text up to its colon.
func (r *quickReader) key(end int) *yaml.Node {
	if c := r.text[r.at]; c == '\'' || c == '"' {
		return r.quoted()
	}
	return r.plain(end)
}

// plainEnd is where a scalar without quotes ends on its line; nothing in it may
// look like a key.
func (r *quickReader) plainEnd() int {
	for i := r.at; i < r.end; i++ {
		switch {
		case r.text[i] == ':' && r.space(i+1):
			r.stop = true
		case r.text[i] == '#' && i > r.at && r.text[i-1] == ' ':
			return i
		}
	}
	return r.end
}

// plain is a scalar without quotes.
func (r *quickReader) plain(end int) *yaml.Node {
	value := strings.TrimRight(r.text[r.at:end], " ")
	if value == "" || strings.IndexByte("?:,[]{}#&*!|>'\"%@`", value[0]) >= 0 || value[0] == '-' && (len(value) == 1 || value[1] == ' ') {
		r.stop = true
		return nil
	}
	n := r.node(yaml.ScalarNode, plainTag(value), value, r.at)
	r.at += len(value)
	return n
}

// plainTag is what the library takes a scalar without quotes for. Only few can
// be anything but texts.
func plainTag(value string) string {
	const longestWord = 5 // false
	c := value[0] | 0x20
	if c >= 'a' && c <= 'z' && (len(value) > longestWord || strings.IndexByte("ynotf", c) < 0) {
		return "!!str"
	}
	return (&yaml.Node{Kind: yaml.ScalarNode, Value: value}).ShortTag()
}

// quoteEnd is behind the closing quote of the scalar that begins here, -1 if it
// goes on below or has escapes that begin with a backslash.
func (r *quickReader) quoteEnd() int {
	quote := r.text[r.at]
	for i := r.at + 1; i < r.end; i++ {
		switch {
		case r.text[i] == '\\' && quote == '"':
			return -1
		case r.text[i] != quote:
		case quote == '\'' && i+1 < r.end && r.text[i+1] == quote:
			i++
		default:
			return i + 1
		}
	}
	return -1
}

// quoted is a scalar in quotes.
func (r *quickReader) quoted() *yaml.Node {
	end := r.quoteEnd()
	if end < 0 {
		r.stop = true
		return nil
	}
	value, style := r.text[r.at+1:end-1], yaml.DoubleQuotedStyle
	if r.text[r.at] == '\'' {
		style = yaml.SingleQuotedStyle
		if strings.IndexByte(value, '\'') >= 0 {
			value = strings.ReplaceAll(value, "''", "'")
		}
	}
	n := r.node(yaml.ScalarNode, "!!str", value, r.at)
	n.Style = style
	r.at = end
	return n
}

// flow is a list of scalars in brackets.
func (r *quickReader) flow() *yaml.Node {
	n := r.node(yaml.SequenceNode, "!!seq", "", r.at)
	n.Style = yaml.FlowStyle
	base := len(r.open)
	for r.at++; !r.stop; r.at++ {
		if r.blank() {
			r.stop = true // it goes on below
			break
		}
		if r.text[r.at] == ']' && len(r.open) == base {
			break
		}
		r.open = append(r.open, r.flowItem())
		if r.stop || r.blank() || r.text[r.at] != ',' && r.text[r.at] != ']' {
			r.stop = true
			break
		}
		if r.text[r.at] == ']' {
			break
		}
	}
	r.at++
	return r.close(n, base, r.depth)
}

func (r *quickReader) flowItem() *yaml.Node {
	if c := r.text[r.at]; c == '\'' || c == '"' {
		return r.quoted()
	}
	length := strings.IndexAny(r.text[r.at:r.end], ",]")
	if length < 0 {
		r.stop = true
		return nil
	}
	value := r.text[r.at : r.at+length]
	if strings.ContainsAny(value, "[{}?:#") {
		r.stop = true
		return nil
	}
	return r.plain(r.at + length)
}
