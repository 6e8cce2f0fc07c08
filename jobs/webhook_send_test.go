package jobs

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"drover/clients/webhook"
	"drover/clients/webhook/webhooktest"
	"drover/models"
	"drover/rules/feed"
	"drover/rules/id"
	"drover/rules/status"
)

const hookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// hooked is a house with a webhook and the other side of it.
type hooked struct {
	*house
	to   *webhooktest.Server
	hook models.Webhook
	seen int // messages that were looked at
}

// eachHook runs a test on both databases, with a webhook for everything that is
// done with what happened so far.
func eachHook(t *testing.T, test func(h *hooked)) {
	t.Helper()
	eachHouse(t, func(house *house) {
		h := &hooked{house: house, to: webhooktest.Start()}
		house.t.Cleanup(h.to.Close)
		h.w.Settings.Environment, h.w.Settings.URL = "production", "https://ci.example.org"
		h.w.Webhook = webhook.Client{AllowPrivate: true, Roots: h.to.Roots, Timeout: 500 * time.Millisecond}
		h.w.Keys = models.FileKeys(filepath.Join(house.t.TempDir(), "secret.key"))
		h.hook = h.add(models.Webhook{URL: h.to.URL})
		h.turn("", hookIdle)
		test(h)
	})
}

func (h *hooked) tx(fn func(*models.Tx) error) {
	h.t.Helper()
	if err := h.w.Store.Tx(h.t.Context(), fn); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hooked) add(hook models.Webhook) models.Webhook {
	h.t.Helper()
	h.tx(func(tx *models.Tx) (err error) {
		hook, err = tx.AddWebhook(hook, func(row id.ID) (string, error) { return h.w.Keys.Seal(hookSecret, models.WebhookTable, row) })
		return err
	})
	return hook
}

// happens ends the build some times: an event each.
func (h *hooked) happens(times int) {
	h.t.Helper()
	for range times {
		h.tx(func(tx *models.Tx) error {
			return tx.SetBuild(models.Build{ID: h.job.BuildID, CheckoutID: h.job.CheckoutID, Status: status.Pass})
		})
	}
}

// turn is one try of the webhook's step; it must be due again after a time.
func (h *hooked) turn(stop string, want time.Duration) {
	h.t.Helper()
	due, err := h.try(WebhookSend, h.hook.ID, stop)
	if err != nil || due < want/2 || due > want {
		h.t.Fatalf("due in %v, want up to %v: %v", due, want, err)
	}
	h.reread()
}

func (h *hooked) reread() {
	h.t.Helper()
	var err error
	if h.hook, err = h.w.Store.Webhook(h.hook.ID); err != nil {
		h.t.Fatal(err)
	}
}

// came wants that just these came since the last look, by the numbers of their
// events after the first, each well signed.
func (h *hooked) came(first int64, numbers ...int64) {
	h.t.Helper()
	all := h.to.Messages()
	var got []string
	for _, m := range all[h.seen:] {
		if !webhooktest.Verified(m, hookSecret) {
			h.t.Errorf("%s is not signed", m.ID)
		}
		got = append(got, m.ID)
	}
	h.seen = len(all)
	var want []string
	for _, n := range numbers {
		want = append(want, strconv.FormatInt(first+n, 10))
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		h.t.Errorf("came %q, want %q", got, want)
	}
}

// TestWebhookTellsInOrder: an event wakes the step; each is told once, in order,
// and a failure holds up what is behind it.
func TestWebhookTellsInOrder(t *testing.T) {
	eachHook(t, func(h *hooked) {
		first := h.hook.SentTo
		h.happens(2)
		h.turn("", hookIdle)
		h.came(first, 1, 2)
		var body struct {
			Type string     `json:"type"`
			Data feed.Event `json:"data"`
		}
		if err := json.Unmarshal([]byte(h.to.Messages()[0].Body), &body); err != nil || body.Type != "build.ended" || body.Data.ID != first+1 || body.Data.Tree != "linux" ||
			body.Data.Build != h.job.BuildID || !strings.HasPrefix(body.Data.Links.JSON, "https://ci.example.org/builds/") {
			h.t.Errorf("%+v %v", body, err)
		}
		h.to.Fail(webhooktest.Fault{}, webhooktest.Fault{Status: 500, Body: "sorry"})
		h.happens(3)
		h.turn("", 30*time.Second)
		h.came(first, 3, 4)
		if h.hook.Failures != 1 || h.hook.SentTo != first+3 || h.hook.LastStatus != 500 || h.hook.FailingSince == nil {
			h.t.Errorf("%+v", h.hook)
		}
		h.happens(1) // wakes it, which is too early
		h.turn("", 30*time.Second)
		h.came(first)
		h.clock = *h.hook.NextAt
		h.turn("", hookIdle)
		h.came(first, 4, 5, 6)
		list, err := h.w.Store.WebhookDeliveries(h.hook.ID, 20)
		if err != nil || len(list) != 7 || list[3].Error == "" || list[3].Answer != "sorry" || list[0].Error != "" || list[0].Status != 204 || h.hook.Failures != 0 || h.hook.FailingSince != nil {
			h.t.Errorf("%+v %v", list, err)
		}
	})
}

