package route

import (
	"net/url"
	"strings"
	"testing"

	"drover/rules/id"
)

const some id.ID = 0x1234567890

func TestURLs(t *testing.T) {
	short := some.String()
	for _, c := range []struct {
		got  URL
		want string
	}{
		{Home(), "/"},
		{Sample(), "/-/actions/sample"},
		{Tree("net-next"), "/trees/net-next"},
		{Tree("a b/c?d#e%"), "/trees/a%20b%2Fc%3Fd%23e%25"},
		{Tree("-"), "/trees/%2D"},
		{Tree(".."), "/trees/%2E%2E"},
		{TreeBranch("block", "for-6.13/block"), "/trees/block?branch=for-6.13/block"},
		{TreeBranch("block", "a&b=c d+e#f"), "/trees/block?branch=a%26b%3Dc+d%2Be%23f"},
		{TreeBranch("block", ""), "/trees/block"},
		{TreeCommit("net", "v6.12-rc3"), "/trees/net/-/commits/v6.12-rc3"},
		{TreeBadge("net", "x/y"), "/trees/net/badge.svg?branch=x/y"},
		{CheckoutTests(some, "status", "!pass", "arch", ""), "/checkouts/" + short + "/-/tests?status=!pass"},
		{CheckoutTests(some, "status", "fail", "status", "error"), "/checkouts/" + short + "/-/tests?status=fail&status=error"},
		{CheckoutCompare(some, 0), "/checkouts/" + short + "/-/compare"},
		{CheckoutCompare(some, some), "/checkouts/" + short + "/-/compare?with=" + short},
		{Format(CheckoutTests(some, "q", "x.y"), "csv"), "/checkouts/" + short + "/-/tests.csv?q=x.y"},
		{Format(Home(), "json"), "/.json"},
		{Action(TreeBranch("net", "a/b"), "check"), "/trees/net/-/actions/check"},
		{Test("kselftest/net/fib_tests.sh"), "/tests/kselftest/net/fib_tests.sh"},
		{Test("kunit/a b/c?d"), "/tests/kunit/a%20b/c%3Fd"},
		{Test("x/-/actions"), "/tests/x/%2D/actions"},
		{TestHistory("a/b", "arch", "x86_64"), "/tests/a/b/-/history?arch=x86_64"},
		{ResultLog(some, "console.log", Lines{812, 0}), "/results/" + short + "/-/logs/console.log?l=812#L812"},
		{ResultLog(some, "console.log", Lines{806, 818}), "/results/" + short + "/-/logs/console.log?l=806-818#L806"},
		{ResultLog(some, "dir/console.log", Lines{}), "/results/" + short + "/-/logs/dir%2Fconsole.log"},
		{ResultLogRaw(some, "console.log"), "/results/" + short + "/-/logs/console.log.txt"},
		{BuildFile(some, "dtbs/a b.dtb"), "/builds/" + short + "/-/files/dtbs/a%20b.dtb"},
		{ShortResult(some, Lines{First: 7}), "/r/" + short + "?l=7"},
		{ShortMessage("20261127.1@example.org"), "/m/20261127.1@example.org"},
		{Search(""), "/search"},
		{Search("net/a b&c"), "/search?q=net/a+b%26c"},
		{With("/a?b=c#d", "e", "f"), "/a?b=c&e=f#d"},
		{SignIn("/trees/a?branch=b"), "/login?next=/trees/a%3Fbranch%3Db"},
	} {
		if string(c.got) != c.want {
			t.Errorf("got  %s\nwant %s", c.got, c.want)
		}
	}
}

