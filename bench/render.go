package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"runtime"
	"strings"
	"time"

	"drover/rules/id"
	"drover/rules/status"
	"drover/static"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

const (
	// renders is how often each of the Go templates draws the page; Django,
	// which takes far longer, draws it a fifth of that.
	renders = 500
	// debianPython is the one that finds Debian's Django.
	debianPython = "/usr/bin/python3"
)

var (
	//go:embed render/page.gohtml
	goTemplate string
	//go:embed render/page.django.html
	djangoTemplate []byte
	//go:embed render/badge.django.html
	djangoBadge []byte
	//go:embed render/django.py
	djangoPeer []byte
)

// render compares the time to draw the history of a test with 100 results by
// our templates, by html/template, and by Debian's Django.
func (b bench) render(ctx context.Context) ([]row, error) {
	p := historyPage()
	var ours bytes.Buffer
	if err := p.View().Render(ctx, &ours); err != nil {
		return nil, fmt.Errorf("templ: %w", err)
	}
	data, err := peersData(p, ours.String())
	if err != nil {
		return nil, err
	}
	t, err := template.New("page").Funcs(data.functions(p.AsOf)).Parse(goTemplate)
	if err != nil {
		return nil, fmt.Errorf("html/template: %w", err)
	}
	var theirs bytes.Buffer
	if err := t.Execute(&theirs, data); err != nil {
		return nil, fmt.Errorf("html/template: %w", err)
	}
	django, drawn, err := b.django(ctx, djangoData(p, data))
	if err != nil {
		return nil, err
	}
	if err := errors.Join(samePage("html/template", ours.String(), theirs.String()), samePage("Django", ours.String(), drawn)); err != nil {
		return nil, err
	}
	runtime.GC() // what was measured before is not paid for here
	templ, standard, err := timedInTurns(renders,
		func() error { ours.Reset(); return p.View().Render(ctx, &ours) },
		func() error { theirs.Reset(); return t.Execute(&theirs, data) })
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, share := range []int{50, 95} {
		const what = "G17 a page of 100 results drawn, against "
		rows = append(rows, inMilliseconds(against(what+"html/template (goal 5 times)", templ, standard, share)),
			inMilliseconds(against(what+"Django (goal 20 times)", templ, django, share)))
	}
	return rows, nil
}

// timedInTurns runs two things again and again, one after the other, so that
// what else the machine does is the same for both.
func timedInTurns(times int, one, two func() error) (ones, twos []time.Duration, err error) {
	for range times {
		began := time.Now()
		err := one()
		ones = append(ones, time.Since(began))
		began = time.Now()
		err = errors.Join(err, two())
		twos = append(twos, time.Since(began))
		if err != nil {
			return nil, nil, err
		}
	}
	return ones, twos, nil
}

// historyPage is the history of a test with 100 results of every kind.
func historyPage() page.TestHistory {
	const test = "kselftest/net/fib_tests.sh"
	now := time.Date(2026, 11, 23, 10, 42, 7, 0, time.UTC)
	p := page.TestHistory{Test: test}
	p.Frame = ui.Frame{
		Title: test + ": history", AsOf: now, Version: "bench",
		Asset: func(name string) route.URL { return route.URL(static.Path(name)) },
	}
	p.Pager = ui.Pager{Shown: 100, Total: 900}
	words := []status.Status{status.Pass, status.Fail, status.Error, status.Skip, status.Miss}
	for i := range 100 {
		number := id.ID(1<<27 + i)
		r := page.TestResult{Started: now.Add(-time.Duration(i) * 47 * time.Minute)}
		r.ID, r.Mark, r.Test = number, ui.Mark{Status: words[i%len(words)]}, test
		r.Arch, r.Config, r.Compiler = []string{"x86_64", "aarch64", "s390x"}[i%3], "defconfig", "gcc-14"
		r.Host, r.Duration, r.Attempts = fmt.Sprintf("hpe-apollo-%02d.lab.example.org", i%20), ui.Seconds(40+i), 1+i%2
		if r.Mark.Status == status.Fail {
			r.FirstError, r.Log, r.Line = `BUG: KASAN: slab-use-after-free in tcp_close+0x1f/0x90 & <more> "here"`, "console.log", 70000+i
		}
		r.Checkout = ui.Revision{ID: number + 1000, Tree: "net-next", Branch: "main", Commit: strings.Repeat("9c1e77aa01cd", 4)[:40], Describe: fmt.Sprintf("v6.12-rc3-%d-g9c1e77aa01cd", 412-i)}
		p.Data = append(p.Data, r)
	}
	return p
}
