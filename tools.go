package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"drover/formats/kcidb"
	"drover/jobs"
	"drover/models"
	"drover/models/blob"
	"drover/models/report"
	"drover/rules/id"
	"drover/rules/notice"
	"drover/rules/verdict"
	"drover/views/mail"
	"drover/views/route"
)

type reportCommand struct {
	Checkout string `arg:"" help:"Id of the checkout, as in its address."`
}

// Run prints the text that the mail and the .txt page have. It only reads, so
// it works beside a running server.
func (r reportCommand) Run(ctx context.Context) error {
	c, err := readEnvironment()
	if err != nil {
		return err
	}
	store, blobs, err := openToRead(ctx, c)
	if err != nil {
		return err
	}
	text, err := r.text(store.With(ctx), blobs, c)
	if err == nil {
		fmt.Print(text)
	}
	return errors.Join(err, store.Close())
}

func (r reportCommand) text(q models.Query, blobs *blob.Store, c Config) (string, error) {
	checkout, err := id.Parse(r.Checkout)
	if err != nil {
		return "", err
	}
	base, err := route.ParseBase(c.URL)
	if err != nil {
		return "", err
	}
	facts, err := report.Facts(q, blobs, jobs.Links{Base: base}, checkout)
	if errors.Is(err, models.ErrNotFound) {
		return "", fmt.Errorf("there is no checkout %s", r.Checkout)
	}
	if err != nil {
		return "", err
	}
	return mail.Body(notice.Compose(facts)), nil
}

func openToRead(ctx context.Context, c Config) (*models.Store, *blob.Store, error) {
	store, err := models.Open(ctx, models.Options{URL: c.Database, Path: filepath.Join(c.Data, "drover.db"), ReadOnly: true})
	if err != nil {
		return nil, nil, err
	}
	blobs, err := blob.Open(filepath.Join(c.Data, "blobs"))
	if err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	return store, blobs, nil
}

type kcidbCommand struct {
	Checkout string `arg:"" help:"Id of the checkout, as in its address."`
	Origin   string `help:"Name of this system at KCIDB." default:"drover"`
}

// Run prints a checkout as a KCIDB document, and what the schema has no room
// for to standard error.
func (k kcidbCommand) Run(ctx context.Context) (err error) {
	c, err := readEnvironment()
	if err != nil {
		return err
	}
	checkout, err := id.Parse(k.Checkout)
	if err != nil {
		return err
	}
	base, err := route.ParseBase(c.URL)
	if err != nil {
		return err
	}
	store, _, err := openToRead(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	document, err := report.KCIDB(store.With(ctx), jobs.Links{Base: base}, k.Origin, checkout)
	if errors.Is(err, models.ErrNotFound) {
		return fmt.Errorf("there is no checkout %s", k.Checkout)
	}
	if err != nil {
		return err
	}
	return printKCIDB(document)
}

// printKCIDB prints what fits the schema. A document without a whole object is
// not what was asked for.
func printKCIDB(document kcidb.Document) error {
	text, problems, err := kcidb.Marshal(document)
	if err != nil {
		return err
	}
	lost := 0
	for _, problem := range problems {
		fmt.Fprintln(os.Stderr, "drover: left out: "+problem.String())
		if problem.Object {
			lost++
		}
	}
	fmt.Print(string(text))
	if lost > 0 {
		return fmt.Errorf("%d objects do not fit the schema", lost)
	}
	return nil
}

type verdictCommand struct {
	File string `arg:"" help:"JSON of builds and results with their history; - for standard input."`
}

// Run judges a file, with the rules that judge every checkout.
func (v verdictCommand) Run() error {
	source := io.Reader(os.Stdin)
	if v.File != "-" {
		f, err := os.Open(v.File)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // only read
		source = f
	}
	const most = 64 << 20
	decoder := json.NewDecoder(io.LimitReader(source, most))
	decoder.DisallowUnknownFields()
	var in verdict.Input
	if err := decoder.Decode(&in); err != nil {
		return fmt.Errorf("read %s: %w", v.File, err)
	}
	if decoder.More() {
		return fmt.Errorf("read %s: more than one JSON value", v.File)
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	return out.Encode(verdict.Judge(in))
}
