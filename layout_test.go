package main

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// This file holds the house rules that a machine can check, as tables: which room may import which,
// where each library, the clock, the environment and randomness are at home. ARCHITECTURE.md says why.
// The checks themselves are in layout_checks_test.go.

// mayImport says for each room which rooms of ours its packages may import. A room is the first
// folder of an import path, with views split because jobs may use two parts of it only, and the root
// package of clients (its error classes) apart from the clients themselves.
var mayImport = map[string][]string{
	"rules":       {"rules", "formats"},
	"formats":     {"formats", "rules"},
	"migrations":  {},
	"static":      {},
	"models":      {"models", "rules", "formats", "migrations"},
	"clients":     {"formats"},
	"clients/*":   {"clients", "formats"},
	"views":       {"views", "views/mail", "views/route", "rules"},
	"views/mail":  {"views/route", "rules"},
	"views/route": {"rules"},
	"jobs":        {"jobs", "models", "rules", "formats", "clients", "clients/*", "views/mail", "views/route"},
	"server":      {"server", "models", "rules", "formats", "views", "views/mail", "views/route", "static", "jobs"},
	"bench":       {"clients", "clients/*", "models", "rules", "formats", "jobs", "static", "views", "views/route"}, // measures; nothing imports it
	"main":        {"models", "rules", "formats", "migrations", "clients", "clients/*", "views", "views/mail", "views/route", "jobs", "server", "static"},
}

// homes says for each library, by the beginning of its import path, in which rooms or packages it is
// at home: changing a library is then a change in one room. "test" stands for every test file; a
// library at home in a room may be used by all test files too, since tests prove one room against
// another. A library that is not listed has no home yet: choose one here.
var homes = map[string][]string{
	"gorm.io/":                            {"models"},
	"github.com/glebarez/":                {"models"},
	"modernc.org/sqlite":                  {"models"},
	"github.com/jackc/pgx/":               {"models"},
	"github.com/pressly/goose/":           {"models", "migrations"},
	"github.com/hibiken/asynq":            {"jobs"},
	"github.com/redis/go-redis/":          {"jobs"},
	"github.com/alicebob/miniredis/":      {"jobs"},
	"github.com/labstack/echo/":           {"server"},
	"github.com/alexedwards/scs/":         {"server"},
	"github.com/coreos/go-oidc/":          {"server"},
	"github.com/go-jose/go-jose/":         {"test"},
	"golang.org/x/oauth2":                 {"server"},
	"github.com/a-h/templ":                {"views", "views/route", "server"},
	"github.com/wneessen/go-mail":         {"clients/mail"},
	"github.com/emersion/go-smtp":         {"clients/mail"},
	"github.com/emersion/go-sasl":         {"clients/mail"},
	"github.com/bluekeyes/go-gitdiff/":    {"formats/patch"},
	"go.yaml.in/yaml/":                    {"rules", "formats"},
	"github.com/prometheus/client_golang": {"jobs", "server", "main"},
	"github.com/alecthomas/kong":          {"main"},
	"golang.org/x/sys/":                   {"models", "clients/local", "main"},
	"golang.org/x/time/":                  {"clients", "clients/*", "jobs", "server"},
	"golang.org/x/sync/":                  {"clients", "clients/*", "jobs", "server", "main"},
	"golang.org/x/net/":                   {"clients", "clients/*", "views/story"},
	"golang.org/x/text/":                  {"rules", "formats", "views", "views/mail", "clients/*"},
	"github.com/santhosh-tekuri/":         {"test"},
	"github.com/pb33f/libopenapi":         {"test"},
	"github.com/google/go-cmp/":           {"test"},
	"github.com/chromedp/":                {"test"},
}

// pure are the rooms whose functions go from values to values: no clock, randomness, I/O, logging.
var pure = []string{"rules", "formats"}

// impure are the packages that a pure room must not import, a trailing slash standing for all below.
var impure = []string{
	"os", "os/", "net", "net/http", "net/http/", "net/smtp", "net/rpc", "log", "log/", "database/sql",
	"syscall", "io/ioutil", "crypto/rand", "math/rand", "math/rand/", "testing", "plugin",
}

// place is a thing with a home: a name in a package, and where it may be used.
type place struct {
	name  string   // as in os.Getenv; "math/rand.*" stands for everything in the package
	rooms []string // rooms and files it may be used in
	tests bool     // test files may use it too
}

