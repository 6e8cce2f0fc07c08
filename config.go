package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"drover/jobs"
	"drover/models"
	"drover/rules/permission"
	"drover/server"
)

// Config is everything that can be set, read once from the environment.
type Config struct {
	Listen       string
	Data         string // absolute
	Environment  string // production, staging, development
	URL          string
	Database     string
	Redis        string
	AllowPrivate bool
	AllowLocal   bool
	Slots        int
	Isolation    string
	Poll         time.Duration
	DeepShare    int // percent
	Rate         int // requests a second
	Workers      int
	Lease        time.Duration
	SMTP         string
	SMTPUser     string
	SMTPPassword string
	SMTPTLS      string
	MailFrom     string
	Operator     string
	Issuer       string
	ClientID     string
	ClientSecret string
	Scopes       []string
	GroupsClaim  string
	GroupRoles   map[string][]permission.Role
	Closed       bool
	SecretKey    string // keys in base64, commas between them
	LogLevel     string
	Keep         jobs.Keep
	Kill         string
}

// setting is one row of the table of settings.
type setting struct {
	name     string
	fallback string
	meaning  string
	secret   bool
	read     func(*Config, string) error
}

// settings is the table: read at start, and printed by `drover config`.
var settings = []setting{
	{"DROVER_LISTEN", "127.0.0.1:8080", "address of the pages; anything but loopback is read-only unless people sign in (DROVER_OIDC_ISSUER)", false, func(c *Config, v string) error {
		c.Listen = v
		return hostAndPort(v, "127.0.0.1:8080")
	}},
	{"DROVER_DATA", "./data", "folder of the database, logs, mirrors and work trees", false, func(c *Config, v string) (err error) {
		c.Data, err = filepath.Abs(v)
		return err
	}},
	{"DROVER_ENVIRONMENT", "development", "production, staging or development; only production sends mail, the others store and show it", false, func(c *Config, v string) error {
		c.Environment = v
		return oneOf(v, "production", "staging", "development")
	}},
	{"DROVER_URL", "", "address under which people reach the pages, as it stands in mails; empty: from DROVER_LISTEN", false, func(c *Config, v string) error {
		c.URL = strings.TrimSuffix(v, "/")
		return httpAddress(v)
	}},
	{"DATABASE_URL", "", "PostgreSQL, as postgres://user:password@host/name; empty: SQLite in DROVER_DATA", true, func(c *Config, v string) error {
		c.Database = v
		return scheme(v, "postgres", "postgresql")
	}},
	{"REDIS_URL", "", "Redis, as redis://host:6379/0; empty: the queue is kept in memory", true, func(c *Config, v string) error {
		c.Redis = v
		return scheme(v, "redis", "rediss", "unix")
	}},
	{"DROVER_ALLOW_PRIVATE_REMOTES", "false", "trees and webhooks may be on private networks", false, func(c *Config, v string) error {
		return boolean(v, &c.AllowPrivate)
	}},
	{"DROVER_ALLOW_LOCAL_REMOTES", "false", "trees may be folders of this machine", false, func(c *Config, v string) error {
		return boolean(v, &c.AllowLocal)
	}},
	{"DROVER_SLOTS", "0", "jobs that the local runner runs at once; 0: two more than there are processors, since short tests mostly wait", false, func(c *Config, v string) error {
		return number(v, 0, 1024, &c.Slots)
	}},
	{"DROVER_ISOLATION", "auto", "auto: jobs run in bubblewrap, without it only trusted trees; none: only trusted trees, not isolated", false, func(c *Config, v string) error {
		c.Isolation = v
		return oneOf(v, "auto", "none")
	}},
	{"DROVER_POLL", "2m", "time between two looks at a git remote; be kind to public servers: a minute or more", false, func(c *Config, v string) error {
		return duration(v, "remotes would be asked too often", &c.Poll)
	}},
	{"DROVER_RATE", "50", "requests a second that one token, or one address without a token, may make, as many of a minute at once; 0: no bound", false, func(c *Config, v string) error {
		return number(v, 0, 100_000, &c.Rate)
	}},
	{"DROVER_DEEP_SHARE", "3", "percent of this machine's processors that filters, searches and further pages of lists may take for people who are not signed in; 0: no bound", false, func(c *Config, v string) error {
		return number(v, 0, 100, &c.DeepShare)
	}},
	{"DROVER_WORKERS", "8", "steps that one process works on at once", false, func(c *Config, v string) error {
		return number(v, 1, 1024, &c.Workers)
	}},
	{"DROVER_LEASE", "6s", "after this time without a sign of life a worker's step is taken over", false, func(c *Config, v string) error {
		return duration(v, "a busy worker would lose its steps", &c.Lease)
	}},
	{"DROVER_SMTP", "", "mail server as host:port; empty: no mail can be sent", false, func(c *Config, v string) error {
		c.SMTP = v
		return hostAndPort(v, "mail.example.org:587")
	}},
	{"DROVER_SMTP_TLS", "starttls", "starttls, tls, or none for a relay on this machine", false, func(c *Config, v string) error {
		c.SMTPTLS = v
		return oneOf(v, "starttls", "tls", "none")
	}},
	{"DROVER_SMTP_USER", "", "user at the mail server; empty: without signing in", false, func(c *Config, v string) error {
		c.SMTPUser = v
		return nil
	}},
	{"DROVER_SMTP_PASSWORD", "", "password at the mail server", true, func(c *Config, v string) error {
		c.SMTPPassword = v
		return nil
	}},
	{"DROVER_MAIL_FROM", "Drover <drover@localhost>", "sender of the reports", false, func(c *Config, v string) error {
		c.MailFrom = v
		return mailbox(v)
	}},
	{"DROVER_OPERATOR_MAIL", "", "who hears of what is wrong with the infrastructure", false, func(c *Config, v string) error {
		c.Operator = v
		return mailbox(v)
	}},
	{"DROVER_OIDC_ISSUER", "", "identity provider where people sign in, as https://login.example.org; empty: only the token of the start signs in, on loopback", false, func(c *Config, v string) error {
		c.Issuer = v
		return issuerAddress(v)
	}},
	{"DROVER_OIDC_CLIENT_ID", "", "what the identity provider calls this site", false, func(c *Config, v string) error {
		c.ClientID = v
		return nil
	}},
	{"DROVER_OIDC_CLIENT_SECRET", "", "secret of this site at the identity provider", true, func(c *Config, v string) error {
		c.ClientSecret = v
		return nil
	}},
	{"DROVER_OIDC_SCOPES", "openid profile email", "what the identity provider is asked for; some give groups only with a scope of their own", false, func(c *Config, v string) error {
		c.Scopes = strings.Fields(v)
		return scopes(c.Scopes)
	}},
	{"DROVER_OIDC_GROUPS_CLAIM", "groups", "claim with the groups of a person; dots lead into objects, as in realm_access.roles", false, func(c *Config, v string) error {
		c.GroupsClaim = v
		return nil
	}},
	{"DROVER_OIDC_ROLES", "", "roles that come with a group, as \"admin=ci-admins, operator=lab, triager=ci\"; other roles are given on the pages", false, func(c *Config, v string) (err error) {
		c.GroupRoles, err = groupRoles(v)
		return err
	}},
	{"DROVER_CLOSED", "false", "everything asks for a sign-in, also to read", false, func(c *Config, v string) error {
		return boolean(v, &c.Closed)
	}},
	{"DROVER_SECRET_KEY", "", "seals the secrets that are stored, such as those of webhooks: 32 random bytes in base64; former keys may follow, with commas between, to read with only; empty: SQLite makes the file secret.key in DROVER_DATA, PostgreSQL makes no webhook", true, func(c *Config, v string) (err error) {
		c.SecretKey = v
		_, err = models.ReadKeys(v)
		return err
	}},
	{"DROVER_LOG_LEVEL", "info", "debug, info, warn or error", false, func(c *Config, v string) error {
		c.LogLevel = v
		return oneOf(v, "debug", "info", "warn", "error")
	}},
	{"DROVER_KEEP_EVENTS", "30d", "how long the body of what came in stays, as in 30d or forever; its key and the decision stay for good", false, func(c *Config, v string) error {
		return days(v, &c.Keep.Events)
	}},
	{"DROVER_KEEP_PASSING", "30d", "how long logs and files of builds and tests that passed stay; results, verdicts and statistics stay for good", false, func(c *Config, v string) error {
		return days(v, &c.Keep.Passing)
	}},
	{"DROVER_KEEP_FAILING", "90d", "how long logs and files of those that did not pass stay", false, func(c *Config, v string) error {
		return days(v, &c.Keep.Failing)
	}},
	{"DROVER_KEEP_REPORTED", "365d", "how long those stay where a mail points to them", false, func(c *Config, v string) error {
		return days(v, &c.Keep.Reported)
	}},
	{"DROVER_KEEP_TRIES", "30d", "how long the tries of steps stay", false, func(c *Config, v string) error {
		return days(v, &c.Keep.Tries)
	}},
	{"DROVER_KEEP_JOBS", "7d", "how long the local runner keeps jobs that ended and that nobody gave back", false, func(c *Config, v string) error {
		return days(v, &c.Keep.Jobs)
	}},
	{"DROVER_KEEP_WARM", "14d", "how long work trees stay that no build starts from", false, func(c *Config, v string) error {
		return days(v, &c.Keep.Warm)
	}},
	{"DROVER_KEEP_CACHES", "30d", "how long compiler caches stay that no build uses", false, func(c *Config, v string) error {
		return days(v, &c.Keep.Caches)
	}},
	{"DROVER_KILL", "", "for tests of recovery: \"seed/one in N\" ends this process at random before or after outside calls and commits", false, func(c *Config, v string) error {
		c.Kill = v
		_, err := parseKill(v)
		return err
	}},
}

