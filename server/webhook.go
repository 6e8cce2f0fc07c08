package server

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"drover/models"
	"drover/rules/feed"
	"drover/rules/id"
	"drover/rules/permission"
	"drover/rules/webhook"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

const (
	webhooksMost  = 20 // of one tree, and of everything
	webhooksShown = 500
	// webhookKind is what the audit calls one that is told of everything.
	webhookKind = "webhook"
)

// newSecret makes a secret in the form of Standard Webhooks: 32 random bytes.
func newSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand
	return "whsec_" + base64.StdEncoding.EncodeToString(b[:])
}

// kindOptions are the kinds of events that can be chosen: a tree has no tests.
func kindOptions(tree id.ID) []ui.Option {
	var list []ui.Option
	for _, l := range feed.Table {
		if tree == 0 || l.Object != "test" {
			list = append(list, ui.Option{Value: string(l.Kind), Text: string(l.Kind), Help: upper(l.Text) + "."})
		}
	}
	return list
}

// readWebhook reads where and of what somebody wants to be told, and what is
// wrong with it.
func (v *visit) readWebhook(w values, tree id.ID) (form page.WebhookForm, errs ui.Errors) {
	form.URL = strings.TrimSpace(w.get("url"))
	if problem := webhook.Check(form.URL, v.Settings.AllowPrivate); problem != "" {
		errs = append(errs, ui.FieldError{Field: "url", Text: problem})
	}
	options := kindOptions(tree)
	for _, kind := range w["kinds"] {
		switch {
		case !slices.ContainsFunc(options, func(o ui.Option) bool { return o.Value == kind }):
			errs = append(errs, ui.FieldError{Field: "kinds", Text: fmt.Sprintf("There is no kind %q here.", kind)})
		case !slices.Contains(form.Kinds, kind):
			form.Kinds = append(form.Kinds, kind)
		}
	}
	return form, errs
}

func webhookRow(h models.Webhook, tree string) page.WebhookRow {
	return page.WebhookRow{
		ID: h.ID, Tree: tree, URL: h.URL, Kinds: models.Lines(h.Kinds), State: string(h.State), Failures: h.Failures,
		Last: h.LastAt, Status: h.LastStatus, Error: h.LastError, Next: h.NextAt,
	}
}

// whyNoWebhook says why none can be made here, "" if they can.
func (v *visit) whyNoWebhook() string {
	if v.Keys == nil {
		return upper(models.ErrNoKey.Error()) + "."
	}
	return ""
}

func treeWebhooks(v *visit) error {
	t, err := v.namedTree()
	if err != nil {
		return err
	}
	return v.showWebhooks(http.StatusOK, t, page.WebhookForm{}, nil)
}

func allWebhooks(v *visit) error {
	return v.showWebhooks(http.StatusOK, models.Tree{}, page.WebhookForm{}, nil)
}

// showWebhooks draws those of a tree, or of anything if it is none, with what
// was typed for another one.
func (v *visit) showWebhooks(code int, t models.Tree, form page.WebhookForm, errs ui.Errors) error {
	if v.format == "json" && len(errs) > 0 {
		return failure{status: code, title: "Not made", text: "Some fields need another value.", fields: errs}
	}
	p := page.Webhooks{Form: form, Errors: errs, Kinds: kindOptions(t.ID), Why: v.whyNoWebhook(), Data: []page.WebhookRow{}}
	if t.ID == 0 {
		p.Frame = v.frame("Webhooks", route.Webhooks(), ui.Crumb{Text: "Administration", URL: route.Users()}, ui.Crumb{Text: "Webhooks"})
		p.Active, p.Heading, p.Tabs, p.Make, p.Everything = "admin", "Administration", adminTabs("webhooks"), route.Webhooks(), true
		p.About = "Addresses outside that are told what happens: here those that you add are told of everything, restricted trees among it."
		lines, err := v.q.Webhooks(webhooksShown)
		if err != nil {
			return err
		}
		for _, l := range lines {
			p.Data = append(p.Data, webhookRow(l.Webhook, l.Tree))
		}
		return v.webhookList(code, p, route.Webhooks())
	}
	self := route.TreeWebhooks(t.Name)
	p.Frame = v.frame(t.Name+": webhooks", self, ui.Crumb{Text: "Trees", URL: route.Trees()}, ui.Crumb{Text: t.Name, URL: route.Tree(t.Name)}, ui.Crumb{Text: "Webhooks"})
	p.Active, p.Heading, p.Tabs, p.Make = "trees", t.Name+": webhooks", treeTabs(t.Name, "webhooks"), self
	p.About = "Addresses outside that are told what happens to this tree, and to nothing else."
	hooks, err := v.q.WebhooksOf(t.ID, webhooksShown)
	if err != nil {
		return err
	}
	for _, h := range hooks {
		p.Data = append(p.Data, webhookRow(h, t.Name))
	}
	return v.webhookList(code, p, self)
}