// places are the things that make a function depend on more than its arguments.
var places = []place{
	{"time.Now", []string{"main", "models", "clients", "clients/*", "jobs", "server"}, true},
	{"time.Since", []string{"main", "models", "clients", "clients/*", "jobs", "server"}, true},
	{"time.Until", []string{"main", "models", "clients", "clients/*", "jobs", "server"}, true},
	{"time.Sleep", []string{}, false},
	{"os.Getenv", []string{"config.go"}, true},
	{"os.LookupEnv", []string{"config.go"}, true},
	{"os.Environ", []string{"config.go"}, true},
	{"os.ExpandEnv", []string{"config.go"}, true},
	{"syscall.Getenv", []string{}, false},
	{"net/http.DefaultClient", []string{}, true},
	{"net/http.Get", []string{}, true},
	{"net/http.Head", []string{}, true},
	{"net/http.Post", []string{}, true},
	{"net/http.PostForm", []string{}, true},
	{"net/http.DefaultTransport", []string{"clients/transport.go"}, false},
	{"net/http.DefaultServeMux", []string{}, false},
	{"math/rand.*", []string{"main", "clients", "clients/*", "jobs"}, true},
	{"math/rand/v2.*", []string{"main", "clients", "clients/*", "jobs"}, true},
}

// banned are words that say nothing about what is inside.
var banned = []string{"util", "utils", "common", "helper", "helpers", "manager", "managers", "base", "misc"}

// longest is the guideline for a hand-written file that is no test, in lines.
const longest = 400

// longer names the files that may exceed it, each with the reason.
var longer = map[string]string{}

func TestLayout(t *testing.T) {
	files := readProject(t)
	if len(files) < 2 {
		t.Fatalf("read %d files: the project was not found", len(files))
	}
	for _, check := range checks {
		t.Run(check.name, func(t *testing.T) {
			for _, finding := range check.find(files) {
				t.Error(finding)
			}
		})
	}
}

// TestLayoutTables proves that the tables speak of each other and of nothing else.
func TestLayoutTables(t *testing.T) {
	for room, targets := range mayImport {
		for _, target := range targets {
			if _, known := mayImport[target]; !known {
				t.Errorf("mayImport[%q] names %q, which is no room", room, target)
			}
		}
	}
	for file, reason := range longer {
		if reason == "" {
			t.Errorf("longer[%q] gives no reason", file)
		}
	}
}

