package server_test

import (
	"context"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"drover/models"
	"drover/rules/id"
	"drover/rules/status"
	"drover/views/route"
)

// gridRows lists the rows of a grid, each with what its cells show.
func gridRows(t *testing.T, w *world, query string) []string {
	t.Helper()
	data := decode(t, w.get("/trees/net-next/-/grid.json?"+query, 200))["data"].(map[string]any)
	var rows []string
	for _, row := range data["rows"].([]any) {
		r := row.(map[string]any)
		text := r["test"].(string)
		if place := r["place"].(string); place != "" {
			text += " on " + place
		}
		text += ":"
		for _, cell := range r["cells"].([]any) {
			switch c := cell.(type) {
			case nil:
				text += " ."
			case map[string]any:
				word := c["shown"].(string)
				if word == "" {
					word = c["status"].(string)
				}
				text += " " + word
			}
		}
		rows = append(rows, text)
	}
	return rows
}

func TestGridRows(t *testing.T) {
	odd := "odd/" + strings.ReplaceAll(hostile, "/", "_") + ": pass new ."
	fib, tls, xfs, ext4 := "net/fib_tests.sh: pass new running", "net/tls.sh: first_run fixed .", "fs/xfs: pass error .", "fs/ext4: pass cancelled ."
	each(t, func(t *testing.T, w *world) {
		for _, c := range []struct {
			query string
			want  []string
		}{
			{"", []string{fib, tls, odd}},
			{"sort=name", []string{fib, tls, odd}},
			{"sort=-name", []string{odd, tls, fib}},
			{"rows=flaky", []string{"mm/ksm: pass flaky planned"}},
			{"rows=all&sort=name&q=KUNIT", []string{"kunit: . done .", "kunit/list/add: pass pass .", "kunit/list/del: pass pass ."}},
			{"rows=all&sort=name&test=fs/*", []string{"fs/btrfs: pass skip .", ext4, xfs}},
			{"rows=all&test=~^net/f", []string{fib}},
			{"rows=all&test=mm/ksm", []string{"mm/ksm: pass flaky planned"}},
			{"q=nothing", nil},
			{"q=_", []string{fib, odd}},
			{"status=error&rows=all", []string{xfs}},
			{"status=error", nil},
			{"status=error&status=miss&rows=all", []string{ext4, xfs}},
			{"arch=x86_64&test=net/*", []string{fib, tls}},
			{"arch=!x86_64&rows=all", nil},
			{"config=tiny&rows=all", nil},
			{"owner=Tomas <tomas@example.org>", []string{fib}},
			{"source=api&rows=all", nil},
			{"columns=2", []string{"net/fib_tests.sh: new running", odd[:strings.Index(odd, ": ")] + ": new ."}},
			{"rows=variant&test=net/*", []string{"net/fib_tests.sh on x86_64 / defconfig / gcc: pass new running", "net/tls.sh on x86_64 / defconfig / gcc: first_run fixed ."}},
			{"fold=net", []string{odd}},
		} {
			if got := gridRows(t, w, strings.ReplaceAll(c.query, " ", "+")); fmt.Sprint(got) != fmt.Sprint(c.want) && len(got)+len(c.want) > 0 {
				t.Errorf("%q:\n%q\n%q", c.query, got, c.want)
			}
			for _, size := range []string{"cells", "strips"} {
				w.get("/trees/net-next/-/grid?size="+size+"&"+strings.ReplaceAll(c.query, " ", "+"), 200)
			}
		}
	})
}

// The pages of a grid have all its rows, in their order, forwards and backwards.
func TestGridPaging(t *testing.T) {
	w := quick(t)
	names := func(path string) (tests []string, next string) {
		answer := decode(t, w.get(path, 200))
		for _, row := range answer["data"].(map[string]any)["rows"].([]any) {
			tests = append(tests, row.(map[string]any)["test"].(string))
		}
		next, _ = answer["page"].(map[string]any)["next"].(string)
		return tests, strings.TrimPrefix(next, "https://ci.example.org")
	}
	whole, _ := names("/trees/net-next/-/grid.json?rows=all")
	var walked []string
	for path := "/trees/net-next/-/grid.json?rows=all&limit=2"; path != ""; {
		var tests []string
		tests, path = names(path)
		walked = append(walked, tests...)
	}
	if fmt.Sprint(walked) != fmt.Sprint(whole) || len(whole) != 10 {
		t.Errorf("walked %q\nwhole  %q", walked, whole)
	}
	_, last := w.walk("/trees/net-next/-/grid?rows=all&limit=2", `class="button" rel="next"`)
	if before := linkOf(t, w.get(last, 200), `class="button" rel="prev"`); !strings.Contains(before, "before=") {
		t.Errorf("no way back from %s", last)
	}
}

