package ui

import "drover/rules/status"

// glyphs are the signs of statuses, drawn in a 16 by 16 box with a round pen.
var glyphs = map[string]string{
	string(status.Pass):      "M3 8.5l3.2 3.2L13 4.8",
	string(status.Fail):      "M4 4l8 8m0-8l-8 8",
	string(status.Error):     "M8 2.8v6.4m0 3.6v.2",
	string(status.Miss):      "M5.2 5.6a2.8 2.8 0 1 1 4 2.6q-1.2.6-1.2 1.8m0 3v.2",
	string(status.Skip):      "M3.5 8h9",
	string(status.Done):      "M8 7a1 1 0 1 0 0 2a1 1 0 1 0 0-2z",
	string(status.Planned):   "M8 2.8a5.2 5.2 0 1 0 0 10.4a5.2 5.2 0 1 0 0-10.4z",
	string(status.Running):   "M8 2.8a5.2 5.2 0 1 0 0 10.4a5.2 5.2 0 1 0 0-10.4z",
	string(status.Cancelled): "M8 2.8a5.2 5.2 0 1 0 0 10.4a5.2 5.2 0 1 0 0-10.4zM4.4 11.6l7.2-7.2",
	"flaky":                  "M3 6.3l3.2 3.2L13 2.6M3 13.4q2.5-3 5 0t5 0",
}

// drawnGlyphs are the signs as elements. They stand in every row of every list,
// so they are not made anew each time.
var drawnGlyphs = func() map[string]string {
	drawn := map[string]string{}
	for name, path := range glyphs {
		more := ""
		if name == string(status.Running) {
			more = `<path class="solid" d="M8 3a5 5 0 0 1 0 10z"></path>`
		}
		drawn[name] = `<svg class="glyph" viewBox="0 0 16 16" aria-hidden="true"><path d="` + path + `"></path>` + more + `</svg>`
	}
	return drawn
}()

// fittingCells is how many cells fit into the narrowest screens; a longer strip
// may have to be scrolled, so it must take the focus.
const fittingCells = 20

// verdictGlyph names the sign of a verdict.
func verdictGlyph(v status.Verdict) string {
	switch v {
	case status.Broken, status.NewFailures:
		return string(status.Fail)
	case status.StillRunning:
		return string(status.Running)
	case status.Unclear:
		return string(status.Error)
	case status.NoNewFailures:
		return string(status.Pass)
	case status.Nothing:
		return string(status.Skip)
	}
	return string(status.Planned)
}
