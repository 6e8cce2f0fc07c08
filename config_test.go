package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drover/jobs"
)

// standard is what an empty environment gives.
func standard(t *testing.T) Config {
	t.Helper()
	data, err := filepath.Abs("data")
	if err != nil {
		t.Fatal(err)
	}
	return Config{
		Listen: "127.0.0.1:8080", Data: data, Environment: "development", URL: "http://127.0.0.1:8080", Isolation: "auto",
		Poll: 2 * time.Minute, DeepShare: 3, Rate: 50, Workers: 8, Lease: 6 * time.Second, SMTPTLS: "starttls", MailFrom: "Drover <drover@localhost>", LogLevel: "info",
		Scopes: []string{"openid", "profile", "email"}, GroupsClaim: "groups",
		Keep: jobs.Keep{
			Events: 30 * day, Passing: 30 * day, Failing: 90 * day, Reported: 365 * day, Tries: 30 * day, Jobs: 7 * day, Warm: 14 * day, Caches: 30 * day,
		},
	}
}

const day = 24 * time.Hour

// secretFile stores text as a secret is mounted: with a newline after it.
func secretFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(name, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestSettings(t *testing.T) {
	secret := secretFile(t, "postgres://drover:hunter2@db/drover")
	seen := map[string]bool{}
	for _, one := range []struct {
		environ []string
		change  func(*Config)
	}{
		{nil, func(*Config) {}},
		{[]string{"DROVER_LISTEN=", "PATH=/bin", "NONSENSE", "DROVER_TEST_POSTGRES=x"}, func(*Config) {}},
		{[]string{"DROVER_LISTEN=:9000"}, func(c *Config) { c.Listen, c.URL = ":9000", "http://:9000" }},
		{[]string{"DROVER_LISTEN=[::1]:0"}, func(c *Config) { c.Listen, c.URL = "[::1]:0", "http://[::1]:0" }},
		{[]string{"DROVER_DATA=/srv/drover/"}, func(c *Config) { c.Data = "/srv/drover" }},
		{[]string{"DROVER_ENVIRONMENT=staging"}, func(c *Config) { c.Environment = "staging" }},
		{[]string{"DROVER_URL=https://ci.example.org/"}, func(c *Config) { c.URL = "https://ci.example.org" }},
		{[]string{"DATABASE_URL=postgresql://db/drover"}, func(c *Config) { c.Database = "postgresql://db/drover" }},
		{[]string{"DATABASE_URL_FILE=" + secret}, func(c *Config) { c.Database = "postgres://drover:hunter2@db/drover" }},
		{[]string{"REDIS_URL=unix:///run/redis.sock"}, func(c *Config) { c.Redis = "unix:///run/redis.sock" }},
		{[]string{"DROVER_ALLOW_PRIVATE_REMOTES=true"}, func(c *Config) { c.AllowPrivate = true }},
		{[]string{"DROVER_ALLOW_LOCAL_REMOTES=1"}, func(c *Config) { c.AllowLocal = true }},
		{[]string{"DROVER_SLOTS=3"}, func(c *Config) { c.Slots = 3 }},
		{[]string{"DROVER_ISOLATION=none"}, func(c *Config) { c.Isolation = "none" }},
		{[]string{"DROVER_POLL=90s"}, func(c *Config) { c.Poll = 90 * time.Second }},
		{[]string{"DROVER_SECRET_KEY=" + strings.Repeat("A", 43) + "="}, func(c *Config) { c.SecretKey = strings.Repeat("A", 43) + "=" }},
		{[]string{"DROVER_RATE=0"}, func(c *Config) { c.Rate = 0 }},
		{[]string{"DROVER_DEEP_SHARE=0"}, func(c *Config) { c.DeepShare = 0 }},
		{[]string{"DROVER_WORKERS=1"}, func(c *Config) { c.Workers = 1 }},
		{[]string{"DROVER_LEASE=1s"}, func(c *Config) { c.Lease = time.Second }},
		{[]string{"DROVER_SMTP=mail.example.org:587"}, func(c *Config) { c.SMTP = "mail.example.org:587" }},
		{[]string{"DROVER_SMTP_TLS=none"}, func(c *Config) { c.SMTPTLS = "none" }},
		{[]string{"DROVER_SMTP_USER=drover"}, func(c *Config) { c.SMTPUser = "drover" }},
		{[]string{"DROVER_SMTP_PASSWORD=hunter2"}, func(c *Config) { c.SMTPPassword = "hunter2" }},
		{[]string{"DROVER_MAIL_FROM=ci@example.org"}, func(c *Config) { c.MailFrom = "ci@example.org" }},
		{[]string{"DROVER_OPERATOR_MAIL=ops@example.org"}, func(c *Config) { c.Operator = "ops@example.org" }},
		{signInEnvironment(), signsIn},
		{signInEnvironment("DROVER_OIDC_SCOPES=openid groups", "DROVER_OIDC_GROUPS_CLAIM=realm.roles"), func(c *Config) {
			signsIn(c)
			c.Scopes, c.GroupsClaim = []string{"openid", "groups"}, "realm.roles"
		}},
		{[]string{"DROVER_CLOSED=true"}, func(c *Config) { c.Closed = true }},
		{[]string{"DROVER_LOG_LEVEL=debug"}, func(c *Config) { c.LogLevel = "debug" }},
		{[]string{"DROVER_KEEP_EVENTS=7d"}, func(c *Config) { c.Keep.Events = 7 * day }},
		{[]string{"DROVER_KEEP_PASSING=1d"}, func(c *Config) { c.Keep.Passing = day }},
		{[]string{"DROVER_KEEP_FAILING=36d"}, func(c *Config) { c.Keep.Failing = 36 * day }},
		{[]string{"DROVER_KEEP_REPORTED=forever"}, func(c *Config) { c.Keep.Reported = 0 }},
		{[]string{"DROVER_KEEP_TRIES=2d"}, func(c *Config) { c.Keep.Tries = 2 * day }},
		{[]string{"DROVER_KEEP_JOBS=3d"}, func(c *Config) { c.Keep.Jobs = 3 * day }},
		{[]string{"DROVER_KEEP_WARM=4d"}, func(c *Config) { c.Keep.Warm = 4 * day }},
		{[]string{"DROVER_KEEP_CACHES=forever"}, func(c *Config) { c.Keep.Caches = 0 }},
		{[]string{"DROVER_KILL=7/50"}, func(c *Config) { c.Kill = "7/50" }},
		{[]string{"DROVER_SLOTS=3", "DROVER_SLOTS=4"}, func(c *Config) { c.Slots = 4 }}, // what comes later wins
	} {
		want := standard(t)
		one.change(&want)
		got, err := readConfig(one.environ)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v\n%s", one.environ, err, diff)
		}
		for _, pair := range one.environ {
			name, _, _ := strings.Cut(pair, "=")
			seen[name] = true
		}
	}
	for _, s := range settings {
		if !seen[s.name] {
			t.Errorf("no case sets %s", s.name)
		}
	}
}

