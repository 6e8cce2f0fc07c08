package targeting

// needles finds which of many texts a path holds, in one pass over it: an
// automaton after Aho and Corasick, as a table over those bytes that occur.
type needles struct {
	class  [256]uint16 // of a byte; 0 for those in no text
	width  int         // classes
	next   []int32     // state × class
	found  []int32     // of a state: a text that ends there, or -1
	longer []int32     // of a state: the nearest shorter ending with a text, or 0
}

// newNeedles takes distinct texts, none of them empty.
func newNeedles(texts []string) *needles {
	n := &needles{width: 1}
	length := 1
	for _, text := range texts {
		length += len(text)
		for i := range len(text) {
			if n.class[text[i]] == 0 {
				n.class[text[i]] = uint16(n.width)
				n.width++
			}
		}
	}
	n.next = make([]int32, 0, length*n.width)
	n.found, n.longer = make([]int32, 0, length), make([]int32, 0, length)
	n.state()
	for number, text := range texts {
		at := int32(0)
		for i := range len(text) {
			cell := int(at)*n.width + int(n.class[text[i]])
			if n.next[cell] == 0 {
				n.next[cell] = n.state()
			}
			at = n.next[cell]
		}
		n.found[at] = int32(number)
	}
	n.link()
	return n
}

// state adds one.
func (n *needles) state() int32 {
	n.next = n.next[:len(n.next)+n.width] // newNeedles has made room
	n.found = append(n.found, -1)
	n.longer = append(n.longer, 0)
	return int32(len(n.found) - 1)
}

// link fills the table, breadth first: where a text does not go on, the longest
// ending of what was read that is the beginning of another text does.
func (n *needles) link() {
	fail := make([]int32, len(n.found))
	queue := make([]int32, 0, len(n.found))
	for c := range n.width {
		if to := n.next[c]; to != 0 {
			queue = append(queue, to)
		}
	}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		back := fail[at]
		n.longer[at] = back
		if n.found[back] < 0 {
			n.longer[at] = n.longer[back]
		}
		for c := range n.width {
			cell := int(at)*n.width + c
			instead := n.next[int(back)*n.width+c]
			if to := n.next[cell]; to != 0 {
				fail[to] = instead
				queue = append(queue, to)
			} else {
				n.next[cell] = instead
			}
		}
	}
}

// find is a text that a path holds, and where it ends.
type find struct {
	text int32
	end  int32
}

// finder goes over paths one after the other and begins where the next one
// differs from the one before: neighbours in a sorted list share their folders.
type finder struct {
	states []int32 // after each byte of the path before
	before string
	finds  []find
}

// reset forgets the path before, which may have been of another list.
func (f *finder) reset() {
	f.before, f.finds = "", f.finds[:0]
	f.states = append(f.states[:0], 0)
}

// in are the texts in path, by their ends.
func (f *finder) in(n *needles, path string) []find {
	shared := common(f.before, path)
	for len(f.finds) > 0 && int(f.finds[len(f.finds)-1].end) > shared {
		f.finds = f.finds[:len(f.finds)-1]
	}
	f.states = f.states[:shared+1]
	at := f.states[shared]
	for i := shared; i < len(path); i++ {
		at = n.next[int(at)*n.width+int(n.class[path[i]])]
		f.states = append(f.states, at)
		for s := at; s != 0; s = n.longer[s] {
			if n.found[s] >= 0 {
				f.finds = append(f.finds, find{n.found[s], int32(i + 1)})
			}
		}
	}
	f.before = path
	return f.finds
}

// common is how many bytes two texts have in common at their beginnings.
func common(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
