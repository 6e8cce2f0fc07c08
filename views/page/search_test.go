package page

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"drover/rules/status"
	"drover/views/route"
	"drover/views/ui"
)

const nasty = `"><script>alert(1)</script><img src=x onerror=alert(2)>`

func searchStories() []story {
	at := func(q string) ui.Frame {
		f := frame("“"+q+"” · Search", route.Search(q), ui.Crumb{Text: "Search"})
		f.Query, f.Formats, f.Topic = q, []string{"json"}, "search"
		return f
	}
	failing, fine := status.NewFailures, status.NoNewFailures
	mark := ui.Mark{Status: status.Fail, Shown: status.New}
	data := SearchData{Query: "tcp", Groups: []HitGroup{
		{Kind: "trees", Total: 1, Exact: true, Hits: []Hit{{Name: "tcp-next", Text: "live", URL: route.Tree("tcp-next")}}},
		{Kind: "checkouts", Total: 41, Exact: true, All: route.With(route.Checkouts(), "q", "tcp"), Hits: []Hit{
			{Name: head.Describe, Text: "net-next main: " + head.Subject, When: before(3 * time.Hour), URL: route.Checkout(head.ID), Verdict: &failing, Code: true},
			{Name: base.Describe, Text: "net-next main: " + base.Subject, When: before(30 * time.Hour), URL: route.Checkout(base.ID), Verdict: &fine, Code: true}}},
		{Kind: "results", Total: 1, Exact: true, Hits: []Hit{{Name: nth(31).String(), Text: "kselftest/net/fib_tests.sh", URL: route.Result(nth(31)), Mark: &mark, Code: true}}},
		{Kind: "tests", Total: 10_000, All: route.With(route.Tests(), "q", "tcp"), Hits: []Hit{{Name: "kselftest/net/tcp_mmap.sh", Text: "Zero copy", URL: route.Test("kselftest/net/tcp_mmap.sh")}}},
		{Kind: "hosts", Total: 2, Hits: []Hit{{Name: "tcp-lab-07.example.org", Text: "its newest result: boot", When: before(time.Hour), URL: route.Result(nth(32)), Code: true}}},
	}}
	settings := frame("Settings", route.Me(), ui.Crumb{Text: "Settings"})
	settings.Active, settings.Choices = "me", ui.Choices{Theme: "dark", Density: "compact", KeysOff: true, LiveOff: true}
	prague, err := time.LoadLocation("Europe/Prague")
	if err != nil {
		panic(err)
	}
	settings.AsOf = now.In(prague)
	mine := MeData{Theme: "dark", Density: "compact", Zone: "Europe/Prague", Keys: "off", LiveUpdates: "off"}
	account := mine
	account.Account = &Account{Name: "Asha Rao", Email: "asha@example.com", Sessions: []Session{{ID: nth(61), Browser: "Firefox", Since: before(time.Hour), Seen: before(time.Minute), Until: now.Add(time.Hour), This: true}}, Tokens: someTokens()}
	signed := settings
	signed.User, signed.Choices = &ui.Person{Name: "Asha Rao"}, ui.Choices{}
	var rows []TokenRow
	for i, t := range someTokens() {
		rows = append(rows, TokenRow{Token: t, Person: "Asha Rao", User: nth(int64(70 + i))})
	}
	wrong := mine
	wrong.Zone = nasty
	list := []story{
		{"search", Search{Frame: at("tcp"), Data: data}},
		{"search-empty", Search{Frame: at(""), Data: SearchData{}}},
		{"search-nothing", Search{Frame: at("zzz"), Data: SearchData{Query: "zzz"}}},
		{"search-hostile", Search{Frame: at(nasty), Data: SearchData{Query: nasty, Groups: []HitGroup{{Kind: "tests", Total: 1, Exact: true, Hits: []Hit{{Name: nasty, Text: nasty, URL: route.Test(nasty)}}}}}}},
		{"search-long", Search{Frame: at("x"), Data: SearchData{Query: "x"}, Problem: "A search has at most 200 characters; this one was not looked for."}},
		{"settings", Me{Frame: settings, Data: mine, Zones: []string{"UTC", "Europe/Prague"}}},
		{"settings-hostile", Me{Frame: settings, Data: wrong, Errors: ui.Errors{{Field: "time_zone", Text: "No time zone is called " + nasty}}}},
		{"settings-account", Me{Frame: signed, Data: account, Zones: []string{"UTC"}, Token: TokenForm{Days: "90", Scopes: []string{"read"}}}},
		{"settings-token-wrong", Me{Frame: signed, Data: account, Zones: []string{"UTC"}, Token: TokenForm{Name: nasty, Days: "400"}, Errors: ui.Errors{{Field: "name", Text: "You have a token of this name"}, {Field: "scopes", Text: "Choose at least one scope."}, {Field: "days", Text: "A token lasts from 1 to 365 days."}}}},
		{"token-new", NewToken{Frame: frame("New token", route.Me(), ui.Crumb{Text: "Settings", URL: route.Me()}, ui.Crumb{Text: "New token"}), Data: MadeToken{Token: someTokens()[0], Secret: "drover_" + strings.Repeat("0123456789abcdef", 4)}, Try: "https://ci.example.org/trees.json"}},
		{"tokens", Tokens{Frame: frame("Tokens", route.Tokens(), ui.Crumb{Text: "Administration", URL: route.Users()}, ui.Crumb{Text: "Tokens"}), Data: rows, ListParts: ListParts{Pager: ui.Pager{Shown: len(rows), Total: len(rows), Exact: true}}}},
		{"tokens-none", Tokens{Frame: frame("Tokens", route.Tokens(), ui.Crumb{Text: "Administration", URL: route.Users()}, ui.Crumb{Text: "Tokens"})}},
		{"help", HelpIndex{Frame: frame("Help", route.Help(), ui.Crumb{Text: "Help"})}},
	}
	for _, name := range Topics() {
		t, _ := TopicNamed(name)
		f := frame(t.Title+" · Help", route.HelpPage(name), ui.Crumb{Text: "Help", URL: route.Help()}, ui.Crumb{Text: t.Title})
		f.Topic = name
		list = append(list, story{"help-" + name, HelpPage{Frame: f, Topic: t}})
	}
	return list
}

