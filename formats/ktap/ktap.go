// Package ktap reads the line formats in which kernel tests say what happened:
// KTAP version 1, TAP 12, 13 and 14, and the dialects of KUnit (nested by four
// spaces or a tab) and kselftest (nested by "# ").
//
// Logs come from serial consoles: cut off by a panic, mixed with kernel
// messages, with time stamps, colours and broken bytes. Parse reads what is
// there. What was planned and is not there becomes a Miss, the test that was
// running when the output stopped an Error, and nothing that is missing ever
// reads as a pass. Memory is bounded by Limits whatever the input.
//
// It must not judge: retries, history and known issues are the business of
// rules. Jobs call it on the log of a finished test, commands on a file.
//
// Sources: https://docs.kernel.org/dev-tools/ktap.html,
// https://testanything.org/tap-version-14-specification.html, and the runner
// and header of the kernel's tools/testing/selftests.
package ktap

import (
	"errors"
	"fmt"
	"io"

	"drover/rules/status"
)

// Report is everything one log said.
type Report struct {
	Tests   []*Test // the outermost tests, in order of their result lines
	Version string  // the first version line, "KTAP version 1"; "" for none

	// Skipped is the reason of a plan "1..0 # SKIP reason" at the top.
	Skipped string
	// Bail is the reason of a "Bail out!" at the top, never empty after one.
	Bail string
	// Truncated tells that a limit was met, so that tests may be left out.
	Truncated bool
	// Complete tells that every plan was met, the outermost level had one, and
	// every group of tests was closed by the result line of its parent.
	Complete bool
	// Problems lists what broke the format, at most Limits.Problems of them.
	Problems []Problem
}

// Problem is one breach of the format.
type Problem struct {
	Line int // from 1; 0 for the input as a whole
	Text string
}

// Test is one result line, or a planned test that got none.
type Test struct {
	Name   string // never empty: "test 4" for the fourth without a name
	Number int    // as printed, or counted up where none is printed

	// Status is the worst of Reported and of the children.
	Status status.Status
	// Reported is what the test's own line said: a parent may say ok above
	// children that failed. Pass, Fail, Skip, Error or Miss.
	Reported status.Status

	Directive string // SKIP, TODO, XFAIL, TIMEOUT, ERROR in upper case, or ""
	Reason    string // the text after the directive, or after a bare "#"
	Line      int    // of the result line, from 1; 0 if none came

	// Diagnostics are the lines that explain the result, without "# ": the ones
	// before it, and the YAML block after it. At most Limits.Diagnostics.
	Diagnostics []string

	Children []*Test
	Planned  int // how many children were planned, 0 if there was no plan
}

// Limits bounds what a hostile or broken log can cost. A zero field means the
// default of that field.
type Limits struct {
	Bytes       int64 // of input read, 512 MiB
	Line        int   // bytes of a line kept, the rest is dropped, 64 KiB
	Tests       int   // in the report, missing ones included, 200,000
	Depth       int   // levels of nesting, 32
	Diagnostics int   // lines kept for a test, 32
	Text        int   // bytes of names, reasons and diagnostics, 64 MiB
	Problems    int   // 100
}

// DefaultLimits is what zero fields mean.
func DefaultLimits() Limits {
	return Limits{
		Bytes: 512 << 20, Line: 64 << 10, Tests: 200_000, Depth: 32,
		Diagnostics: 32, Text: 64 << 20, Problems: 100,
	}
}

func (l Limits) orDefault() Limits {
	standard := DefaultLimits()
	if l.Bytes <= 0 {
		l.Bytes = standard.Bytes
	}
	for _, pair := range []struct{ have, want *int }{
		{&l.Line, &standard.Line}, {&l.Tests, &standard.Tests},
		{&l.Depth, &standard.Depth}, {&l.Diagnostics, &standard.Diagnostics},
		{&l.Text, &standard.Text}, {&l.Problems, &standard.Problems},
	} {
		if *pair.have <= 0 {
			*pair.have = *pair.want
		}
	}
	return l
}

// Parse reads r to its end, or until a limit is met. Every input has a report;
// an error is one of the reader, and the report then holds what came before.
func Parse(r io.Reader, limits Limits) (*Report, error) {
	limits = limits.orDefault()
	p := &parser{limits: limits, report: &Report{Complete: true}}
	source := newLineReader(r, limits)
	for !p.full {
		raw, err := source.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.Is(err, errTooLong) {
			p.truncate(fmt.Sprintf("input is longer than %d bytes", limits.Bytes))
			break
		}
		if err != nil {
			p.line = source.number
			p.truncate("reading stopped")
			p.finish()
			return p.report, fmt.Errorf("ktap line %d: %w", source.number, err)
		}
		p.line = source.number
		p.feed(raw)
	}
	p.finish()
	return p.report, nil
}
