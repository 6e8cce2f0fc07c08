package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"drover/views/route"
)

// site is a running server of this machine, spoken to as bots do.
type site struct {
	base  string
	token string
	http  http.Client
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
	return &site{
		base: "http://" + c.Listen, token: strings.TrimSpace(string(token)),
		http: http.Client{
			Timeout:       30 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// errAbsent says that the server does not know what was asked for, yet.
var errAbsent = errors.New("not there")

// do sends a request and reads the answer into out. A redirect is its address.
func (s *site) do(ctx context.Context, method string, path route.URL, in, out any) (location string, err error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return "", err
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, s.base+string(path), body)
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	answer, err := s.http.Do(request)
	if err != nil {
		return "", fmt.Errorf("ask the server: %w", err)
	}
	defer func() { _ = answer.Body.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(answer.Body, 32<<20))
	switch {
	case err != nil:
		return "", fmt.Errorf("read the server's answer: %w", err)
	case answer.StatusCode == http.StatusNotFound:
		return "", errAbsent
	case answer.StatusCode >= 400:
		return "", fmt.Errorf("the server answered %s: %s", answer.Status, strings.TrimSpace(string(text)))
	case answer.StatusCode >= 300:
		return answer.Header.Get("Location"), nil
	case out == nil:
		return "", nil
	}
	return "", json.Unmarshal(text, out)
}

type treeCommands struct {
	Add treeAddCommand `cmd:"" help:"Onboard a tree, as the form on the site does."`
}

type treeAddCommand struct {
	Name   string `required:"" help:"Name of the tree."`
	URL    string `required:"" help:"Git repository."`
	Branch string `help:"Branches to watch, patterns allowed." default:"main"`
	Builds string `help:"What is built: defconfig, tinyconfig, kunit or recipe." default:"defconfig" enum:"defconfig,tinyconfig,kunit,recipe"`
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
	if _, err := s.do(ctx, http.MethodPost, route.NewTree(), form, nil); err != nil {
		return err
	}
	fmt.Println(s.base + string(route.Tree(t.Name)))
	return nil
}
