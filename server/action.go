package server

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"drover/jobs"
	"drover/models"
	"drover/rules/permission"
	"drover/rules/status"
	"drover/views/page"
	"drover/views/route"
)

// unknownAction answers for objects that nothing can be done to yet.
func unknownAction(v *visit) error {
	return notFound("No such action", fmt.Sprintf("Nothing here is called %q.", v.names["verb"]))
}

// done answers an action: people go back to the page of the object, programs
// get its links.
func (v *visit) done(note string, to route.URL) error {
	if v.format == "json" {
		return v.json(http.StatusOK, map[string]any{"data": map[string]any{"done": v.names["verb"]}, "links": v.linksOf(to)})
	}
	v.leaveNote(note)
	return v.redirect(http.StatusSeeOther, to)
}

// treeVerbs are what can be done to a tree, by verb.
var treeVerbs = map[string]func(*visit, models.Tree) error{
	"test":   testRevision,
	"look":   lookNow,
	"live":   goLive,
	"pause":  func(v *visit, t models.Tree) error { return v.setTreeState(t, status.TreePaused) },
	"resume": func(v *visit, t models.Tree) error { return v.setTreeState(t, status.TreeLive) },
	"replay": replayOfTree,
	"give":   peopleOfTree, "take": peopleOfTree, "readers": peopleOfTree,
}

func peopleOfTree(v *visit, _ models.Tree) error {
	o, err := v.ownedTree()
	if err != nil {
		return err
	}
	return v.changePeople(o)
}

func treeAction(v *visit) error {
	t, err := v.namedTree()
	if err != nil {
		return err
	}
	act := treeVerbs[v.names["verb"]]
	if act == nil {
		return unknownAction(v)
	}
	return act(v, t)
}

var revisionForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/+~^-]*$`)

// isRevision says whether git could name something so: no options, no ranges,
// no reflogs.
func isRevision(s string) bool {
	return len(s) <= 200 && revisionForm.MatchString(s) && !strings.Contains(s, "..")
}

// testRevision stores the wish to test one revision. Whether the remote has it
// is for the reading of the event to find out.
func testRevision(v *visit, t models.Tree) error {
	w, err := v.body()
	if err != nil {
		return err
	}
	if err := v.unknownFields(w, "revision", "branch"); err != nil {
		return err
	}
	push := jobs.Push{Revision: strings.TrimSpace(w.get("revision")), Branch: strings.TrimSpace(w.get("branch")), By: v.who()}
	if problem := checkPush(t, push); problem != "" {
		if v.format == "json" {
			return failure{status: http.StatusUnprocessableEntity, title: "Not stored", text: problem}
		}
		return v.showTree(t, treeForms{test: page.TestCommit{Revision: push.Revision, Error: problem}}, http.StatusUnprocessableEntity)
	}
	if push.Branch == "" {
		if push.Branch, err = v.usualBranch(t); err != nil {
			return err
		}
	}
	event, fresh, err := v.storePush(t, push)
	if err != nil {
		return err
	}
	if v.format != "json" {
		v.leaveNote("event")
		return v.redirect(http.StatusSeeOther, route.TreeBranch(t.Name, push.Branch))
	}
	return v.json(http.StatusAccepted, map[string]any{
		"data": map[string]any{
			"event": event.ID, "stored": event.ReceivedAt, "fresh": fresh, "decision": event.Decision, "reason": event.Reason, "branch": push.Branch,
		},
		"links": map[string]string{
			"tree": v.absolute(route.TreeBranch(t.Name, push.Branch)), "checkout": v.absolute(route.TreeCommit(t.Name, push.Revision)),
		},
	})
}

func checkPush(t models.Tree, push jobs.Push) string {
	switch {
	case push.Revision == "":
		return "Give a revision: a commit, a tag or a branch."
	case !isRevision(push.Revision):
		return "This is not one revision: give a commit, a tag or a branch."
	case push.Branch != "" && !isRevision(push.Branch):
		return "This is not the name of a branch."
	case t.State == status.TreePaused:
		return "The tree is paused: resume it first."
	}
	return ""
}

// usualBranch is the branch of the newest checkout, else the first that is
// watched.
func (v *visit) usualBranch(t models.Tree) (string, error) {
	tails, err := v.q.BranchTails(t.ID, 1)
	if err != nil {
		return "", err
	}
	if list := branchesOf(tails); len(list) > 0 {
		return list[0].Name, nil
	}
	sources, err := v.q.SourcesWithRemote(t.ID)
	if err != nil || len(sources) == 0 {
		return "", err
	}
	return cmp.Or(plainBranch(sources[0].Branches), sources[0].Head), nil
}

// storePush stores the wish once: a key of the sender tells one from another,
// else the minute does, so that a second click is the same wish.
func (v *visit) storePush(t models.Tree, push jobs.Push) (event models.Event, fresh bool, err error) {
	body, err := json.Marshal(push)
	if err != nil {
		return event, false, err
	}
	about := v.now.UTC().Format("2006-01-02T15:04") + " " + push.Branch + " " + push.Revision
	if key := v.request.Header.Get(keyHeader); key != "" {
		about = v.by.keyOwner() + " " + key
	}
	sum := sha256.Sum256([]byte(about))
	source := "button"
	if v.format == "json" || v.request.Header.Get("Authorization") != "" {
		source = "api"
	}
	err = v.Store.Tx(v.context(), func(tx *models.Tx) error {
		event, fresh, err = tx.AddEvent(models.Event{
			Source: source, TreeID: t.ID, Body: string(body), Dedup: fmt.Sprintf("%s:asked:%s", t.ID, hex.EncodeToString(sum[:16])),
		}, jobs.EventRead)
		if err != nil || !fresh {
			return err
		}
		return v.record(tx, models.Audit{What: "asked for a test of " + push.Revision, ObjectKind: "tree", ObjectID: t.ID})
	})
	return event, fresh, err
}

func (v *visit) setTreeState(t models.Tree, state status.TreeState) error {
	fields, err := v.fields("was")
	if err != nil {
		return err
	}
	err = v.Store.Tx(v.context(), func(tx *models.Tx) error {
		now, err := tx.Tree(t.ID)
		if err != nil {
			return err
		}
		if err := unchanged(fields["was"], string(now.State)); err != nil {
			return err
		}
		if now.State == status.TreeRehearsal {
			return failure{status: http.StatusConflict, title: "In rehearsal", text: "A tree in rehearsal is neither paused nor resumed: it tells nobody anyway. Go live first, which names who acts on a new failure."}
		}
		if err := tx.SetTreeState(t.ID, state); err != nil {
			return err
		}
		if state == status.TreeLive {
			if err := lookAt(tx, t); err != nil {
				return err
			}
		}
		return v.record(tx, models.Audit{What: "changed the state", ObjectKind: "tree", ObjectID: t.ID, Before: string(t.State), After: string(state)})
	})
	if err != nil {
		return err
	}
	return v.done("state", route.Tree(t.Name))
}

// unchanged refuses a button that was drawn in another state than there is
// now. Programs may leave out what they saw.
func unchanged(was, is string) error {
	if was == "" || was == is {
		return nil
	}
	return failure{status: http.StatusConflict, title: "Changed meanwhile", text: fmt.Sprintf("When the page was drawn the state was %q; somebody made it %q since. Look again, then decide.", was, is)}
}

func lookNow(v *visit, t models.Tree) error {
	err := v.Store.Tx(v.context(), func(tx *models.Tx) error {
		if err := lookAt(tx, t); err != nil {
			return err
		}
		return v.record(tx, models.Audit{What: "looked at the repository", ObjectKind: "tree", ObjectID: t.ID})
	})
	if err != nil {
		return err
	}
	return v.done("look", route.Tree(t.Name))
}

// lookAt asks for a look at the remotes of a tree.
func lookAt(tx *models.Tx, t models.Tree) error {
	sources, err := tx.TreeSources(t.ID)
	if err != nil {
		return err
	}
	for _, s := range sources {
		if err := tx.Want(jobs.RemotePoll, s.RemoteID, tx.Now); err != nil {
			return err
		}
	}
	return nil
}

func replayOfTree(v *visit, t models.Tree) error {
	steps, err := v.q.ParkedOfTree(t.ID)
	if err != nil {
		return err
	}
	if err := v.replay(steps, models.Audit{ObjectKind: "tree", ObjectID: t.ID}); err != nil {
		return err
	}
	return v.done("replay", route.Tree(t.Name))
}

func checkoutAction(v *visit) error {
	c, err := v.namedCheckout()
	if err != nil {
		return err
	}
	switch v.names["verb"] {
	case "cancel":
		return v.cancel(c)
	case "replay":
		steps, err := v.q.ParkedOfCheckout(c.ID)
		if err != nil {
			return err
		}
		if err := v.replay(steps, models.Audit{ObjectKind: "checkout", ObjectID: c.ID}); err != nil {
			return err
		}
		return v.done("replay", route.Checkout(c.ID))
	}
	return unknownAction(v)
}

// cancel asks every job of a checkout to stop.
func (v *visit) cancel(c models.Checkout) error {
	err := v.Store.Tx(v.context(), func(tx *models.Tx) error {
		list, err := tx.CancelJobs(c.ID)
		if err != nil {
			return err
		}
		for _, j := range list {
			step := jobs.JobLook
			if j.State == models.JobPlanned || j.State == models.JobSubmitted {
				step = jobs.JobSubmit
			}
			if err := tx.Want(step, j.ID, tx.Now); err != nil {
				return err
			}
		}
		return v.record(tx, models.Audit{What: fmt.Sprintf("cancelled %d jobs", len(list)), ObjectKind: "checkout", ObjectID: c.ID})
	})
	if err != nil {
		return err
	}
	return v.done("cancel", route.Checkout(c.ID))
}

func testAction(v *visit) error {
	t, err := v.namedTest()
	if err != nil {
		return err
	}
	if v.names["verb"] != "state" {
		o, err := v.ownedTest()
		if err != nil {
			return err
		}
		return v.changePeople(o)
	}
	return moveTest(v, t)
}

// stateAction is what giving a test a state amounts to: what blocks, or takes
// the word of a failing test away, is not its owner's decision alone.
func stateAction(to status.TestState) permission.Action {
	if to == status.TestBlocking || to == status.TestQuarantined {
		return permission.Block
	}
	return permission.Promote
}