// TestSettingsRefused: every mistake names its setting and says what would be
// right, on one line.
func TestSettingsRefused(t *testing.T) {
	empty := secretFile(t, "")
	seen := map[string]bool{}
	for _, one := range []struct{ name, value, want string }{
		{"DROVER_LISTEN", "localhost", `"localhost" is no host:port such as 127.0.0.1:8080`},
		{"DROVER_LISTEN", "localhost:", `"localhost:" is no host:port`},
		{"DROVER_LISTEN_FILE", "/run/secrets/listen", "DROVER_LISTEN: only secrets can come from a file: unset DROVER_LISTEN_FILE"},
		{"DROVER_ENVIRONMENT", "prod", `"prod" is none of production, staging, development`},
		{"DROVER_URL", "ci.example.org", `"ci.example.org" is no address of a site, such as https://ci.example.org`},
		{"DROVER_URL", "ftp://ci.example.org", "is no address of a site"},
		{"DATABASE_URL", "mysql://drover:hunter2@db/drover", "it must begin with postgres://"},
		{"DATABASE_URL", "hunter2", "it must begin with postgres://"},
		{"DATABASE_URL_FILE", "/nowhere/secret", "DATABASE_URL: open /nowhere/secret: no such file"},
		{"DATABASE_URL_FILE", empty, "DATABASE_URL: the file " + empty + " is empty"},
		{"REDIS_URL", "http://:hunter2@queue", "it must begin with redis://"},
		{"DROVER_ALLOW_PRIVATE_REMOTES", "yes", `"yes" is neither true nor false`},
		{"DROVER_ALLOW_LOCAL_REMOTES", "on", `"on" is neither true nor false`},
		{"DROVER_SLOTS", "-1", `"-1" is no number from 0 to 1024`},
		{"DROVER_SLOTS", "two", `"two" is no number from 0 to 1024`},
		{"DROVER_ISOLATION", "docker", `"docker" is none of auto, none`},
		{"DROVER_POLL", "60", `"60" is no time such as 90s or 2m`},
		{"DROVER_POLL", "-1m", "remotes would be asked too often: -1m is too short, 1s is the least"},
		{"DROVER_SECRET_KEY", "hunter2", "DROVER_SECRET_KEY: key 1 is not 32 bytes in base64"},
		{"DROVER_RATE", "-1", `"-1" is no number from 0 to 100000`},
		{"DROVER_DEEP_SHARE", "101", `"101" is no number from 0 to 100`},
		{"DROVER_WORKERS", "0", `"0" is no number from 1 to 1024`},
		{"DROVER_LEASE", "10ms", "a busy worker would lose its steps: 10ms is too short, 1s is the least"},
		{"DROVER_SMTP", "mail.example.org", `"mail.example.org" is no host:port such as mail.example.org:587`},
		{"DROVER_SMTP_TLS", "ssl", `"ssl" is none of starttls, tls, none`},
		{"DROVER_MAIL_FROM", "Drover", `"Drover" is no mail address such as Drover <drover@ci.example.org>`},
		{"DROVER_OPERATOR_MAIL", "ops", `"ops" is no mail address`},
		{"DROVER_OIDC_ISSUER", "http://login.example.org", `"http://login.example.org" is no address of an identity provider`},
		{"DROVER_OIDC_SCOPES", "profile", "the scope openid must be among them"},
		{"DROVER_OIDC_ROLES", "ci-admins", `"ci-admins" is no role with a group, such as admin=ci-admins`},
		{"DROVER_CLOSED", "partly", `"partly" is neither true nor false`},
		{"DROVER_LOG_LEVEL", "loud", `"loud" is none of debug, info, warn, error`},
		{"DROVER_KEEP_EVENTS", "30", `"30" is no number of days such as 30d, nor forever`},
		{"DROVER_KEEP_PASSING", "0d", `"0d" is no number of days such as 30d, nor forever`},
		{"DROVER_KEEP_FAILING", "-1d", `"-1d" is no number of days such as 30d, nor forever`},
		{"DROVER_KEEP_REPORTED", "2w", `"2w" is no number of days such as 30d, nor forever`},
		{"DROVER_KEEP_TRIES", "36501d", `"36501d" is no number of days such as 30d, nor forever`},
		{"DROVER_KEEP_JOBS", "d", `"d" is no number of days such as 30d, nor forever`},
		{"DROVER_KEEP_WARM", "1.5d", `"1.5d" is no number of days such as 30d, nor forever`},
		{"DROVER_KEEP_CACHES", "never", `"never" is no number of days such as 30d, nor forever`},
		{"DROVER_KILL", "50", `"50" is not seed/odds, such as 7/50`},
		{"DROVER_KILL", "7/0", `"7/0" is not seed/odds`},
		{"DROVER_POLLL", "2m", "DROVER_POLLL is not a setting: `drover config` lists them all"},
		{"DROVER_TEST", "x", "DROVER_TEST is not a setting"},
	} {
		t.Run(one.name+"="+one.value, func(t *testing.T) {
			_, err := readConfig([]string{one.name + "=" + one.value})
			if err == nil {
				t.Fatal("it was accepted")
			}
			text := err.Error()
			if !strings.HasPrefix(text, strings.TrimSuffix(one.name, "_FILE")) || !strings.Contains(text, one.want) || strings.Contains(text, "\n") {
				t.Errorf("says %q, want %q in one line", text, one.want)
			}
			if strings.Contains(text, "hunter2") {
				t.Errorf("tells a secret: %s", text)
			}
		})
		seen[one.name] = true
	}
	anything := []string{"DROVER_DATA", "DROVER_SMTP_USER", "DROVER_SMTP_PASSWORD", "DROVER_OIDC_CLIENT_ID", "DROVER_OIDC_CLIENT_SECRET", "DROVER_OIDC_GROUPS_CLAIM"} // no value is wrong
	for _, s := range settings {
		if !seen[s.name] && !slices.Contains(anything, s.name) {
			t.Errorf("no case refuses a value of %s", s.name)
		}
	}
}

