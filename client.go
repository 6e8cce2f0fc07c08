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

// post sends in as JSON and reads the answer into out.
func (s *site) post(ctx context.Context, path route.URL, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+string(path), bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Accept", "application/json, application/problem+json")
	request.Header.Set("Content-Type", "application/json")
	answer, err := s.http.Do(request)
	if err != nil {
		return fmt.Errorf("no answer from %s: is `drover serve` running, and DROVER_LISTEN what it was started with? (%w)", s.base, err)
	}
	defer func() { _ = answer.Body.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	switch {
	case err != nil:
		return fmt.Errorf("read the answer of %s: %w", s.base, err)
	case answer.StatusCode < 200 || answer.StatusCode > 299:
		return refusal(answer.Status, text)
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("what answers at %s is not Drover: is DROVER_LISTEN right? (%w)", s.base, err)
	}
	return nil
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
		message += "\n  " + field + ": " + said.Fields[field]
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
