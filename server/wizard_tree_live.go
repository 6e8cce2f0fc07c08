package server

import (
	"net/http"
	"strings"

	"drover/models"
	"drover/rules/permission"
	"drover/rules/status"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// rehearsal is how a tree does before it is live; nil for one that is.
func (b *treePage) rehearsal(form page.Rehearsal) *page.Rehearsal {
	if b.tree.State != status.TreeRehearsal {
		return nil
	}
	r := &form
	r.Why = b.why(permission.Edit, b.treeObject(b.tree))
	judged := map[string]bool{}
	for _, line := range b.tails { // newest first within a branch
		r.All++
		if line.State != models.CheckoutFinished {
			continue
		}
		r.Done++
		if !judged[line.Branch] {
			judged[line.Branch] = true
			counts := b.tallyOf(line.Checkout)
			r.Unexplained += counts.New + counts.StillFailing + counts.FirstRun
		}
	}
	return r
}

const longestResponder = 200

// goLive ends the rehearsal of a tree, once somebody is named who acts.
func goLive(v *visit, t models.Tree) error {
	fields, err := v.fields("responder")
	if err != nil {
		return err
	}
	if t.State != status.TreeRehearsal {
		return failure{status: http.StatusConflict, title: "Not in rehearsal", text: "Only a tree in rehearsal goes live; this one is " + string(t.State) + "."}
	}
	responder := strings.Join(strings.Fields(fields["responder"]), " ")
	problem := ""
	switch {
	case responder == "":
		problem = "Name the person who acts on a new failure within 24 hours."
	case len(responder) > longestResponder:
		problem = "A name has at most 200 characters."
	}
	if problem != "" {
		if v.format == "json" {
			return failure{status: http.StatusUnprocessableEntity, title: "Not live yet", text: problem, fields: ui.Errors{{Field: "responder", Text: problem}}}
		}
		return v.showTree(t, treeForms{live: page.Rehearsal{Responder: responder, Error: problem}}, http.StatusUnprocessableEntity)
	}
	err = v.Store.Tx(v.context(), func(tx *models.Tx) error {
		if err := tx.GoLive(t.ID, responder); err != nil {
			return err
		}
		if err := lookAt(tx, t); err != nil {
			return err
		}
		return v.record(tx, models.Audit{What: "went live", ObjectKind: "tree", ObjectID: t.ID,
			Before: string(t.State), After: string(status.TreeLive)})
	})
	if err != nil {
		return orMissing(err, "Not in rehearsal", "Somebody else was faster: look at the tree.")
	}
	return v.done("live", route.Tree(t.Name))
}