func (v *visit) webhookList(code int, p page.Webhooks, self route.URL) error {
	if v.format == "json" {
		return v.object(p, p.Data, self)
	}
	return v.html(code, p)
}

func makeTreeWebhook(v *visit) error {
	t, err := v.namedTree()
	if err != nil {
		return err
	}
	return v.makeWebhook(t)
}

func makeWebhook(v *visit) error { return v.makeWebhook(models.Tree{}) }

// makeWebhook makes one for a tree, or for everything. What is answered is the
// only place where its secret ever stands.
func (v *visit) makeWebhook(t models.Tree) error {
	if why := v.whyNoWebhook(); why != "" {
		return failure{status: http.StatusConflict, title: "Not made", text: why}
	}
	w, err := v.body()
	if err != nil {
		return err
	}
	if err := v.unknownFields(w, "url", "kinds"); err != nil {
		return err
	}
	form, errs := v.readWebhook(w, t.ID)
	if len(errs) > 0 {
		return v.showWebhooks(http.StatusUnprocessableEntity, t, form, errs)
	}
	secret := newSecret()
	hook := models.Webhook{TreeID: t.ID, URL: form.URL, Kinds: strings.Join(form.Kinds, "\n"), MadeBy: v.who()}
	err = v.Store.Tx(v.context(), func(tx *models.Tx) error {
		has, err := tx.WebhooksOf(t.ID, webhooksMost)
		if err != nil {
			return err
		}
		if len(has) >= webhooksMost {
			return failure{status: http.StatusConflict, title: "Not made", text: fmt.Sprintf("There are %d webhooks here, which are the most: delete one first.", webhooksMost)}
		}
		hook, err = tx.AddWebhook(hook, func(row id.ID) (string, error) { return v.Keys.Seal(secret, models.WebhookTable, row) })
		if err != nil {
			return err
		}
		return v.recordWebhook(tx, hook, "added a webhook", "", toldOf(hook))
	})
	if err != nil {
		return err
	}
	return v.showSecret(http.StatusCreated, page.NewWebhook{Data: page.MadeWebhook{WebhookRow: webhookRow(hook, t.Name), Secret: secret}})
}

// toldOf is what the audit says of a webhook: its host, not its address, which
// may hold a secret of the other side.
func toldOf(h models.Webhook) string {
	kinds := "all kinds"
	if h.Kinds != "" {
		kinds = strings.Join(models.Lines(h.Kinds), ", ")
	}
	return webhook.Host(h.URL) + ": " + kinds
}

// recordWebhook notes a change: of its tree, if it has one.
func (v *visit) recordWebhook(tx *models.Tx, h models.Webhook, what, before, after string) error {
	a := models.Audit{What: what + " (" + h.ID.String() + ")", ObjectKind: models.KindTree, ObjectID: h.TreeID, Before: before, After: after}
	if h.TreeID == 0 {
		a.ObjectKind, a.ObjectID = webhookKind, h.ID
	}
	return v.record(tx, a)
}

// showSecret shows a new secret, once.
func (v *visit) showSecret(code int, p page.NewWebhook) error {
	v.echo.Response().Header().Set("Cache-Control", "no-store")
	self := route.Webhook(p.Data.ID)
	if v.format == "json" {
		return v.json(code, map[string]any{"data": p.Data, "links": v.linksOf(self)})
	}
	p.Frame = v.frame("Secret of a webhook", self, v.webhookCrumbs(p.Data.Tree, ui.Crumb{Text: "Webhook", URL: self}, ui.Crumb{Text: "Secret"})...)
	p.Formats = nil
	return v.html(code, p)
}

