package server

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"drover/jobs"
	"drover/models"
	"drover/rules/id"
	"drover/rules/permission"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// stepStates are the filters of a queue's page.
var stepStates = []ui.Option{
	{Value: models.StepParked, Text: "Parked"}, {Value: models.StepRetrying, Text: "Retrying"}, {Value: models.StepDue, Text: "Due"},
	{Value: models.StepActive, Text: "Active"}, {Value: models.StepLater, Text: "Later"},
}

func queues(v *visit) error {
	lines, err := v.q.Queues()
	if err != nil {
		return err
	}
	rows := make([]page.QueueRow, len(lines))
	for i, q := range lines {
		rows[i] = page.QueueRow{
			Step: q.Kind, Due: int(q.Due), Active: int(q.Active), Later: int(q.Later), Trying: int(q.Trying), Parked: int(q.Parked), Workers: int(q.Workers),
		}
		if q.Oldest != nil {
			rows[i].Oldest = ui.SecondsOf(v.now.Sub(*q.Oldest).Truncate(time.Second))
		}
	}
	p := page.Queues{Frame: v.frame("Steps to be done", route.Queues(), ui.Crumb{Text: "Jobs", URL: route.Jobs()}, ui.Crumb{Text: "Steps"}), Data: rows}
	p.Active, p.Refresh, p.Live = "jobs", true, v.live(route.TopicHome)
	if err := v.Queue.Ping(v.context()); err != nil {
		p.Problem = "The queue does not answer. Work goes on, more slowly: the database says what is due."
	}
	return v.object(p, rows, route.Queues())
}

func queue(v *visit) error {
	kind := v.names["queue"]
	if !slices.Contains(jobs.Kinds(), kind) {
		return notFound("No such step", fmt.Sprintf("No kind of step is called %q.", kind))
	}
	l, err := v.listing(route.Queue(kind), nil,
		filter{name: "state", label: "State", options: stepStates}, filter{name: "q", label: "Last error"})
	if err != nil {
		return err
	}
	f := models.StepFilter{Kind: kind, State: l.get("state"), Error: l.get("q")}
	lines, e, err := v.q.ListSteps(f, l.slice)
	if err != nil {
		return err
	}
	total, err := v.q.CountSteps(f)
	if err != nil {
		return err
	}
	errors, err := v.q.ParkedErrors(kind)
	if err != nil {
		return err
	}
	first, last := outermost(lines, func(l models.Step) models.Key { return models.Key{ID: l.ID} })
	l.show(len(lines), total, e, first, last)
	object, err := v.objects(kind)
	if err != nil {
		return err
	}
	rows := make([]page.StepRow, len(lines))
	for i, s := range lines {
		about, at := object(s)
		rows[i] = page.StepRow{
			Object: s.ObjectID, About: about, Page: at, State: s.State(v.now), Tries: int(s.Attempts), Due: s.DueAt, Since: s.CreatedAt,
			Worker: s.ClaimedBy, Error: s.LastError, Problem: s.ErrorClass,
		}
	}
	p := page.Queue{
		Frame: v.frame(kind, l.self(), ui.Crumb{Text: "Jobs", URL: route.Jobs()}, ui.Crumb{Text: "Steps", URL: route.Queues()}, ui.Crumb{Text: kind}),
		Step:  kind, Data: rows, ListParts: l.parts(), Replay: v.why(permission.Operate, permission.Object{}),
	}
	for _, one := range errors {
		p.Errors = append(p.Errors, page.StepError{Error: one.LastError, Steps: int(one.Steps), Example: one.Example})
	}
	p.Active, p.Refresh = "jobs", true
	return v.list(p, rows, rows, l)
}

// objects leads from a step to what it is about: the first word of its kind
// says what that is. What has no page of its own is named.
func (v *visit) objects(kind string) (func(models.Step) (string, route.URL), error) {
	what, _, _ := strings.Cut(kind, ".")
	pages := map[string]func(id.ID) route.URL{"checkout": route.Checkout, "build": route.Build, "job": route.Job, "result": route.Job}
	names := map[id.ID]string{}
	if what == "remote" || what == "mirror" {
		remotes, err := v.q.Remotes()
		if err != nil {
			return nil, err
		}
		for _, r := range remotes {
			names[r.ID] = r.URL
		}
	}
	return func(s models.Step) (string, route.URL) {
		if s.ObjectID == 0 {
			return "", ""
		}
		about := cmp.Or(names[s.ObjectID], s.ObjectID.String())
		if page := pages[what]; page != nil {
			return about, page(s.ObjectID)
		}
		return about, ""
	}, nil
}

// mostReplayed bounds the steps that one button takes up again.
const mostReplayed = 1000

// queueAction tries all parked steps with one error again.
func queueAction(v *visit) error {
	kind := v.names["queue"]
	if v.names["verb"] != "replay" || !slices.Contains(jobs.Kinds(), kind) {
		return unknownAction(v)
	}
	fields, err := v.fields("like")
	if err != nil {
		return err
	}
	like, err := id.Parse(fields["like"])
	if err != nil {
		return notFound("No such step", "The step to be tried again has no such object.")
	}
	var taken int64
	err = v.Store.Tx(v.context(), func(tx *models.Tx) error {
		if taken, err = tx.ReplayLike(kind, like, mostReplayed); err != nil {
			return err
		}
		return v.record(tx, models.Audit{What: fmt.Sprintf("tried %d times %s again", taken, kind), ObjectKind: "queue", ObjectID: like})
	})
	if err != nil {
		return err
	}
	return v.done("replay", route.Queue(kind))
}