func TestEveryURLHasAShape(t *testing.T) {
	lines := Lines{First: 3}
	for _, c := range []struct {
		method string
		u      URL
		want   string
	}{
		{"GET", Home(), "/"},
		{"GET", Format(Home(), "json"), "/"},
		{"POST", Sample(), "/-/actions/sample"},
		{"GET", Trees(), "/trees"},
		{"GET", Format(Trees(), "csv"), "/trees"},
		{"GET", NewTree(), "/trees/new"},
		{"GET", TreeBranch("a/b", "c"), "/trees/{tree}"},
		{"GET", Format(Tree("linux-6.1.y"), "json"), "/trees/{tree}"},
		{"GET", TreeSettings("a"), "/trees/{tree}/-/settings"},
		{"GET", TreeGrid("a", "branch", "b"), "/trees/{tree}/-/grid"},
		{"GET", Format(TreeGrid("a", "rows", "all"), "svg"), "/trees/{tree}/-/grid"},
		{"GET", TreeCommit("a", "b/c"), "/trees/{tree}/-/commits/{revision}"},
		{"GET", TreeBadge("a", "b"), "/trees/{tree}/badge.svg"},
		{"GET", TreeFeed("a"), "/trees/{tree}/feed.atom"},
		{"POST", Action(Tree("a"), "check"), "/trees/{tree}/-/actions/{verb}"},
		{"GET", Checkouts(), "/checkouts"},
		{"GET", Format(Checkout(some), "txt"), "/checkouts/{id}"},
		{"GET", CheckoutTests(some), "/checkouts/{id}/-/tests"},
		{"GET", CheckoutBuilds(some), "/checkouts/{id}/-/builds"},
		{"GET", Format(CheckoutTimeline(some), "svg"), "/checkouts/{id}/-/timeline"},
		{"GET", CheckoutFiles(some, "covered", "no"), "/checkouts/{id}/-/files"},
		{"GET", CheckoutPlan(some), "/checkouts/{id}/-/plan"},
		{"GET", CheckoutCompare(some, some), "/checkouts/{id}/-/compare"},
		{"GET", CheckoutReports(some), "/checkouts/{id}/-/reports"},
		{"GET", Build(some), "/builds/{id}"},
		{"GET", BuildLog(some, "build.log", lines), "/builds/{id}/-/logs/{name}"},
		{"GET", BuildLogRaw(some, "build.log"), "/builds/{id}/-/logs/{name}"},
		{"GET", BuildFile(some, "a/b"), "/builds/{id}/-/files/{name...}"},
		{"GET", Result(some), "/results/{id}"},
		{"GET", ResultLog(some, "a", lines), "/results/{id}/-/logs/{name}"},
		{"GET", ResultLogRaw(some, "a"), "/results/{id}/-/logs/{name}"},
		{"GET", ResultFile(some, "a/b.txt"), "/results/{id}/-/files/{name...}"},
		{"GET", Tests(), "/tests"},
		{"GET", NewTest(), "/tests/new"},
		{"GET", NewTestStep(1<<40, "where"), "/tests/new/{draft}/{step}"},
		{"GET", Test("a/b/c"), "/tests/{path...}"},
		{"GET", TestHistory("a/b/c"), "/tests/{path...}/-/history"},
		{"POST", Action(Test("a/b/c"), "run"), "/tests/{path...}/-/actions/{verb}"},
		{"GET", Mails(), "/mail"},
		{"GET", Mail(some), "/mail/{id}"},
		{"POST", Unsubscribe("a b"), "/unsubscribe/{token}"},
		{"GET", Search("a b"), "/search"},
		{"GET", Format(Search("a.json"), "json"), "/search"},
		{"GET", Me(), "/me"},
		{"POST", Theme(), "/me/-/actions/theme"},
		{"POST", SaveSettings(), "/me/-/actions/settings"},
		{"GET", Help(), "/help"},
		{"GET", HelpPage("log"), "/help/{page}"},
		{"GET", Robots(), "/robots.txt"},
		{"GET", SignIn(Home()), "/login"},
		{"POST", SignOut(), "/logout"},
		{"GET", ShortCheckout(some), "/c/{id}"},
		{"GET", ShortBuild(some), "/b/{id}"},
		{"GET", ShortBuildConfig(some), "/b/{id}/config"},
		{"GET", ShortResult(some, lines), "/r/{id}"},
		{"GET", ShortMessage("a@b"), "/m/{message}"},
		{"GET", Static("app.0123.css"), "/static/{name...}"},
	} {
		got, ok := Find(c.method, c.u)
		if !ok || got.Pattern != c.want {
			t.Errorf("%s %s has shape %q, %v, want %q", c.method, c.u, got.Pattern, ok, c.want)
		}
	}
}

