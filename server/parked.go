package server

import (
	"cmp"
	"fmt"
	"slices"

	"drover/models"
	"drover/rules/id"
	"drover/rules/permission"
	"drover/views/route"
	"drover/views/ui"
)

// parkedShown is how many stuck steps a page tells of one by one.
const parkedShown = 3

// stuck tells people what of an object waits for a person, and gives the
// buttons that take it up again. self is the object's own address.
func (v *visit) stuck(steps []models.Step, self route.URL, on permission.Object) (notices []ui.Notice, actions []ui.Action) {
	for i, s := range steps {
		if i == parkedShown {
			notices = append(notices, ui.Notice{Kind: ui.Alarm, Text: fmt.Sprintf("%d more steps are stuck.", len(steps)-parkedShown)})
			break
		}
		notices = append(notices, ui.Notice{
			Kind: ui.Alarm, Since: at(s.ParkedAt),
			Text: fmt.Sprintf("Stuck: %s gave up and waits for a person. Last error: %s.", s.Kind, cmp.Or(s.LastError, "none")),
		})
		actions = append(actions, ui.Action{
			Text: "Try again: " + s.Kind, URL: route.Action(self, "replay"), Post: true, Why: v.why(permission.Retry, on),
			Fields: []string{"kind", s.Kind, "object", s.ObjectID.String()},
		})
	}
	return notices, actions
}

// replay takes up a stuck step that belongs to what is shown.
func (v *visit) replay(steps []models.Step, audit models.Audit) error {
	fields, err := v.fields("kind", "object")
	if err != nil {
		return err
	}
	object, err := id.Parse(fields["object"])
	if err != nil {
		return notFound("No such step", "The step to be tried again has no such object.")
	}
	ours := func(s models.Step) bool { return s.Kind == fields["kind"] && s.ObjectID == object }
	if !slices.ContainsFunc(steps, ours) {
		return failure{status: 409, title: "Not stuck", text: "This step does not wait for a person any more."}
	}
	return v.Store.Tx(v.context(), func(tx *models.Tx) error {
		if err := tx.Replay(fields["kind"], object); err != nil {
			return orMissing(err, "Not stuck", "This step does not wait for a person any more.")
		}
		audit.What = "tried " + fields["kind"] + " again"
		return v.record(tx, audit)
	})
}
