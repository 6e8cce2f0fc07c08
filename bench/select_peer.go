package main

import (
	"bufio"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"drover/rules/targeting"
)

//go:embed select/*.py
var kpetRules embed.FS

// kpetPeer is kpet's rules in a Python of its own, asked line by line.
type kpetPeer struct {
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// kpetRequest loads a database, or asks what a target runs.
type kpetRequest struct {
	Load   string         `json:"load,omitempty"`
	Target map[string]any `json:"target,omitempty"`
}

type kpetAnswer struct {
	Chosen  []string `json:"chosen"`
	Seconds float64  `json:"seconds"`
}

func (b bench) kpet(ctx context.Context) (*kpetPeer, error) {
	if err := os.CopyFS(b.folder, kpetRules); err != nil {
		return nil, err
	}
	k := &kpetPeer{process: exec.CommandContext(ctx, debianPython, "-W", "ignore", filepath.Join(b.folder, "select", "kpet.py"))}
	k.process.Stderr = os.Stderr
	var err error
	if k.in, err = k.process.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := k.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	k.out = bufio.NewReaderSize(out, 1<<20)
	if err := k.process.Start(); err != nil {
		return nil, fmt.Errorf("python: %w", err)
	}
	return k, nil
}

func (k *kpetPeer) ask(r kpetRequest) (a kpetAnswer, took time.Duration, err error) {
	if err := json.NewEncoder(k.in).Encode(r); err != nil {
		return a, 0, fmt.Errorf("kpet's rules: %w", err)
	}
	line, err := k.out.ReadBytes('\n')
	if err != nil {
		return a, 0, fmt.Errorf("kpet's rules: %w", err)
	}
	err = json.Unmarshal(line, &a)
	return a, time.Duration(a.Seconds * float64(time.Second)), err
}

func (k *kpetPeer) close() error { return errors.Join(k.in.Close(), k.process.Wait()) }

// target is a change as kpet sees it.
func target(c targeting.Change) map[string]any {
	values := func(v targeting.Values) any {
		switch v.Extent {
		case targeting.Open:
			return "any"
		case targeting.Everything:
			return "all"
		}
		if v.List == nil {
			return []string{}
		}
		return v.List
	}
	files := targeting.Values{Extent: c.Files.Extent}
	for _, f := range c.Files.List {
		files.List = append(files.List, f.Path)
	}
	return map[string]any{"trees": values(c.Trees), "arches": values(c.Arches), "components": values(c.Components), "sources": values(files)}
}
