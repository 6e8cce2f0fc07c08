package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"drover/views/route"
)

// site is a running server, spoken to as bots do.
type site struct {
	base  string
	token string
	named bool // on the command line, not found by the settings of this machine
	http  http.Client
}

// serverFlags name a server on the command line.
type serverFlags struct {
	Server    string `help:"Address of the server. Without it, the one that runs here with this environment." placeholder:"URL"`
	Token     string `help:"Token of a program, from Settings on the server. Others on this machine can see it: --token-file hides it."`
	TokenFile string `help:"A file that holds the token; - is standard input." type:"path" placeholder:"FILE"`
}

// site is the server that was named, else the one of this machine.
func (s serverFlags) site() (*site, error) {
	switch {
	case s.Server == "" && s.Token+s.TokenFile == "":
		return newSite()
	case s.Server == "":
		return nil, errors.New("--token and --token-file go with --server")
	case (s.Token == "") == (s.TokenFile == ""):
		return nil, errors.New("a server wants a token: name it with --token-file, or give it with --token")
	}
	base, err := route.ParseBase(s.Server)
	if err != nil {
		return nil, err
	}
	token := s.Token
	if s.TokenFile != "" {
		texts, err := readTexts(s.TokenFile)
		if err == nil && len(texts) != 1 {
			err = fmt.Errorf("%s is not one file", s.TokenFile)
		}
		if err != nil {
			return nil, fmt.Errorf("read the token: %w", err)
		}
		token = string(texts[0].content)
	}
	if strings.TrimSpace(token) == "" {
		return nil, errors.New("the token is empty")
	}
	at := siteAt(strings.TrimSuffix(base.Absolute(route.Home()), "/"), token)
	at.named = true
	return at, nil
}

// newSite finds the server by the settings that it was started with.
func newSite() (*site, error) {
	c, err := readEnvironment()
	if err != nil {
		return nil, err
	}
	token, err := os.ReadFile(filepath.Join(c.Data, "token"))
	if err != nil {
		return nil, fmt.Errorf("no server was started with DROVER_DATA=%s: %w", c.Data, err)
	}
	return siteAt("http://"+c.Listen, string(token)), nil
}

func siteAt(base, token string) *site {
	return &site{
		base: base, token: strings.TrimSpace(token),
		http: http.Client{
			Timeout:       2 * time.Minute,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// post sends in as JSON and reads the answer into out.
func (s *site) post(ctx context.Context, path route.URL, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	text, err := s.ask(ctx, http.MethodPost, path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("what answers at %s is not Drover: is DROVER_LISTEN right? (%w)", s.base, err)
	}
	return nil
}

// mostAnswered bounds an answer, in bytes: all definitions of a large site.
const mostAnswered = 64 << 20

// ask sends a request, with a body of JSON where there is one, and gives the
// answer of a server that did what it was asked.
func (s *site) ask(ctx context.Context, method string, path route.URL, body io.Reader) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, s.base+string(path), body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Accept", "application/json, application/problem+json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := s.http.Do(request)
	if err != nil {
		return nil, s.silent(err)
	}
	defer func() { _ = answer.Body.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswered))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the answer of %s: %w", s.base, err)
	case answer.StatusCode == http.StatusUnauthorized:
		return nil, fmt.Errorf("%s does not take the token: is it whole, and not over? (%w)", s.base, refusal(answer.Status, text))
	case answer.StatusCode < 200 || answer.StatusCode > 299:
		return nil, refusal(answer.Status, text)
	}
	return text, nil
}

// silent says what to look at where no server answers.
func (s *site) silent(err error) error {
	if s.named {
		return fmt.Errorf("no answer from %s (%w)", s.base, err)
	}
	return fmt.Errorf("no answer from %s: is `drover serve` running, and DROVER_LISTEN what it was started with? (%w)", s.base, err)
}

// refusal is the server's own reason, field by field, or what else it said.
func refusal(status string, text []byte) error {
	var said struct {
		Title, Detail string
		Fields        map[string]string
	}
	if err := json.Unmarshal(text, &said); err != nil || said.Title == "" {
		return fmt.Errorf("the server answered %s: %.300s", status, bytes.TrimSpace(text))
	}
	message := said.Title + ": " + said.Detail
	for _, field := range slices.Sorted(maps.Keys(said.Fields)) {
		message += "\n  " + field + ": " + strings.ReplaceAll(said.Fields[field], "\n", "\n    ")
	}
	return errors.New(message)
}

type treeCommands struct {
	Add treeAddCommand `cmd:"" help:"Add a tree that is live at once, without the steps and the rehearsal of the site."`
}

type treeAddCommand struct {
	Name   string `required:"" help:"Name of the tree."`
	URL    string `required:"" help:"Git repository."`
	Branch string `help:"Branches to watch, patterns allowed." default:"main"`
	Builds string `help:"What is built: defconfig, tinyconfig, kunit, quick, normal, full or recipe." default:"defconfig" enum:"defconfig,tinyconfig,kunit,quick,normal,full,recipe"`
	Recipe string `help:"The command that builds, with --builds recipe."`
	Mail   string `help:"Address that gets the reports."`
}

// Run posts the form.
func (t treeAddCommand) Run(ctx context.Context) error {
	s, err := newSite()
	if err != nil {
		return err
	}
	form := map[string]any{
		"name": t.Name, "url": t.URL, "branches": t.Branch, "builds": t.Builds, "recipe": t.Recipe, "mail": t.Mail,
	}
	var added struct {
		Data struct{ Tree string }
	}
	if err := s.post(ctx, route.NewTree(), form, &added); err != nil {
		return err
	}
	if added.Data.Tree == "" {
		return fmt.Errorf("what answers at %s is not Drover: is DROVER_LISTEN right?", s.base)
	}
	fmt.Println(s.base + string(route.Tree(added.Data.Tree)))
	return nil
}
