package strictyaml

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Nearly all YAML that is met here is keys, lists and scalars of one line each.
// quickReader makes of such a text the nodes that the library makes of it, only
// without comments, in a tenth of the time. It stops at whatever else it meets,
// right or wrong: then the library reads the whole text. A fuzz test holds it to
// be equal.
type quickReader struct {
	text  string
	line  int  // from 1
	begin int  // of the line
	end   int  // of the line
	at    int  // where in it to go on
	depth int  // of the line's first sign, or of what stands behind a dash; -1 at the end
	inner int  // how many mappings and lists this one is in
	wide  bool // there are characters of more than one byte
	stop  bool
	Room
}

// Room is for the nodes of a document. Who reads many short ones, one after the
// other, needs it once. The zero value is ready.
type Room struct {
	nodes []yaml.Node
	links []*yaml.Node // content of mappings and lists
	open  []*yaml.Node // of those that are not over
}

// Document is what the function of this name gives. The next call overwrites its
// nodes.
func (room *Room) Document(text string, most int) (*yaml.Node, error) {
	if room.nodes == nil {
		room.nodes, room.links = make([]yaml.Node, roomNodes), make([]*yaml.Node, 0, roomNodes)
	}
	if len(text) <= most {
		if root := quick(text, *room); root != nil {
			return root, nil
		}
	}
	return Document([]byte(text), most)
}

const (
	roomNodes    = 200
	deepestQuick = 64
	longestKey   = 1000 // bytes; the library has a bound too
)

// quick reads a text; nil where the library has to.
func quick(text string, room Room) *yaml.Node {
	wide, ok := quickBytes(text)
	if !ok {
		return nil
	}
	r := quickReader{text: text, wide: wide, end: -1, Room: room}
	r.next()
	if r.depth == 0 && text[r.at:r.end] == "---" {
		r.stop = false
		r.next()
	}
	if r.depth < 0 {
		return nil
	}
	root := r.block()
	if r.stop || r.depth >= 0 {
		return nil
	}
	return root
}

// quickBytes tells whether a text has none but the usual characters, and whether
// some of them have more than one byte.
func quickBytes(text string) (wide, ok bool) {
	for i := range len(text) {
		c := text[i]
		if c < ' ' && c != '\n' || c == 0x7f {
			return false, false
		}
		wide = wide || c >= utf8.RuneSelf
	}
	if !wide {
		return false, true
	}
	for _, c := range text {
		if c >= utf8.RuneSelf && (c < 0xa0 || c > 0xd7ff || c == '\u2028' || c == '\u2029') {
			return true, false
		}
	}
	return true, utf8.ValidString(text)
}

// next goes to the next line that says something.
func (r *quickReader) next() {
	for {
		r.begin = r.end + 1
		if r.begin >= len(r.text) {
			r.depth = -1
			return
		}
		r.line++
		r.end = len(r.text)
		if length := strings.IndexByte(r.text[r.begin:], '\n'); length >= 0 {
			r.end = r.begin + length
		}
		r.at = r.begin
		if !r.blank() {
			break
		}
	}
	r.depth = r.at - r.begin
	if r.depth == 0 && (strings.HasPrefix(r.text[r.at:], "---") || strings.HasPrefix(r.text[r.at:], "...")) {
		r.stop = true
	}
}

// blank skips spaces, and tells whether nothing but a comment follows.
func (r *quickReader) blank() bool {
	before := r.at
	for r.at < r.end && r.text[r.at] == ' ' {
		r.at++
	}
	return r.at == r.end || r.text[r.at] == '#' && (r.at > before || r.at == r.begin)
}

// dash tells whether an item of a list begins here.
func (r *quickReader) dash() bool {
	return r.text[r.at] == '-' && (r.at+1 == r.end || r.text[r.at+1] == ' ')
}

// block is the mapping or list that begins here.
func (r *quickReader) block() *yaml.Node {
	if r.inner++; r.inner > deepestQuick {
		r.stop = true
	}
	defer func() { r.inner-- }()
	if r.stop {
		return nil
	}
	if r.dash() {
		return r.list()
	}
	return r.mapping()
}

// mapping goes on as long as lines are as deep.
func (r *quickReader) mapping() *yaml.Node {
	n := r.node(yaml.MappingNode, "!!map", "", r.at)
	depth, base := r.depth, len(r.open)
	for r.depth == depth && !r.stop {
		end := r.keyEnd()
		if end < 0 || r.dash() {
			r.stop = true
			break
		}
		key := r.key(end)
		r.at = end + 1
		r.open = append(r.open, key, r.value(depth))
	}
	return r.close(n, base, depth)
}

// close gives a mapping or list its content. Nothing deeper may follow.
func (r *quickReader) close(n *yaml.Node, base, depth int) *yaml.Node {
	if r.depth > depth {
		r.stop = true
	}
	count := len(r.open) - base
	if count > cap(r.links)-len(r.links) {
		r.links = make([]*yaml.Node, 0, max(count, min(len(r.text)/16, 512)))
	}
	from := len(r.links)
	r.links = append(r.links, r.open[base:]...)
	n.Content = r.links[from:len(r.links):len(r.links)]
	r.open = r.open[:base]
	return n
}

// value is what stands behind a key of this depth: on its line, or below.
func (r *quickReader) value(depth int) *yaml.Node {
	colon := r.at
	if !r.blank() {
		return r.inline()
	}
	null := r.node(yaml.ScalarNode, "!!null", "", colon)
	r.next()
	if r.depth > depth || r.depth == depth && !r.stop && r.dash() {
		return r.block()
	}
	return null
}

// list goes on as long as lines are as deep and begin with a dash.
func (r *quickReader) list() *yaml.Node {
	n := r.node(yaml.SequenceNode, "!!seq", "", r.at)
	depth, base := r.depth, len(r.open)
	for r.depth == depth && !r.stop && r.dash() {
		r.at++
		if r.blank() {
			r.next()
			r.stop = r.stop || r.depth <= depth // an item of nothing
			r.open = append(r.open, r.block())
			continue
		}
		if r.dash() || r.keyEnd() >= 0 {
			r.depth = r.at - r.begin
			r.open = append(r.open, r.block())
			continue
		}
		r.open = append(r.open, r.inline())
	}
	return r.close(n, base, depth)
}

// inline is a value that ends with its line.
func (r *quickReader) inline() *yaml.Node {
	var n *yaml.Node
	switch r.text[r.at] {
	case '[':
		n = r.flow()
	case '{':
		if !strings.HasPrefix(r.text[r.at:r.end], "{}") {
			r.stop = true
			return nil
		}
		n = r.node(yaml.MappingNode, "!!map", "", r.at)
		n.Style = yaml.FlowStyle
		r.at += 2
	case '\'', '"':
		n = r.quoted()
	default:
		n = r.plain(r.plainEnd())
	}
	if !r.stop && !r.blank() {
		r.stop = true
	}
	r.next()
	return n
}

// node is one at a place of the line.
func (r *quickReader) node(kind yaml.Kind, tag, value string, at int) *yaml.Node {
	if len(r.nodes) == 0 {
		r.nodes = make([]yaml.Node, min(len(r.text)/12+3, roomNodes))
	}
	n := &r.nodes[0]
	r.nodes = r.nodes[1:]
	// What is set here is all that is ever set: to overwrite the rest takes longer.
	n.Kind, n.Style, n.Tag, n.Value, n.Content = kind, 0, tag, value, nil
	n.Line, n.Column = r.line, at-r.begin+1
	if r.wide {
		n.Column = utf8.RuneCountInString(r.text[r.begin:at]) + 1
	}
	return n
}