// webhookCrumbs lead to a webhook from its tree, or from the administration.
func (v *visit) webhookCrumbs(tree string, more ...ui.Crumb) []ui.Crumb {
	if tree == "" {
		return append([]ui.Crumb{{Text: "Administration", URL: route.Users()}, {Text: "Webhooks", URL: route.Webhooks()}}, more...)
	}
	return append([]ui.Crumb{{Text: "Trees", URL: route.Trees()}, {Text: tree, URL: route.Tree(tree)}, {Text: "Webhooks", URL: route.TreeWebhooks(tree)}}, more...)
}

// noSuchWebhook is said of those of hidden trees, too.
const noSuchWebhook = "It was deleted, or it never was one."

func (v *visit) numberedWebhook() (h models.Webhook, t models.Tree, err error) {
	number, err := v.id("webhook")
	if err != nil {
		return h, t, err
	}
	if h, err = v.q.Webhook(number); err == nil && h.TreeID != 0 {
		t, err = v.q.Tree(h.TreeID)
	}
	return h, t, orMissing(err, "No such webhook", noSuchWebhook)
}

// onWebhook is the tree of a webhook, as permissions see it; nothing for one of
// everything, whose handler asks for an administrator.
func (v *visit) onWebhook() (permission.Object, error) {
	_, t, err := v.numberedWebhook()
	if err != nil || t.ID == 0 {
		return permission.Object{}, err
	}
	return v.treeObject(t), nil
}

// namedWebhook is the one in the path, for who may change it.
func (v *visit) namedWebhook() (models.Webhook, models.Tree, error) {
	h, t, err := v.numberedWebhook()
	if err == nil && h.TreeID == 0 {
		err = v.may(permission.Administer, permission.Object{})
	}
	return h, t, err
}

func webhookPage(v *visit) error {
	h, t, err := v.namedWebhook()
	if err != nil {
		return err
	}
	return v.showWebhook(http.StatusOK, h, t, page.WebhookForm{URL: h.URL, Kinds: models.Lines(h.Kinds)}, nil)
}

// deliveriesShown is how many tries the page of a webhook shows.
const deliveriesShown = 20

func (v *visit) showWebhook(code int, h models.Webhook, t models.Tree, form page.WebhookForm, errs ui.Errors) error {
	if v.format == "json" && len(errs) > 0 {
		return failure{status: code, title: "Not saved", text: "Some fields need another value.", fields: errs}
	}
	tries, err := v.q.WebhookDeliveries(h.ID, deliveriesShown)
	if err != nil {
		return err
	}
	data := page.WebhookData{
		WebhookRow: webhookRow(h, t.Name), Note: h.Note, Made: h.CreatedAt, By: h.MadeBy, SentTo: h.SentTo, Pinging: h.PingAt != nil,
		Version: strconv.FormatInt(h.Version, 10), Deliveries: make([]page.WebhookDelivery, len(tries)),
	}
	if h.FormerUntil != nil && h.FormerUntil.After(v.now) {
		data.Former = h.FormerUntil
	}
	for i, d := range tries {
		data.Deliveries[i] = page.WebhookDelivery{ID: d.ID, At: d.At, Event: d.EventID, Kind: d.Kind, Status: d.Status, Error: d.Error, Answer: d.Answer, Took: d.TookMS}
	}
	if _, err := h.Secrets(v.Keys, v.now); err != nil {
		data.Note = strings.TrimSpace(upper(err.Error()) + ". " + data.Note)
	}
	self := route.Webhook(h.ID)
	p := page.Webhook{
		Frame: v.frame("Webhook to "+webhook.Host(h.URL), self, v.webhookCrumbs(t.Name, ui.Crumb{Text: webhook.Host(h.URL)})...),
		Data:  data, Kinds: kindOptions(h.TreeID), Form: form, Errors: errs, Actions: webhookActions(data),
	}
	p.Active, p.Live = "trees", v.live(route.TopicOf(models.ChangeWebhook, h.ID))
	if t.ID == 0 {
		p.Active = "admin"
	}
	if v.format == "json" || code == http.StatusOK {
		return v.object(p, data, self)
	}
	return v.html(code, p)
}

