package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"drover/clients"
	"drover/clients/git"
	"drover/clients/local"
	"drover/clients/mail"
	"drover/clients/webhook"
	"drover/jobs"
	"drover/models"
	"drover/models/blob"
	"drover/server"
)

type serveCommand struct {
	Sample bool `help:"Add the sample tree, whose commits come one by one."`
}

// Run serves everything until it is told to stop.
func (s serveCommand) Run(ctx context.Context) error {
	return serve(ctx, parts{web: true, work: true, sample: s.Sample})
}

type webCommand struct{}

// Run serves pages until it is told to stop.
func (webCommand) Run(ctx context.Context) error {
	return serve(ctx, parts{web: true, shared: true})
}

type workerCommand struct{}

// Run works until it is told to stop.
func (workerCommand) Run(ctx context.Context) error {
	return serve(ctx, parts{work: true, shared: true})
}

type migrateCommand struct{}

// Run migrates PostgreSQL; SQLite migrates itself when it is opened.
func (migrateCommand) Run(ctx context.Context) error {
	c, err := readEnvironment()
	if err != nil {
		return err
	}
	if c.Database == "" {
		return errors.New("DATABASE_URL is not set: SQLite brings itself up to date when drover starts")
	}
	v, err := models.Migrate(ctx, c.Database)
	if err != nil {
		return err
	}
	fmt.Printf("The database is at version %d.\n", v)
	return nil
}

// parts says what a process does.
type parts struct {
	web, work bool
	shared    bool // with other processes, so that a database and a queue of this one alone would not do
	sample    bool
	now       func() time.Time // nil for the clock
}

// app is an open installation.
type app struct {
	config  Config
	log     *slog.Logger
	metrics *prometheus.Registry
	store   *models.Store
	queue   *jobs.Queue
	live    *server.Live
	blobs   *blob.Store
	git     *git.Client
	runner  *local.Runner
	keys    *models.Keys
	worker  *jobs.Worker
	closers []func() error
}

// serve opens an installation, runs its parts and stops them in order.
func serve(ctx context.Context, p parts) (err error) {
	defer func() {
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			err = nil // it was told to stop while it started
		}
	}()
	c, err := readEnvironment()
	if err != nil {
		return err
	}
	if p.shared && (c.Database == "" || c.Redis == "") {
		return errors.New("web and worker are processes of their own and share PostgreSQL and Redis: set DATABASE_URL and REDIS_URL, or use `drover serve`")
	}
	a, err := open(ctx, c, p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	if p.sample {
		err := a.store.Tx(ctx, func(tx *models.Tx) error {
			_, err := jobs.AddSample(tx, c.Data)
			return err
		})
		if err != nil {
			return fmt.Errorf("add the sample tree: %w", err)
		}
	}
	if p.work {
		if err := a.worker.Start(); err != nil {
			return err
		}
		defer a.worker.Close()
	}
	if !p.web {
		a.log.Info("working", "isolation", a.runner.Isolation().Kind, "slots", a.runner.Slots())
		<-ctx.Done()
		return nil
	}
	return a.listen(ctx)
}

// open makes every part that the process needs.
func open(ctx context.Context, c Config, p parts) (a *app, err error) {
	a = &app{config: c, log: newLogger(c.LogLevel), metrics: prometheus.NewRegistry(), live: server.NewLive(), keys: c.keys()}
	a.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	kill, err := parseKill(c.Kill)
	if err != nil {
		return a, err
	}
	point := func(string) {}
	if kill != nil {
		point = kill.point
	}
	if a.queue, err = jobs.OpenQueue(ctx, c.Redis, a.log); err != nil {
		return a, err
	}
	a.closers = append(a.closers, a.queue.Close)
	if policy := a.queue.Policy(ctx); policy != "" && policy != "noeviction" {
		a.log.Warn("Redis may drop keys: set maxmemory-policy noeviction", "policy", policy)
	}
	a.store, err = models.Open(ctx, models.Options{
		URL: c.Database, Path: filepath.Join(c.Data, "drover.db"),
		Hint: a.queue.Hint, Told: a.live.Wake, Mark: clients.Inside, Point: point, Now: p.now,
	})
	if err != nil {
		return a, err
	}
	a.closers = append(a.closers, a.store.Close)
	if a.blobs, err = blob.Open(filepath.Join(c.Data, "blobs")); err != nil {
		return a, err
	}
	if p.work {
		return a, a.openWorker(point)
	}
	return a, nil
}

// openWorker makes what only workers need: git, the runner, mail.
func (a *app) openWorker(point func(string)) error {
	c := a.config
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	a.git = newGit(c)
	a.runner, err = newRunner(c, self)
	if err != nil {
		return err
	}
	deps := jobs.Deps{
		Store: a.store, Blobs: a.blobs, Git: a.git, Local: a.runner, Keys: a.keys,
		Webhook: webhook.Client{AllowPrivate: c.AllowPrivate, Agent: "drover/" + version},
		Settings: jobs.Settings{
			URL: c.URL, Environment: c.Environment, MailFrom: c.MailFrom,
			Operator: bare(c.Operator), Poll: c.Poll, CCache: hasProgram("ccache"), Keep: c.Keep,
		},
	}
	if c.SMTP != "" {
		deps.Mail = mail.Sender{
			Addr: c.SMTP, From: bare(c.MailFrom), User: c.SMTPUser, Password: c.SMTPPassword, TLS: mail.TLSMode(c.SMTPTLS),
		}
	}
	timing := jobs.DefaultTiming
	timing.Lease, timing.Renewal = c.Lease, c.Lease/4
	a.worker = jobs.NewWorker(deps, jobs.WorkerOptions{
		Queue: a.queue, Metrics: jobs.NewMetrics(a.metrics), Log: a.log, Timing: timing, Workers: c.Workers, Point: point,
	})
	return nil
}

