package ui

// cellPaint is how a class of cells looks where no style sheet reaches. A solid
// sign is filled, the others are lines.
type cellPaint struct{ fill, line, sign, dashes, solid string }

// alone are the colours of light surroundings, as the style sheet has them.
var alone = map[string]cellPaint{
	"pass":    {fill: "#3a8f85"},
	"skip":    {fill: "#7d8797"},
	"wait":    {fill: "#7d8797"},
	"fail":    {"#9b1c10", "none", "#ffffff", "none", "none"},
	"known":   {"none", "#4a5463", "#4a5463", "2 1.6", "none"},
	"error":   {"#b87a26", "none", "#0d1117", "none", "none"},
	"miss":    {"none", "#b87a26", "#7d4a00", "none", "none"},
	"running": {"none", "#2d4fae", "none", "none", "#2d4fae"},
	"flaky":   {"#e3f4f1", "#3a8f85", "#0d6b60", "none", "none"},
}