// webhookActions are the buttons of a webhook.
func webhookActions(data page.WebhookData) []ui.Action {
	at := func(verb string) route.URL { return route.Action(route.Webhook(data.ID), verb) }
	fields := []string{"version", data.Version}
	turn := ui.Action{Text: "Pause", URL: at("pause"), Post: true, Fields: fields}
	if data.State != string(models.WebhookOn) {
		turn = ui.Action{Text: "Switch on", URL: at("on"), Post: true, Fields: fields}
	}
	return []ui.Action{
		{Text: "Send a ping", URL: at("test"), Post: true}, turn,
		{Text: "Renew the secret", URL: at("renew"), Post: true, Fields: fields, Confirm: "Make another secret? The former one signs beside it for 24 hours."},
		{Text: "Delete", URL: at("delete"), Post: true, Danger: true, Fields: fields, Confirm: "Delete this webhook, and what is known of its deliveries?"},
	}
}

// webhookAction is what the buttons and the form of that page do.
func webhookAction(v *visit) error {
	h, t, err := v.namedWebhook()
	if err != nil {
		return err
	}
	w, err := v.body()
	if err != nil {
		return err
	}
	form, verb := page.WebhookForm{URL: h.URL, Kinds: models.Lines(h.Kinds)}, v.names["verb"]
	if verb == "change" {
		var errs ui.Errors
		if form, errs = v.readWebhook(w, h.TreeID); len(errs) > 0 {
			return v.showWebhook(http.StatusUnprocessableEntity, h, t, form, errs)
		}
	}
	secret := newSecret()
	err = v.Store.Tx(v.context(), func(tx *models.Tx) error {
		if version := strings.TrimSpace(w.get("version")); version != "" && version != strconv.FormatInt(h.Version, 10) {
			return models.ErrStale
		}
		return v.turnWebhook(tx, h, form, secret)
	})
	switch {
	case errors.Is(err, models.ErrStale):
		return v.showWebhook(http.StatusConflict, h, t, form, stale)
	case err != nil:
		return err
	case verb == "renew":
		return v.showSecret(http.StatusOK, page.NewWebhook{Data: page.MadeWebhook{WebhookRow: webhookRow(h, t.Name), Secret: secret}, Renewed: true})
	case verb == "delete" && t.ID != 0:
		return v.done("hook-delete", route.TreeWebhooks(t.Name))
	case verb == "delete":
		return v.done("hook-delete", route.Webhooks())
	}
	return v.done("hook-"+verb, route.Webhook(h.ID))
}

// turnWebhook does what the verb says, and notes who did it.
func (v *visit) turnWebhook(tx *models.Tx, h models.Webhook, form page.WebhookForm, secret string) error {
	what, before, after := "", string(h.State), ""
	var err error
	switch v.names["verb"] {
	case "test":
		what, before, err = "sent a ping to a webhook", "", tx.PingWebhook(h)
	case "pause":
		what, after, err = "paused a webhook", string(models.WebhookPaused), tx.PauseWebhook(h)
	case "on":
		what, after, err = "switched a webhook on", string(models.WebhookOn), tx.StartWebhook(h)
	case "renew":
		var sealed string
		if sealed, err = v.Keys.Seal(secret, models.WebhookTable, h.ID); err != nil {
			return failure{status: http.StatusConflict, title: "Not renewed", text: upper(err.Error()) + "."}
		}
		what, before, err = "renewed the secret of a webhook", "", tx.RenewWebhook(h, sealed)
	case "change":
		changed := h
		changed.URL, changed.Kinds = form.URL, strings.Join(form.Kinds, "\n")
		what, before, after, err = "changed a webhook", toldOf(h), toldOf(changed), tx.ChangeWebhookTo(h, changed.URL, changed.Kinds)
	case "delete":
		what, before, err = "deleted a webhook", toldOf(h), tx.EndWebhook(h)
	default:
		return unknownAction(v)
	}
	return errors.Join(err, v.recordWebhook(tx, h, what, before, after))
}
