package targeting

// value is the answer of a condition. A part of the change that was left open
// makes it unknown.
type value uint8

const (
	no value = iota
	yes
	unknown
)

// and and or drop what is unknown.
func (v value) and(w value) value {
	switch {
	case v == unknown:
		return w
	case w == unknown:
		return v
	case v == yes && w == yes:
		return yes
	}
	return no
}

func (v value) or(w value) value {
	switch {
	case v == unknown:
		return w
	case w == unknown:
		return v
	case v == yes || w == yes:
		return yes
	}
	return no
}

func (v value) not() value {
	switch v {
	case yes:
		return no
	case no:
		return yes
	}
	return unknown
}

// facts answer the leaves.
type facts interface {
	onFiles(leaf int32) value
	onNames(leaf int32) value
}

// value evaluates. An "and" of nothing is yes, an "or" of nothing no.
func (b *branch) value(f facts) value {
	switch b.op {
	case opFiles:
		return f.onFiles(b.leaf)
	case opNames:
		return f.onNames(b.leaf)
	case opNot:
		return b.kids[0].value(f).not()
	}
	if len(b.kids) == 0 {
		if b.op == opOr {
			return no
		}
		return yes
	}
	result := unknown
	for i := range b.kids {
		if b.op == opOr {
			result = result.or(b.kids[i].value(f))
		} else {
			result = result.and(b.kids[i].value(f))
		}
	}
	return result
}

// possible is a set of values.
type possible uint8

const (
	canNo      possible = 1 << no
	canYes     possible = 1 << yes
	canUnknown possible = 1 << unknown
)

// without is what can come out if no leaf on files holds, whatever the others
// say. A leaf with a missing section is unknown then.
func (b *branch) without() possible {
	switch b.op {
	case opFiles:
		if b.lack {
			return canNo | canUnknown
		}
		return canNo
	case opNames:
		return canNo | canYes | canUnknown
	case opNot:
		return combine(b.kids[0].without(), canUnknown, func(v, _ value) value { return v.not() })
	}
	if len(b.kids) == 0 {
		if b.op == opOr {
			return canNo
		}
		return canYes
	}
	join := value.and
	if b.op == opOr {
		join = value.or
	}
	result := canUnknown
	for i := range b.kids {
		result = combine(result, b.kids[i].without(), join)
	}
	return result
}

func combine(a, b possible, join func(v, w value) value) possible {
	var result possible
	for _, v := range []value{no, yes, unknown} {
		for _, w := range []value{no, yes, unknown} {
			if a&(1<<v) != 0 && b&(1<<w) != 0 {
				result |= 1 << join(v, w)
			}
		}
	}
	return result
}
