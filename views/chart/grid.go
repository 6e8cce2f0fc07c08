package chart

// Axis places the columns of a grid, oldest left. Columns that are left out
// become gaps.
type Axis struct {
	X     []int // left edge of each column, -1 where it is left out
	Gaps  []Gap
	Width int
}

// Gap stands for columns next to each other that are left out.
type Gap struct{ X, First, Columns int }

// NewAxis places columns side by side; those not used are left out.
func NewAxis(used []bool) Axis {
	a := Axis{X: make([]int, len(used))}
	for i, u := range used {
		switch {
		case u:
			a.X[i] = a.Width
			a.Width += CellPitch
			continue
		case i > 0 && !used[i-1]:
			a.Gaps[len(a.Gaps)-1].Columns++
		default:
			a.Gaps = append(a.Gaps, Gap{X: a.Width, First: i, Columns: 1})
			a.Width += gapPitch
		}
		a.X[i] = -1
	}
	a.Width = max(a.Width, 1)
	return a
}

// Strip is one row of the grid: every cell under the head of its column.
func (a Axis) Strip(cells []Cell) Strip {
	s := drawn(cells, a.X)
	s.Label, s.Width = stripLabel(cells, "checkout", "checkouts"), a.Width
	return s
}

// The measures of a grid that stands alone, in pixels.
const (
	GridText    = 11 // size of its letters
	letterWidth = 7  // of a monospaced letter of that size, with room to spare
	gridRow     = 18
	gridMargin  = 8
)

// GridRow is a row to draw: its name and a cell for each column.
type GridRow struct {
	Name  string
	Cells []Cell
}

// Grid is a whole grid with its names, for where no table is around it.
type Grid struct {
	Width, Height int
	Columns       []GridHead
	Rows          []GridLine
	Label         string
}

// GridHead is the name of a column, written upwards from a point.
type GridHead struct {
	X, Y int
	Text string
}

// GridLine is a row: its name, which ends at TextX, and its strip from X on.
type GridLine struct {
	TextX, TextY, X, Y int
	Name               string
	Strip              Strip
}

// NewGrid places rows under columns. Label is what the picture says, as a
// sentence.
func NewGrid(columns []string, rows []GridRow, label string) Grid {
	used := make([]bool, len(columns))
	left, top := 0, 0
	for i, c := range columns {
		used[i] = true
		top = max(top, len([]rune(c))*letterWidth)
	}
	for _, r := range rows {
		left = max(left, len([]rune(r.Name))*letterWidth)
	}
	axis := NewAxis(used)
	x, y := left+2*gridMargin, top+2*gridMargin
	g := Grid{Width: x + axis.Width + gridMargin, Height: y + len(rows)*gridRow + gridMargin, Label: label}
	for i, c := range columns {
		g.Columns = append(g.Columns, GridHead{X: x + axis.X[i] + CellSize - 2, Y: y - gridMargin, Text: c})
	}
	for i, r := range rows {
		at := y + i*gridRow
		g.Rows = append(g.Rows, GridLine{TextX: x - gridMargin, TextY: at + GridText, X: x, Y: at, Name: r.Name, Strip: axis.Strip(r.Cells)})
	}
	return g
}
