package page

import (
	"strings"
	"time"

	"drover/views/route"
	"drover/views/ui"
)

func webhookStories() []story {
	at := func(title string, self route.URL) ui.Frame {
		f := frame(title, self, ui.Crumb{Text: "net-next", URL: route.Tree("net-next")}, ui.Crumb{Text: title})
		f.Active, f.Formats, f.User = "trees", []string{"json"}, &ui.Person{Name: "Asha Rao"}
		return f
	}
	last, next := before(2*time.Minute), now.Add(9*time.Minute)
	rows := []WebhookRow{
		{ID: nth(81), Tree: "net-next", URL: "https://bot.example.org/drover", State: "on", Last: &last, Status: 204},
		{ID: nth(82), Tree: "net-next", URL: "https://" + strings.Repeat("long.", 30) + "example.org/?k=" + nasty, Kinds: []string{"failure.new", "checkout.judged"}, State: "on", Failures: 4, Last: &last, Status: 500, Error: "webhook send: answered 500", Next: &next},
		{ID: nth(83), URL: "https://gone.example.org/", State: "off", Failures: 31, Last: &last, Status: 410, Error: "webhook send: answered 410"},
		{ID: nth(84), Tree: "mm", URL: "https://new.example.org/", State: "paused"},
	}
	kinds := []ui.Option{{Value: "failure.new", Text: "failure.new", Help: "A result was found to be a new failure."}, {Value: "checkout.judged", Text: "checkout.judged", Help: "A checkout has another verdict, or is finished."}}
	list := Webhooks{Frame: at("Webhooks", route.TreeWebhooks("net-next")), Heading: "net-next: webhooks", About: "Addresses outside that are told what happens to this tree.", Make: route.TreeWebhooks("net-next"), Kinds: kinds}
	some, wrong, keyless := list, list, list
	some.Data = rows
	wrong.Form, wrong.Errors = WebhookForm{URL: "http://x/", Kinds: []string{"failure.new"}}, ui.Errors{{Field: "url", Text: "http is not encrypted: write https."}}
	keyless.Why = "No key for secrets is set: set DROVER_SECRET_KEY to 32 random bytes in base64."
	all := some
	all.Frame, all.Everything, all.Heading = at("Webhooks", route.Webhooks()), true, "Administration"
	former := now.Add(20 * time.Hour)
	data := WebhookData{WebhookRow: rows[1], Made: before(40 * 24 * time.Hour), By: "Milan", Former: &former, SentTo: 4711, Version: "3", Pinging: true, Deliveries: []WebhookDelivery{
		{ID: nth(91), At: before(2 * time.Minute), Event: 4712, Kind: "failure.new", Status: 500, Error: "webhook send: answered 500", Answer: nasty + strings.Repeat("x", 400), Took: 812},
		{ID: nth(92), At: before(time.Hour), Kind: "ping", Error: "not sent: DROVER_ENVIRONMENT is development"},
		{ID: nth(93), At: before(2 * time.Hour), Event: 4711, Kind: "checkout.judged", Status: 204, Took: 31},
	}}
	one := Webhook{Frame: at("Webhook", route.Webhook(nth(82))), Data: data, Kinds: kinds, Form: WebhookForm{URL: rows[1].URL, Kinds: rows[1].Kinds},
		Actions: []ui.Action{{Text: "Send a ping", URL: route.Action(route.Webhook(nth(82)), "test"), Post: true}, {Text: "Delete", URL: route.Action(route.Webhook(nth(82)), "delete"), Post: true, Danger: true, Confirm: "Delete?"}}}
	fresh := one
	fresh.Data = WebhookData{WebhookRow: rows[3], Note: "It failed for five days in a row.", Made: before(time.Minute), By: "Ola", Version: "1"}
	made := NewWebhook{Frame: at("Secret of a webhook", route.Webhook(nth(81))), Data: MadeWebhook{WebhookRow: rows[0], Secret: "whsec_" + strings.Repeat("QUJD", 10) + "QUI="}}
	renewed := made
	renewed.Renewed = true
	return []story{
		{"webhooks", some}, {"webhooks-none", list}, {"webhooks-wrong", wrong}, {"webhooks-keyless", keyless}, {"webhooks-all", all},
		{"webhook", one}, {"webhook-fresh", fresh}, {"webhook-new", made}, {"webhook-renewed", renewed},
	}
}