// TestLayoutChecksCanFail feeds each check small sources that break its rule, and one that does not.
func TestLayoutChecksCanFail(t *testing.T) {
	const clean = "// Package x does one thing.\npackage x\n"
	cases := []struct {
		name, check, path, source string
		want                      string // part of the finding; empty: no finding
	}{
		{"models may import rules", "imports", "models/a.go", clean + `import _ "drover/rules/id"`, ""},
		{"models must not import clients", "imports", "models/a.go", clean + `import _ "drover/clients/git"`, "models must not import drover/clients/git"},
		{"a client must not import another", "imports", "clients/git/a.go", clean + `import _ "drover/clients/mail"`, "clients/* must not import drover/clients/mail"},
		{"a client may import its own double", "imports", "clients/git/a_test.go", clean + `import _ "drover/clients/git/double"`, ""},
		{"rules must not import models", "imports", "rules/verdict/a_test.go", clean + `import _ "drover/models"`, "rules must not import drover/models"},
		{"jobs may import mail views", "imports", "jobs/a.go", clean + `import _ "drover/views/mail"`, ""},
		{"jobs must not import page views", "imports", "jobs/a.go", clean + `import _ "drover/views/page"`, "jobs must not import drover/views/page"},
		{"test support in shipped code", "imports", "jobs/a.go", clean + `import _ "drover/models/modelstest"`, "is for tests only"},
		{"test support in a test", "imports", "jobs/a_test.go", clean + `import _ "drover/models/modelstest"`, ""},
		{"test support in test support", "imports", "jobs/jobstest/a.go", clean + `import _ "drover/models/modelstest"`, ""},
		{"a folder that is no room", "imports", "lib/a.go", clean, "lib/a.go: is in no room"},
		{"gorm outside models", "libraries", "jobs/a.go", clean + `import _ "gorm.io/gorm"`, "gorm.io/gorm is at home in models"},
		{"gorm in models", "libraries", "models/a.go", clean + `import _ "gorm.io/gorm"`, ""},
		{"asynq in server", "libraries", "server/a.go", clean + `import _ "github.com/hibiken/asynq"`, "is at home in jobs"},
		{"the browser outside tests", "libraries", "server/a.go", clean + `import _ "github.com/chromedp/chromedp"`, "is at home in test"},
		{"the browser in a test", "libraries", "server/a_test.go", clean + `import _ "github.com/chromedp/chromedp"`, ""},
		{"mail library in its client", "libraries", "clients/mail/a.go", clean + `import _ "github.com/wneessen/go-mail"`, ""},
		{"mail library in another client", "libraries", "clients/git/a.go", clean + `import _ "github.com/wneessen/go-mail"`, "is at home in clients/mail"},
		{"a library without a home", "libraries", "jobs/a.go", clean + `import _ "example.org/new"`, "example.org/new has no home"},
		{"the standard library needs none", "libraries", "jobs/a.go", clean + `import _ "net/http"`, ""},
		{"files in rules", "purity", "rules/x/a.go", clean + `import _ "os"`, "os in a pure room"},
		{"logging in formats", "purity", "formats/x/a.go", clean + `import _ "log/slog"`, "log/slog in a pure room"},
		{"paths are no I/O", "purity", "rules/x/a.go", clean + `import _ "net/url"`, ""},
		{"files in a test of rules", "purity", "rules/x/a_test.go", clean + `import _ "os"`, ""},
		{"the clock in rules", "places", "rules/x/a.go", clean + "import \"time\"\nvar x = time.Now", "time.Now"},
		{"the clock under another name", "places", "views/page/a.go", clean + "import clock \"time\"\nvar x = clock.Since", "time.Since"},
		{"the clock in jobs", "places", "jobs/a.go", clean + "import \"time\"\nvar x = time.Now", ""},
		{"the environment in jobs", "places", "jobs/a.go", clean + "import \"os\"\nvar x = os.Getenv", "os.Getenv"},
		{"the environment in config.go", "places", "config.go", clean + "import \"os\"\nvar x = os.Getenv", ""},
		{"the environment in test support", "places", "models/modelstest/a.go", clean + "import \"os\"\nvar x = os.Getenv", ""},
		{"the environment in another config.go", "places", "jobs/config.go", clean + "import \"os\"\nvar x = os.Environ", "os.Environ"},
		{"the default client", "places", "clients/mail/a.go", clean + "import \"net/http\"\nvar x = http.DefaultClient", "http.DefaultClient"},
		{"the default client in a test", "places", "server/a_test.go", clean + "import \"net/http\"\nvar x = http.Get", ""},
		{"randomness in rules", "places", "rules/x/a.go", clean + "import \"math/rand/v2\"\nvar x = rand.IntN", "math/rand/v2.IntN"},
		{"a test that sleeps", "places", "jobs/a_test.go", clean + "import \"time\"\nvar x = time.Sleep", "time.Sleep"},
		{"sleep on a false clock", "places", "jobs/a_test.go", clean + "import (\n\"time\"\n_ \"testing/synctest\"\n)\nvar x = time.Sleep", ""},
		{"a field of the same name", "places", "rules/x/a.go", clean + "type c struct{ Now int }\nfunc f(time c) int { return time.Now }", ""},
		{"an init", "init", "jobs/a.go", clean + "func init() {}", "func init"},
		{"a method called init", "init", "jobs/a.go", clean + "type t int\nfunc (t) init() {}", ""},
		{"a second round tripper", "transport", "clients/git/a.go", clean + "type t int\nfunc (t) RoundTrip() {}", "RoundTrip"},
		{"the round tripper", "transport", "clients/transport.go", clean + "type t int\nfunc (t) RoundTrip() {}", ""},
		{"a Get prefix", "names", "models/a.go", clean + "func GetTree() {}", "GetTree"},
		{"a word that begins with get", "names", "models/a.go", clean + "func Getty() {}", ""},
		{"a banned package", "names", "jobs/util/a.go", "// Package util is.\npackage util", `"util"`},
		{"a banned file", "names", "jobs/tree_helper.go", clean, `"helper"`},
		{"a word with a banned one inside", "names", "models/database.go", clean, ""},
		{"no package comment", "comments", "jobs/a.go", "package jobs", "no package comment"},
		{"a package comment that names another", "comments", "rules/x/a.go", "// Package y does.\npackage x", "must begin with"},
		{"a package comment", "comments", "rules/x/a.go", clean, ""},
		{"a file too long", "length", "jobs/a.go", clean + strings.Repeat("\n", longest), "lines"},
		{"a file just long enough", "length", "jobs/a.go", clean + strings.Repeat("\n", longest-2), ""},
		{"a long test", "length", "jobs/a_test.go", clean + strings.Repeat("\n", longest), ""},
		{"a long generated file", "length", "views/page/a_templ.go", "// Code generated by templ - DO NOT EDIT.\n\n" + clean + strings.Repeat("\n", longest), ""},
	}
	failed := map[string]bool{}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			file, err := parseFile(test.path, []byte(test.source))
			if err != nil {
				t.Fatal(err)
			}
			findings := checkNamed(t, test.check).find([]sourceFile{file})
			switch {
			case test.want == "" && len(findings) > 0:
				t.Errorf("found %q, want nothing", findings)
			case test.want != "" && len(findings) != 1:
				t.Errorf("found %q, want one with %q", findings, test.want)
			case test.want != "" && !strings.Contains(findings[0], test.want):
				t.Errorf("found %q, want %q in it", findings[0], test.want)
			case test.want != "":
				failed[test.check] = true
			}
		})
	}
	for _, check := range checks {
		if !failed[check.name] {
			t.Errorf("no case makes the check %q fail: %v", check.name, slices.Sorted(maps.Keys(failed)))
		}
	}
}
