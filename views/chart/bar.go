package chart

// Share is one kind of result in a stacked bar.
type Share struct {
	Class string // "new", "known", "infra", "miss", "skip", "pass", "wait"
	Count int
}

// Segment is one drawn part of a stacked bar, in thousandths of its width.
type Segment struct {
	Class    string
	X, Width string
}

// BarWidth is the width of a stacked bar in units; the picture is stretched to
// the width of its box.
const BarWidth = 1000

// leastSegment keeps a single failure among thousands of passes visible.
const leastSegment = 8.0

// NewBar stacks shares in the order given. Each part that counts anything gets
// at least a visible sliver; the widest parts pay for that.
func NewBar(shares []Share) []Segment {
	total := 0
	for _, s := range shares {
		total += max(0, s.Count)
	}
	if total == 0 {
		return nil
	}
	widths := make([]float64, len(shares))
	surplus, short := 0.0, 0.0
	for i, s := range shares {
		if s.Count <= 0 {
			continue
		}
		widths[i] = float64(s.Count) / float64(total) * BarWidth
		if widths[i] < leastSegment {
			short += leastSegment - widths[i]
			widths[i] = leastSegment
		} else {
			surplus += widths[i] - leastSegment
		}
	}
	segments := make([]Segment, 0, len(shares))
	x := 0.0
	for i, w := range widths {
		if w == 0 {
			continue
		}
		if w > leastSegment && surplus > 0 {
			w -= (w - leastSegment) / surplus * short
		}
		segments = append(segments, Segment{Class: shares[i].Class, X: number(x), Width: number(w)})
		x += w
	}
	return segments
}