// readEnvironment reads and checks the environment of this process. Values of
// overrides, as NAME=value, win, also over a file that has the value.
func readEnvironment(overrides ...string) (Config, error) {
	environ := os.Environ()
	for _, override := range overrides {
		name, _, _ := strings.Cut(override, "=")
		environ = append(environ, override, name+"_FILE=")
	}
	return readConfig(environ)
}

// readConfig reads and checks an environment. Every mistake is reported, not
// only the first; an unknown DROVER_ name is a mistake.
func readConfig(environ []string) (Config, error) {
	values := map[string]string{}
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok {
			values[name] = value
		}
	}
	var c Config
	errs := unknown(values)
	for _, s := range settings {
		value, err := s.value(values)
		if err == nil && value != "" {
			err = s.read(&c, value)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s.name, err))
		}
	}
	if c.URL == "" && c.Listen != "" {
		c.URL = "http://" + c.Listen
	}
	if c.Environment == "production" && c.SMTP != "" && strings.HasSuffix(bare(c.MailFrom), "@localhost") {
		errs = append(errs, errors.New("DROVER_MAIL_FROM: production needs a sender that people can answer"))
	}
	if len(errs) == 0 {
		errs = append(errs, c.checkSignIn()...)
	}
	if len(errs) == 0 && (outlasts(c.Keep.Passing, c.Keep.Failing) || outlasts(c.Keep.Failing, c.Keep.Reported)) {
		errs = append(errs, errors.New("DROVER_KEEP_PASSING, DROVER_KEEP_FAILING, DROVER_KEEP_REPORTED: none may be shorter than the one before it"))
	}
	return c, errors.Join(errs...)
}