func newGit(c Config) *git.Client {
	return &git.Client{
		Mirrors: filepath.Join(c.Data, "mirrors"), AllowPrivate: c.AllowPrivate, AllowLocal: c.AllowLocal,
		Own: filepath.Join(c.Data, "sample"), Agent: "drover/" + version,
	}
}

func newRunner(c Config, self string) (*local.Runner, error) {
	return local.Open(local.Config{
		Dir: filepath.Join(c.Data, "runner"), Slots: cmp.Or(c.Slots, runtime.NumCPU()+2), Self: []string{self, "shim"}, Isolation: local.Mode(c.Isolation),
	})
}

func hasProgram(name string) bool {
	_, err := exec.LookPath(name)
	return err == nil
}

// bare takes the address out of "Name <address>".
func bare(mailbox string) string {
	if open := strings.LastIndexByte(mailbox, '<'); open >= 0 {
		return strings.Trim(mailbox[open:], "<>")
	}
	return mailbox
}

// listen serves the pages until ctx ends, then lets requests finish.
func (a *app) listen(ctx context.Context) error {
	listener, err := net.Listen("tcp", a.config.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w: stop what uses the port, or choose another with DROVER_LISTEN", a.config.Listen, err)
	}
	token, err := writeToken(a.config.Data)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	address := listener.Addr().String()
	writable := loopback(a.config.Listen) && a.config.Issuer == ""
	s := &http.Server{Handler: a.handler(token, address, writable), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	go a.live.Run(ctx, a.store, a.log)
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(listener) }()
	a.announce(address, token, writable)
	select {
	case err := <-failed:
		return fmt.Errorf("serve pages: %w", err)
	case <-ctx.Done():
	}
	a.log.Info("stopping")
	ending, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return s.Shutdown(ending)
}

func (a *app) handler(token, address string, writable bool) http.Handler {
	settings := server.Settings{
		URL: a.config.URL, Version: version, DataDir: a.config.Data, Environment: a.config.Environment,
		Production: a.config.Environment == "production", Writable: writable, MailFrom: a.config.MailFrom,
		Poll: a.config.Poll, Rate: a.config.Rate, AllowPrivate: a.config.AllowPrivate, Deep: time.Duration(a.config.DeepShare) * time.Duration(runtime.GOMAXPROCS(0)) * time.Second / 100,
	}
	settings.Closed, settings.GroupRoles, settings.Configuration = a.config.Closed, a.config.GroupRoles, configuration()
	if a.config.Issuer != "" {
		settings.OIDC = &server.OIDC{
			Issuer: a.config.Issuer, ClientID: a.config.ClientID, ClientSecret: a.config.ClientSecret,
			Scopes: a.config.Scopes, GroupsClaim: a.config.GroupsClaim, Client: providerClient(),
		}
	} else if writable {
		settings.Token = token
		_, port, _ := net.SplitHostPort(address)
		settings.Hosts = []string{address, net.JoinHostPort("localhost", port), net.JoinHostPort("127.0.0.1", port), net.JoinHostPort("::1", port)}
	}
	if a.runner != nil && a.runner.Isolation().Kind == "none" {
		settings.Notice = "Jobs cannot be isolated on this machine, so only trees marked as trusted run. " + a.runner.Isolation().Why
	}
	return server.New(server.Deps{
		Store: a.store, Blobs: a.blobs, Free: a.blobs.Free, Queue: a.queue, Live: a.live, Log: a.log, Metrics: a.metrics, Keys: a.keys, Settings: settings,
	})
}

// providerClient is how the pages ask the identity provider, the only one they ask.
func providerClient() *http.Client {
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 5 * time.Second, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 4, ForceAttemptHTTP2: true,
	}}
}

// announce prints the address, for people and not as a log line: the token in
// it must not end up where logs are kept.
func (a *app) announce(address, token string, writable bool) {
	if a.config.Issuer != "" {
		fmt.Printf("Drover serves http://%s/ for %s; people sign in at %s.\n", address, a.config.URL, a.config.Issuer)
		return
	}
	if !writable {
		fmt.Printf("Drover serves http://%s/ read-only: writes need a loopback address, or a sign-in (DROVER_OIDC_ISSUER).\n", address)
		return
	}
	fmt.Printf("Drover is ready. Open this address; it signs this browser in for changes:\n\n    http://%s/login?token=%s\n\n", address, token)
}

// close ends what open opened, last first.
func (a *app) close() error {
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		errs = append(errs, a.closers[i]())
	}
	a.closers = nil
	return errors.Join(errs...)
}

// writeToken is the secret that allows changes: made once, kept in the data
// folder where only the owner reads it.
func writeToken(data string) (string, error) {
	name := filepath.Join(data, "token")
	text, err := os.ReadFile(name)
	if err == nil && len(strings.TrimSpace(string(text))) >= 32 {
		return strings.TrimSpace(string(text)), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the token for changes: %w", err)
	}
	secret := make([]byte, 20)
	if _, err := rand.Read(secret); err != nil {
		return "", err
	}
	if err := os.MkdirAll(data, 0o750); err != nil {
		return "", fmt.Errorf("make the data folder (DROVER_DATA): %w", err)
	}
	if err := os.WriteFile(name, []byte(hex.EncodeToString(secret)+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("store the token for changes: %w", err)
	}
	return hex.EncodeToString(secret), nil
}

// newLogger writes JSON lines to standard error.
func newLogger(level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: l}))
	slog.SetDefault(log)
	return log
}
