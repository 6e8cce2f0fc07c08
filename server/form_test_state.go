package server

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"drover/models"
	"drover/rules/definition"
	"drover/rules/permission"
	"drover/rules/promotion"
	"drover/rules/status"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// stateWords are the buttons that give a test a state, by where it comes from.
func stateWords(from, to status.TestState) string {
	switch to {
	case status.TestReporting:
		if from == status.TestTrial {
			return "Promote to reporting"
		}
		return "Let it report"
	case status.TestBlocking:
		return "Let it block"
	case status.TestTrial:
		if from == status.TestOff {
			return "Switch on, in trial"
		}
		return "Back to trial"
	case status.TestQuarantined:
		return "Quarantine"
	}
	return "Switch off"
}

// promotion says what a test has proved since it is in trial; without
// conditions for other states.
func (v *visit) promotion(t models.Test) (page.Promotion, error) {
	p := page.Promotion{State: t.State, Since: at(t.StateSince), Issue: t.QuarantineIssue, Until: at(t.QuarantineUntil)}
	if t.State != status.TestTrial {
		return p, nil
	}
	record, err := v.q.TrialRecord(t, v.now)
	if err != nil {
		return p, fmt.Errorf("read what %s did in trial: %w", t.Path, err)
	}
	p.Conditions = promotion.Conditions(promotion.Default, record)
	p.Lacking = promotion.Lacking(p.Conditions)
	return p, nil
}

// stateChanges are the states that this person can give a test, or why not.
func (v *visit) stateChanges(t models.Test, p page.Promotion) []page.StateChange {
	var list []page.StateChange
	for _, to := range promotion.Next(t.State) {
		c := page.StateChange{State: to, From: t.State, Text: stateWords(t.State, to), Why: v.why(stateAction(to), v.testObject(t))}
		if c.Why != "" && !v.signedIn {
			continue // left out for visitors
		}
		if c.Why == "" && to == status.TestReporting && p.Lacking != "" {
			c.Why = "not yet: " + p.Lacking
			if v.why(permission.Operate, permission.Object{}) == "" {
				c.Why, c.Early = "", p.Lacking
			}
		}
		list = append(list, c)
	}
	return list
}

var stateFields = []string{"state", "was", "issue", "until", "early"}

// moveTest promotes or demotes a definition, and its cases with it.
func moveTest(v *visit, t models.Test) error {
	if t.ParentID != nil {
		return failure{status: http.StatusConflict, title: "A case counts as its test does", text: "Change the state of the test that it is a case of."}
	}
	fields, err := v.fields(stateFields...)
	if err != nil {
		return err
	}
	to := status.TestState(fields["state"])
	if err := v.may(stateAction(to), v.testObject(t)); err != nil {
		return err
	}
	p, err := v.promotion(t)
	if err != nil {
		return err
	}
	move := promotion.Move{From: t.State, To: to, Conditions: p.Conditions, Issue: strings.TrimSpace(fields["issue"]), Now: v.now}
	if until := fields["until"]; until != "" {
		if move.Until, err = time.Parse(time.DateOnly, until); err != nil {
			return refusedState("until", "write the day as 2026-12-31")
		}
	}
	early := fields["early"] == "true" && p.Lacking != "" && to == status.TestReporting
	if early {
		if err := v.may(permission.Operate, permission.Object{}); err != nil {
			return err
		}
		move.Conditions = nil
	}
	if err := unchanged(fields["was"], string(t.State)); err != nil {
		return err
	}
	if field, why := promotion.Refused(move); why != "" {
		return refusedState(field, why)
	}
	return v.setTestState(t, move, early)
}

func refusedState(field, why string) error {
	return failure{status: http.StatusUnprocessableEntity, title: "The state was not changed", text: strings.ToUpper(why[:1]) + why[1:] + ".",
		fields: ui.Errors{{Field: field, Text: why}}}
}

func (v *visit) setTestState(t models.Test, m promotion.Move, early bool) error {
	var q definition.Quarantine
	after := string(m.To)
	switch {
	case m.To == status.TestQuarantined:
		q = definition.Quarantine{Issue: m.Issue, Until: m.Until}
		after += " " + q.String()
	case early:
		after += ", before it had proved itself"
	}
	err := v.Store.Tx(v.context(), func(tx *models.Tx) error {
		now, err := tx.Test(t.ID)
		if err != nil {
			return err
		}
		if err := unchanged(string(t.State), string(now.State)); err != nil {
			return err
		}
		if err := tx.MoveTest(&now, m.To, q); err != nil {
			return err
		}
		return v.record(tx, models.Audit{What: "changed the state", ObjectKind: models.KindTest, ObjectID: t.ID, Before: string(t.State), After: after})
	})
	if err != nil {
		return err
	}
	return v.done("state", route.Test(t.Path))
}