// keys seal and open stored secrets: those that were set, else on SQLite those of
// a file of the one process there is. nil where there are none.
func (c Config) keys() *models.Keys {
	if c.SecretKey == "" && c.Database == "" {
		return models.FileKeys(filepath.Join(c.Data, "secret.key"))
	}
	keys, err := models.ReadKeys(c.SecretKey)
	if err != nil {
		return nil // none: what was set was checked when it was read
	}
	return keys
}

// checkSignIn finds what is missing for people to sign in.
func (c Config) checkSignIn() []error {
	var errs []error
	add := func(wrong bool, text string) {
		if wrong {
			errs = append(errs, errors.New(text))
		}
	}
	if c.Issuer == "" {
		add(c.ClientID != "" || c.ClientSecret != "" || len(c.GroupRoles) > 0, "DROVER_OIDC_ISSUER: set it too, or none of DROVER_OIDC_…")
		add(c.Closed && !loopback(c.Listen), "DROVER_CLOSED: nobody could sign in: set DROVER_OIDC_ISSUER, or listen on a loopback address")
		return errs
	}
	add(c.ClientID == "", "DROVER_OIDC_CLIENT_ID: the identity provider knows this site by a name: set it")
	admins := false
	for _, roles := range c.GroupRoles {
		admins = admins || slices.Contains(roles, permission.Admin)
	}
	add(!admins, "DROVER_OIDC_ROLES: name the group of those who administer this site, as in admin=ci-admins")
	add(!secureAddress(c.URL), "DROVER_URL: people who sign in need https, except on a loopback address")
	return errs
}