// TestWebhookKilled: who dies between sending and storing sends it again, under
// the same id and with the same body.
func TestWebhookKilled(t *testing.T) {
	eachHook(t, func(h *hooked) {
		first := h.hook.SentTo
		h.happens(1)
		for _, stop := range []string{"webhook.send.before", "webhook.send.after"} {
			if _, err := h.try(WebhookSend, h.hook.ID, stop); err == nil {
				h.t.Fatalf("killed at %s it goes on", stop)
			}
			if h.reread(); h.hook.SentTo != first || h.hook.Failures != 0 {
				h.t.Errorf("killed at %s: %+v", stop, h.hook)
			}
		}
		h.clock = h.clock.Add(time.Hour)
		h.turn("", hookIdle)
		h.came(first, 1, 1)
		got := h.to.Messages()
		if got[0].Body != got[1].Body || got[0].Timestamp == got[1].Timestamp {
			h.t.Errorf("%+v", got)
		}
	})
}

// TestWebhookGivesUp after five days of failures of every kind, and goes on
// where it stopped; what is not kept any more is said to be lost.
func TestWebhookGivesUp(t *testing.T) {
	eachHook(t, func(h *hooked) {
		first := h.hook.SentTo
		h.happens(3)
		faults := []webhooktest.Fault{{Hang: true}, {Cut: true}, {Status: 302, Location: h.to.URL}, {Status: 429, RetryAfter: "3000"}}
		began, longest := h.clock, time.Duration(0)
		for h.hook.State == models.WebhookOn {
			fault := webhooktest.Fault{Status: 500}
			if n := int(h.hook.Failures); n < len(faults) {
				fault = faults[n]
			}
			h.to.Fail(fault)
			if _, err := h.try(WebhookSend, h.hook.ID, ""); err != nil {
				h.t.Fatal(err)
			}
			if h.reread(); h.hook.NextAt != nil {
				longest = max(longest, h.hook.NextAt.Sub(h.clock))
				h.clock = *h.hook.NextAt
			}
		}
		days := h.clock.Sub(began).Hours() / 24
		if h.hook.State != models.WebhookOff || !strings.Contains(h.hook.Note, "five days") || days < 5 || days > 5.3 || h.hook.Failures < 25 || h.hook.Failures > 50 || longest > 6*time.Hour {
			h.t.Errorf("%v days, longest wait %v: %+v", days, longest, h.hook)
		}
		if got := h.to.Messages(); got[0].ID != got[len(got)-1].ID {
			h.t.Errorf("from %s to %s", got[0].ID, got[len(got)-1].ID)
		}
		h.seen = len(h.to.Messages())
		h.tx(func(tx *models.Tx) error { _, err := tx.TrimFeed(tx.Now, 1); return err }) // of before the webhook
		for range first + 1 {
			h.tx(func(tx *models.Tx) error { _, err := tx.TrimFeed(tx.Now, 1); return err })
		}
		h.tx(func(tx *models.Tx) error { return tx.StartWebhook(h.hook) })
		h.turn("", hookIdle)
		h.came(first, 3)
		if want := "event " + strconv.FormatInt(first+1, 10) + " to " + strconv.FormatInt(first+2, 10); !strings.Contains(h.hook.Note, want) || h.hook.State != models.WebhookOn {
			h.t.Errorf("%+v, want %q", h.hook, want)
		}
		h.happens(1)
		h.to.Fail(webhooktest.Fault{Status: 410})
		if _, err := h.try(WebhookSend, h.hook.ID, ""); err != nil {
			h.t.Fatal(err)
		}
		if h.reread(); h.hook.State != models.WebhookOff || !strings.Contains(h.hook.Note, "410") {
			h.t.Errorf("%+v", h.hook)
		}
	})
}

