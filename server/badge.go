package server

import (
	"fmt"
	"html"
	"net/http"
	"slices"
	"unicode/utf8"

	"drover/models"
	"drover/rules/status"
)

// badgeColours are the fills of the families in light surroundings, with text
// of at least 4.5:1 on them (ui.md 12.1).
var badgeColours = map[status.Family]string{
	status.Good: "#0d6b60", status.Bad: "#9b1c10", status.Infra: "#7d4a00", status.Active: "#2d4fae", status.Off: "#4a5463",
}

// treeBadge is a small picture of the newest verdict of a branch.
func treeBadge(v *visit) error {
	t, err := v.namedTree()
	if err != nil {
		return err
	}
	tails, err := v.q.BranchTails(t.ID, 20)
	if err != nil {
		return err
	}
	branch := v.query.Get("branch")
	if list := branchesOf(tails); branch == "" && len(list) > 0 {
		branch = list[0].Name
	}
	word, family := "unknown", status.Off
	i := slices.IndexFunc(tails, func(c models.CheckoutLine) bool { return c.Branch == branch && c.State == models.CheckoutFinished })
	if i >= 0 {
		word, family = tails[i].Verdict.Word(), tails[i].Verdict.Family()
		if tails[i].Verdict == status.NewFailures {
			word = fmt.Sprintf("%d new", v.tallyOf(tails[i].Checkout).New)
		}
	}
	header := v.echo.Response().Header()
	header.Set("Cache-Control", "no-cache")
	return v.send(http.StatusOK, "image/svg+xml", []byte(badgeSVG("drover", word, badgeColours[family])))
}

// badgeSVG is two fields of text. Widths are those of a common sans serif at 11
// pixels; textLength makes the text fit whatever font there is.
func badgeSVG(left, right, colour string) string {
	const perLetter, padding, height = 7, 6, 20
	a := utf8.RuneCountInString(left)*perLetter + 2*padding
	b := utf8.RuneCountInString(right)*perLetter + 2*padding
	label := html.EscapeString(left + ": " + right)
	text := func(x, width int, s string) string {
		return fmt.Sprintf(`<text x="%d" y="14" textLength="%d" lengthAdjust="spacingAndGlyphs">%s</text>`, x+padding, width-2*padding, html.EscapeString(s))
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" role="img" aria-label="%s"><title>%s</title>`+
		`<rect width="%d" height="%d" fill="#333a44"/><rect x="%d" width="%d" height="%d" fill="%s"/>`+
		`<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">%s%s</g></svg>`+"\n",
		a+b, height, label, label, a, height, a, b, height, colour, text(0, a, left), text(a, b, right))
}