// value is what is set, directly or by the file that NAME_FILE names.
func (s setting) value(values map[string]string) (string, error) {
	value := values[s.name]
	file := values[s.name+"_FILE"]
	switch {
	case file != "" && !s.secret:
		return "", fmt.Errorf("only secrets can come from a file: unset %s_FILE", s.name)
	case file != "" && value != "":
		return "", fmt.Errorf("set it or %s_FILE, not both", s.name)
	case file != "":
		return readSecret(file)
	case value == "":
		return s.fallback, nil
	}
	return value, nil
}

// readSecret reads a file with one secret. An empty one is a mistake that would
// otherwise choose another database without a word.
func readSecret(file string) (string, error) {
	text, err := os.ReadFile(file)
	value := strings.TrimSpace(string(text))
	if err == nil && value == "" {
		err = fmt.Errorf("the file %s is empty", file)
	}
	return value, err
}

// unknown finds misspelt settings. Those of the tests are left alone.
func unknown(values map[string]string) []error {
	var errs []error
	for name := range values {
		known := slices.ContainsFunc(settings, func(s setting) bool {
			return name == s.name || name == s.name+"_FILE" // value refuses a file for what is no secret
		})
		if strings.HasPrefix(name, "DROVER_") && !strings.HasPrefix(name, "DROVER_TEST_") && !known {
			errs = append(errs, fmt.Errorf("%s is not a setting: `drover config` lists them all", name))
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errs
}

// describe lists every setting with its meaning and value, secrets masked.
func describe() string {
	var b strings.Builder
	for _, s := range configuration() {
		fmt.Fprintf(&b, "%s=%s\n    %s\n", s.Name, s.Value, s.Meaning)
	}
	return b.String()
}

// configuration is every setting as people may see it: secrets masked.
func configuration() []server.Setting {
	values := map[string]string{}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	var list []server.Setting
	for _, s := range settings {
		value, err := s.value(values)
		switch {
		case err != nil:
			value = "(" + err.Error() + ")"
		case s.secret && value != "":
			value = "********"
		case value == "":
			value = "(not set)"
		}
		list = append(list, server.Setting{Name: s.name, Value: value, Meaning: s.meaning})
	}
	return list
}

// loopback tells whether an address to listen on is reached from this machine
// alone.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}