func TestSettingsTogether(t *testing.T) {
	production := []string{"DROVER_ENVIRONMENT=production", "DROVER_SMTP=127.0.0.1:25"}
	secret := secretFile(t, "hunter2")
	for _, one := range []struct {
		name    string
		environ []string
		want    string // all that is said, "" for nothing
	}{
		{"all mistakes at once, in the order of the table", []string{"DROVER_ODD=1", "DROVER_WORKERS=0", "DROVER_BAD=1", "DROVER_LISTEN=x"},
			"DROVER_BAD is not a setting: `drover config` lists them all\nDROVER_ODD is not a setting: `drover config` lists them all\n" +
				"DROVER_LISTEN: \"x\" is no host:port such as 127.0.0.1:8080\nDROVER_WORKERS: \"0\" is no number from 1 to 1024"},
		{"nobody can answer the sender", production, "DROVER_MAIL_FROM: production needs a sender that people can answer"},
		{"nor this one", append(production, "DROVER_MAIL_FROM=ci@localhost"), "DROVER_MAIL_FROM: production needs a sender that people can answer"},
		{"this one", append(production, "DROVER_MAIL_FROM=ci@example.org"), ""},
		{"no mail is sent", production[:1], ""},
		{"a secret twice", []string{"DROVER_SMTP_PASSWORD=hunter2", "DROVER_SMTP_PASSWORD_FILE=" + secret},
			"DROVER_SMTP_PASSWORD: set it or DROVER_SMTP_PASSWORD_FILE, not both"},
	} {
		t.Run(one.name, func(t *testing.T) {
			_, err := readConfig(one.environ)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(one.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// clearSettings takes away what the environment of the test sets.
func clearSettings(t *testing.T) {
	t.Helper()
	for _, s := range settings {
		t.Setenv(s.name, "")
		t.Setenv(s.name+"_FILE", "")
	}
}

func TestOverridesWinOverFiles(t *testing.T) {
	clearSettings(t)
	t.Setenv("DATABASE_URL_FILE", secretFile(t, "postgres://db/production"))
	t.Setenv("DROVER_SLOTS", "3")
	c, err := readEnvironment("DATABASE_URL=", "DROVER_SLOTS=5")
	if err != nil || c.Database != "" || c.Slots != 5 {
		t.Errorf("database %q, slots %d, %v", c.Database, c.Slots, err)
	}
}

func TestDescribeHidesSecrets(t *testing.T) {
	clearSettings(t)
	t.Setenv("DATABASE_URL", "mysql://drover:hunter2@db") // also a wrong one
	t.Setenv("REDIS_URL_FILE", secretFile(t, "redis://:hunter2@queue"))
	t.Setenv("DROVER_SMTP_PASSWORD", "hunter2")
	t.Setenv("DROVER_LISTEN_FILE", "x")
	text := describe()
	for _, want := range []string{
		"DATABASE_URL=********\n", "REDIS_URL=********\n", "DROVER_SMTP_PASSWORD=********\n", "DROVER_URL=(not set)\n", "DROVER_POLL=2m\n",
		"DROVER_LISTEN=(only secrets can come from a file: unset DROVER_LISTEN_FILE)\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(text, "hunter2") {
		t.Error("a secret is printed")
	}
	for _, s := range settings {
		if !strings.Contains(text, s.name+"=") || !strings.Contains(text, s.meaning) {
			t.Errorf("%s is not described", s.name)
		}
	}
}

// TestLoopback: only an address that others cannot reach may be written to.
func TestLoopback(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:8080": true, "127.8.0.1:80": true, "localhost:0": true, "[::1]:8080": true,
		":8080": false, "0.0.0.0:8080": false, "[::]:8080": false, "192.0.2.1:80": false, "localhost.example.org:80": false,
		"127.0.0.1": false, "127.0.0.1.example.org:80": false, "": false,
	} {
		if got := loopback(address); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
}
