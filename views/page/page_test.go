package page

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"drover/views/route"
	"drover/views/ui"
	"drover/views/viewstest"
	"github.com/google/go-cmp/cmp"
)

// pagesFolder keeps the rendered pages, to be looked at in a browser.
var pagesFolder = flag.String("pages", "", "write every rendered page into this folder")

func render(t *testing.T, p Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.View().Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPages renders every page in every state and checks what must hold for all.
func TestPages(t *testing.T) {
	for _, s := range stories() {
		t.Run(s.name, func(t *testing.T) {
			text := render(t, s.page)
			if *pagesFolder != "" {
				if err := os.WriteFile(filepath.Join(*pagesFolder, s.name+".html"), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if len(text) > 900_000 {
				t.Errorf("%d bytes of HTML", len(text))
			}
			viewstest.Check(t, text)
		})
	}
}

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden keeps a few pages as they are: the frame, an error, a summary.
func TestGolden(t *testing.T) {
	wanted := map[string]bool{"error-404": true, "unsubscribe": true, "checkout-green": true, "mails": true, "overview-empty": true, "grid": true, "grid-strips": true}
	for _, s := range stories() {
		if !wanted[s.name] {
			continue
		}
		got := strings.ReplaceAll(render(t, s.page), "><", ">\n<") + "\n"
		path := filepath.Join("testdata", s.name+".html")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.name, diff)
		}
	}
}

// A page without scripts renews itself while it shows something that runs.
func TestRefresh(t *testing.T) {
	for _, s := range stories() {
		text := render(t, s.page)
		want := strings.Contains(s.name, "-running") || s.name == "overview-quiet"
		if got := strings.Contains(text, `<noscript><meta http-equiv="refresh" content="30"></noscript>`); got != want {
			t.Errorf("%s renews itself: %v, want %v", s.name, got, want)
		}
	}
}

// A page with topics listens to them, unless its reader wants that off.
func TestLive(t *testing.T) {
	p := stories()[0].page.(Overview)
	topics := []string{"checkout:8f3k2m", "tree:net-next"}
	cases := []struct {
		name            string
		live            ui.Live
		unwanted        bool
		script, off, at bool
	}{
		{"none", ui.Live{At: 7}, false, false, false, false},
		{"on", ui.Live{Topics: topics, At: 417}, false, true, false, true},
		{"off", ui.Live{Topics: topics, At: 417}, true, false, true, false},
	}
	for _, c := range cases {
		p.Live, p.LiveOff = c.live, c.unwanted
		text := render(t, p)
		for part, want := range map[string]bool{
			`src="/static/live.js"`: c.script, `data-live="checkout:8f3k2m,tree:net-next" data-at="417"`: c.at, "live updates off": c.off,
		} {
			if got := strings.Contains(text, part); got != want {
				t.Errorf("%s: has %s: %v, want %v", c.name, part, got, want)
			}
		}
	}
}

// What a person types or an outside system says must never become markup.
func TestHostileTextStaysText(t *testing.T) {
	found := 0
	for _, s := range stories() {
		if !strings.HasSuffix(s.name, "-hostile") {
			continue
		}
		found++
		text := render(t, s.page)
		if strings.Contains(text, "<script>alert") || strings.Contains(text, "<img src=x") {
			t.Errorf("%s has the hostile text as markup", s.name)
		}
		if !strings.Contains(text, "&lt;script&gt;alert(1)") {
			t.Errorf("%s does not show the text at all", s.name)
		}
	}
	if found < 10 {
		t.Errorf("only %d hostile pages", found)
	}
}

// The environment stripe and the reason for read-only mode are on every page.
func TestStripes(t *testing.T) {
	p := Trees{Frame: frame("Trees", route.Trees())}
	if text := render(t, p); !strings.Contains(text, "DEVELOPMENT</strong>: no mail leaves this system") {
		t.Error("no stripe in development")
	}
	p.Environment, p.ReadOnly = "", "this server does not listen on loopback"
	text := render(t, p)
	if strings.Contains(text, "no mail leaves") {
		t.Error("a stripe in production")
	}
	if !strings.Contains(text, "Writes are off: this server does not listen on loopback.") {
		t.Error("no word on read-only mode")
	}
}

// In JSON each status is given twice, and nothing of the frame is there.
func TestJSONOfData(t *testing.T) {
	for _, s := range stories() {
		data := reflect.ValueOf(s.page).FieldByName("Data")
		if !data.IsValid() {
			continue
		}
		b, err := json.Marshal(data.Interface())
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		var tree any
		if err := json.Unmarshal(b, &tree); err != nil {
			t.Fatal(err)
		}
		checkJSON(t, s.name, tree)
	}
}

var snakeCase = regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`)

func checkJSON(t *testing.T, where string, value any) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			checkJSON(t, where, item)
		}
	case map[string]any:
		_, hasStatus := v["status"]
		_, hasShown := v["shown"]
		if hasStatus != hasShown {
			t.Errorf("%s: status without shown, or shown without status: %v", where, v)
		}
		for key, item := range v {
			if !snakeCase.MatchString(key) {
				t.Errorf("%s: the key %q is not in snake case", where, key)
			}
			checkJSON(t, where+"."+key, item)
		}
	}
}

func TestMatrix(t *testing.T) {
	m := matrixOf([]Build{{Arch: "x86_64", Config: "debug", Compiler: "gcc-14"}, {Arch: "s390x", Config: "debug", Compiler: "gcc-14"}, {Arch: "x86_64", Config: "tiny"}, {Arch: "x86_64", Config: "tiny"}})
	if got := strings.Join(m.columns, "|"); got != "debug · gcc-14|tiny" {
		t.Errorf("columns %s", got)
	}
	if len(m.rows) != 2 || len(m.rows[0].cells[1]) != 2 || len(m.rows[1].cells[1]) != 0 {
		t.Errorf("%+v", m.rows)
	}
}

func TestNoCheckout(t *testing.T) {
	for _, c := range []struct {
		look Look
		want string
	}{
		{Look{}, "No checkout yet."},
		{Look{Every: 600}, "No checkout yet. Drover looks at this tree every 10 min; it has not looked yet."},
		{Look{Every: 600, Last: before(11 * time.Minute), Next: now.Add(2 * time.Minute), Head: head.Commit}, "No checkout yet. Drover looks at this tree every 10 min; last look 10:31 UTC, next look in 2 min, newest commit 9c1e77aa01cd."},
	} {
		if got := noCheckout(c.look, now); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestLogLinks(t *testing.T) {
	build, result := LogData{Log: ui.Log{Name: "a.log"}, Build: nth(1)}, LogData{Log: ui.Log{Name: "a.log"}, Result: nth(2)}
	for _, c := range []struct{ got, want route.URL }{
		{build.from(-5), route.Build(nth(1)) + "/-/logs/a.log?from=1"},
		{result.from(4001), route.Result(nth(2)) + "/-/logs/a.log?from=4001"},
		{build.raw(), route.Build(nth(1)) + "/-/logs/a.log.txt"},
		{result.raw(), route.Result(nth(2)) + "/-/logs/a.log.txt"},
		{build.object(), route.Build(nth(1))},
		{result.at(route.Lines{First: 7}), route.Result(nth(2)) + "/-/logs/a.log?l=7#L7"},
	} {
		if c.got != c.want {
			t.Errorf("%s, want %s", c.got, c.want)
		}
	}
}
