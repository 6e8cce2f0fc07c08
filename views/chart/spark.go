package chart

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// Rate is a share between 0 and 1; NaN says that there was no data, which JSON
// carries as null.
type Rate float64

// NoRate is the Rate of a time without data.
func NoRate() Rate { return Rate(math.NaN()) }

// Known tells whether there was data.
func (r Rate) Known() bool { return !math.IsNaN(float64(r)) }

// MarshalJSON writes a number, or null.
func (r Rate) MarshalJSON() ([]byte, error) {
	if !r.Known() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(r))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *Rate) UnmarshalJSON(b []byte) error {
	var f *float64
	if err := json.Unmarshal(b, &f); err != nil {
		return fmt.Errorf("rate: %w", err)
	}
	*r = NoRate()
	if f != nil {
		*r = Rate(*f)
	}
	return nil
}

// Percent is "96 %". Rates that are not quite 0 or 1 never round to them: a
// page must not say 100 % when something failed. "" without data.
func (r Rate) Percent() string {
	if !r.Known() {
		return ""
	}
	p := math.Round(float64(r) * 100)
	switch {
	case p >= 100 && r < 1:
		return "99.9 %"
	case p <= 0 && r > 0:
		return "0.1 %"
	}
	return fmt.Sprintf("%.0f %%", p)
}

// The measures of a sparkline in pixels.
const (
	SparkWidth  = 120
	SparkHeight = 24
	sparkMargin = 2
)

// Spark is a drawn line over time on a fixed scale from 0 to 100 %.
type Spark struct {
	// Line holds one run of data per gap-free stretch; a lonely bucket is a dot.
	Line string
	// EndX and EndY are where the last value is; both 0 without data.
	EndX, EndY string
	// Last is the newest value as text, Label the sentence.
	Last, Label string
}

// NewSpark places one value per bucket, oldest first. What names the value
// ("Pass rate"), over the time it spans ("30 days").
func NewSpark(points []Rate, what, over string) Spark {
	first, last := -1, -1
	var b strings.Builder
	pen := false
	for i, p := range points {
		if !p.Known() {
			pen = false
			continue
		}
		if first < 0 {
			first = i
		}
		last = i
		x, y := sparkPoint(i, len(points), p)
		if pen {
			b.WriteString("L" + x + " " + y)
			continue
		}
		// The zero-length step makes a round cap, so a lonely point is seen.
		b.WriteString("M" + x + " " + y + "h0")
		pen = true
	}
	if last < 0 {
		return Spark{Label: what + ": no data in " + over}
	}
	s := Spark{Line: b.String(), Last: points[last].Percent(), Label: sparkLabel(points[first], points[last], what, over)}
	s.EndX, s.EndY = sparkPoint(last, len(points), points[last])
	return s
}

func sparkPoint(i, n int, r Rate) (x, y string) {
	share := 1.0
	if n > 1 {
		share = float64(i) / float64(n-1)
	}
	value := math.Min(1, math.Max(0, float64(r)))
	return number(sparkMargin + share*(SparkWidth-2*sparkMargin)),
		number(sparkMargin + (1-value)*(SparkHeight-2*sparkMargin))
}

// sparkLabel says where the line went: "Pass rate 96 %, down from 99 % over 30 days".
func sparkLabel(first, last Rate, what, over string) string {
	a, b := first.Percent(), last.Percent()
	switch {
	case a == b:
		return fmt.Sprintf("%s %s, as %s ago", what, b, over)
	case last < first:
		return fmt.Sprintf("%s %s, down from %s over %s", what, b, a, over)
	}
	return fmt.Sprintf("%s %s, up from %s over %s", what, b, a, over)
}