// TestWebhookIsHeldBack where nothing may leave: what it would have been told is noted.
func TestWebhookIsHeldBack(t *testing.T) {
	eachHook(t, func(h *hooked) {
		first := h.hook.SentTo
		h.w.Settings.Environment = "development"
		h.happens(1)
		h.turn("", hookIdle)
		h.came(first)
		if h.hook.SentTo != first+1 || h.hook.Failures != 0 || !strings.Contains(h.hook.LastError, "DROVER_ENVIRONMENT is development") {
			h.t.Errorf("%+v", h.hook)
		}
	})
}

// TestWebhookStates: a ping is sent whatever the state, a wrong key loses
// nothing, one for a tree hears of that tree alone.
func TestWebhookStates(t *testing.T) {
	eachHook(t, func(h *hooked) {
		first := h.hook.SentTo
		h.tx(func(tx *models.Tx) error { return tx.PauseWebhook(h.hook) })
		h.happens(1)
		h.reread()
		h.tx(func(tx *models.Tx) error { return tx.PingWebhook(h.hook) })
		if _, err := h.try(WebhookSend, h.hook.ID, ""); err != nil {
			h.t.Fatal(err)
		}
		if got := h.to.Messages(); len(got) != 1 || !strings.HasPrefix(got[0].ID, "ping_") || !strings.Contains(got[0].Body, `"type":"ping"`) || !webhooktest.Verified(got[0], hookSecret) {
			h.t.Fatalf("%+v", got)
		}
		h.seen = 1
		if _, err := h.w.Store.Step(WebhookSend, h.hook.ID); !errors.Is(err, models.ErrNotFound) {
			h.t.Errorf("a paused one has something to do: %v", err)
		}
		keys := h.w.Keys
		h.w.Keys = models.FileKeys(filepath.Join(h.t.TempDir(), "other.key"))
		h.reread()
		h.tx(func(tx *models.Tx) error { return tx.StartWebhook(h.hook) })
		h.turn("", hookStuck)
		if h.hook.PingAt != nil || !strings.Contains(h.hook.LastError, "secret") || h.hook.Failures != 0 || h.hook.SentTo != first {
			h.t.Errorf("%+v", h.hook)
		}
		h.w.Keys = keys
		sealed, err := keys.Seal("whsec_AAAA", models.WebhookTable, h.hook.ID)
		if err != nil {
			h.t.Fatal(err)
		}
		h.tx(func(tx *models.Tx) error { return tx.RenewWebhook(h.hook, sealed) })
		h.clock = *h.hook.NextAt
		h.turn("", hookIdle)
		h.came(first, 1) // signed with the former secret, too
		if last := h.to.Messages()[1]; !webhooktest.Verified(last, "whsec_AAAA") {
			h.t.Errorf("%+v", last)
		}
		h.clock = h.clock.Add(25 * time.Hour)
		h.happens(1)
		h.turn("", hookIdle)
		if last := h.to.Messages()[2]; webhooktest.Verified(last, hookSecret) || !webhooktest.Verified(last, "whsec_AAAA") {
			h.t.Errorf("after a day: %+v", last)
		}
	})
}

func TestWebhookOfATree(t *testing.T) {
	eachHook(t, func(h *hooked) {
		var quiet models.Tree
		h.tx(func(tx *models.Tx) (err error) {
			quiet, _, err = tx.AddTree(models.NewTree{Tree: models.Tree{Name: "quiet", Readers: "lab"}, URL: "https://git.example.org/quiet.git", Branches: []string{"main"}})
			return err
		})
		all := h.hook
		h.hook = h.add(models.Webhook{URL: h.to.URL, TreeID: quiet.ID, Kinds: string(feed.TreeChanged)})
		h.turn("", hookIdle)
		first := h.hook.SentTo
		h.happens(2) // of another tree
		if due, err := h.due(); err != nil || due < hookIdle/2 {
			h.t.Errorf("woken by another tree: %v %v", due, err)
		}
		h.tx(func(tx *models.Tx) error { return tx.SetTreeState(quiet.ID, status.TreePaused) })
		h.turn("", hookIdle)
		h.came(first, 3)
		if h.reread(); h.hook.SentTo != first+3 {
			h.t.Errorf("%+v", h.hook)
		}
		h.hook = all
		h.turn("", hookIdle)
		h.came(all.SentTo, 1, 2, 3, 4)
	})
}

// due is how long the step waits.
func (h *hooked) due() (time.Duration, error) {
	step, err := h.w.Store.Step(WebhookSend, h.hook.ID)
	return step.DueAt.Sub(h.clock), err
}
