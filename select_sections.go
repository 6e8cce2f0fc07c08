package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"drover/clients/git"
	"drover/formats/maintainers"
	"drover/rules/targeting"
)

// mostMaintainers bounds a MAINTAINERS file, in bytes.
const mostMaintainers = 4 << 20

// sections reads MAINTAINERS if some test asks for its sections: the file that is
// named, else that of the commit tip here. Where there is neither, such a test runs
// unless another key of its condition keeps it from it.
func (c selectCommand) sections(ctx context.Context, definitions []targeting.Definition, tip string) (targeting.Sections, error) {
	if !slices.ContainsFunc(definitions, func(d targeting.Definition) bool { return d.When.NeedsSections() }) {
		return nil, nil
	}
	name := c.Maintainers
	var text []byte
	var err error
	switch {
	case name != "":
		text, err = readMaintainers(name)
	case tip != "":
		name = "MAINTAINERS of " + tip
		var client git.Client
		text, err = client.ShowHere(ctx, ".", tip, "MAINTAINERS", mostMaintainers)
	}
	if name == "" || errors.Is(err, git.ErrNoFile) {
		fmt.Fprintln(os.Stderr, "drover: conditions ask for sections of MAINTAINERS, and there is none: name a file with --maintainers")
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	file, err := maintainers.Parse(string(text), maintainers.Limits{})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return targeting.SectionsOf(file), nil
}

func readMaintainers(name string) (text []byte, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	text, err = io.ReadAll(io.LimitReader(f, mostMaintainers+1))
	if err == nil && len(text) > mostMaintainers {
		err = fmt.Errorf("the file has more than %d bytes", mostMaintainers)
	}
	return text, err
}