// someTokens are one in use, one never used with a name that is not ours, and
// one that is over.
func someTokens() []Token {
	used := before(2 * time.Hour)
	return []Token{
		{ID: nth(51), Name: "nightly build of the lab", Scopes: []string{"read", "run"}, Made: before(40 * 24 * time.Hour), Used: &used, Ends: now.Add(50 * 24 * time.Hour)},
		{ID: nth(52), Name: nasty + strings.Repeat("x", 60), Scopes: []string{"write", "waive", "operate", "admin"}, Made: before(time.Minute), Ends: now.Add(365 * 24 * time.Hour)},
		{ID: nth(53), Name: "over", Scopes: []string{"read"}, Made: before(100 * 24 * time.Hour), Used: &used, Ends: before(time.Hour)},
	}
}

// What the help says of statuses is said with their own words, all of them.
func TestHelpKnowsEveryWord(t *testing.T) {
	topic, _ := TopicNamed("statuses")
	text := render(t, HelpPage{Frame: frame("x", route.Help()), Topic: topic})
	for _, v := range []status.Verdict{status.Nothing, status.Broken, status.NewFailures, status.StillRunning, status.Unclear, status.NoNewFailures} {
		if !strings.Contains(text, v.Word()) {
			t.Errorf("no verdict %q", v.Word())
		}
	}
	for _, s := range []status.Status{status.Pass, status.Fail, status.Error, status.Miss, status.Skip, status.Done, status.Planned, status.Running, status.Cancelled} {
		if !strings.Contains(text, s.Word().Text) {
			t.Errorf("no status %q", s.Word().Text)
		}
	}
	for _, s := range []status.Shown{status.New, status.StillFailing, status.FirstRun, status.Fixed, status.Flaky, status.Trial} {
		if w, _ := s.Word(); !strings.Contains(text, w.Text) {
			t.Errorf("no word %q", w.Text)
		}
	}
}

func TestEveryTopicHasABody(t *testing.T) {
	for _, name := range Topics() {
		if topicBodies[name] == nil {
			t.Errorf("the help page %s says nothing", name)
		}
	}
	if len(topicBodies) != len(topics) {
		t.Errorf("%d bodies for %d topics", len(topicBodies), len(topics))
	}
}

// The script has a function for every action of the table of keys, the dialog
// carries the table, and what is off is gone.
func TestKeysAndTheirScript(t *testing.T) {
	script, err := os.ReadFile("../../static/js/keys.js")
	if err != nil {
		t.Fatal(err)
	}
	ofGrid, err := os.ReadFile("../../static/js/grid.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range ui.AllKeys() {
		for _, k := range g.Keys {
			if k.Action == "" { // keys of a grid, which has a script of its own
				for stroke := range strings.FieldsSeq(k.Press) {
					if !regexp.MustCompile(`(?m)^  "?` + regexp.QuoteMeta(stroke) + `"?: `).Match(ofGrid) {
						t.Errorf("grid.js does nothing for %q", stroke)
					}
				}
				continue
			}
			if !regexp.MustCompile(`(?m)^  ` + k.Action + `[,:]`).Match(script) {
				t.Errorf("keys.js has no action %q for %q", k.Action, k.Press)
			}
		}
	}
	f := frame("x", route.Checkout(head.ID))
	f.Topic = "checkout"
	on := render(t, HelpIndex{Frame: f})
	for _, want := range []string{`data-press="g t" data-action="go" data-target="/trees"`, "next failure", `src="/static/keys.js"`, "Switch keys off"} {
		if !strings.Contains(on, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(on, "next hit") {
		t.Error("a checkout has the keys of a log")
	}
	f.KeysOff = true
	if off := render(t, HelpIndex{Frame: f}); strings.Contains(off, "keys.js") || strings.Contains(off, "<dialog") {
		t.Error("keys that are off are there")
	}
}

// Settings of the browser stand on the html element; times follow the zone and
// say UTC when hovered.
func TestChoicesOfTheFrame(t *testing.T) {
	f := frame("x", route.Home())
	f.Refresh, f.Choices = true, ui.Choices{Theme: "dark", Density: "compact", LiveOff: true}
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	f.AsOf = now.In(tokyo)
	text := render(t, Mails{Frame: f, Data: []MailRow{{Time: now.AddDate(0, -3, 0).Add(10 * time.Hour)}}})
	for _, want := range []string{
		`data-theme="dark" data-density="compact" data-zone="Asia/Tokyo"`, `title="2026-11-23 10:42:07 UTC">19:42:07 JST</time>`,
		`title="2026-08-23 20:42:07 UTC">2026-08-24</time>`, "live updates off",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, not := range []string{"live.js", "http-equiv", "data-refresh"} {
		if strings.Contains(text, not) {
			t.Errorf("live updates are off, and there is %s", not)
		}
	}
}
