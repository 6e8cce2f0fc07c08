// Package viewstest checks rendered pages with html-validate. It decides which
// of its rules hold for Drover and renders nothing itself. Only tests use it.
package viewstest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// rule is a rule of html-validate that is not taken as recommended.
type rule struct {
	name    string
	setting any
	reason  string
}

var rules = []rule{
	{"doctype-style", []any{"error", map[string]any{"style": "lowercase"}}, "templ writes it so; HTML knows no difference"},
	{"form-dup-name", "off", "a filter may be given several times: status=fail&status=error"},
	{"long-title", "off", "a tab is told from others by tree, commit and test, whose names are as long as they are"},
	{"meta-refresh", "off", "in noscript alone: without scripts a page of something that runs renews itself"},
	{"no-trailing-whitespace", "off", "mails and logs are shown as they are, and what signs a mail is \"-- \""},
}

// Validate fails for every error that html-validate finds in documents, which
// are whole pages by their names. All are looked at by one process.
func Validate(t *testing.T, documents map[string]string) {
	t.Helper()
	program := os.Getenv("DROVER_TEST_HTML_VALIDATE")
	if program == "" {
		t.Skip("no html-validate: set DROVER_TEST_HTML_VALIDATE, or run `make test`, which installs it")
	}
	folder := t.TempDir()
	config, names := filepath.Join(folder, ".htmlvalidate.json"), map[string]string{}
	write(t, config, settings(t))
	for name, text := range documents {
		file := filepath.Join(folder, fmt.Sprintf("%04d.html", len(names)))
		write(t, file, []byte(text))
		names[file] = name
	}
	// One that is wrong proves that what is wrong is found.
	wrong := filepath.Join(folder, "wrong.html")
	write(t, wrong, []byte(`<!doctype html><html lang="en"><head><title>x</title></head><body><p><div></p></body></html>`))
	said, err := run(program, "--config", config, "--formatter", "json", filepath.Join(folder, "*.html"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := read(said)
	if err != nil {
		t.Fatal(err)
	}
	proved := false
	for _, f := range files {
		if f.FilePath == wrong {
			proved = len(f.Messages) > 0
			continue
		}
		for _, m := range f.Messages {
			t.Errorf("%s, %d:%d: %s: %s (%s)", names[f.FilePath], m.Line, m.Column, m.RuleID, m.Message, m.Selector)
		}
	}
	if !proved {
		t.Error("html-validate finds nothing in a page that is wrong")
	}
}

func write(t *testing.T, file string, body []byte) {
	t.Helper()
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
}

// settings are what html-validate reads.
func settings(t *testing.T) []byte {
	t.Helper()
	set := map[string]any{}
	for _, r := range rules {
		if r.reason == "" {
			t.Errorf("the rule %s has no reason to be another than recommended", r.name)
		}
		set[r.name] = r.setting
	}
	text, err := json.Marshal(map[string]any{"root": true, "extends": []string{"html-validate:recommended"}, "rules": set})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// run gives what a program printed. It ends with 1 when it has found something.
func run(program string, arguments ...string) ([]byte, error) {
	var out, said bytes.Buffer
	command := exec.Command(program, arguments...)
	command.Stdout, command.Stderr = &out, &said
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1 || out.Len() == 0) {
		return nil, fmt.Errorf("html-validate: %w: %s", err, strings.TrimSpace(said.String()))
	}
	return out.Bytes(), nil
}

// findings are those in one file.
type findings struct {
	FilePath string `json:"filePath"`
	Messages []struct {
		RuleID       string `json:"ruleId"`
		Message      string `json:"message"`
		Selector     string `json:"selector"`
		Line, Column int
	} `json:"messages"`
}

func read(said []byte) ([]findings, error) {
	var files []findings
	if err := json.Unmarshal(said, &files); err != nil {
		return nil, fmt.Errorf("what html-validate said: %w: %.300s", err, said)
	}
	return files, nil
}
