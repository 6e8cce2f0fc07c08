package page

import (
	"testing"

	"drover/views/viewstest"
)

// TestValidHTML: every page in every state is what the HTML standard asks for.
func TestValidHTML(t *testing.T) {
	documents := map[string]string{}
	for _, s := range stories() {
		documents[s.name] = render(t, s.page)
	}
	viewstest.Validate(t, documents)
}