func TestGridForms(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		body := w.get("/trees/net-next/-/grid", 200)
		for _, part := range []string{string(route.Result(w.failed.ID)), `aria-label="New"`, "v6.12-rc3-2-gabc", `data-s="fail"`, `src="/static/grid.`} {
			if !strings.Contains(body, part) {
				t.Errorf("no %s on the page", part)
			}
		}
		if body := w.get("/trees/net-next", 200); !strings.Contains(body, `href="/trees/net-next/-/grid?branch=main"`) {
			t.Error("the page of the tree does not lead to its grid")
		}
		lines, err := csv.NewReader(strings.NewReader(w.get("/trees/net-next/-/grid.csv?rows=all&test=net/*", 200))).ReadAll()
		if err != nil || len(lines) != 3 || len(lines[0]) != 10 || strings.Join(lines[1][:1], "") != "net/fib_tests.sh" || lines[1][8] != "new" {
			t.Errorf("%q, %v", lines, err)
		}
		picture := w.get("/trees/net-next/-/grid.svg", 200)
		for d := xml.NewDecoder(strings.NewReader(picture)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("the picture: %v\n%s", err, picture)
			}
		}
		if strings.Contains(picture, "style") || !strings.Contains(picture, "3 rows of 10 tests and 3 checkouts of net-next main") {
			t.Error(picture)
		}
		w.get("/trees/net-next/-/grid?branch=other", 404)
		w.get("/trees/net-next/-/grid?branch=for-next", 200)
		w.get("/trees/nope/-/grid", 404)
		w.get("/trees/net-next/-/grid.json?columns=121", 422)
		w.get("/trees/net-next/-/grid.json?rows=odd", 422)
		w.get("/trees/net-next/-/grid.json?test=~(", 422)
		w.get("/trees/net-next/-/grid?test=~(", 200)
	})
}

// Where there is no row the page says why, and what to do.
func TestGridEmpty(t *testing.T) {
	w := quick(t)
	for query, want := range map[string][]string{
		"net-next/-/grid?q=kunit/":                {"All 2 tests passed in these 3 checkouts", "Show all rows"},
		"net-next/-/grid?q=kunit/list/add":        {"The one test passed in these 3 checkouts"},
		"net-next/-/grid?q=btrfs":                 {"The one test passed"},
		"net-next/-/grid?q=btrfs&columns=2":       {"The one test did not fail in these 2 checkouts.", "skipped"},
		"net-next/-/grid?q=xfs":                   {"The one test did not fail in these 3 checkouts."},
		"net-next/-/grid?q=fs/":                   {"None of 3 tests failed in these 3 checkouts.", "could not run"},
		"net-next/-/grid?q=kunit/&rows=flaky":     {"None of 2 tests changed between passing and failing"},
		"net-next/-/grid?q=zzz&arch=s390x":        {"Nothing matches: test has: zzz, arch: s390x.", "Clear all"},
		"net-next/-/grid?branch=for-next":         {"No checkout of for-next has run yet."},
		"quiet/-/grid":                            {"No checkout has run yet."},
		"net-next/-/grid?columns=60&size=cells":   {"Cells have 30 columns at most"},
		"net-next/-/grid?rows=all&q=xfs":          {"1 checkout has no result in these rows", "Show them"},
		"net-next/-/grid?rows=all&q=xfs&gaps=1":   {"Leave them out"},
		"net-next/-/grid?foo=1":                   {"Ignored filter: foo"},
		"net-next/-/grid?fold=net":                {`grid?fold=net&amp;fold=odd"`, ", show its tests"},
		"net-next/-/grid?rows=all&fold=net&q=net": {`name="fold" value="net"`, `name="rows" value="all"`},
	} {
		body := w.get("/trees/"+query, 200)
		for _, part := range want {
			if !strings.Contains(body, part) {
				t.Errorf("%s: no %q", query, part)
			}
		}
	}
}

// Of several results of one test in one checkout the worst one speaks.
func TestGridTogether(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tx(func(tx *models.Tx) error {
			builds := []models.Build{{CheckoutID: w.newest.ID, Arch: "s390x", Config: "debug", Compiler: "clang", Status: status.Pass, Attempt: 1, Settings: "{}"}}
			if err := tx.AddBuilds(builds); err != nil {
				return err
			}
			rows := []models.Result{}
			for path, s := range map[string]status.Status{"kunit/list/add": status.Fail, "net/fib_tests.sh": status.Pass} {
				rows = append(rows, models.Result{CheckoutID: w.newest.ID, BuildID: builds[0].ID, TestID: w.tests[path].ID, RunTestID: w.tests[path].ID, Lane: status.Baseline, Attempt: 1, Final: true, Status: s})
			}
			return tx.AddResults(w.tree.ID, "s390x", rows)
		})
		for query, want := range map[string]string{
			"test=kunit/**":              "[kunit/list/add: pass fail .]",
			"test=kunit/**&arch=x86_64":  "[]",
			"test=net/f*":                "[net/fib_tests.sh: pass new running]",
			"test=net/f*&config=debug":   "[]",
			"rows=variant&test=kunit/**": "[kunit/list/add on s390x / debug / clang: . fail .]",
		} {
			if got := fmt.Sprint(gridRows(t, w, query)); got != want {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
		}
		cells, err := w.s.With(context.Background()).GridCells(models.GridFilter{Checkouts: []id.ID{w.newest.ID}, Tests: []id.ID{w.tests["net/fib_tests.sh"].ID}})
		if err != nil || len(cells) != 1 || cells[0].Result != w.failed.ID || cells[0].Results != 2 || cells[0].Passed != 1 || cells[0].Failed != 1 {
			t.Errorf("%+v, %v", cells, err)
		}
	})
}