func TestStrangersHaveNoShape(t *testing.T) {
	for _, u := range []URL{"/tree/x", "", "trees", "/trees/", "/trees/-", "/trees/a.svg.x/y", "/tests/a/-/b", "/tests.svg",
		"/trees/<script>", "/checkouts/a/b", "//evil.example", "/trees/%zz"} {
		if s, ok := Find("GET", u); ok {
			t.Errorf("%q has shape %q", u, s.Pattern)
		}
	}
}

func TestBase(t *testing.T) {
	b, err := ParseBase("https://ci.example.org/")
	if err != nil {
		t.Fatal(err)
	}
	short := some.String()
	for got, want := range map[string]string{
		b.Checkout(some):                   "https://ci.example.org/c/" + short,
		b.Build(some):                      "https://ci.example.org/b/" + short,
		b.BuildConfig(some):                "https://ci.example.org/b/" + short + "/config",
		b.Result(some, Lines{First: 812}):  "https://ci.example.org/r/" + short + "?l=812",
		b.Unsubscribe("Qm7x"):              "https://ci.example.org/unsubscribe/Qm7x",
		b.Absolute(TreeBranch("a", "b/c")): "https://ci.example.org/trees/a?branch=b/c",
		b.Host():                           "ci.example.org",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, bad := range []string{"", "ci.example.org", "ftp://x", "https://u:p@x", "https://x?y", "https://x#y", "http://", "://", "http://[::1"} {
		if b, err := ParseBase(bad); err == nil {
			t.Errorf("%q is accepted as %q", bad, b)
		}
	}
}

func TestCheckName(t *testing.T) {
	for name, fine := range map[string]bool{
		"net-next": true, "linux-6.1.y": true, "kselftest/net/fib_tests.sh": true, "a.json.b": true, "newer": true, "newer/x": true, "new/x": false,
		"": false, "new": false, "a//b": false, "/a": false, "a/-/b": false, "..": false, "a/./b": false,
		"x.json": false, "a/b.txt": false, "badge.svg": false,
	} {
		if err := CheckName(name); (err == nil) != fine {
			t.Errorf("CheckName(%q) = %v, want fine = %v", name, err, fine)
		}
	}
}

func TestParseLines(t *testing.T) {
	for s, want := range map[string]Lines{
		"812": {First: 812}, "806-818": {806, 818}, "": {}, "0": {}, "-4": {}, "x": {}, "9-3": {First: 9}, "9-": {First: 9}, "9-9": {First: 9},
	} {
		if got := ParseLines(s); got != want {
			t.Errorf("ParseLines(%q) = %v, want %v", s, got, want)
		}
	}
}

// A name of any text must come back from its path unchanged and stay in its place.
func FuzzTest(f *testing.F) {
	for _, s := range []string{"a/b", "-", "..", "a b", "é", "%2F", "a?b", "x/-/y", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		u := string(Test(name))
		parsed, err := url.Parse(u)
		if err != nil {
			t.Fatalf("%q gives %q: %v", name, u, err)
		}
		if parsed.Path != "/tests/"+name || parsed.RawQuery != "" || parsed.Host != "" {
			t.Errorf("%q comes back as %q", name, parsed.Path)
		}
		if strings.Contains(u, "/-/") || strings.Contains(u, "/../") {
			t.Errorf("%q leaves its place: %q", name, u)
		}
		if got := With("/x", "k", name); name != "" {
			parsed, err := url.Parse(string(got))
			if err != nil || parsed.Query().Get("k") != name {
				t.Errorf("%q in a query comes back as %q, %v", name, parsed.Query().Get("k"), err)
			}
		}
	})
}
