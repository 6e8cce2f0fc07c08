// Package kcidb writes and reads KCIDB I/O, the JSON in which kernel CI systems
// publish checkouts, builds, tests, issues and incidents, at schema version 5.3.
//
// Marshal only writes what the schema accepts: the receiving side validates
// later and refuses a whole document for one bad field. What can be repaired is
// repaired, what cannot is left out and said. Addresses lose their credentials.
//
// It must not decide what is published, and does not send: jobs build a
// Document, a client submits it.
//
// Source: https://github.com/kernelci/kcidb-io, schema v05_03.
package kcidb

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"drover/rules/status"
)

// The schema version that Marshal writes.
const (
	Major = 5
	Minor = 3
)

// ErrVersion says that a document is not of the major version that is read.
var ErrVersion = errors.New("not a KCIDB document of version 5")

// Document is one submission. Objects may refer to objects of other documents.
type Document struct {
	// Origin is given to every object that has none: the name of this system,
	// lower case letters, digits and "_".
	Origin string

	Checkouts []Checkout
	Builds    []Build
	Tests     []Test
	Issues    []Issue
	Incidents []Incident
}

// Problem is something that the schema has no room for.
type Problem struct {
	Kind   string // "checkout", "build", "test", "issue", "incident"
	ID     string // of the object, as far as it has one
	Field  string // "git_repository_url"
	Reason string
	// Object tells that the whole object was left out, not only the field.
	Object bool
}

func (p Problem) String() string {
	what := "field left out"
	if p.Object {
		what = "object left out"
	}
	return fmt.Sprintf("%s %s: %s: %s (%s)", p.Kind, p.ID, p.Field, p.Reason, what)
}

type version struct {
	Major int `json:"major"`
	Minor int `json:"minor"`
}

// wire is a document as it travels.
type wire struct {
	Version   version    `json:"version"`
	Checkouts []Checkout `json:"checkouts,omitempty"`
	Builds    []Build    `json:"builds,omitempty"`
	Tests     []Test     `json:"tests,omitempty"`
	Issues    []Issue    `json:"issues,omitempty"`
	Incidents []Incident `json:"incidents,omitempty"`
}

// Marshal writes d so that it validates. The problems list what was left out;
// equal documents give equal bytes. d is not changed.
func Marshal(d Document) ([]byte, []Problem, error) {
	c := &cleaner{origin: d.Origin}
	w := wire{
		Version:   version{Major, Minor},
		Checkouts: each(d.Checkouts, c.checkout),
		Builds:    each(d.Builds, c.build),
		Tests:     each(d.Tests, c.test),
		Issues:    each(d.Issues, c.issue),
		Incidents: each(d.Incidents, c.incident),
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(w); err != nil {
		return nil, c.problems, fmt.Errorf("write KCIDB document: %w", err)
	}
	return b.Bytes(), c.problems, nil
}

// each keeps the objects that clean can make valid.
func each[T any](objects []T, clean func(T) (T, bool)) []T {
	var kept []T
	for _, object := range objects {
		if cleaned, ok := clean(object); ok {
			kept = append(kept, cleaned)
		}
	}
	return kept
}

// Unmarshal reads a document of version 5. It is tolerant: unknown fields and
// database fields such as _timestamp are ignored, nulls mean absent, an unknown
// status is no status. Numbers in Misc are json.Number.
func Unmarshal(data []byte) (Document, error) {
	var w wire
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&w); err != nil {
		return Document{}, fmt.Errorf("read KCIDB document: %w", err)
	}
	if decoder.More() {
		return Document{}, errors.New("read KCIDB document: more than one JSON value")
	}
	if w.Version.Major != Major {
		return Document{}, fmt.Errorf("read KCIDB document of version %d.%d: %w", w.Version.Major, w.Version.Minor, ErrVersion)
	}
	for i := range w.Builds {
		w.Builds[i].Status = fromWire(w.Builds[i].Status)
	}
	for i := range w.Tests {
		w.Tests[i].Status = fromWire(w.Tests[i].Status)
	}
	return Document{
		Checkouts: w.Checkouts, Builds: w.Builds, Tests: w.Tests,
		Issues: w.Issues, Incidents: w.Incidents,
	}, nil
}

// toWire is KCIDB's word for s: upper case, "" while it is not final. KCIDB has
// no word for a cancelled run; what was planned and did not come is a MISS.
func toWire(s status.Status) status.Status {
	switch s {
	case status.Pass, status.Fail, status.Error, status.Miss, status.Skip, status.Done:
		return status.Status(strings.ToUpper(string(s)))
	case status.Cancelled:
		return "MISS"
	}
	return ""
}

func fromWire(s status.Status) status.Status {
	lower := status.Status(strings.ToLower(string(s)))
	if toWire(lower) != "" && lower != status.Cancelled {
		return lower
	}
	return ""
}
